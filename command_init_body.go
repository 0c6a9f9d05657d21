package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// payload takes the body: JSON becomes json:, anything else body:, with
// variables in the place of secrets.
func (f *firstConfig) payload(text string) {
	if asked, ok := f.jsonPayload(text); ok {
		f.body = "json: " + asked
		f.headers = withoutHeader(f.headers, "Content-Type", "application/json")
		return
	}
	parts := strings.Split(text, "&")
	for i, part := range parts {
		name, value, isField := strings.Cut(part, "=")
		if isField && (looksSecretName(unescaped(name)) || looksToken(unescaped(value))) {
			parts[i] = name + "=" + f.variable(unescaped(name), value)
		}
	}
	f.body = "body: " + quoted(strings.Join(parts, "&"))
	if !hasHeader(f.headers, "Content-Type") {
		f.headers = append(f.headers, [2]string{"Content-Type", "application/x-www-form-urlencoded"})
	}
}

// maxJSONDepth bounds how deep a body may be nested.
const maxJSONDepth = maxDepth - 10

// jsonPayload writes a JSON object or list anew, in the order of its keys.
func (f *firstConfig) jsonPayload(text string) (string, bool) {
	trimmed := strings.TrimSpace(text)
	if !strings.HasPrefix(trimmed, "{") && !strings.HasPrefix(trimmed, "[") || !json.Valid([]byte(text)) {
		return "", false
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var b bytes.Buffer
	if err := f.jsonValue(d, &b, "", 0); err != nil {
		return "", false
	}
	_, err := d.Token()
	return b.String(), errors.Is(err, io.EOF)
}

func (f *firstConfig) jsonValue(d *json.Decoder, b *bytes.Buffer, name string, depth int) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	switch v := token.(type) {
	case json.Delim:
		if depth > maxJSONDepth {
			return fmt.Errorf("nested deeper than %d", maxJSONDepth)
		}
		return f.jsonBlock(d, b, v, name, depth)
	case string:
		if looksSecretName(name) && v != "" || looksToken(v) {
			what := name
			if what == "" {
				what = "token"
			}
			v = f.variable(what, v)
		}
		b.WriteString(quoted(v))
	case nil:
		b.WriteString("null")
	default:
		fmt.Fprint(b, v)
	}
	return nil
}

func (f *firstConfig) jsonBlock(d *json.Decoder, b *bytes.Buffer, open json.Delim, name string, depth int) error {
	brackets := map[json.Delim][2]string{'{': {"{ ", " }"}, '[': {"[", "]"}}[open]
	if !d.More() {
		brackets = [2]string{open.String(), strings.TrimSpace(brackets[1])}
	}
	b.WriteString(brackets[0])
	for i := 0; d.More(); i++ {
		if i > 0 {
			b.WriteString(", ")
		}
		if open == '{' {
			key, err := d.Token()
			if err != nil {
				return err
			}
			name, _ = key.(string) // a key always is one
			b.WriteString(quotedIfNeeded(name) + ": ")
		}
		if err := f.jsonValue(d, b, name, depth+1); err != nil {
			return err
		}
	}
	b.WriteString(brackets[1])
	_, err := d.Token()
	return err
}

func hasHeader(headers [][2]string, name string) bool {
	for _, h := range headers {
		if strings.EqualFold(h[0], name) {
			return true
		}
	}
	return false
}

// withoutHeader leaves out a header that says what is said anyway.
func withoutHeader(headers [][2]string, name, value string) (kept [][2]string) {
	for _, h := range headers {
		if !strings.EqualFold(h[0], name) || !strings.EqualFold(h[1], value) {
			kept = append(kept, h)
		}
	}
	return kept
}
