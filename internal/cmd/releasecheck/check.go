package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

const name = "terraform-provider-seam"

// release is all the files of a release, by name.
type release struct {
	version string // such as 1.2.3
	files   map[string][]byte
}

// load reads the files that match a pattern. SHA256SUMS has the version in its name.
func load(pattern string) (*release, error) {
	paths, err := filepath.Glob(pattern)
	if err != nil {
		return nil, err
	}
	r := &release{files: map[string][]byte{}}
	for _, path := range paths {
		file := filepath.Base(path)
		if r.files[file], err = os.ReadFile(path); err != nil {
			return nil, err
		}
		if prefix, ok := strings.CutSuffix(file, "_SHA256SUMS"); ok {
			r.version = strings.TrimPrefix(prefix, name+"_")
		}
	}
	return r, nil
}

func (r *release) file(suffix string) string { return name + "_" + r.version + "_" + suffix }

func (r *release) zip(platform string) string { return r.file(platform + ".zip") }

func (r *release) sbom(platform string) string {
	return r.file("sbom-" + strings.ReplaceAll(platform, "_", "-") + ".cdx.json")
}

// check checks the files as the registries do, and what is in them. The release is
// built in the working directory.
func (r *release) check(platforms []string, publicKey string) error {
	manifest, sums, signature := r.file("manifest.json"), r.file("SHA256SUMS"), r.file("SHA256SUMS.sig")
	summed, unsummed := []string{manifest}, []string{sums, signature}
	for _, platform := range platforms {
		summed, unsummed = append(summed, r.zip(platform)), append(unsummed, r.sbom(platform))
	}
	if err := compare("the release", slices.Sorted(maps.Keys(r.files)), append(unsummed, summed...)); err != nil {
		return err
	}
	problems := []error{
		checkManifest(r.files[manifest]),
		r.checkSums(summed),
		checkSignature(r.files[sums], r.files[signature], publicKey),
	}
	for _, platform := range platforms {
		if info, err := r.checkZip(platform); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", r.zip(platform), err))
		} else if err := r.checkSBOM(platform, info); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", r.sbom(platform), err))
		}
	}
	return errors.Join(problems...)
}

// compare names everything that is missing or unexpected.
func compare(where string, got, want []string) error {
	var problems []error
	for _, item := range want {
		if !slices.Contains(got, item) {
			problems = append(problems, fmt.Errorf("%s lacks %q", where, item))
		}
	}
	for i, item := range got {
		if !slices.Contains(want, item) || slices.Contains(got[:i], item) {
			problems = append(problems, fmt.Errorf("%s has an unexpected %q", where, item))
		}
	}
	return errors.Join(problems...)
}

func checkManifest(content []byte) error {
	const want = `{"version":1,"metadata":{"protocol_versions":["6.0"]}}`
	var got bytes.Buffer
	if err := json.Compact(&got, content); err != nil || got.String() != want {
		return fmt.Errorf("the manifest is %s, not %s (%v)", content, want, err)
	}
	return nil
}

// checkSums compares whole lines, because the Terraform Registry refuses a version
// with one line too many.
func (r *release) checkSums(files []string) error {
	var want []string
	for _, file := range files {
		want = append(want, fmt.Sprintf("%x  %s", sha256.Sum256(r.files[file]), file))
	}
	sums := strings.TrimSuffix(string(r.files[r.file("SHA256SUMS")]), "\n")
	return compare("SHA256SUMS", strings.Split(sums, "\n"), want)
}

// checkSignature uses the library that Terraform and OpenTofu use. Unlike gpg,
// they do not accept an armored signature.
func checkSignature(signed, signature []byte, publicKey string) error {
	key, err := os.ReadFile(publicKey)
	if err != nil {
		return err
	}
	keys, err := openpgp.ReadKeyRing(bytes.NewReader(key))
	if err != nil {
		return fmt.Errorf("%s: %w", publicKey, err)
	}
	s, _, err := openpgp.VerifyDetachedSignature(keys, bytes.NewReader(signed), bytes.NewReader(signature), nil)
	if err != nil {
		return fmt.Errorf("the signature is not a binary signature of SHA256SUMS by the key: %w", err)
	}
	if s.PubKeyAlgo != packet.PubKeyAlgoRSA {
		return errors.New("the signature is not by an RSA key")
	}
	return nil
}

// checkZip returns what the go command recorded in the binary.
func (r *release) checkZip(platform string) (*debug.BuildInfo, error) {
	content := r.files[r.zip(platform)]
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, err
	}
	binary := name + "_v" + r.version
	if strings.HasPrefix(platform, "windows_") {
		binary += ".exe"
	}
	var files []string
	for _, file := range archive.File {
		files = append(files, file.Mode().String()+" "+file.Name)
	}
	if err := compare("the zip", files, []string{"-rw-r--r-- LICENSE", "-rwxr-xr-x " + binary}); err != nil {
		return nil, err
	}
	if content, err = fs.ReadFile(archive, binary); err != nil {
		return nil, err
	}
	if !bytes.Contains(content, []byte(r.version)) {
		return nil, fmt.Errorf("the binary does not contain the version %s", r.version)
	}
	if root, err := os.Getwd(); err != nil || bytes.Contains(content, []byte(filepath.ToSlash(root))) {
		return nil, fmt.Errorf("the binary contains %q, so it differs on each machine (%v)", root, err)
	}
	info, err := buildinfo.Read(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	return info, checkBuild(platform, info)
}

func checkBuild(platform string, info *debug.BuildInfo) error {
	goos, goarch, _ := strings.Cut(platform, "_")
	want := map[string]string{"GOOS": goos, "GOARCH": goarch, "CGO_ENABLED": "0", "-trimpath": "true"}
	if goarch == "arm" {
		want["GOARM"] = "6" // An older Raspberry Pi does not run ARMv7.
	}
	for key, value := range want {
		if !slices.Contains(info.Settings, debug.BuildSetting{Key: key, Value: value}) {
			return fmt.Errorf("the binary is not built with %s=%s", key, value)
		}
	}
	// The state of the checkout is not part of the source.
	if strings.Contains(info.String(), "vcs.revision") {
		return errors.New("the binary is built with -buildvcs")
	}
	return nil
}

func (r *release) checkSBOM(platform string, info *debug.BuildInfo) error {
	type component struct{ Name, Version string }
	var sbom struct {
		Format     string `json:"bomFormat"`
		Metadata   struct{ Component component }
		Components []component
	}
	if err := json.Unmarshal(r.files[r.sbom(platform)], &sbom); err != nil || sbom.Format != "CycloneDX" {
		return fmt.Errorf("it is not a CycloneDX document, but %q (%v)", sbom.Format, err)
	}
	sbom.Components = append(sbom.Components, sbom.Metadata.Component)
	for _, module := range append(info.Deps, &debug.Module{Path: info.Main.Path, Version: "v" + r.version}) {
		if !slices.Contains(sbom.Components, component{module.Path, module.Version}) {
			return fmt.Errorf("it lacks %s %s", module.Path, module.Version)
		}
	}
	return nil
}
