package provider

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// unprovoked is what the provider can say and no situation provokes, with the
// reason why.
var unprovoked = map[string]string{
	"Unexpected provider data":                           "a bug in the provider",
	"Expected *configured, got":                          "a bug in the provider",
	". This is a bug in the provider. Please report it.": "a bug in the provider",
}

// wantSentences holds that everything the provider can say is in the golden
// file. It takes every text in the source that is made for people, in the pieces
// between what is filled in, and looks for each. So a diagnostic, or a case of
// one, that no situation provokes is found.
func wantSentences(t *testing.T, golden string) {
	t.Helper()
	folded := fold(golden)
	used := map[string]bool{}
	total := 0
	for file, texts := range textsForPeople(t) {
		for _, text := range texts {
			for _, piece := range pieces(text) {
				total++
				if strings.Contains(folded, fold(piece)) {
					continue
				}
				if unprovoked[piece] != "" {
					used[piece] = true
					continue
				}
				t.Errorf("%s: no situation makes the provider say %q; add one to diagnostics_situations_test.go", file, piece)
			}
		}
	}
	for piece := range unprovoked {
		if !used[piece] {
			t.Errorf("the provider does not say %q any more, or a situation provokes it; take it out of the list", piece)
		}
	}
	if total < 100 {
		t.Errorf("only %d pieces of text were found in the source", total)
	}
}

// fold leaves out how lines are broken and how sentences begin.
func fold(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), " ")) }

var filledIn = regexp.MustCompile(`%(\[\d+\])?[-+# ]*[a-zA-Z]|\n`)

// pieces are the parts of a format that are long enough to be told from others.
func pieces(format string) []string {
	var found []string
	for _, piece := range filledIn.Split(format, -1) {
		piece = strings.TrimSpace(piece)
		if len(piece) >= 8 && strings.Contains(piece, " ") && strings.ToUpper(piece) != piece {
			found = append(found, piece)
		}
	}
	return found
}

// textsForPeople returns the string literals of each file of the provider,
// without those of schemas and logs.
func textsForPeople(t *testing.T) map[string][]string {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string][]string{}
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.ImportSpec, *ast.Field:
				return false
			case *ast.FuncDecl:
				return !isAboutSchemas(node.Name.Name)
			case *ast.KeyValueExpr:
				key, ok := node.Key.(*ast.Ident)
				return !ok || key.Name != "MarkdownDescription" && key.Name != "Description"
			case *ast.CallExpr:
				return !isLog(node)
			case *ast.BasicLit:
				if node.Kind != token.STRING {
					return false
				}
				text, err := strconv.Unquote(node.Value)
				if err != nil {
					t.Fatal(err)
				}
				texts[name] = append(texts[name], text)
			}
			return true
		})
	}
	return texts
}

// isAboutSchemas reports whether a function describes attributes, or what is done
// with them. Such descriptions are in the documentation, if anywhere; a validator's
// is what it says as well, so that one is looked for by its own situation.
func isAboutSchemas(function string) bool {
	return strings.HasSuffix(function, "Schema") || strings.HasSuffix(function, "Attribute") ||
		strings.HasSuffix(function, "Attributes") || function == "computedText" ||
		function == "Description" || function == "Definition"
}

func isLog(call *ast.CallExpr) bool {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	of, ok := selector.X.(*ast.Ident)
	return ok && of.Name == "tflog"
}
