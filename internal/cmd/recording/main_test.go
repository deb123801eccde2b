package main

import (
	"encoding/xml"
	"slices"
	"strings"
	"testing"
)

func TestRecord(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", columns)
	printed := "1. A <title> & more.\n\n   $ terraform apply\n   + Jane   this demo\n     Error: " + long + "\n"
	var out strings.Builder
	if err := record(strings.NewReader(printed), &out); err != nil {
		t.Fatal(err)
	}
	var svg struct {
		Style  string `xml:"style"`
		Screen struct {
			Lines []struct {
				Class string `xml:"class,attr"`
				Y     int    `xml:"y,attr"`
				Text  string `xml:",chardata"`
			} `xml:"g>text"`
		} `xml:"svg"`
	}
	if err := xml.Unmarshal([]byte(out.String()), &svg); err != nil {
		t.Fatalf("%v in\n%s", err, &out)
	}
	var got []string
	for n, line := range svg.Screen.Lines {
		if line.Y != lineHeight*(n+1) {
			t.Errorf("line %d is at %d", n, line.Y)
		}
		got = append(got, line.Class+": "+line.Text)
	}
	want := []string{
		"title: 1. A <title> & more.", ": ", "command:    $ terraform apply", "added:    + Jane   this demo",
		"error:      Error: " + long[:2*(columns-12)], "error: " + long[2*(columns-12):],
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	// 2 s for the title, 0.5 s, 1 s and 0.5 s before the error, then 2 s and 5 s at the end.
	for _, frame := range []string{
		"roll 11s", " 0.00% { transform: translateY(450px)", " 18.18% { transform: translateY(432px)",
		" 36.36% { transform: translateY(378px)", " 36.36% { transform: translateY(360px)",
	} {
		if !strings.Contains(svg.Style, frame) {
			t.Errorf("no %q in %s", frame, svg.Style)
		}
	}
	if err := record(strings.NewReader(""), &out); err == nil {
		t.Error("nothing is recorded without an error")
	}
}
