package contracts_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/contracts"
	"shapewatch/contracts/shape"
)

// header reads lines like "Name: value".
func header(lines string) http.Header {
	h := http.Header{}
	for line := range strings.Lines(lines) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			h.Add(name, strings.TrimSpace(value))
		}
	}
	return h
}

// observed are the signals of an answer with these headers and this body.
func observed(h http.Header, body string) contracts.Signals {
	s := answered(body, time.Unix(0, 0))
	s.Header = h
	return contracts.Observe(s, nil).Signals
}

func TestSignals_RateLimitsByMeaning(t *testing.T) {
	limit := func(name, header string, limit, remaining int64, window time.Duration) contracts.RateLimit {
		return contracts.RateLimit{Name: name, Header: header, Limit: limit, Remaining: remaining, Window: window}
	}
	for name, c := range map[string]struct {
		headers string
		want    []contracts.RateLimit
	}{
		"github":        {"X-RateLimit-Limit: 5000\nX-RateLimit-Remaining: 4999\nX-RateLimit-Reset: 1506400121\nX-RateLimit-Used: 1\nX-RateLimit-Resource: core", []contracts.RateLimit{limit("", "x-ratelimit-limit", 5000, 4999, 0)}},
		"twitter":       {"x-rate-limit-limit: 900\nx-rate-limit-remaining: 899\nx-rate-limit-reset: 1", []contracts.RateLimit{limit("", "x-rate-limit-limit", 900, 899, 0)}},
		"draft 3":       {"RateLimit-Limit: 100, 100;w=60\nRateLimit-Remaining: 50\nRateLimit-Reset: 30", []contracts.RateLimit{limit("", "ratelimit-limit", 100, 50, time.Minute)}},
		"draft 7":       {"RateLimit: limit=100, remaining=50, reset=5\nRateLimit-Policy: 100;w=60", []contracts.RateLimit{limit("", "ratelimit-policy", 100, 50, time.Minute)}},
		"draft 9":       {"RateLimit-Policy: \"burst\";q=100;w=60, \"daily\";q=1000;w=86400\nRateLimit: \"burst\";r=50;t=30", []contracts.RateLimit{limit("burst", "ratelimit-policy", 100, 50, time.Minute), limit("daily", "ratelimit-policy", 1000, -1, 24*time.Hour)}},
		"kong":          {"X-RateLimit-Limit-Minute: 20\nX-RateLimit-Remaining-Minute: 19\nX-RateLimit-Limit-Hour: 500", []contracts.RateLimit{limit("hour", "x-ratelimit-limit-hour", 500, -1, time.Hour), limit("minute", "x-ratelimit-limit-minute", 20, 19, time.Minute)}},
		"openai":        {"x-ratelimit-limit-requests: 60\nx-ratelimit-remaining-requests: 59\nx-ratelimit-limit-tokens: 150000", []contracts.RateLimit{limit("requests", "x-ratelimit-limit-requests", 60, 59, 0), limit("tokens", "x-ratelimit-limit-tokens", 150000, -1, 0)}},
		"vendor prefix": {"Anthropic-RateLimit-Requests-Limit: 1000\nAnthropic-RateLimit-Requests-Remaining: 999", []contracts.RateLimit{limit("anthropic-requests", "anthropic-ratelimit-requests-limit", 1000, 999, 0)}},
		"hubspot":       {"X-HubSpot-RateLimit-Max: 110\nX-HubSpot-RateLimit-Remaining: 109\nX-HubSpot-RateLimit-Interval-Milliseconds: 10000", []contracts.RateLimit{limit("hubspot", "x-hubspot-ratelimit-max", 110, 109, 10*time.Second)}},
		"shopify":       {"X-Shopify-Shop-Api-Call-Limit: 32/40", []contracts.RateLimit{limit("", "x-shopify-shop-api-call-limit", 40, 8, 0)}},
		"salesforce":    {"Sforce-Limit-Info: api-usage=18/5000", []contracts.RateLimit{limit("", "sforce-limit-info", 5000, 4982, 0)}},
		"bare number":   {"X-Rate-Limit: 200", []contracts.RateLimit{limit("", "x-rate-limit", 200, -1, 0)}},
		"not a limit":   {"X-Request-Limit-Id: 7\nX-Corporate-Limits: 5\nRateLimit-Reset: 60", nil},
		"nonsense":      {"X-RateLimit-Limit: soon\nRateLimit: ;;;=,\"\nRateLimit-Policy: \"a;w=", nil},
		"negative":      {"X-RateLimit-Limit: -5", nil},
		"beyond int64":  {"X-RateLimit-Limit: 99999999999999999999", nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := observed(header(c.headers), "{}").RateLimit
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSignals_Lifecycle(t *testing.T) {
	end := time.Date(2026, 12, 31, 23, 59, 59, 0, time.UTC)
	for name, c := range map[string]struct {
		headers string
		want    contracts.Lifecycle
	}{
		"RFC 9745":       {"Deprecation: @1688169599", contracts.Lifecycle{Deprecated: true, Deprecation: time.Unix(1688169599, 0).UTC()}},
		"plain true":     {"Deprecation: true", contracts.Lifecycle{Deprecated: true}},
		"plain false":    {"Deprecation: false", contracts.Lifecycle{}},
		"a date":         {"Deprecation: Thu, 31 Dec 2026 23:59:59 GMT", contracts.Lifecycle{Deprecated: true, Deprecation: end}},
		"sunset":         {"Sunset: Thu, 31 Dec 2026 23:59:59 GMT", contracts.Lifecycle{Sunset: end}},
		"sunset ISO":     {"Sunset: 2026-12-31T23:59:59Z", contracts.Lifecycle{Sunset: end}},
		"sunset someday": {"Sunset: someday", contracts.Lifecycle{}},
		"links":          {`Link: <https://a.example/next>; rel="next", <https://a.example/v2>; rel="successor-version", <https://a.example/bye>;rel=sunset`, contracts.Lifecycle{Links: []string{"https://a.example/v2", "https://a.example/bye"}}},
		"warning":        {`Warning: 299 - "v1 ends in May" "Tue, 03 Mar 2026 00:00:00 GMT"`, contracts.Lifecycle{Warning: "v1 ends in May"}},
		"other warning":  {`Warning: 110 - "stale"`, contracts.Lifecycle{}},
		"bidi in text":   {"Warning: 299 - \"a\u202eb\"", contracts.Lifecycle{Warning: "ab"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := observed(header(c.headers), "{}").Lifecycle
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSignals_MainList(t *testing.T) {
	for body, want := range map[string]struct {
		items int64
		path  string
	}{
		`[1,2,3]`:                            {3, ""},
		`[]`:                                 {0, ""},
		`{"data":[{"id":1},{"id":2}],"n":2}`: {2, "/data"},
		`{"tags":["a","b","c"],"rows":[{}]}`: {1, "/rows"},
		`{"r":{"items":[{"a":1}]},"x":true}`: {1, "/r/items"},
		`{"a":[{"b":1}],"c":[{"d":1},{}]}`:   {2, "/c"},
		`{"data":[{"lines":[{},{},{}]}]}`:    {1, "/data"},
		`{"id":1}`:                           {-1, ""},

		`{"page":1,"data":[{"id":1}],"errors":[{"message":"x"},{}]}`: {1, "/data"},
		`{"warnings":[],"r":{"items":[{"a":1}]}}`:                    {1, "/r/items"},
		`"text"`: {-1, ""},
	} {
		if got := observed(nil, body); got.Items != want.items || got.ItemsPath != want.path {
			t.Errorf("%s: %d at %q, want %d at %q", body, got.Items, got.ItemsPath, want.items, want.path)
		}
		s := shape.New(shape.Limits{})
		if err := s.Observe([]byte(body), time.Unix(0, 0)); err != nil {
			t.Fatal(err)
		}
		if lists := s.Lists(); len(lists) > 0 && want.items > 0 && lists[0].Path != want.path {
			t.Errorf("%s: the first list is %q, the main one %q", body, lists[0].Path, want.path)
		}
	}
}

func TestSignals_VersionAndChallenge(t *testing.T) {
	got := observed(header("Stripe-Version: 2024-06-20\nWWW-Authenticate: Bearer realm=\"x\""), "{}")
	if got.Version != "2024-06-20" || got.Challenge != "bearer" || got.Items != -1 {
		t.Errorf("version %q, challenge %q, items %d", got.Version, got.Challenge, got.Items)
	}
}

func TestSignals_OfTooManyLimitHeadersTheSameAreKept(t *testing.T) {
	h := http.Header{}
	for i := range 40 {
		h.Set(fmt.Sprintf("X-RateLimit-Used-%02d", i), "1")
	}
	first := observed(h, "{}").LimitHeaders
	if len(first) != 16 || first[0] != "x-ratelimit-used-00" || first[15] != "x-ratelimit-used-15" {
		t.Errorf("kept %q, want the first sixteen by name", first)
	}
}
