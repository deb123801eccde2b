package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
)

const name = "terraform-provider-seam"

// release is a directory with the files of a release.
type release struct {
	dir     string
	version string // such as 1.2.3
	tag     string // such as v1.2.3, or that of the last release
}

func (r *release) path(file string) string { return filepath.Join(r.dir, file) }

func (r *release) file(rest string) string { return name + "_" + r.version + "_" + rest }

func (r *release) archive(p platform) string { return r.file(p.String() + ".zip") }

func (r *release) bill(p platform) string { return r.file(p.String() + ".cdx.json") }

func (r *release) manifest() string { return r.file("manifest.json") }

func (r *release) sums() string { return r.file("SHA256SUMS") }

func (r *release) signature() string { return r.sums() + ".sig" }

// binary is the name of the provider in an archive.
func (r *release) binary(p platform) string {
	binary := name + "_v" + r.version
	if p.os == "windows" {
		binary += ".exe"
	}
	return binary
}

func (r *release) files() ([]string, error) {
	entries, err := os.ReadDir(r.dir)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names, err
}

func (r *release) checkNames(platforms []platform) error {
	got, err := r.files()
	if err != nil {
		return err
	}
	want := []string{r.manifest(), r.sums(), r.signature()}
	for _, p := range platforms {
		want = append(want, r.archive(p), r.bill(p))
	}
	var problems []error
	for _, file := range want {
		if !slices.Contains(got, file) {
			problems = append(problems, fmt.Errorf("%s is missing", file))
		}
	}
	for _, file := range got {
		if !slices.Contains(want, file) {
			problems = append(problems, fmt.Errorf("%s is too much", file))
		}
	}
	return errors.Join(problems...)
}

func (r *release) checkManifest() error {
	var manifest struct {
		Version  int
		Metadata struct {
			ProtocolVersions []string `json:"protocol_versions"`
		}
	}
	if err := readJSON(r.path(r.manifest()), &manifest); err != nil {
		return err
	}
	if manifest.Version != 1 || !slices.Equal(manifest.Metadata.ProtocolVersions, []string{"6.0"}) {
		return fmt.Errorf("it says version %d, protocols %q", manifest.Version, manifest.Metadata.ProtocolVersions)
	}
	return nil
}

// A line as sha256sum writes it.
var sumLine = regexp.MustCompile(`^([0-9a-f]{64})  ([^ /\\]+)$`)

func (r *release) checkSums() error {
	content, err := os.ReadFile(r.path(r.sums()))
	if err != nil {
		return err
	}
	said := map[string]string{}
	for lines := bufio.NewScanner(bytes.NewReader(content)); lines.Scan(); {
		parts := sumLine.FindStringSubmatch(lines.Text())
		if parts == nil {
			return fmt.Errorf("there is a stray line: %q", lines.Text())
		}
		if _, twice := said[parts[2]]; twice {
			return fmt.Errorf("%s is there twice", parts[2])
		}
		said[parts[2]] = parts[1]
	}

	files, err := r.files()
	if err != nil {
		return err
	}
	for _, file := range files {
		if file == r.sums() || file == r.signature() {
			continue
		}
		content, err := os.ReadFile(r.path(file))
		if err != nil {
			return err
		}
		sum := sha256.Sum256(content)
		if got := hex.EncodeToString(sum[:]); said[file] != got {
			return fmt.Errorf("%s has the sum %s, and not %q", file, got, said[file])
		}
		delete(said, file)
	}
	if len(said) > 0 {
		return fmt.Errorf("there are sums too many, of %q", slices.Sorted(maps.Keys(said)))
	}
	return nil
}

func (r *release) checkArchives(platforms []platform, root string) error {
	for _, p := range platforms {
		if err := r.checkArchive(p, root); err != nil {
			return fmt.Errorf("%s: %w", r.archive(p), err)
		}
	}
	return nil
}

func (r *release) checkArchive(p platform, root string) error {
	archive, err := zip.OpenReader(r.path(r.archive(p)))
	if err != nil {
		return err
	}
	defer func() { _ = archive.Close() }()

	var held []string
	for _, file := range archive.File {
		held = append(held, file.Name)
		if file.Name == r.binary(p) && file.Mode() != 0o755 {
			return fmt.Errorf("%s has the mode %v", file.Name, file.Mode())
		}
	}
	slices.Sort(held)
	if want := []string{"LICENSE", r.binary(p)}; !slices.Equal(held, want) {
		return fmt.Errorf("it holds %q, and not %q", held, want)
	}

	content, info, err := r.readBinary(p)
	if err != nil {
		return err
	}
	settings := map[string]string{}
	for _, setting := range info.Settings {
		settings[setting.Key] = setting.Value
	}
	for key, want := range map[string]string{
		"GOOS": p.os, "GOARCH": p.arch, "CGO_ENABLED": "0", "-trimpath": "true",
		// Git's view of the checkout is no part of the source.
		"vcs.revision": "",
	} {
		if settings[key] != want {
			return fmt.Errorf("it was built with %s=%s, and not %s", key, settings[key], want)
		}
	}
	if p.arch == "arm" && settings["GOARM"] != "6" {
		return fmt.Errorf("it was built for ARMv%s, which an older Raspberry Pi does not have", settings["GOARM"])
	}
	if !bytes.Contains(content, []byte(r.version)) {
		return fmt.Errorf("the version %s is not stamped into it", r.version)
	}
	if bytes.Contains(content, []byte(root)) || bytes.Contains(content, []byte(filepath.ToSlash(root))) {
		return fmt.Errorf("it has %s in it, so it differs from machine to machine", root)
	}
	return nil
}

// readBinary returns the provider in an archive, and what Go says about it.
func (r *release) readBinary(p platform) ([]byte, *debug.BuildInfo, error) {
	archive, err := zip.OpenReader(r.path(r.archive(p)))
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = archive.Close() }()
	file, err := archive.Open(r.binary(p))
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = file.Close() }()
	content, err := io.ReadAll(file)
	if err != nil {
		return nil, nil, err
	}
	info, err := buildinfo.Read(bytes.NewReader(content))
	return content, info, err
}

func (r *release) checkBills(platforms []platform) error {
	for _, p := range platforms {
		if err := r.checkBill(p); err != nil {
			return fmt.Errorf("%s: %w", r.bill(p), err)
		}
	}
	return nil
}

func (r *release) checkBill(p platform) error {
	_, info, err := r.readBinary(p)
	if err != nil {
		return err
	}
	type component struct{ Name, Version string }
	var bill struct {
		Format     string `json:"bomFormat"`
		Metadata   struct{ Component component }
		Components []component
	}
	if err := readJSON(r.path(r.bill(p)), &bill); err != nil {
		return err
	}
	if bill.Format != "CycloneDX" {
		return fmt.Errorf("it is no CycloneDX document but %q", bill.Format)
	}
	if want := (component{info.Main.Path, "v" + r.version}); bill.Metadata.Component != want {
		return fmt.Errorf("it is about %v, and not %v", bill.Metadata.Component, want)
	}
	for _, dependency := range info.Deps {
		if !slices.Contains(bill.Components, component{dependency.Path, dependency.Version}) {
			return fmt.Errorf("it leaves out %s %s", dependency.Path, dependency.Version)
		}
	}
	return nil
}

func readJSON(path string, into any) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, into); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	return nil
}

func copyFile(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, info.Mode().Perm())
}
