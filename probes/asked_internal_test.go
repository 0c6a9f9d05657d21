package probes

import (
	"net/http"
	"testing"
)

func TestAsked_ReadsThePageSizeOfARequest(t *testing.T) {
	for _, c := range []struct {
		url   string
		query http.Header
		want  int64
	}{
		{"https://a.example/x?limit=25", nil, 25},
		{"https://a.example/x?page=2&per_page=100", nil, 100},
		{"https://a.example/x", http.Header{"page_size": {"7"}}, 7},
		{"https://a.example/x?%24top=3", nil, 3},
		{"https://a.example/x?limit=all", nil, 0},
		{"https://a.example/x?limit=-1", nil, 0},
		{"https://a.example/x", nil, 0},
	} {
		if got := asked(Probe{URL: c.url, Query: c.query}); got != c.want {
			t.Errorf("%s: %d, want %d", c.url, got, c.want)
		}
	}
}
