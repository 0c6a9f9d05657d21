package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"shapewatch/contracts"
	"shapewatch/monitor"
	"shapewatch/probes"
	"shapewatch/workflows"
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

// maxOverlay bounds the entries of one file: with every key of each, they are
// fewer values than a file may have.
const maxOverlay = 600

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
		return s, checkPointer(s)
	}}
	aDay = kind[time.Time]{words: "a day: 2026-11-27", json: object{"type": "string", "format": "date"}, parse: func(s string) (time.Time, error) {
		day, err := time.Parse(time.DateOnly, s)
		if err != nil {
			return day, wrong("year, month and day: 2026-11-27", "%q is no day", s)
		}
		return day, nil
	}}
)

// checkPointer takes whatever vendors call their keys: empty names and brackets,
// too, which in what people write themselves are slips.
func checkPointer(s string) error {
	if s == "" || strings.HasPrefix(s, "/") && !badEscape.MatchString(s) {
		return nil
	}
	return checkPath(s)
}

// overlayEnding ends the names of such files.
const overlayEnding = ".known.yaml"

// overlayOf names the file of known mismatches of a contract:
// "contracts/stripe.known.yaml" of "contracts/stripe.yaml".
func overlayOf(contract string) string {
	return strings.TrimSuffix(contract, filepath.Ext(contract)) + overlayEnding
}

// A knownPart is the file that speaks of a probe's answer, or of what one step
// of a workflow got.
type knownPart struct {
	*overlay
	operation string // by which the file's entries name it
	source    string // of the contract, as the configuration names it
	step      string // empty for the whole answer
}

// at is where the part lies in the whole answer.
func (p knownPart) at() string {
	if p.step == "" {
		return ""
	}
	return contracts.StepPath(p.step)
}

// know reads what is known of a probe's mismatches with its contract; nil when
// nobody wrote that down.
func (m *assembly) know(b *probeBlock, p probes.Probe) []contracts.Finding {
	return m.knowPart(b, p, p, "")
}

// knowSteps reads the same of the steps of a workflow, whose answers are held
// against documents.
func (m *assembly) knowSteps(b *probeBlock, w monitor.Watch) (known []contracts.Finding) {
	steps := slices.Concat(w.Workflow.Steps, w.Workflow.Cleanup)
	for i, s := range slices.Concat(b.workflow, b.cleanup) {
		asked, p := s.asked(b), steps[i].Ask
		p.ID = workflows.StepID(w.Probe.ID, s.name.value)
		if _, agreed := m.agreements[p.ID]; agreed || isURL(asked.contract.value) {
			known = append(known, m.knowPart(&asked, w.Probe, p, s.name.value)...)
		}
	}
	return known
}

// knowPart reads what is known of an answer, or of that of a step.
func (m *assembly) knowPart(b *probeBlock, whole, p probes.Probe, step string) []contracts.Finding {
	shown, file := b.known.value, b.known.file()
	source := b.contract.value
	if a, agreed := m.agreements[p.ID]; agreed {
		source = a.shown
		if file == "" {
			shown, file = overlayOf(a.shown), overlayOf(a.file)
		}
	}
	if b.contract.text == "" || file == "" {
		return nil
	}
	o := m.overlays[file]
	if o == nil {
		o = m.overlay(shown, file)
		m.overlays[file] = o
	}
	part := knownPart{o, p.Operation, source, step}
	m.known[whole.ID] = append(m.known[whole.ID], part)
	if o.text == nil {
		return nil
	}
	known := []contracts.Finding{} // that nothing is known is something, too
	for _, e := range o.of(part.operation) {
		f := e.finding(whole)
		f.Path = part.at() + f.Path
		known = append(known, f)
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
	o.entries = m.entries(file, text)
	return o
}

// entries reads the text of such a file.
func (r *reader) entries(file string, text []byte) []knownEntry {
	var b knownBlock
	r.aside(file, text, in(&b, &overlayKeys))
	entries := b.known[:min(len(b.known), maxOverlay)]
	for i, e := range entries {
		if slices.ContainsFunc(entries[:i], e.same) {
			r.problem(e.at, "one entry for each operation, path and now", "it is listed twice")
		}
	}
	if len(b.known) > maxOverlay {
		r.problem(b.known[maxOverlay].at, "a contract that is wrong in so many places is better corrected: shapewatch contract propose", "more than %d known mismatches", maxOverlay)
	}
	return entries
}

// checkOverlay reads the text of such a file as a start would; the error says,
// with places, what a start would not take.
func checkOverlay(file string, text []byte) error {
	if len(text) > maxFile {
		return fmt.Errorf("%s: larger than %s", file, printSize(maxFile))
	}
	r := &reader{}
	if r.entries(file, text); len(r.problems) > 0 {
		return &configError{problems: sortProblems(r.problems, r.files)}
	}
	return nil
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
