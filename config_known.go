package main

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"shapewatch/contracts"
	"shapewatch/probes"
)

// An overlay is the file beside a contract that lists where its answers are
// known to differ from it.
type overlay struct {
	shown, file string
	text        []byte // nil when there is no file
	entries     []knownEntry
}

// A knownEntry is one mismatch that people wrote down.
type knownEntry struct {
	at                                      place
	operation, path, kind, was, now, reason leaf[string]
	since                                   leaf[time.Time]
}

type knownBlock struct{ known []knownEntry }

// maxOverlay bounds the entries of one file.
const maxOverlay = 1000

const mismatchKind = "contract-mismatch"

var overlayKeys = block[knownBlock]{
	name: "Known mismatches", fresh: func() (b knownBlock) { return b },
	keys: []key[knownBlock]{
		{"known", "Where answers differ from the contract, and people know.", "[]",
			func(b *knownBlock) setting {
				return blocks[knownEntry]{into: &b.known, block: &knownKeys, fresh: func() (e knownEntry) { return e }}
			}},
	},
}

var knownKeys = block[knownEntry]{
	name: "Known mismatch", fresh: func() (e knownEntry) { return e }, needs: []string{"operation", "path", "now"},
	keys: []key[knownEntry]{
		{"operation", "The operation, as incidents name it.", "GET /v1/charges", func(e *knownEntry) setting { return a(&e.operation, aText) }},
		{"path", "Where in the answer; empty for all of it.", "/data/[]/amount", func(e *knownEntry) setting { return a(&e.path, anyPath) }},
		{"kind", "The detector that sees it.", mismatchKind, func(e *knownEntry) setting { return a(&e.kind, choice(mismatchKind)) }},
		{"was", "What the contract says there.", "integer", func(e *knownEntry) setting { return a(&e.was, aParam) }},
		{"now", "What answers say there.", "string", func(e *knownEntry) setting { return a(&e.now, aText) }},
		{"since", "When it was seen first.", "2026-11-27", func(e *knownEntry) setting { return a(&e.since, aDay) }},
		{"reason", "Why it may be so.", "reported to the vendor", func(e *knownEntry) setting { return a(&e.reason, aText) }},
	},
	after: func(_ *reader, e *knownEntry, f fields) { e.at = f.at[""] },
}

var (
	anyPath = kind[string]{words: "a path: /data/[]/amount", json: object{"type": "string"}, parse: func(s string) (string, error) {
		if s == "" {
			return s, nil
		}
		return s, checkPath(s)
	}}
	aDay = kind[time.Time]{words: "a day: 2026-11-27", json: object{"type": "string", "format": "date"}, parse: func(s string) (time.Time, error) {
		day, err := time.Parse(time.DateOnly, s)
		if err != nil {
			return day, wrong("year, month and day: 2026-11-27", "%q is no day", s)
		}
		return day, nil
	}}
)

// overlayEnding ends the names of such files.
const overlayEnding = ".known.yaml"

// overlayOf names the file of known mismatches of a contract:
// "contracts/stripe.known.yaml" of "contracts/stripe.yaml".
func overlayOf(contract string) string {
	return strings.TrimSuffix(contract, filepath.Ext(contract)) + overlayEnding
}

// know reads what is known of a probe's mismatches with its contract; nil when
// nobody wrote that down.
func (m *assembly) know(b *probeBlock, p probes.Probe) []contracts.Finding {
	shown, file := b.known.value, b.known.file()
	if a, agreed := m.agreements[p.ID]; file == "" && agreed {
		shown, file = overlayOf(a.shown), overlayOf(a.file)
	}
	if b.contract.text == "" || file == "" {
		return nil
	}
	o := m.overlays[file]
	if o == nil {
		o = m.overlay(shown, file)
		m.overlays[file] = o
	}
	m.known[p.ID] = o
	if o.text == nil {
		return nil
	}
	known := []contracts.Finding{} // that nothing is known is something, too
	for _, e := range o.of(p.Operation) {
		known = append(known, e.finding(p))
	}
	return known
}

// overlay reads a file of known mismatches; one that is not there lists none.
func (m *assembly) overlay(shown, file string) *overlay {
	o := &overlay{shown: shown, file: file}
	text, err := readBounded(file, maxFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return o
	case err != nil:
		m.problem(place{src: &source{name: file}}, "shapewatch contract status --write writes such a file", "%s", reason(err))
		return o
	}
	o.text = text
	var b knownBlock
	m.aside(file, text, in(&b, &overlayKeys))
	o.entries = b.known[:min(len(b.known), maxOverlay)]
	for i, e := range o.entries {
		if slices.ContainsFunc(o.entries[:i], e.same) {
			m.problem(e.at, "one entry for each operation, path and now", "it is listed twice")
		}
	}
	if len(b.known) > maxOverlay {
		m.problem(b.known[maxOverlay].at, "a contract that is wrong in so many places is better corrected: shapewatch contract propose", "more than %d known mismatches", maxOverlay)
	}
	return o
}

// of are the entries of an operation.
func (o *overlay) of(operation string) (entries []knownEntry) {
	for _, e := range o.entries {
		if e.operation.value == operation {
			entries = append(entries, e)
		}
	}
	return entries
}

func (e knownEntry) same(other knownEntry) bool {
	return e.operation.value == other.operation.value && e.path.value == other.path.value && e.now.value == other.now.value
}

// finding is an entry as the core knows it.
func (e knownEntry) finding(p probes.Probe) contracts.Finding {
	return contracts.Finding{
		API: p.API, Operation: p.Operation, Kind: mismatchKind, Path: e.path.value,
		Was: "contract: " + e.was.value, Now: e.now.value, Evidence: contracts.Evidence{Since: e.since.value},
	}
}
