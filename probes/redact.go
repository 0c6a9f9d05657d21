package probes

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"log/slog"
	"net/url"
	"slices"
	"strings"
)

// Redacted stands where a secret was.
const Redacted = "[redacted]"

// A Secret is a credential that no way of printing shows.
type Secret string

// String returns [Redacted].
func (Secret) String() string { return Redacted }

// GoString returns [Redacted].
func (Secret) GoString() string { return Redacted }

// Format prints [Redacted], whatever the verb.
func (Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, Redacted) }

// MarshalText returns [Redacted]; JSON and YAML use it.
func (Secret) MarshalText() ([]byte, error) { return []byte(Redacted), nil }

// LogValue returns [Redacted].
func (Secret) LogValue() slog.Value { return slog.StringValue(Redacted) }

// shortestSecret is what is looked for in texts: anything shorter would be
// found everywhere.
const shortestSecret = 4

// A Redactor removes known secrets from texts, in every form in which they
// tend to appear: raw, URL-encoded, JSON- or HTML-escaped, hexadecimal, and as
// a part of something base64-encoded. A secret shorter than 4 bytes is not
// looked for. The nil Redactor changes nothing.
type Redactor struct {
	needles []string // longest first
	window  int      // length of the shortest needle, at most maxWindow
	shift   [1 << shiftBits]uint8
}

// The search is that of Wu and Manber: the last two bytes of a window say how
// far it may move on, so most of a text is never looked at.
const (
	shiftBits = 10
	maxWindow = 64
)

// NewRedactor returns a redactor of these secrets, nil when there are none.
func NewRedactor(secrets ...string) *Redactor { return newRedactor(secrets, shortestSecret) }

func newRedactor(secrets []string, shortest int) *Redactor {
	r := &Redactor{}
	for _, secret := range secrets {
		if len(secret) >= shortest {
			r.needles = append(r.needles, formsOf(secret)...)
		}
	}
	if len(r.needles) == 0 {
		return nil
	}
	slices.Sort(r.needles)
	r.needles = slices.Compact(r.needles)
	slices.SortStableFunc(r.needles, func(a, b string) int { return len(b) - len(a) })
	r.index()
	return r
}

func formsOf(secret string) []string {
	asJSON, _ := json.Marshal(secret) // a string always marshals
	forms := []string{
		secret, strings.ToLower(secret), // media types and header names lose their case
		url.QueryEscape(secret), url.PathEscape(secret),
		string(asJSON[1 : len(asJSON)-1]), html.EscapeString(secret),
		hex.EncodeToString([]byte(secret)), strings.ToUpper(hex.EncodeToString([]byte(secret))),
	}
	return append(forms, base64Forms(secret)...)
}

// base64Forms are what a secret looks like inside a longer text that was
// base64-encoded: it may begin at any of three positions, and the characters
// it shares with its neighbours are left out.
func base64Forms(secret string) (forms []string) {
	if len(secret) < 6 {
		return nil
	}
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for before := range 3 {
			encoded := encoding.EncodeToString([]byte(strings.Repeat("\x00", before) + secret))
			from := (before*8 + 5) / 6
			to := (before + len(secret)) * 8 / 6
			forms = append(forms, encoded[from:to])
		}
	}
	return forms
}

func (r *Redactor) index() {
	r.window = min(len(r.needles[len(r.needles)-1]), maxWindow)
	for i := range r.shift {
		r.shift[i] = uint8(r.window - 1)
	}
	for _, needle := range r.needles {
		for end := 1; end < r.window; end++ {
			block := blockOf(needle[end-1], needle[end])
			r.shift[block] = min(r.shift[block], uint8(r.window-1-end))
		}
	}
}

func blockOf(a, b byte) int { return (int(a)<<5 ^ int(b)) & (1<<shiftBits - 1) }

// A span is where a secret stands in a text.
type span struct{ from, to int }

// find returns the spans of all secrets in a text, those that touch united.
func find[T string | []byte](r *Redactor, text T) (spans []span) {
	for end := r.window - 1; end < len(text); {
		if skip := r.shift[blockOf(text[end-1], text[end])]; skip > 0 {
			end += int(skip)
			continue
		}
		from := end - r.window + 1
		if length := matchAt(r.needles, text[from:]); length > 0 {
			spans = unite(spans, span{from, from + length})
		}
		end++
	}
	return spans
}

// matchAt is the length of the longest needle that text begins with.
func matchAt[T string | []byte](needles []string, text T) int {
	for _, needle := range needles {
		if len(text) >= len(needle) && string(text[:len(needle)]) == needle {
			return len(needle)
		}
	}
	return 0
}

func unite(spans []span, next span) []span {
	if last := len(spans) - 1; last >= 0 && next.from <= spans[last].to {
		spans[last].to = max(spans[last].to, next.to)
		return spans
	}
	return append(spans, next)
}

// String returns text with [Redacted] in place of every secret.
func (r *Redactor) String(text string) string {
	if r == nil {
		return text
	}
	spans := find(r, text)
	if len(spans) == 0 {
		return text
	}
	return string(replace([]byte(text), spans, func([]byte) string { return Redacted }))
}

// Bytes returns text itself when no secret is in it, else a copy with
// [Redacted] in place of each. A secret of digits alone is replaced by as many
// ones, so that JSON stays JSON.
func (r *Redactor) Bytes(text []byte) []byte {
	if r == nil {
		return text
	}
	spans := find(r, text)
	if len(spans) == 0 {
		return text
	}
	return replace(text, spans, func(secret []byte) string {
		if strings.Trim(string(secret), "0123456789") == "" {
			return strings.Repeat("1", len(secret))
		}
		return Redacted
	})
}

func replace(text []byte, spans []span, by func([]byte) string) []byte {
	out := make([]byte, 0, len(text)+len(spans)*len(Redacted))
	done := 0
	for _, s := range spans {
		out = append(out, text[done:s.from]...)
		out = append(out, by(text[s.from:s.to])...)
		done = s.to
	}
	return append(out, text[done:]...)
}
