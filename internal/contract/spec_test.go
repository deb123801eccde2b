package contract

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// routes are the API routes that the provider uses. The embedded Seam must serve each of them,
// and a request to any other path is a mistake.
var routes = []string{
	"/acs/access_groups/get",
	"/acs/access_groups/list",
	"/acs/access_groups/list_users",
	"/acs/systems/get",
	"/acs/systems/list",
	"/acs/users/add_to_access_group",
	"/acs/users/create",
	"/acs/users/delete",
	"/acs/users/get",
	"/acs/users/list",
	"/acs/users/remove_from_access_group",
	"/acs/users/suspend",
	"/acs/users/unsuspend",
	"/acs/users/update",
	"/user_identities/add_acs_user",
	"/user_identities/create",
	"/user_identities/delete",
	"/user_identities/get",
	"/user_identities/list",
	"/user_identities/list_acs_users",
	"/user_identities/remove_acs_user",
	"/user_identities/unmanaged/get",
	"/user_identities/update",
	"/workspaces/get",
}

var (
	//go:embed package.json
	packageJSON []byte
	//go:embed package-lock.json
	packageLock []byte
)

// seamSpec returns Seam's OpenAPI document, tightened as described at tighten.
func seamSpec(t *testing.T) *openapi3.T {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: Seam's OpenAPI document is not fetched")
	}
	spec, err := loadSpecOnce()
	if err != nil {
		t.Fatalf("Seam's OpenAPI document could not be loaded, so nothing was checked: %v", err)
	}
	return spec
}

var loadSpecOnce = sync.OnceValues(func() (*openapi3.T, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()

	document, err := specDocument(ctx)
	if err != nil {
		return nil, err
	}

	// By default, kin-openapi does not validate these formats. It keeps them per process.
	for format, check := range stringFormats {
		openapi3.DefineStringFormatValidator(format, openapi3.NewCallbackValidator(check))
	}

	spec, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		return nil, fmt.Errorf("loading it: %w", err)
	}
	if err := spec.Validate(ctx, openapi3.EnableSchemaFormatValidation()); err != nil {
		return nil, fmt.Errorf("it is no valid OpenAPI: %w", err)
	}
	if err := tighten(spec); err != nil {
		return nil, err
	}
	return spec, nil
})

// specDocument returns the OpenAPI document as JSON.
func specDocument(ctx context.Context) ([]byte, error) {
	return fromPackages(ctx, "openapi.json", func(dir string) ([]byte, error) {
		return run(ctx, dir, "node", "--input-type=module", "--eval",
			`import { openapi } from "@seamapi/types/connect"; process.stdout.write(JSON.stringify(openapi))`)
	})
}

// fromPackages returns the file that extract reads from the installed npm
// packages: from the user's cache, or else from npm.
//
// The cache is keyed by the lock file, which has the hashes of the packages. Each cached file is
// written in one step: concurrent test runs at worst fetch twice.
func fromPackages(ctx context.Context, name string, extract func(dir string) ([]byte, error)) ([]byte, error) {
	cached := ""
	if dir, err := os.UserCacheDir(); err == nil {
		key := fmt.Sprintf("%x-%s", sha256.Sum256(packageLock), name)
		cached = filepath.Join(dir, "terraform-provider-seam", key)
		content, err := os.ReadFile(cached)
		if err == nil {
			return content, nil
		}
		if !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("reading the cached copy: %w", err)
		}
	}

	content, err := installPackages(ctx, extract)
	if err != nil {
		return nil, err
	}
	if len(content) == 0 {
		return nil, fmt.Errorf("the npm packages hold an empty %s", name)
	}
	if cached != "" {
		// Without a writable cache, each run fetches.
		_ = writeWhole(cached, content)
	}
	return content, nil
}

// installPackages installs the pinned npm packages into a directory that is
// removed after extract has read it.
func installPackages(ctx context.Context, extract func(dir string) ([]byte, error)) ([]byte, error) {
	dir, err := os.MkdirTemp("", "seam-npm-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)

	for name, content := range map[string][]byte{"package.json": packageJSON, "package-lock.json": packageLock} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return nil, err
		}
	}

	// @seamapi/types requires a newer Node.js than some machines have; only plain
	// data is read from it. @seamapi/fake-seam-connect bundles its optional
	// dependencies.
	if _, err := run(ctx, dir, "npm", "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund",
		"--engine-strict=false", "--loglevel=error"); err != nil {
		return nil, err
	}
	return extract(dir)
}

func run(ctx context.Context, dir, name string, args ...string) ([]byte, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return nil, fmt.Errorf("%s is needed, and is not on PATH: %w", name, err)
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s %s: %w\n%s", name, args[0], err, bytes.TrimSpace(stderr.Bytes()))
	}
	return stdout.Bytes(), nil
}

// writeWhole writes a file atomically.
func writeWhole(path string, content []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // Does nothing after the rename.
	if _, err := f.Write(content); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

var uuidPattern = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// stringFormats validates the formats of the document. kin-openapi validates date-time.
var stringFormats = map[string]func(string) error{
	"uuid": func(s string) error {
		if !uuidPattern.MatchString(s) {
			return errors.New("not a UUID")
		}
		return nil
	},
	"email": func(s string) error {
		if a, err := mail.ParseAddress(s); err != nil || a.Address != s {
			return errors.New("not an email address")
		}
		return nil
	},
	"uri": func(s string) error {
		if u, err := url.Parse(s); err != nil || !u.IsAbs() || u.Host == "" {
			return errors.New("not an absolute URL")
		}
		return nil
	},
}

// tighten closes what the document's generator leaves open for our routes, so that no wrong
// message is accepted:
//
//   - An object has no other properties than those described. OpenAPI allows any, and Seam
//     ignores unknown ones: with a misspelled filter, a list would be unfiltered.
//   - A request body that is described is required. The generator marks none so.
func tighten(spec *openapi3.T) error {
	closed := map[*openapi3.Schema]bool{}
	for _, route := range routes {
		item := spec.Paths.Value(route)
		if item == nil {
			return fmt.Errorf("it has no %s", route)
		}
		for _, operation := range item.Operations() {
			if operation.RequestBody != nil {
				body := operation.RequestBody.Value
				body.Required = true
				closeSchema(body.Content["application/json"].Schema, closed)
			}
			for _, response := range operation.Responses.Map() {
				for _, content := range response.Value.Content {
					closeSchema(content.Schema, closed)
				}
			}
		}
	}

	// Fields that Seam returns and its document lacks. Remove an entry once the document has
	// the field.
	return errors.Join(
		addProperty(spec, "user_identity", "merged_user_identity_ids",
			openapi3.NewArraySchema().WithItems(openapi3.NewUUIDSchema())),
		addProperty(spec, "user_identity", "merged_user_identity_keys",
			openapi3.NewArraySchema().WithItems(openapi3.NewStringSchema())),
	)
}

func closeSchema(ref *openapi3.SchemaRef, closed map[*openapi3.Schema]bool) {
	if ref == nil || ref.Value == nil || closed[ref.Value] {
		return
	}
	schema := ref.Value
	closed[schema] = true

	// Members of allOf describe one object together, so none can be closed alone. No schema of
	// our routes has one.
	open := schema.AdditionalProperties.Has == nil && schema.AdditionalProperties.Schema == nil
	if len(schema.Properties) > 0 && open {
		schema.AdditionalProperties.Has = new(bool)
	}
	for _, property := range schema.Properties {
		closeSchema(property, closed)
	}
	closeSchema(schema.Items, closed)
	for _, member := range slices.Concat(schema.OneOf, schema.AnyOf) {
		closeSchema(member, closed)
	}
}

func addProperty(spec *openapi3.T, schema, property string, value *openapi3.Schema) error {
	ref := spec.Components.Schemas[schema]
	if ref == nil {
		return fmt.Errorf("it has no schema %s", schema)
	}
	if ref.Value.Properties[property] != nil {
		return fmt.Errorf("its schema %s has %s now: remove the exception", schema, property)
	}
	ref.Value.Properties[property] = openapi3.NewSchemaRef("", value)
	return nil
}
