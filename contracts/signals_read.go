package contracts

import (
	"hash/crc32"
	"net/http"
	"strconv"
	"strings"
	"time"

	"shapewatch/contracts/shape"
	"shapewatch/probes"
)

// readSignals reads what a sample says beside its body. Without fields there is
// no list and Items is -1.
func readSignals(s probes.Sample, v *view) Signals {
	limits := limitHeaders(s.Header)
	sig := Signals{
		Status:       s.Status,
		MediaType:    s.MediaType,
		Latency:      s.Latency,
		Bytes:        s.Bytes,
		RateLimit:    readRateLimits(s.Header, limits),
		LimitHeaders: limits[:min(len(limits), maxRateLimits)],
		Lifecycle:    readLifecycle(s.Header),
		Expiry:       s.Expiry,
		Version:      readVersion(s.Header),
		Challenge:    readChallenge(s.Header),
	}
	if sig.Bytes == 0 {
		sig.Bytes = int64(len(s.Body))
	}
	sig.Items, sig.ItemsPath = mainList(v)
	sig.Asked, sig.RetryAfter, sig.Scopes, sig.Served = s.Asked, retryForm(s.Header), scopes(s.Header), servedBy(s.Header)
	sig.TotalPath, sig.Total = totalOf(v)
	sig.TokenLife = tokenLife(v)
	sig.Sum = crc32.Checksum(s.Body, castagnoli)
	return sig
}

// mainList is the length and the path of the list of entities; -1 when there is
// none. See [shape.MainList].
func mainList(v *view) (items int64, path string) {
	list, ok := shape.MainList(v.fields)
	if !ok {
		return -1, ""
	}
	return int64(list.Items.Max), list.Path
}

func readLifecycle(h http.Header) Lifecycle {
	l := Lifecycle{Sunset: readDate(h.Get("Sunset"))}
	if d := strings.TrimSpace(h.Get("Deprecation")); d != "" && !strings.EqualFold(d, "false") && d != "?0" {
		l.Deprecated, l.Deprecation = true, readDate(d)
	}
	l.Links = lifecycleLinks(h.Values("Link"))
	for _, w := range h.Values("Warning") {
		if text, ok := strings.CutPrefix(strings.TrimSpace(w), "299"); ok {
			l.Warning = clip(unquoteWarning(text), 300)
		}
	}
	return l
}

// readDate reads an RFC 9745 date ("@1688169599"), an HTTP date or RFC 3339;
// zero when it is none.
func readDate(v string) time.Time {
	if v = strings.Trim(strings.TrimSpace(v), `"`); v == "" {
		return time.Time{}
	}
	if n, err := strconv.ParseInt(strings.TrimPrefix(v, "@"), 10, 64); err == nil && n > 0 && n < 1<<36 {
		return time.Unix(n, 0).UTC()
	}
	for _, layout := range []string{http.TimeFormat, time.RFC1123Z, time.RFC1123, time.RFC850, time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, v); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// unquoteWarning takes the quoted text out of `299 - "text" "date"`.
func unquoteWarning(v string) string {
	_, rest, ok := strings.Cut(v, `"`)
	if !ok {
		return strings.TrimSpace(v)
	}
	text, _, _ := strings.Cut(rest, `"`)
	return text
}

const maxLinks = 8

// lifecycleLinks picks the targets that tell where an endpoint goes (RFC 8288).
func lifecycleLinks(values []string) (targets []string) {
	for _, value := range values {
		for _, link := range strings.Split(value, ",") {
			target, params, ok := strings.Cut(strings.TrimSpace(link), ">")
			if !ok || !strings.HasPrefix(target, "<") || !lifecycleRel(params) || len(targets) == maxLinks {
				continue
			}
			targets = append(targets, clip(target[1:], 300))
		}
	}
	return targets
}

func lifecycleRel(params string) bool {
	for _, p := range strings.Split(params, ";") {
		name, rel, _ := strings.Cut(strings.TrimSpace(p), "=")
		if !strings.EqualFold(strings.TrimSpace(name), "rel") {
			continue
		}
		for _, r := range strings.Fields(strings.ToLower(strings.Trim(rel, `" `))) {
			if r == "deprecation" || r == "sunset" || r == "successor-version" {
				return true
			}
		}
	}
	return false
}

// versionHeaders are the ways in which APIs say which version answered.
var versionHeaders = []string{
	"Api-Version", "X-Api-Version", "Stripe-Version", "X-Github-Api-Version-Selected", "X-Shopify-Api-Version",
	"Anthropic-Version", "Openai-Version", "Odata-Version", "X-Ms-Version", "Notion-Version", "Square-Version",
	"Facebook-Api-Version", "Intercom-Version", "X-Restli-Protocol-Version", "Content-Version", "X-Version",
}

func readVersion(h http.Header) string {
	for _, name := range versionHeaders {
		if v := strings.TrimSpace(h.Get(name)); v != "" {
			return clip(v, 64)
		}
	}
	return ""
}

func readChallenge(h http.Header) string {
	scheme, _, _ := strings.Cut(strings.TrimSpace(h.Get("WWW-Authenticate")), " ")
	return clip(strings.ToLower(strings.TrimSuffix(scheme, ",")), 32)
}

// clip bounds vendor text and drops what no line of text holds.
func clip(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, s)
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
