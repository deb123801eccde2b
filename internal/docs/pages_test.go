package docs

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seamapi/terraform-provider-seam/internal/fakeseam"
	"github.com/seamapi/terraform-provider-seam/internal/testbed"
)

// Every block of configuration on a page is planned; one that is an example is
// run as such. What stands on the line before the block can say otherwise:
//
//	<!-- continues --> the block goes with those before it on the page
//	<!-- fragment -->  the block cannot stand alone, and only its format is held
//
// The blocks of a guide belong together: see guides_test.go.
func TestAccPages(t *testing.T) {
	t.Parallel()
	testbed.NeedCLI(t)
	examples := exampleFiles(t)
	for name, text := range pages(t) {
		if strings.HasPrefix(name, "docs/guides/") {
			continue
		}
		for i, block := range configurations(text) {
			if isExample(examples, block.text) {
				continue
			}
			t.Run(fmt.Sprintf("%s/%d", name, i+1), func(t *testing.T) {
				t.Parallel()
				wantFormatted(t, block.text)
				if block.fragment {
					return
				}
				s := newStage(t)
				if strings.Contains(block.config, "import {") {
					s.adopt()
				}
				file := "main.tf"
				if strings.Contains(block.config, "\nlist \"") || strings.HasPrefix(block.config, "list \"") {
					file = "main.tfquery.hcl"
				}
				c := s.newCLI(t, map[string]string{file: block.config})
				c.sinceFor(block.config)
				if file == "main.tf" {
					c.run("plan")
				} else {
					c.run("query")
				}
			})
		}
	}
}

// Links between pages lead somewhere, and the first page knows every guide.
func TestPages_links(t *testing.T) {
	t.Parallel()
	built := pages(t)
	target := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	index := built["docs/index.md"]
	for name, text := range built {
		for _, link := range target.FindAllStringSubmatch(text, -1) {
			to, anchor, _ := strings.Cut(link[1], "#")
			switch {
			case strings.Contains(to, "://"), strings.HasPrefix(to, "mailto:"):
			case to == "":
				if !strings.Contains(text, `id="`+anchor+`"`) && !slices.Contains(anchors(text), anchor) {
					t.Errorf("%s: the link %s leads nowhere", name, link[1])
				}
			default:
				file := filepath.Join(root(t), filepath.FromSlash(path.Join(path.Dir(name), to)))
				if _, err := os.Stat(file); err != nil {
					t.Errorf("%s: the link %s leads nowhere", name, link[1])
				}
			}
		}
		if guide, ok := strings.CutPrefix(name, "docs/guides/"); ok && !strings.Contains(index, "(guides/"+guide+")") {
			t.Errorf("docs/index.md does not link to guides/%s", guide)
		}
	}
}

// What is drawn with lines is the one figure, wherever it is shown.
func TestPages_figure(t *testing.T) {
	t.Parallel()
	// Pages may indent it differently.
	figure := strings.Join(strings.Fields(readFile(t, "internal", "docs", "figure.txt")), " ")
	block := regexp.MustCompile("(?s)```text\n(.*?)```")
	shown := 0
	for name, text := range pages(t) {
		for _, drawn := range block.FindAllStringSubmatch(text, -1) {
			switch got := strings.Join(strings.Fields(drawn[1]), " "); {
			case !strings.Contains(got, "┌"):
			case got != figure:
				t.Errorf("%s shows another figure than internal/docs/figure.txt:\n%s", name, drawn[1])
			default:
				shown++
			}
		}
	}
	if shown == 0 {
		t.Error("no page shows the figure")
	}
}

// The first page names every endpoint that the provider calls, and no other.
func TestPages_endpoints(t *testing.T) {
	t.Parallel()
	_, section, _ := strings.Cut(readFile(t, "docs", "index.md"), "\n## Permissions and endpoints\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var named []string
	for _, endpoint := range regexp.MustCompile("`(/[a-z_/]+)`").FindAllStringSubmatch(section, -1) {
		named = append(named, endpoint[1])
	}
	slices.Sort(named)
	if want := fakeseam.Routes(); !slices.Equal(named, want) {
		t.Errorf("docs/index.md names the endpoints %q, want %q", named, want)
	}
}

// anchors are those that headings get.
func anchors(page string) []string {
	var found []string
	for line := range strings.Lines(page) {
		if heading, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); ok && strings.HasPrefix(line, "#") {
			kept := regexp.MustCompile(`[^\w\- ]`).ReplaceAllString(strings.ToLower(strings.TrimSpace(heading)), "")
			found = append(found, strings.ReplaceAll(kept, " ", "-"))
		}
	}
	return found
}

// pages returns the pages that people read, by their path from the root.
func pages(t *testing.T) map[string]string {
	t.Helper()
	root := root(t)
	pages := map[string]string{}
	add := func(file string) error {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, file)
		pages[filepath.ToSlash(name)] = strings.ReplaceAll(string(text), "\r\n", "\n")
		return err
	}
	if err := add(filepath.Join(root, "README.md")); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(filepath.Join(root, "docs"), func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		return add(file)
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(pages) < 5 {
		t.Fatalf("only %d pages were found", len(pages))
	}
	return pages
}

// configuration is a block of configuration on a page.
type configuration struct {
	text     string // as it stands on the page
	config   string // with the blocks that it continues
	fragment bool
}

var fenced = regexp.MustCompile("(?m)^(?:<!-- (\\w+) -->\n+)?```(?:terraform|hcl|tf)\n((?s:.*?))^```$")

func configurations(page string) []configuration {
	var found []configuration
	for _, match := range fenced.FindAllStringSubmatch(page, -1) {
		c := configuration{text: match[2], config: match[2], fragment: match[1] == "fragment"}
		if match[1] == "continues" && len(found) > 0 {
			c.config = found[len(found)-1].config + "\n" + c.text
		}
		found = append(found, c)
	}
	return found
}

func isExample(examples map[string]string, block string) bool {
	for _, text := range examples {
		if strings.TrimSpace(text) == strings.TrimSpace(block) {
			return true
		}
	}
	return false
}

func TestConfigurations(t *testing.T) {
	t.Parallel()
	got := configurations("a\n```terraform\none\n```\n\n<!-- continues -->\n```hcl\ntwo\n```\n<!-- fragment -->\n\n```tf\nthree\n```\n```sh\nfour\n```\n")
	want := []configuration{{"one\n", "one\n", false}, {"two\n", "one\n\ntwo\n", false}, {"three\n", "three\n", true}}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
