package tap_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"shapewatch/tap"
)

type order struct {
	base
	Total int               `json:"total"`
	Lines []line            `json:"lines,omitempty"`
	Meta  map[string]string `json:"meta"`
	At    time.Time         `json:"at"`
	Next  *order            `json:"next"`
	Skip  string            `json:"-"`
	Raw   json.RawMessage   `json:"raw"`
	Blob  []byte            `json:"blob"`
	Plain string
}

type base struct {
	ID string `json:"id"`
}

type line struct {
	SKU string `json:"s/k~u"`
}

func TestUses(t *testing.T) {
	want := []string{"/Plain", "/at", "/blob", "/id", "/lines/[]/s~1k~0u", "/meta/{}", "/next", "/raw", "/total"}
	if got := tap.Uses[order](); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if got := tap.Uses[[]order](); !slices.Contains(got, "/[]/lines/[]/s~1k~0u") {
		t.Errorf("%q", got)
	}
}

// vendor answers with a body of some kind at each path.
func vendor(t *testing.T, bodies map[string][]byte) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write(bodies[r.URL.Path])
	}))
	t.Cleanup(s.Close)
	return s
}

func TestDecode_NotesWhatATypeTakes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "uses.json")
	for range 2 { // the second adds to what the first wrote
		s := vendor(t, map[string][]byte{"/v1/orders/42": []byte(`{"id":"a","total":1}`), "/v1/orders/7/x9": []byte(`{}`)})
		tapped := tap.New(tap.Options{Operations: []string{"GET /v1/orders/{order}"}, Uses: file})
		client := &http.Client{Transport: tapped}
		for _, path := range []string{"/v1/orders/42", "/v1/orders/7/x9"} {
			response, err := client.Get(s.URL + path)
			if err != nil {
				t.Fatal(err)
			}
			var o order
			if err := tap.Decode(response, &o); err != nil || path == "/v1/orders/42" && o.ID != "a" {
				t.Fatalf("%+v %v", o, err)
			}
			response.Body.Close()
		}
		tapped.Close()
		if s := tapped.Stats(); s.Faults > 0 || s.Answers != 2 {
			t.Errorf("%+v", s)
		}
	}
	var written struct {
		Version    int                 `json:"shapewatch_uses"`
		Operations map[string][]string `json:"operations"`
	}
	text, err := os.ReadFile(file)
	if err != nil || json.Unmarshal(text, &written) != nil || written.Version != 1 {
		t.Fatalf("%s %v", text, err)
	}
	for _, operation := range []string{"GET /v1/orders/{order}", "GET /v1/orders/{id}/{id}"} {
		if !slices.Equal(written.Operations[operation], tap.Uses[order]()) {
			t.Errorf("%s: %q", operation, written.Operations)
		}
	}
}

// TestTap_PassesByteForByte: whatever the body, however it is read, by many at
// once, the caller gets what the vendor sent.
func TestTap_PassesByteForByte(t *testing.T) {
	bodies := map[string][]byte{}
	for i := range 40 {
		body := make([]byte, rand.IntN(1<<16))
		for j := range body {
			body[j] = byte(rand.IntN(256))
		}
		bodies[fmt.Sprintf("/p%d", i)] = body
	}
	s := vendor(t, bodies)
	tapped := tap.New(tap.Options{Folder: t.TempDir(), MaxBody: 1 << 12, Every: time.Nanosecond})
	defer tapped.Close()
	client := &http.Client{Transport: tapped}
	var group sync.WaitGroup
	for path, want := range bodies {
		group.Go(func() {
			response, err := client.Get(s.URL + path)
			if err != nil {
				t.Error(err)
				return
			}
			got, err := io.ReadAll(response.Body)
			if err := errors.Join(err, response.Body.Close()); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: %d bytes of %d, %v", path, len(got), len(want), err)
			}
		})
	}
	group.Wait()
}

type broken struct{}

func (broken) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("no route") }

func TestTap_SwallowsItsOwnFaults(t *testing.T) {
	if _, err := (&http.Client{Transport: tap.New(tap.Options{Base: broken{}})}).Get("http://127.0.0.1/"); err == nil || !strings.Contains(err.Error(), "no route") {
		t.Errorf("the vendor's fault: %v", err)
	}
	s := vendor(t, map[string][]byte{"/a": []byte(`{"id":"a"}`)})
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	tapped := tap.New(tap.Options{Folder: file, Uses: file, Post: "http://127.0.0.1:1/in/x"})
	response, err := (&http.Client{Transport: tapped}).Get(s.URL + "/a")
	if err != nil {
		t.Fatal(err)
	}
	var o order
	if err := tap.Decode(response, &o); err != nil || response.Body.Close() != nil {
		t.Error(err)
	}
	tapped.Close()
	if s := tapped.Stats(); s.Faults < 2 || s.Last == "" || s.Samples > 0 {
		t.Errorf("%+v", s)
	}
	if text, _ := os.ReadFile(file); string(text) != "mine" {
		t.Errorf("somebody else's file says %q", text)
	}
}

func TestTap_MasksSamples(t *testing.T) {
	s := vendor(t, map[string][]byte{"/orders/1": []byte(`{"id":"ord_97","mail":"ada@example.com","total":1250.5,"zero":0,"paid":true,"at":"2026-11-27T08:09:10Z","of":null}` + "\n")})
	folder := t.TempDir()
	tapped := tap.New(tap.Options{Folder: folder})
	for range 3 { // one a minute is kept
		response, err := (&http.Client{Transport: tapped}).Get(s.URL + "/orders/1")
		if err != nil {
			t.Fatal(err)
		}
		var any map[string]any
		if err := errors.Join(tap.Decode(response, &any), response.Body.Close()); err != nil {
			t.Fatal(err)
		}
	}
	tapped.Close()
	text, err := os.ReadFile(filepath.Join(folder, "GET__orders_{id}.jsonl"))
	if err != nil || strings.Count(string(text), "\n") != 1 {
		t.Fatalf("%s %v %+v", text, err, tapped.Stats())
	}
	want := `"body":{"id":"xxa_11","mail":"aaa@axaxxxa.axx","total":1111.1,"zero":0,"paid":true,"at":"1111-11-11T11:11:11Z","of":null}`
	if !strings.Contains(string(text), want) {
		t.Errorf("kept %s", text)
	}
}

// FuzzMask: what is masked is JSON as before, with the same keys and kinds.
func FuzzMask(f *testing.F) {
	for _, s := range []string{`{"a\"b":"c\\","d":[1,-2.50e10,0,0.5,"\u00e9\n",{"é":"日本"}],"e":true}`, `"x"`, `12`, `""`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if !json.Valid(text) {
			return
		}
		masked := tap.Mask(text)
		var before, after any
		decoder, masker := json.NewDecoder(bytes.NewReader(text)), json.NewDecoder(bytes.NewReader(masked))
		decoder.UseNumber()
		masker.UseNumber()
		if err := errors.Join(decoder.Decode(&before), masker.Decode(&after)); err != nil || !alike(before, after) {
			t.Errorf("%s became %s: %v", text, masked, err)
		}
	})
}

func alike(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		m, ok := b.(map[string]any)
		if !ok || len(a) != len(m) {
			return false
		}
		for k, v := range a {
			if w, ok := m[k]; !ok || !alike(v, w) {
				return false
			}
		}
		return true
	case []any:
		l, ok := b.([]any)
		return ok && slices.EqualFunc(a, l, alike)
	case json.Number:
		n, ok := b.(json.Number)
		return ok && strings.ContainsAny(a.String(), ".eE") == strings.ContainsAny(n.String(), ".eE")
	}
	return fmt.Sprintf("%T", a) == fmt.Sprintf("%T", b)
}
