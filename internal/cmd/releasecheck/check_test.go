package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

const (
	zipName  = "terraform-provider-seam_1.2.3_" + host + ".zip"
	sums     = "terraform-provider-seam_1.2.3_SHA256SUMS"
	manifest = "terraform-provider-seam_1.2.3_manifest.json"
)

var sbomName = "terraform-provider-seam_1.2.3_sbom-" + strings.ReplaceAll(host, "_", "-") + ".cdx.json"

func TestCheck(t *testing.T) {
	t.Parallel()
	rsa, otherRSA, ecc := newKey(t, packet.PubKeyAlgoRSA), newKey(t, packet.PubKeyAlgoRSA), newKey(t, packet.PubKeyAlgoEdDSA)
	const other = "plan9_386"
	otherZip := "terraform-provider-seam_1.2.3_" + other + ".zip"
	otherSBOM := "terraform-provider-seam_1.2.3_sbom-plan9-386.cdx.json"

	for name, test := range map[string]struct {
		unsigned func(*fixture) // breaks a file before the checksums are written and signed
		signed   func(*fixture) // breaks a file afterwards
		want     string         // in the error; empty for none
	}{
		"nothing": {},

		// Names.
		"no zip":              {signed: remove(zipName), want: `the release lacks "` + zipName},
		"no SBOM":             {signed: remove(sbomName), want: `the release lacks "` + sbomName},
		"no manifest":         {signed: remove(manifest), want: `the release lacks "` + manifest},
		"no SHA256SUMS":       {signed: remove(sums), want: `_SHA256SUMS"`},
		"no signature":        {signed: remove(sums + ".sig"), want: `the release lacks "` + sums + ".sig"},
		"one file more":       {signed: write("README.md", "text"), want: `the release has an unexpected "README.md"`},
		"no platform":         {unsigned: func(f *fixture) { f.platforms = append(f.platforms, other) }, want: `the release lacks "` + otherZip},
		"zip of another name": {unsigned: rename(zipName, "terraform-provider-seam_v1.2.3_"+host+".zip"), want: `unexpected "terraform-provider-seam_v1.2.3_` + host},
		"zip of 1.2.4":        {unsigned: rename(zipName, "terraform-provider-seam_1.2.4_"+host+".zip"), want: `unexpected "terraform-provider-seam_1.2.4_` + host},
		"SBOM named like a zip": {
			unsigned: rename(sbomName, "terraform-provider-seam_1.2.3_"+host+".cdx.json"),
			want:     `unexpected "terraform-provider-seam_1.2.3_` + host + ".cdx.json",
		},

		// Manifest.
		"protocol 5": {
			unsigned: write(manifest, `{"version": 1, "metadata": {"protocol_versions": ["5.0"]}}`), want: `the manifest is {"version": 1, "metadata": {"protocol_versions": ["5.0"]}}`,
		},
		"protocols 5 and 6":   {unsigned: write(manifest, `{"version": 1, "metadata": {"protocol_versions": ["5.0", "6.0"]}}`), want: "the manifest is"},
		"manifest version 2":  {unsigned: write(manifest, `{"version": 2, "metadata": {"protocol_versions": ["6.0"]}}`), want: "the manifest is"},
		"manifest not JSON":   {unsigned: write(manifest, `version: 1`), want: "the manifest is version: 1"},
		"manifest is changed": {signed: write(manifest, `{"version":1,"metadata":{"protocol_versions":["6.0"]}}`), want: "SHA256SUMS lacks"},

		// Checksums.
		"zip without checksum":      {unsigned: func(f *fixture) { f.unlisted = zipName }, want: zipName + `"`},
		"manifest without checksum": {unsigned: func(f *fixture) { f.unlisted = manifest }, want: manifest + `"`},
		"wrong checksum":            {unsigned: func(f *fixture) { f.line = strings.Repeat("0", 64) + "  " + zipName }, want: `SHA256SUMS has an unexpected "0000`},
		"checksum of an SBOM":       {unsigned: func(f *fixture) { f.line = strings.Repeat("0", 64) + "  " + sbomName }, want: `SHA256SUMS has an unexpected "0000`},
		"checksum of the signature": {unsigned: func(f *fixture) { f.line = strings.Repeat("0", 64) + "  " + sums + ".sig" }, want: sums + `.sig"`},
		"line without a checksum":   {unsigned: func(f *fixture) { f.line = "# comment" }, want: `SHA256SUMS has an unexpected "# comment"`},
		"checksum twice": {
			unsigned: func(f *fixture) { f.line = fmt.Sprintf("%x  %s", sha256.Sum256(f.files[zipName]), zipName) },
			want:     "SHA256SUMS has an unexpected",
		},
		"zip is changed": {signed: write(zipName, "PK"), want: "SHA256SUMS lacks"},

		// Signature.
		"signature of other bytes": {signed: func(f *fixture) { f.sign([]byte("other")) }, want: "not a binary signature of SHA256SUMS by the key"},
		"broken signature":         {signed: func(f *fixture) { f.files[sums+".sig"] = f.files[sums+".sig"][:20] }, want: "not a binary signature"},
		"empty signature":          {signed: write(sums+".sig", ""), want: "not a binary signature"},
		"armored signature": {
			signed: func(f *fixture) {
				var armored bytes.Buffer
				f.must(openpgp.ArmoredDetachSign(&armored, f.signer, bytes.NewReader(f.files[sums]), nil))
				f.files[sums+".sig"] = armored.Bytes()
			},
			want: "not a binary signature",
		},
		"signature by another key": {unsigned: func(f *fixture) { f.signer = otherRSA }, want: "not a binary signature of SHA256SUMS by the key"},
		"signature by an ECC key":  {unsigned: func(f *fixture) { f.signer, f.public = ecc, ecc }, want: "the signature is not by an RSA key"},

		// Zips.
		"not a zip":           {unsigned: write(zipName, "PK"), want: zipName + ": zip: not a valid zip file"},
		"zip without binary":  {unsigned: func(f *fixture) { f.zip(zipName, f.license) }, want: zipName + `: the zip lacks "-rwxr-xr-x terraform-provider-seam_v1.2.3`},
		"zip without license": {unsigned: func(f *fixture) { f.zip(zipName, f.binary) }, want: `: the zip lacks "-rw-r--r-- LICENSE"`},
		"zip with one file more": {
			unsigned: func(f *fixture) { f.zip(zipName, f.license, f.binary, entry{"README.md", 0o644, nil}) }, want: `: the zip has an unexpected "-rw-r--r-- README.md"`,
		},
		"binary of another name": {
			unsigned: func(f *fixture) { f.binary.name = "terraform-provider-seam_1.2.3"; f.zip(zipName, f.license, f.binary) },
			want:     `the zip has an unexpected "-rwxr-xr-x terraform-provider-seam_1.2.3"`,
		},
		"binary in a folder": {
			unsigned: func(f *fixture) { f.binary.name = "bin/" + f.binary.name; f.zip(zipName, f.license, f.binary) },
			want:     `the zip has an unexpected "-rwxr-xr-x bin/`,
		},
		"binary not executable": {
			unsigned: func(f *fixture) { f.binary.mode = 0o644; f.zip(zipName, f.license, f.binary) },
			want:     `the zip has an unexpected "-rw-r--r-- terraform-provider-seam_v1.2.3`,
		},

		// Binaries.
		"binary not by Go": {
			unsigned: func(f *fixture) {
				f.binary.content = []byte("#!/bin/sh\necho 1.2.3")
				f.zip(zipName, f.license, f.binary)
			},
			want: "unrecognized file format",
		},
		"binary of another version": {
			unsigned: func(f *fixture) {
				f.binary.content = bytes.ReplaceAll(f.binary.content, []byte("1.2.3"), []byte("1.2.4"))
				f.zip(zipName, f.license, f.binary)
			},
			want: zipName + ": the binary does not contain the version 1.2.3",
		},
		"binary with the path of the source": {
			unsigned: func(f *fixture) {
				root, err := os.Getwd()
				f.must(err)
				f.binary.content = append(f.binary.content, filepath.ToSlash(root)...)
				f.zip(zipName, f.license, f.binary)
			},
			want: "so it differs on each machine",
		},
		"binary for another platform": {
			unsigned: func(f *fixture) {
				f.platforms = append(f.platforms, other)
				f.binary.name = strings.TrimSuffix(f.binary.name, ".exe")
				f.zip(otherZip, f.license, f.binary)
				f.files[otherSBOM] = f.files[sbomName]
			},
			want: otherZip + ": the binary is not built with GO",
		},

		// SBOMs.
		"SBOM not JSON":      {unsigned: write(sbomName, "SPDX"), want: sbomName + ": it is not a CycloneDX document"},
		"SBOM in SPDX":       {unsigned: write(sbomName, `{"spdxVersion": "SPDX-2.3"}`), want: sbomName + ": it is not a CycloneDX document"},
		"SBOM of 1.2.4":      {unsigned: edit(sbomName, `"v1.2.3"`, `"v1.2.4"`), want: sbomName + ": it lacks example.com/provider v1.2.3"},
		"SBOM lacks module":  {unsigned: edit(sbomName, "example.com/dependency", "example.com/other"), want: sbomName + ": it lacks example.com/dependency v0.1.0"},
		"SBOM of old module": {unsigned: edit(sbomName, "v0.1.0", "v0.0.9"), want: sbomName + ": it lacks example.com/dependency v0.1.0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, rsa)
			if test.unsigned != nil {
				test.unsigned(f)
			}
			f.sum()
			f.sign(f.files[sums])
			if test.signed != nil {
				test.signed(f)
			}
			err := f.check()
			if test.want == "" && err != nil {
				t.Fatal(err)
			}
			if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestCheckBuild(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		platform string
		changes  []string // of the settings: KEY=VALUE
		want     string
	}{
		"nothing":         {"linux_amd64", nil, ""},
		"another system":  {"linux_amd64", []string{"GOOS=darwin"}, "not built with GOOS=linux"},
		"another machine": {"linux_amd64", []string{"GOARCH=arm64"}, "not built with GOARCH=amd64"},
		"cgo":             {"linux_amd64", []string{"CGO_ENABLED=1"}, "not built with CGO_ENABLED=0"},
		"no trimpath":     {"linux_amd64", []string{"-trimpath=false"}, "not built with -trimpath=true"},
		"vcs":             {"linux_amd64", []string{"vcs.revision=0123456"}, "built with -buildvcs"},
		"ARMv6":           {"linux_arm", []string{"GOARCH=arm", "GOARM=6"}, ""},
		"ARMv7":           {"linux_arm", []string{"GOARCH=arm", "GOARM=7"}, "not built with GOARM=6"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			info := &debug.BuildInfo{}
			for _, setting := range append([]string{"-trimpath=true", "CGO_ENABLED=0", "GOARCH=amd64", "GOOS=linux"}, test.changes...) {
				key, value, _ := strings.Cut(setting, "=")
				info.Settings = slices.DeleteFunc(info.Settings, func(s debug.BuildSetting) bool { return s.Key == key })
				info.Settings = append(info.Settings, debug.BuildSetting{Key: key, Value: value})
			}
			err := checkBuild(test.platform, info)
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// fixture is a small release for this platform.
type fixture struct {
	t              *testing.T
	platforms      []string
	files          map[string][]byte
	license        entry
	binary         entry
	unlisted, line string // a file that SHA256SUMS lacks, and a line that it has in addition
	signer, public *openpgp.Entity
}

type entry struct {
	name    string
	mode    os.FileMode
	content []byte
}

func newFixture(t *testing.T, key *openpgp.Entity) *fixture {
	t.Helper()
	binary, err := smallBinary()
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{
		t: t, platforms: []string{host}, files: map[string][]byte{}, signer: key, public: key,
		license: entry{"LICENSE", 0o644, []byte("MIT")},
		binary:  entry{"terraform-provider-seam_v1.2.3", 0o755, bytes.Clone(binary)},
	}
	if strings.HasPrefix(host, "windows_") {
		f.binary.name += ".exe"
	}
	f.zip(zipName, f.license, f.binary)
	f.files[manifest] = []byte(`{"version": 1, "metadata": {"protocol_versions": ["6.0"]}}`)
	f.files[sbomName] = []byte(`{"bomFormat": "CycloneDX",
		"metadata": {"component": {"name": "example.com/provider", "version": "v1.2.3"}},
		"components": [{"name": "example.com/dependency", "version": "v0.1.0"}]}`)
	return f
}

func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) zip(name string, entries ...entry) {
	f.t.Helper()
	var content bytes.Buffer
	archive := zip.NewWriter(&content)
	for _, e := range entries {
		header := &zip.FileHeader{Name: e.name}
		header.SetMode(e.mode)
		file, err := archive.CreateHeader(header)
		f.must(err)
		_, err = file.Write(e.content)
		f.must(err)
	}
	f.must(archive.Close())
	f.files[name] = content.Bytes()
}

// sum writes SHA256SUMS as sha256sum does.
func (f *fixture) sum() {
	var lines []string
	for name, content := range f.files {
		if (strings.HasSuffix(name, ".zip") || name == manifest) && name != f.unlisted {
			lines = append(lines, fmt.Sprintf("%x  %s\n", sha256.Sum256(content), name))
		}
	}
	if f.line != "" {
		lines = append(lines, f.line+"\n")
	}
	f.files[sums] = []byte(strings.Join(lines, ""))
}

func (f *fixture) sign(content []byte) {
	f.t.Helper()
	var signature bytes.Buffer
	f.must(openpgp.DetachSign(&signature, f.signer, bytes.NewReader(content), nil))
	f.files[sums+".sig"] = signature.Bytes()
}

// check writes the files to a directory and checks that.
func (f *fixture) check() error {
	f.t.Helper()
	dir, key := f.t.TempDir(), filepath.Join(f.t.TempDir(), "key.gpg")
	for name, content := range f.files {
		f.must(os.WriteFile(filepath.Join(dir, name), content, 0o600))
	}
	var public bytes.Buffer
	f.must(f.public.Serialize(&public))
	f.must(os.WriteFile(key, public.Bytes(), 0o600))
	r, err := load(filepath.Join(dir, "*"))
	f.must(err)
	return r.check(f.platforms, key)
}

func remove(name string) func(*fixture) { return func(f *fixture) { delete(f.files, name) } }

func write(name, content string) func(*fixture) {
	return func(f *fixture) { f.files[name] = []byte(content) }
}

func rename(from, to string) func(*fixture) {
	return func(f *fixture) { f.files[to] = f.files[from]; delete(f.files, from) }
}

func edit(name, from, to string) func(*fixture) {
	return func(f *fixture) { f.files[name] = bytes.ReplaceAll(f.files[name], []byte(from), []byte(to)) }
}

func newKey(t *testing.T, algorithm packet.PublicKeyAlgorithm) *openpgp.Entity {
	t.Helper()
	key, err := openpgp.NewEntity("Release check", "", "releasecheck@localhost", &packet.Config{Algorithm: algorithm, RSABits: 2048})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// smallBinary builds a program that depends on a module, as GoReleaser builds the
// provider.
var smallBinary = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "releasecheck-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := os.CopyFS(dir, fstest.MapFS{
		"go.mod": {Data: []byte("module example.com/provider\n\nrequire example.com/dependency v0.1.0\n\n" +
			"replace example.com/dependency => ./dependency\n")},
		"main.go": {Data: []byte("package main\n\nimport \"example.com/dependency\"\n\n" +
			"var version string\n\nfunc main() { dependency.Print(version) }\n")},
		"dependency/go.mod":   {Data: []byte("module example.com/dependency\n")},
		"dependency/print.go": {Data: []byte("package dependency\n\nfunc Print(s string) { println(s) }\n")},
	}); err != nil {
		return nil, err
	}
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -X main.version=1.2.3", "-o", "binary")
	build.Dir, build.Env = dir, append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	if output, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, output)
	}
	return os.ReadFile(filepath.Join(dir, "binary"))
})
