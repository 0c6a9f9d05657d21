package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

const publishedBefore = `openapi: 3.0.3
info: {title: shop, version: "1"}
servers: [{url: "https://shop.example"}]
paths:
  /orders:
    get:
      parameters: [{name: page, in: query, schema: {type: string}}]
      responses: {"200": {description: ok, content: {application/json: {schema: {type: object, properties: {data: {type: array, items: {$ref: "#/components/schemas/Order"}}}}}}}}
  /refunds:
    get:
      responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}}
components: {schemas: {Order: {type: object, properties: {id: {type: string}, note: {type: string}, colour: {type: string}}}}}
`

// A publisher is a vendor whose answers never change, and its document.
type publisher struct {
	*httptest.Server
	mu        sync.Mutex
	document  string
	sent      int
	unchanged int
}

func newPublisher(t *testing.T) *publisher {
	p := &publisher{document: publishedBefore}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/openapi.yaml" {
			fmt.Fprint(w, `{"data":[{"id":"ord_1","note":"x","colour":"red"}]}`)
			return
		}
		p.publish(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *publisher) publish(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	sum := sha256.Sum256([]byte(p.document))
	tag := `"` + hex.EncodeToString(sum[:4]) + `"`
	w.Header().Set("Etag", tag)
	if r.Header.Get("If-None-Match") == tag {
		p.unchanged++
		w.WriteHeader(http.StatusNotModified)
		return
	}
	p.sent++
	w.Header().Set("Content-Type", "text/yaml")
	fmt.Fprint(w, p.document)
}

func (p *publisher) change(document string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.document = document
}

func (p *publisher) counts() (sent, unchanged int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sent, p.unchanged
}

// TestEndToEnd_TellsWhatADocumentAnnounces: while every answer stays as it is,
// a published document drops a field that is used; it is told as one incident,
// kept over a crash and over a page in place of the document, and over once it
// is accepted.
func TestEndToEnd_TellsWhatADocumentAnnounces(t *testing.T) {
	t.Parallel()
	bin, dir, vendor := builtBinary(t), t.TempDir(), newPublisher(t)
	writeFile(t, dir, "shapewatch.yaml", fmt.Sprintf(`
apis:
  - name: shop
    base: %s
    allow_private: true
    spec: { url: "%s/openapi.yaml", every: 1s }
    every: 1h
    probes:
      - { get: /orders, uses: ["/data/[]/note"] }
`, vendor.URL, vendor.URL))
	s := startServer(t, bin, dir)
	within(t, 20*time.Second, "a document that is not sent again", func() bool { sent, unchanged := vendor.counts(); return sent == 1 && unchanged >= 2 })
	if text := incidentsOf(t, s); text != "" {
		t.Fatalf("told of a document that is as it was: %s", text)
	}

	vendor.change(strings.NewReplacer("note: {type: string}, ", "", "colour: {type: string}", "colour: {type: integer}", "/refunds:", "/payments:").Replace(publishedBefore))
	within(t, 20*time.Second, "an announced change", func() bool { return strings.Contains(incidentsOf(t, s), "announced-change") })
	text := incidentsOf(t, s)
	for _, want := range []string{`"path":"/data/[]/note"`, `"severity":"breaking"`, `"operation":"GET /orders"`, "the published document drops `note`"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not told: %s", want, text)
		}
	}
	if strings.Contains(text, "/refunds") {
		t.Errorf("told of an operation that nobody asks: %s", text)
	}

	vendor.change("<!doctype html><title>We are rebuilding</title>")
	within(t, 30*time.Second, "a page in place of the document", func() bool { return strings.Contains(incidentsOf(t, s), "document-unreadable") })
	stands := func() {
		t.Helper()
		if text := incidentsOf(t, s); strings.Count(text, `"condition":"firing"`) != 2 {
			t.Errorf("the announced change is over, or told twice: %s", text)
		}
	}
	stands()
	s.kill() // what was known is on disk
	s = startServer(t, bin, dir)
	before, _ := vendor.counts()
	within(t, 30*time.Second, "the page, three times more", func() bool { sent, _ := vendor.counts(); return sent >= before+4 })
	stands()
	vendor.change(strings.Replace(publishedBefore, "note: {type: string}, ", "", 1))
	within(t, 30*time.Second, "the end of the page", func() bool { return strings.Contains(incidentsOf(t, s), `"condition":"resolved"`) })

	if out, err := exec.CommandContext(t.Context(), bin, "accept", incidentWith(t, s, "announced-change"), "--server", "http://"+s.addr, "--reason", "we follow").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	accepted := func() bool { return strings.Count(incidentsOf(t, s), `"condition":"resolved"`) == 2 }
	within(t, 30*time.Second, "its end once accepted", accepted)
	s.stop()
	s = startServer(t, bin, dir)
	sent, unchanged := vendor.counts()
	within(t, 30*time.Second, "four more looks at it", func() bool { now, same := vendor.counts(); return now+same >= sent+unchanged+4 })
	if !accepted() || strings.Contains(incidentsOf(t, s), `"condition":"firing"`) {
		t.Errorf("what was accepted is told again: %s", incidentsOf(t, s))
	}
	s.stop()
}

// incidentWith is the ID of the incident that has a finding of a kind.
func incidentWith(t *testing.T, s *server, kind string) string {
	t.Helper()
	var list struct{ Incidents []struct{ ID string } }
	if err := json.Unmarshal(fetched(s, "/api/v1/incidents"), &list); err != nil {
		t.Fatal(err)
	}
	for _, i := range list.Incidents {
		if strings.Contains(string(fetched(s, "/api/v1/incidents/"+i.ID)), kind) {
			return i.ID
		}
	}
	t.Fatalf("no incident has %s", kind)
	return ""
}
