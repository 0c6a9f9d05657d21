package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shapewatch/contracts"
	"shapewatch/monitor"
	"shapewatch/probes"
)

// overlayIn reads a file of known mismatches that holds this text; none for "".
func overlayIn(t *testing.T, text string) *overlay {
	t.Helper()
	file := filepath.Join(t.TempDir(), "shop.known.yaml")
	if text != "" {
		lay(t, file, text)
	}
	return (&assembly{reader: &reader{}}).overlay("shop.known.yaml", file)
}

// reviewAt is what a probe of an operation says of a file.
func reviewAt(o *overlay, probe string, known ...contracts.Mismatch) *review {
	return reviewOf(heldContract{Probe: probe, Operation: "GET /orders", Source: "shop.yaml", Answers: 60, Known: known}, o)
}

// TestContractWrite_IsReadBack: whatever vendors call their keys, and as many
// as there may be.
func TestContractWrite_IsReadBack(t *testing.T) {
	var known []contracts.Mismatch
	for i, path := range []string{"", "/a/", "//", "/filter[name]", "/a~1b/[]/x", "/odd\u0085\ufffe\uffff\u007f\ufeff\u2028", `/q"'\\`, "/ space: #"} {
		known = append(known, mismatchOf(path, "in\u0085teger", fmt.Sprint("null", i), 0))
	}
	for i := range maxOverlay - len(known) {
		known = append(known, mismatchOf(fmt.Sprintf("/many/%d", i), "integer", "string", 0))
	}
	o := overlayIn(t, "")
	if err := writeReviews([]*review{reviewAt(o, "shop/a", known...)}, time.Time{}, io.Discard); err != nil {
		t.Fatal(err)
	}
	r := &assembly{reader: &reader{}}
	again := r.overlay("shop.known.yaml", o.file)
	if len(r.problems) > 0 || len(again.entries) != len(known) {
		t.Fatalf("%d of %d entries: %v", len(again.entries), len(known), r.problems)
	}
	for i, e := range again.entries {
		if e.path.value != known[i].Path || e.was.value != strings.TrimPrefix(known[i].Was, "contract: ") {
			t.Errorf("entry %d: %q %q, want %q %q", i, e.path.value, e.was.value, known[i].Path, known[i].Was)
		}
	}
}

func TestContractWrite_RefusesWhatIsNotReadBack(t *testing.T) {
	var known []contracts.Mismatch
	for i := range maxOverlay + 1 {
		known = append(known, mismatchOf(fmt.Sprintf("/many/%d", i), "integer", "string", 0))
	}
	o := overlayIn(t, "")
	err := writeReviews([]*review{reviewAt(o, "shop/a", known...)}, time.Time{}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "could not be read back") || !strings.Contains(err.Error(), "more than 600 known mismatches") {
		t.Errorf("error: %v", err)
	}
	if _, err := os.Stat(o.file); err == nil {
		t.Error("the file was written")
	}
}

const twoKnown = `known:
  - { operation: GET /orders, path: /total, now: string }
  - { operation: GET /orders, path: /note, now: "null" }
`

// TestContractWrite_OfTwoProbesOneNeverSawIt: it has no say in what is over.
func TestContractWrite_OfTwoProbesOneNeverSawIt(t *testing.T) {
	o := overlayIn(t, twoKnown)
	over := reviewAt(o, "eu/a", mismatchOf("/total", "number", "string", 30), mismatchOf("/note", "string", "null", 30))
	holds := reviewAt(o, "us/a", mismatchOf("/note", "string", "null", 0))
	if err := writeReviews([]*review{over, holds}, time.Time{}, io.Discard); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(o.file)
	if strings.Contains(string(text), "/total") || !strings.Contains(string(text), "/note") {
		t.Errorf("the file:\n%s", text)
	}
}

func TestContractWrite_AsksAllThatShareAFile(t *testing.T) {
	shared, other := &overlay{}, &overlay{}
	c := &Config{known: map[string][]knownPart{"eu/a": {{overlay: shared}}, "us/a": {{overlay: other, step: "find"}, {overlay: shared, step: "make"}}, "shop/a": {{overlay: other}}}}
	for _, id := range []string{"eu/a", "eu/b", "us/a", "us/b", "shop/a"} {
		c.watches = append(c.watches, monitor.Watch{Probe: probes.Probe{ID: id}})
	}
	var got []string
	for _, w := range c.sharing(c.watches[:2]) {
		got = append(got, w.Probe.ID)
	}
	if fmt.Sprint(got) != "[eu/a eu/b us/a]" {
		t.Errorf("asks %v", got)
	}
}

func TestContractWrite_LeavesAloneWhatWasEditedMeanwhile(t *testing.T) {
	for _, before := range []string{"", twoKnown} {
		o := overlayIn(t, before)
		lay(t, o.file, "known: [] # mine\n")
		err := writeReviews([]*review{reviewAt(o, "shop/a", mismatchOf("/eur", "integer", "string", 0))}, time.Time{}, io.Discard)
		if err == nil || !strings.HasSuffix(err.Error(), "was edited meanwhile: it is left alone") {
			t.Errorf("error: %v", err)
		}
		if text, _ := os.ReadFile(o.file); string(text) != "known: [] # mine\n" {
			t.Errorf("the file:\n%s", text)
		}
	}
}

func TestContractWrite_KeepsLinks(t *testing.T) {
	o := overlayIn(t, "")
	kept := filepath.Join(t.TempDir(), "kept.yaml")
	lay(t, kept, twoKnown)
	if err := os.Symlink(kept, o.file); err != nil {
		t.Skip(err)
	}
	o = (&assembly{reader: &reader{}}).overlay("shop.known.yaml", o.file)
	if err := writeReviews([]*review{reviewAt(o, "shop/a", mismatchOf("/eur", "integer", "string", 0))}, time.Time{}, io.Discard); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(kept); !strings.Contains(string(text), "/eur") {
		t.Errorf("behind the link:\n%s", text)
	}
	if to, err := os.Readlink(o.file); err != nil || to != kept {
		t.Errorf("the link: %q %v", to, err)
	}
}
