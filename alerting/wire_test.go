package alerting_test

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
)

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func reply(body string) *http.Response {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
}

// ours are the marks in angle brackets that a message may hold: dates, and the
// link to the page.
var ours = regexp.MustCompile(`<!date\^\d+\^\{date_short_pretty\} \{time\}\|[^<>]*>|<https?://[^<>|]*\|Open the incident>`)

var ansi = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// slackTexts lists every text in a list of blocks.
func slackTexts(blocks string) (texts []string) {
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, child := range v {
				if s, ok := child.(string); ok && key == "text" {
					texts = append(texts, s)
				}
				walk(child)
			}
		case []any:
			for _, child := range v {
				walk(child)
			}
		}
	}
	var all any
	if json.Unmarshal([]byte(blocks), &all) == nil {
		walk(all)
	}
	return texts
}
