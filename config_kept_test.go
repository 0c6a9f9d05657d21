package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"shapewatch/contracts/openapi"
	"shapewatch/store"
)

// largeDocument is a contract file that is kept in excerpts: two thousand
// operations of which one is asked, and a reference to a file beside it.
func largeDocument(t *testing.T, folder, kind string) (file string, content []byte) {
	t.Helper()
	var b strings.Builder
	b.WriteString("{\"openapi\":\"3.0.3\",\"info\":{\"title\":\"shop\",\"version\":\"1\"},\"paths\":{\n")
	fmt.Fprintf(&b, `"/orders/{id}":{"get":{"operationId":"getOrder","responses":{"200":{"description":"ok","content":{"application/json":{"schema":{
"type":"object","required":["id"],"properties":{"id":{"type":%q},"customer":{"$ref":"#/components/schemas/Customer"},"note":{"$ref":"note.json"}}}}}}}}}`, kind)
	filling := strings.Repeat("x", 500)
	for n := range 2000 {
		fmt.Fprintf(&b, ",\n\"/filling/%d\":{\"get\":{\"description\":%q,\"responses\":{\"200\":{\"description\":\"ok\"}}}}", n, filling)
	}
	b.WriteString("},\"components\":{\"schemas\":{\"Customer\":{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"},\"friend\":{\"$ref\":\"#/components/schemas/Customer\"}}}}}}")
	file = filepath.Join(folder, "shop.json")
	lay(t, file, b.String())
	if b.Len() < largeContract {
		t.Fatalf("%d bytes are not large", b.Len())
	}
	return file, []byte(b.String())
}

func lay(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// keptIn is what a start finds remembered.
func keptIn(s excerptStore) *keptExcerpts {
	return &keptExcerpts{open: func() excerptStore { return s }}
}

// read reads a large document as a start does, and remembers it; whole says
// whether the file had to be read whole.
func read(t *testing.T, s excerptStore, file string, content []byte) (d *writtenDocument, agreed any, whole bool) {
	t.Helper()
	kept := keptIn(s)
	d, err := newWrittenDocument("shop.json", file, content, kept)
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := d.contract(openapi.Asked{Method: "GET", URL: "https://shop.example/orders/7"})
	if err != nil {
		t.Fatal(err)
	}
	if err := kept.save(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	return d, c, d.document != nil
}

func TestKept_LargeContractsAreReadWholeOnce(t *testing.T) {
	folder, s := t.TempDir(), store.NewMemory(store.Retention{})
	lay(t, filepath.Join(folder, "note.json"), `{"type":"string"}`)
	file, content := largeDocument(t, folder, "integer")
	_, first, whole := read(t, s, file, content)
	if !whole {
		t.Fatal("nothing is remembered, and it was not read")
	}
	_, second, whole := read(t, s, file, content)
	if whole || !reflect.DeepEqual(first, second) {
		t.Errorf("read whole again: %v; the same contract: %v", whole, reflect.DeepEqual(first, second))
	}
	if all, _ := s.Excerpts(t.Context()); len(all) != 1 {
		t.Errorf("%d excerpts, want 1", len(all))
	}
	lay(t, filepath.Join(folder, "note.json"), `{"type":"integer"}`)
	if _, third, whole := read(t, s, file, content); !whole || reflect.DeepEqual(first, third) {
		t.Error("what it refers to was edited, and it was not read again")
	}
	_, content = largeDocument(t, folder, "string")
	if _, fourth, whole := read(t, s, file, content); !whole || reflect.DeepEqual(first, fourth) {
		t.Error("it was edited, and was not read again")
	}
	if all, _ := s.Excerpts(t.Context()); len(all) != 1 {
		t.Errorf("%d excerpts, want the newest alone", len(all))
	}
}

func TestKept_SmallContractsAndDamageAreReadWhole(t *testing.T) {
	folder, s := t.TempDir(), store.NewMemory(store.Retention{})
	lay(t, filepath.Join(folder, "note.json"), `{"type":"string"}`)
	file, content := largeDocument(t, folder, "integer")
	_, first, _ := read(t, s, file, content)
	all, _ := s.Excerpts(t.Context())
	for key := range all {
		all[key] = []byte(`{"text":"bm90IGd6aXBwZWQ="}`)
	}
	if err := s.KeepExcerpts(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	if _, again, whole := read(t, s, file, content); !whole || !reflect.DeepEqual(first, again) {
		t.Error("what was remembered is damaged, and was used")
	}
	small := []byte(`{"openapi":"3.0.3","info":{"title":"t","version":"1"},"paths":{"/orders/{id}":{"get":{"responses":{"200":{"description":"ok"}}}}}}`)
	if d, _, whole := read(t, s, file, small); !whole || d.kept != nil {
		t.Error("a small document is remembered")
	}
}

// TestServe_RemembersLargeContracts starts twice with one store file: what the
// first read whole, the second takes from the store.
func TestServe_RemembersLargeContracts(t *testing.T) {
	folder := t.TempDir()
	lay(t, filepath.Join(folder, "note.json"), `{"type":"string"}`)
	largeDocument(t, folder, "integer")
	config := filepath.Join(folder, "shapewatch.yaml")
	lay(t, config, "apis: [{ name: shop, base: \"https://shop.example\", contract: shop.json, probes: [{ get: /orders/7 }] }]\nstore: { path: "+filepath.Join(folder, "s.db")+" }\n")
	var agreed []any
	for start := range 2 {
		held := &heldStore{options: serveOptions{config: config}}
		c, err := held.options.load(held.excerpts)
		if err != nil {
			t.Fatal(err)
		}
		if early := held.state != nil; early != (start == 1) {
			t.Errorf("start %d: the store was opened for contracts: %v", start, early)
		}
		state, err := held.open(c)
		if err != nil {
			t.Fatal(err)
		}
		held.save(t.Context(), logTo(t.Output()))
		if all, _ := state.Excerpts(t.Context()); len(all) != 1 || len(held.kept.before) != 1 {
			t.Errorf("start %d: %d excerpts", start, len(all))
		}
		agreed = append(agreed, c.Watches()[0].Contract)
		if err := held.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if !reflect.DeepEqual(agreed[0], agreed[1]) {
		t.Error("another contract after the restart")
	}
}

// TestServe_StartsWhenLargeContractsCannotBeRemembered: it is only slower next
// time.
func TestServe_StartsWhenLargeContractsCannotBeRemembered(t *testing.T) {
	state, err := openStore(store.Options{Path: filepath.Join(t.TempDir(), "s.db")})
	if err != nil {
		t.Fatal(err)
	}
	if err := state.Close(); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	kept := &keptExcerpts{opened: true, used: map[string][]byte{"1 key": []byte("text")}}
	(&heldStore{state: state, kept: kept}).save(t.Context(), logTo(&log))
	if !strings.Contains(log.String(), "read whole at the next start") {
		t.Errorf("log: %q", log.String())
	}
}
