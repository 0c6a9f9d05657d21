package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestConfig_IncludesByAbsolutePath(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	write(t, elsewhere, "b.yaml", "apis: [{ name: b, url: 'https://b.example' }]\n")
	write(t, dir, "shapewatch.yaml", "include: ["+elsewhere+"/*.yaml]\n")
	c, err := LoadConfig(filepath.Join(dir, "shapewatch.yaml"), variables())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{filepath.Join(dir, "shapewatch.yaml"), filepath.Join(elsewhere, "b.yaml")}, c.Files()); diff != "" {
		t.Error(diff)
	}
}

func TestConfig_SaysHowToSplitALargeFile(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "large.yaml", "#"+strings.Repeat("x", maxFile))
	write(t, dir, "shapewatch.yaml", "include: [large.yaml]\napis: [{ name: a, url: 'https://a.example' }]\n")
	for _, name := range []string{"large.yaml", "shapewatch.yaml"} {
		_, err := LoadConfig(filepath.Join(dir, name), variables())
		if err == nil || !strings.Contains(err.Error(), "large.yaml: larger than 1MiB") || !strings.Contains(err.Error(), "split it: include: [apis/*.yaml]") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestConfigForURL_WatchesAnyHost asks for what people try first.
func TestConfigForURL_WatchesAnyHost(t *testing.T) {
	for address, want := range map[string]string{
		"https://api.stripe.com/v1": "stripe", "https://www.gov.uk/x": "gov", "https://api.acme.co.uk": "acme",
		"http://localhost:8080/": "localhost", "http://127.0.0.1:1/": "127.0.0.1", "http://[2001:db8::1]/": "2001-db8--1", "http://[::1]:8080/x": "api",
	} {
		c, err := ConfigForURL(address, time.Minute, true)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if got := c.Watches()[0].Probe.API; got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}

// TestConfigShow_KeepsReferencesOfABody holds a body to what every other value
// is held to: a secret that JSON escapes is not the text that masks know.
func TestConfigShow_KeepsReferencesOfABody(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "key.pem", "-----BEGIN-----\nline-of-the-key\n")
	write(t, dir, "shapewatch.yaml", `
apis:
  - name: a
    base: https://a.example
    probes:
      - post: /x
        json: { key: "${file:key.pem}", who: "${WHO:-nobody}", token: in-plain-text, cost: "$${5}", n: 1.50, list: [null, true] }
`)
	file := filepath.Join(dir, "shapewatch.yaml")
	c, err := LoadConfig(file, variables())
	if err != nil {
		t.Fatal(err)
	}
	shown, err := c.Show()
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"line-of-the-key", "in-plain-text"} {
		if strings.Contains(string(shown), secret) {
			t.Errorf("%s is shown:\n%s", secret, shown)
		}
	}
	again, err := parseConfig(file, []byte(strings.ReplaceAll(string(shown), mask, "in-plain-text")), variables())
	if err != nil {
		t.Fatalf("%v\n%s", err, shown)
	}
	want := `{"key":"-----BEGIN-----\nline-of-the-key","who":"nobody","token":"in-plain-text","cost":"${5}","n":1.50,"list":[null,true]}`
	for _, c := range []*Config{c, again} {
		if diff := cmp.Diff(want, string(c.Watches()[0].Probe.Body)); diff != "" {
			t.Errorf("body (-want +got):\n%s", diff)
		}
	}
}

// TestConfig_TellsTheProbeItsSecrets names every place of a request that a
// secret can be in: what a vendor echoes is masked by this list.
func TestConfig_TellsTheProbeItsSecrets(t *testing.T) {
	c := load(t, `
apis:
  - name: a
    base: https://a.example
    headers: { X-Trace: "t-${TOKEN}", Accept: text/json }
    query: { key: "${FILTER}" }
    probes:
      - { post: "/x?api_key=${KEY}", json: { login: { password: "${PASSWORD}", user: me } } }
      - { post: /y, body: "p=${PASSWORD}" }
      - { get: /z }
`, "TOKEN", "token-1", "FILTER", "filter-1", "KEY", "key-1", "PASSWORD", `pass"word`)
	for i, want := range [][]string{
		{"filter-1", "key-1", `pass"word`, "token-1"},
		{"filter-1", `pass"word`, "token-1"},
		{"filter-1", "token-1"},
	} {
		if got := c.Watches()[i].Probe.Secrets; !cmp.Equal(want, got) {
			t.Errorf("probe %d: %q, want %q", i, got, want)
		}
	}
}

func TestConfig_RefusesAnAPIAddressThatNothingReads(t *testing.T) {
	_, err := parseConfig("x", []byte(`
apis: [{ name: a, url: "https://a.example" }]
slack: { webhook: "https://hooks.example/x", api_url: "https://slack-gov.com/api/" }
`), variables())
	if err == nil || !strings.Contains(err.Error(), "api_url without a bot") {
		t.Errorf("%v", err)
	}
}

func TestUnits_MeanWhatTheySay(t *testing.T) {
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"1d": day, "2w": 14 * day, "1w2d3h": 9*day + 3*time.Hour, "1.5d": 36 * time.Hour, "0.5s": 500 * time.Millisecond, "3660d": 3660 * day,
	} {
		if got, err := parseDuration(text); err != nil || got != want {
			t.Errorf("%s: %v, %v, want %v", text, got, err, want)
		}
	}
	for text, want := range map[string]int64{"1B": 1, "1.5 KiB": 1536, "1kB": 1000, "1KB": 1000, "2MB": 2e6, "2MiB": 2 << 20, "1GB": 1e9, "1GiB": 1 << 30} {
		if got, err := parseSize(text); err != nil || got != want {
			t.Errorf("%s: %d, %v, want %d", text, got, err, want)
		}
	}
	for size, want := range map[int64]string{1: "1B", 1 << 10: "1KiB", 1536: "1536B", 8 << 20: "8MiB", 1 << 30: "1GiB"} {
		if got := printSize(size); got != want {
			t.Errorf("%d: %s, want %s", size, got, want)
		}
	}
}

func TestUnits_EndAtTheirBounds(t *testing.T) {
	accepts := func(err error) bool { return err == nil }
	duration := func(s string) bool { _, err := parseDuration(s); return accepts(err) }
	interval := func(s string) bool { _, err := parseInterval(s); return accepts(err) }
	wait := func(s string) bool { _, err := parsePositive(s); return accepts(err) }
	size := func(s string) bool { _, err := parseSize(s); return accepts(err) }
	number := func(s string) bool { _, err := parseCount(s); return accepts(err) }
	rate := func(s string) bool { _, err := parseRate(s); return accepts(err) }
	status := func(s string) bool { _, err := parseStatus(s); return accepts(err) }
	for _, test := range []struct {
		name      string
		reads     func(string) bool
		good, bad []string
	}{
		{"duration", duration, []string{"0s", "3660d"}, []string{"", "5", "3661d", "-3661d", "2d -1", "1y", "d"}},
		{"interval", interval, []string{"1s"}, []string{"999ms", "-1d", "0s"}},
		{"wait", wait, []string{"1ns"}, []string{"0s", "-1s"}},
		{"size", size, []string{"1B", "1000000GiB"}, []string{"0B", "0.5B", "2000000GiB", "1", "1TB", "-1B"}},
		{"count", number, []string{"1", "1000000"}, []string{"0", "1000001", "1.5", ""}},
		{"rate", rate, []string{"0.001", "1e6"}, []string{"0", "-1", "1e7", "NaN", "Inf"}},
		{"status", status, []string{"200", "599"}, []string{"199", "99", "600", "2xx"}},
	} {
		for _, s := range test.good {
			if !test.reads(s) {
				t.Errorf("%s: %q is refused", test.name, s)
			}
		}
		for _, s := range test.bad {
			if test.reads(s) {
				t.Errorf("%s: %q is accepted", test.name, s)
			}
		}
	}
}

func TestPaths_PointWithBracketsOfTheirOwn(t *testing.T) {
	for _, good := range []string{"/", "/id", "/data/[]/amount", "/rates/{}", "/a~1b/~0", "header:x-version"} {
		if err := checkPath(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for bad, want := range map[string]string{
		"$.data[*].amount": "/data/[]/amount", "data.id": "/data/id", "/data[]/id": "/data/[]/id", "/data[0]": "/data/[]",
		"/a~b": "~0", "/a//b": "extra /", "/a/": "extra /", "header:": "letters", "header:x y": "letters",
	} {
		var m *mistake
		if !errors.As(checkPath(bad), &m) || !strings.Contains(m.hint, want) {
			t.Errorf("%s: %+v, want a hint with %q", bad, m, want)
		}
	}
}

func TestURLs_AreOnesThatCanBeAsked(t *testing.T) {
	for _, good := range []string{"https://a.example", "http://127.0.0.1:8080/x?y=z", "https://[::1]:1/", "https://0xdad.example", "https://dead.beef"} {
		if err := checkURL(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for bad, want := range map[string]string{
		"a.example": "no scheme", "mailto:x": "no scheme", "ftp://a.example": "scheme", "https://u:p@a.example": "credentials", "https://a.example/#x": "#",
		"https://a.example/#": "#", "https:///x": "no host", "https://a.example:0": "port", "https://a.example:65536": "port", "https://a.example:": "port",
		"https://127.1": "no whole address", "https://0x7f000001": "no whole address", "https://2130706433": "no whole address",
		"https://[fe80::1%25eth0]/": "zone", `https://a.example\x`: "not a URL",
	} {
		if err := checkURL(bad); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", bad, err, want)
		}
	}
	for target, good := range map[string]bool{
		"/x": true, "/x?y=z": true, "https://b.example/x": true, "x": false, "//b.example/x": false, `/x\y`: false, "/x#y": false, "ftp://b.example": false,
	} {
		if err := checkTarget(target); (err == nil) != good {
			t.Errorf("target %s: %v", target, err)
		}
	}
}

// TestConfig_PrintsABoundedNumberOfMistakes counts the rest.
func TestConfig_PrintsABoundedNumberOfMistakes(t *testing.T) {
	_, err := parseConfig("x.yaml", []byte("apis: [{ name: a, url: 'https://a.example' }]\nuses:\n"+manyUnknown(maxProblems+3)), variables())
	if err == nil || strings.Count(err.Error(), "unknown key") != maxProblems || !strings.HasSuffix(err.Error(), "and 4 more") {
		t.Errorf("%v", err)
	}
}

func manyUnknown(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "zz%d: 1\n", i)
	}
	return b.String()
}

// TestConfig_ShowsTheMistakeOnALongLine keeps the caret below its character.
func TestConfig_ShowsTheMistakeOnALongLine(t *testing.T) {
	text := "apis: [{ name: a, url: 'https://a.example/" + strings.Repeat("é", 300) + "', evry: 1m, owner: " + strings.Repeat("o", 300) + " }]"
	_, err := parseConfig("x.yaml", []byte(text), variables())
	lines := strings.Split(fmt.Sprint(err), "\n")
	i := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "^^^^") })
	if i < 1 {
		t.Fatal(err)
	}
	at := strings.Index(lines[i], "^^^^")
	if shown := []rune(lines[i-1]); len(shown) > 120 || string(shown[at:at+4]) != "evry" {
		t.Errorf("%s\n%s", lines[i-1], lines[i])
	}
}

func TestConfig_ReadsNoPipe(t *testing.T) {
	if _, err := LoadConfig(os.DevNull, variables()); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("%v", err)
	}
}
