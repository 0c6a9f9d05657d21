package openapi

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"shapewatch/contracts"
	"shapewatch/contracts/shape"
	"shapewatch/contracts/splice"
)

// DeleteAfter is how long a field must be gone before a proposal deletes it;
// until then it is only marked as deprecated.
const DeleteAfter = 14 * 24 * time.Hour

// ProposeOptions say which contract is to be edited, and by what.
type ProposeOptions struct {
	File        string    // the contract, by the name that Read knows
	Read        Reader    // reads it, and the files that it refers to
	Places      []Place   // what was found, by operation
	Now         time.Time // to tell how long a field is gone
	DeleteAfter time.Duration
}

// A Place is one operation with what was found there.
type Place struct {
	Asked
	Media    string // of the answers; "" is any JSON
	Status   int    // of the answers; 0 is 200
	Findings []contracts.Finding
	Fields   []shape.Field     // what answers hold now: the baseline after the change was accepted, or one answer
	Habits   *contracts.Habits // what the signals are now; nil when unknown
}

// Propose works out the edits that would make a contract agree with what was
// found, one proposal for each file that is edited or that a finding is about,
// the contract itself first. It is pure: nothing is written. The error says
// that the contract cannot be read at all.
func Propose(o ProposeOptions) ([]contracts.Proposal, error) {
	if o.DeleteAfter == 0 {
		o.DeleteAfter = DeleteAfter
	}
	w, err := openWritten(o.File, o.Read)
	if err != nil {
		return nil, fmt.Errorf("contract %w", err)
	}
	a := &amender{written: w, ProposeOptions: o, drafts: map[string]*draft{}}
	said := a.said()
	for i, p := range o.Places {
		a.place(p, said[i])
	}
	return a.proposals(), nil
}

// An amender collects edits, by file.
type amender struct {
	*written
	ProposeOptions
	drafts map[string]*draft
	order  []string // of files

	trying bool // nothing is edited

	here   Place // the place at work, and what the contract has there
	op     spot
	answer spot
	fields fieldTree
}

// A draft is a file while it is edited.
type draft struct {
	before  []byte
	edits   []splice.Edit
	refused string
	changes []contracts.Change
}

func (a *amender) draft(name string) *draft {
	if d, ok := a.drafts[name]; ok {
		return d
	}
	d := &draft{}
	if f, err := a.open(name); err == nil {
		d.before = f.text
	}
	a.drafts[name], a.order = d, append(a.order, name)
	return d
}

// place edits what one operation's findings ask for; said are those of which
// the contract says so before any edit.
func (a *amender) place(p Place, said []bool) {
	a.here, a.fields = p, newFieldTree(p.Fields)
	for i, f := range p.Findings {
		if err := a.one(f); err != nil {
			a.skip(contracts.Change{Finding: f, Skipped: err.Error(), Said: agreed(err, said[i])})
		}
	}
}

// one sees to one finding. The error says why nothing is edited.
func (a *amender) one(f contracts.Finding) error {
	if err := a.locate(); err != nil {
		return err
	}
	return a.amend(f)
}

// said are, by place, the findings of which the contract says so as it is.
// What one edit says for two findings is not among them.
func (a *amender) said() [][]bool {
	a.trying = true
	defer func() { a.trying = false }()
	all := make([][]bool, len(a.Places))
	for i, p := range a.Places {
		a.here, a.fields = p, newFieldTree(p.Fields)
		for _, f := range p.Findings {
			all[i] = append(all[i], agreed(a.one(f), true) != "")
		}
	}
	return all
}

// locate finds the operation anew: every edit moves the document.
func (a *amender) locate() (err error) {
	a.root = spot{a.parsed[a.File], "", a.parsed[a.File].Root, 0}
	if a.op, err = a.operation(a.here.Asked); err != nil {
		return err
	}
	if a.dialect == jsonSchema {
		a.answer = a.op
		return nil
	}
	if a.answer, err = a.response(a.op, cmp.Or(a.here.Status, 200)); err != nil || a.answer.is() {
		return err
	}
	if fallback := a.op.get("responses", "default"); fallback.is() {
		a.answer, err = a.follow(fallback)
	}
	return err
}

func (a *amender) skip(c contracts.Change) {
	d := a.draft(a.File)
	d.changes = append(d.changes, c)
}

// An alreadySaid is why nothing is edited: the contract says it as it is.
type alreadySaid string

func (e alreadySaid) Error() string { return string(e) }

// agreed is what an error says of the contract; before is whether it says the
// same without edits.
func agreed(err error, before bool) contracts.Said {
	switch _, said := errors.AsType[alreadySaid](err); {
	case !said:
		return ""
	case before:
		return contracts.SaidBefore
	}
	return contracts.SaidByEdit
}

// An edit is what is done about one finding: all of it in one file.
type edit struct {
	at    spot
	words string
	ops   []splice.Edit
}

// errNothing begins the reasons why a finding asks for no edit.
const errNothing = alreadySaid("nothing to edit")

// change carries out an edit and notes it.
func (a *amender) change(f contracts.Finding, e edit) error {
	if len(e.ops) == 0 {
		return errNothing
	}
	if a.trying {
		return nil
	}
	file := e.at.file
	d := a.draft(file.name)
	d.changes = append(d.changes, contracts.Change{
		Finding: f, Words: e.words, Pointer: e.at.at, Line: lineOf(d.before, e.at), Shared: e.at.via,
	})
	d.edits = append(d.edits, e.ops...)
	return a.carryOut(d, file, e.ops)
}

// lineOf is the line of a place in the file before any edit, else the nearest
// place above it that was there.
func lineOf(before []byte, s spot) int {
	d, err := splice.Parse(before)
	if err != nil {
		return 1
	}
	for at := s.at; ; at = above(at) {
		if n, err := d.At(at); err == nil {
			return d.Line(n)
		}
		if at == "" {
			return 1
		}
	}
}

func above(pointer string) string {
	for i := len(pointer) - 1; i >= 0; i-- {
		if pointer[i] == '/' {
			return pointer[:i]
		}
	}
	return ""
}

// carryOut edits the file in place. What cannot be edited so goes on as a JSON
// rendition of the same file, on which the rest of the patch is worked out.
func (a *amender) carryOut(d *draft, f *file, ops []splice.Edit) error {
	text, err := splice.Apply(f.text, ops)
	if err != nil {
		if d.refused == "" {
			d.refused = err.Error()
		}
		if text, err = rendition(f.Document, ops); err != nil {
			return err
		}
	}
	parsed, err := splice.Parse(text)
	if err != nil {
		return err
	}
	next := &file{name: f.name, text: text, Document: parsed, uses: map[string]int{}}
	next.count(parsed.Root)
	a.parsed[f.name] = next
	return nil
}

func rendition(d *splice.Document, ops []splice.Edit) ([]byte, error) {
	v, err := d.Resolved()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return splice.Apply(text, ops)
}

// proposals are the files that were edited, each checked once more.
func (a *amender) proposals() (all []contracts.Proposal) {
	slices.SortStableFunc(a.order, func(x, y string) int { return cmp.Compare(first(x != a.File), first(y != a.File)) })
	for _, name := range a.order {
		d := a.drafts[name]
		p := contracts.Proposal{File: name, Before: d.before, Refused: d.refused, Changes: d.changes}
		if len(d.edits) > 0 {
			p.Patch, _ = splice.Patch(d.edits) // values that were made here
			if p.Refused == "" {
				p.After = a.parsed[name].text
			}
		}
		all = append(all, p)
	}
	if why := a.worse(); why != "" {
		for i := range all {
			if all[i].After != nil {
				all[i].After, all[i].Refused = nil, why
			}
		}
	}
	return all
}

func first(later bool) int {
	if later {
		return 1
	}
	return 0
}

// worse says why the contract cannot be read any more once it is edited, if it
// could be read before.
func (a *amender) worse() string {
	if a.dialect == jsonSchema || len(a.drafts) == 0 {
		return ""
	}
	before := func(name string) ([]byte, error) {
		if d, ok := a.drafts[name]; ok {
			return d.before, nil
		}
		return a.Read(name)
	}
	after := func(name string) ([]byte, error) {
		if f, ok := a.parsed[name]; ok {
			return f.text, nil
		}
		return a.Read(name)
	}
	if err := loadBy(a.File, before); err != nil {
		return ""
	}
	if err := loadBy(a.File, after); err != nil {
		return "the edited contract does not load: " + err.Error()
	}
	return ""
}

func loadBy(name string, read Reader) error {
	text, err := read(name)
	if err != nil {
		return err
	}
	_, err = Load(name, text, read)
	return err
}
