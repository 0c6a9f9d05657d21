package main

import (
	"fmt"
	"strings"
	"testing"
)

// TestConfig_BoundsWhatItReads feeds what a hostile or broken file may hold.
func TestConfig_BoundsWhatItReads(t *testing.T) {
	laughs := "apis: []\na: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for i := 'b'; i <= 'j'; i++ {
		before := string(i - 1)
		laughs += fmt.Sprintf("%c: &%c [*%s]\n", i, i, strings.Join([]string{before, before, before, before, before, before, before, before, before, before}, ", *"))
	}
	for name, test := range map[string]struct{ text, want string }{
		"an alias bomb":      {laughs, "more than 10000 values"},
		"an endless alias":   {"apis: &a [*a]\n", "more than 10000 values, or more than 40 levels"},
		"many values":        {"apis: [" + strings.Repeat("a,", 20_000) + "]\n", "more than 10000 values"},
		"a deep file":        {strings.Repeat("[", 200) + strings.Repeat("]", 200), "more than 40 levels"},
		"only comments":      {"# nothing\n", "the file is empty"},
		"no mapping":         {"- a\n", "want keys and values, found a list"},
		"no API":             {"page: {}\n", "no APIs to watch"},
		"not UTF-8":          {"apis: \xff\xfe\n", "not UTF-8"},
		"control characters": {"apis: \"\x01\"\n", "not YAML"},
		"a tag":              {"apis: !!python/object []\n", "tags such as"},
		"a merge key":        {"<<: { a: 1 }\n", "merge keys"},
		"a block as a key":   {"? [a]\n: b\n", "a key must be plain text"},
		"an unknown anchor":  {"apis: *nope\n", "unknown anchor 'nope'"},
		"a second document":  {"apis: []\n---\nb: 1\n", "a second document begins here"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseConfig("x.yaml", []byte(test.text), variables())
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%.300v\nlacks %q", err, test.want)
			}
			if err != nil && len(err.Error()) > 40_000 {
				t.Errorf("the text has %d bytes", len(err.Error()))
			}
		})
	}
}

func TestConfig_AllowsAliasesBOMAndCRLF(t *testing.T) {
	c := load(t, "\ufeffapis:\r\n  - name: a\r\n    url: https://a.example\r\n    headers: &h { A: b }\r\n  - name: b\r\n    url: https://b.example\r\n    headers: *h\r\n")
	if got := c.Watches()[1].Probe.Header.Get("A"); got != "b" {
		t.Errorf("header by alias: %q", got)
	}
}

func TestConfig_ReadsTextsAsTheyAreWritten(t *testing.T) {
	c := load(t, "apis: [{ name: 007, url: 'https://a.example', headers: { A: 0123, B: on, C: no, D: 2024-06-20, E: 1.50, F: '' } }]")
	p := c.Watches()[0].Probe
	for name, want := range map[string]string{"A": "0123", "B": "on", "C": "no", "D": "2024-06-20", "E": "1.50", "F": ""} {
		if got := p.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if p.API != "007" {
		t.Errorf("name %q", p.API)
	}
}

// FuzzConfig holds the loader to never panicking, to bounded texts, and to
// never accepting what it cannot show and load again.
func FuzzConfig(f *testing.F) {
	for _, seed := range []string{
		"apis: [{ name: a, url: 'https://a.example' }]", "apis: &a [*a]", "a: ${", "apis:\n\t- x", "<<: *x", "defaults: { ignore: [{}] }",
		"apis: [{ name: a, base: 'https://a', probes: [{ post: '/{x}', params: { x: y }, json: { a: [1, ${B}] } }] }]",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if strings.Contains(string(text), "file:") || strings.Contains(string(text), "include") || strings.Contains(string(text), "contract") {
			t.Skip("reads files")
		}
		c, err := parseConfig("x.yaml", text, anyValue)
		if err != nil {
			if len(err.Error()) > 200_000 {
				t.Errorf("the text has %d bytes", len(err.Error()))
			}
			return
		}
		shown, err := c.Show()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parseConfig("y.yaml", shown, anyValue); err != nil {
			t.Errorf("what is shown does not load:\n%s\n%v", shown, err)
		}
	})
}
