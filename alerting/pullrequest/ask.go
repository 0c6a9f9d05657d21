package pullrequest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// An asker makes requests of a forge that is spoken to without a library.
type asker struct {
	guard  *guard
	client *http.Client
	root   string // address of its interface, without a slash at the end
	sign   func(*http.Request)
}

// json makes a request with a JSON body (nil for none) and reads a JSON answer
// into answer (nil for none).
func (a asker) json(ctx context.Context, method, path string, body, answer any) error {
	var text bytes.Buffer
	if body != nil {
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(body); err != nil {
			return err
		}
	}
	kind := ""
	if body != nil {
		kind = "application/json"
	}
	got, _, err := a.raw(ctx, method, path, kind, &text)
	if err != nil || answer == nil {
		return err
	}
	if err := json.Unmarshal(got, answer); err != nil {
		return a.guard.refusal(0, "an answer that is not the JSON it should be", false)
	}
	return nil
}

// raw makes a request and reads the answer as it is.
func (a asker) raw(ctx context.Context, method, path, kind string, body io.Reader) ([]byte, http.Header, error) {
	r, err := http.NewRequestWithContext(ctx, method, a.root+path, body)
	if err != nil {
		return nil, nil, errors.New("its address cannot be asked")
	}
	if r.Header.Set("Accept", "application/json"); kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	a.sign(r)
	response, err := a.client.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return text, response.Header, err
}

// escaped is a path with slashes as a part of an address.
func escaped(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		parts[i] = url.PathEscape(part)
	}
	return strings.Join(parts, "/")
}
