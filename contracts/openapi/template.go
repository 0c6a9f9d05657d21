package openapi

import (
	"net/url"
	"strings"
)

// matchTemplate scores how well a path fits a template: -1 when it does not,
// else higher for more literal text.
func matchTemplate(template, path string) int {
	want := strings.Split(strings.Trim(template, "/"), "/")
	got := strings.Split(strings.Trim(path, "/"), "/")
	if len(want) != len(got) {
		return -1
	}
	score := 0
	for i := range want {
		n := matchSegment(want[i], got[i])
		if n < 0 {
			return -1
		}
		score += n
	}
	return score
}

// matchSegment matches one segment, in which a parameter stands for any text
// that is not empty: "{id}", "{id}.json", "{from}...{to}".
func matchSegment(want, got string) int {
	before, rest, ok := strings.Cut(want, "{")
	if !ok {
		if decoded, err := url.PathUnescape(got); want == got || err == nil && want == decoded {
			return 2 + len(want)
		}
		return -1
	}
	_, after, ok := strings.Cut(rest, "}")
	if !ok || !strings.HasPrefix(got, before) {
		return -1
	}
	got = got[len(before):]
	next, _, _ := strings.Cut(after, "{")
	for i := 1; i <= len(got); i++ {
		if !strings.HasPrefix(got[i:], next) || next == "" && after == "" && i < len(got) {
			continue
		}
		if after == "" {
			return len(before)
		}
		if n := matchSegment(after, got[i:]); n >= 0 {
			return n + len(before)
		}
	}
	return -1
}
