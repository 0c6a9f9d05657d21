package detectors

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"shapewatch/contracts"
	"shapewatch/contracts/shape"
)

func contractMismatch() contracts.Detector {
	return contracts.Detector{
		Name:     "contract-mismatch",
		Severity: contracts.Breaking,
		Rule:     contracts.Rule{Prior: 100, Agreed: true},
		Detect:   findMismatches,
		Doc: `The answer breaks the contract

**What it means for you.** The OpenAPI document that you named promises something that the answer does not keep: a required field, a type, a set of values. Clients generated from it break.

**A real one.** GitHub's published description lists required properties that answers leave out and forbids nulls that answers hold (rest-api-description, issues 486 and 4531).

**How it decides.** The answer is held against the document: types, required properties, nulls, enums, date and UUID formats, and properties where additional ones are forbidden. What was so in the first five answers is parked as known, for a document that was always wrong is no news; only a change alerts. When another detector sees the same change, it is told once, as that change, and as breaking.

**Tuning.** ` + "`ignore`" + ` a path, or correct the document.`,
	}
}

// maxMismatches bounds what one answer is told to break.
const maxMismatches = 100

func findMismatches(c *contracts.Comparison) []contracts.Finding {
	agreed := c.Agreed()
	if agreed == nil {
		return nil
	}
	w := walker{children: map[string][]*shape.Field{}}
	now := c.Now()
	for i := range now {
		if now[i].Depth > 0 {
			w.children[now[i].Parent] = append(w.children[now[i].Parent], &now[i])
		}
	}
	if root, ok := c.NowAt(""); ok {
		w.walk(root, options(agreed, nil, 0))
	}
	return w.found
}

// A walker holds the fields of an answer against a schema. A field may be held
// against several alternatives at once: what one of them allows is allowed,
// what all of them require is required.
type walker struct {
	children map[string][]*shape.Field
	found    []contracts.Finding
}

// maxOptions bounds the alternatives of one place.
const maxOptions = 32

// options spreads a schema into its alternatives.
func options(s *contracts.Schema, all []*contracts.Schema, depth int) []*contracts.Schema {
	if len(all) >= maxOptions || depth > 8 {
		return all
	}
	if s == nil {
		s = &contracts.Schema{}
	}
	if len(s.AnyOf) == 0 {
		return append(all, s)
	}
	for _, a := range s.AnyOf {
		all = options(a, all, depth+1)
	}
	return all
}

func (w *walker) walk(f *shape.Field, agreed []*contracts.Schema) {
	if len(agreed) == 0 || len(agreed) >= maxOptions || len(w.found) >= maxMismatches {
		return
	}
	w.value(f, agreed)
	if f.Has(shape.Object) {
		w.record(f, agreed)
	}
	if f.Has(shape.Array) {
		w.items(f, agreed)
	}
}

func (w *walker) value(f *shape.Field, agreed []*contracts.Schema) {
	_ = w.kind(f, agreed) || w.null(f, agreed) || w.enum(f, agreed) || w.format(f, agreed)
}

func (w *walker) tell(path, was, now string, severity contracts.Severity, seen, of uint64) bool {
	w.found = append(w.found, contracts.Finding{
		Path: path, Was: "contract: " + was, Now: now, Severity: severity,
		Evidence: contracts.Evidence{NowSeen: seen, NowOf: of},
	})
	return true
}

func (w *walker) kind(f *shape.Field, agreed []*contracts.Schema) bool {
	var odd uint64
	for k, n := range f.Kinds {
		if k := shape.Kind(k); n > 0 && k != shape.Null && !slices.ContainsFunc(agreed, func(s *contracts.Schema) bool { return allows(s, k) }) {
			odd += n
		}
	}
	return odd > 0 && w.tell(f.Path, allowed(agreed), kinds(f), contracts.Breaking, odd, f.Count)
}

func allows(s *contracts.Schema, k shape.Kind) bool {
	if len(s.Kinds) == 0 || slices.Contains(s.Kinds, k.String()) {
		return true
	}
	return (k == shape.Int || k == shape.Frac) && slices.Contains(s.Kinds, "number")
}

func allowed(agreed []*contracts.Schema) string {
	var names []string
	for _, s := range agreed {
		for _, k := range s.Kinds {
			if !slices.Contains(names, k) {
				names = append(names, k)
			}
		}
	}
	return strings.Join(names, " or ")
}

func (w *walker) null(f *shape.Field, agreed []*contracts.Schema) bool {
	n := f.Kinds[shape.Null]
	if n == 0 || slices.ContainsFunc(agreed, func(s *contracts.Schema) bool { return s.Nullable || len(s.Kinds) == 0 && len(s.Enum) == 0 }) {
		return false
	}
	return w.tell(f.Path, cmp.Or(allowed(agreed), "a value")+", not null", "null", contracts.Breaking, n, f.Count)
}

func (w *walker) enum(f *shape.Field, agreed []*contracts.Schema) bool {
	if f.Kinds[shape.String] == 0 || slices.ContainsFunc(agreed, func(s *contracts.Schema) bool { return len(s.Enum) == 0 }) {
		return false
	}
	var odd uint64
	var names []string
	for _, v := range f.Values.List {
		if v.Text != "" && !slices.ContainsFunc(agreed, func(s *contracts.Schema) bool { return s.Names(v.Text) }) {
			odd += v.Count
			names = append(names, v.Text)
		}
	}
	return odd > 0 && w.tell(f.Path, "one of "+plural(uint64(len(agreed[0].Enum)), "value"), "another value"+listed(names), contracts.Warning, odd, f.Count)
}

// strict are the formats that a document means when it names them.
var strict = []string{"date-time", "date", "uuid"}

func (w *walker) format(f *shape.Field, agreed []*contracts.Schema) bool {
	want := agreed[0].Format
	if len(agreed) != 1 || !slices.Contains(strict, want) || f.Kinds[shape.String] <= f.EmptyStrings || seenFormat(f, want) {
		return false
	}
	form := "plain text"
	if len(f.Formats) > 0 {
		form = cmp.Or(f.Formats[0].Format, form)
	}
	return w.tell(f.Path, want, form, contracts.Warning, f.Kinds[shape.String], f.Count)
}

func (w *walker) record(f *shape.Field, agreed []*contracts.Schema) {
	var records []*contracts.Schema
	for _, s := range agreed {
		if allows(s, shape.Object) {
			records = append(records, s)
		}
	}
	if len(records) == 0 || f.IsMap {
		return
	}
	w.required(f, records)
	for _, child := range w.children[f.Path] {
		if child.Name == "[]" {
			continue
		}
		var next []*contracts.Schema
		for _, s := range records {
			if p, free := property(s, child.Name); free {
				next = options(p, next, 0)
			}
		}
		if len(next) == 0 {
			w.tell(child.Path, "no such field", kinds(child), contracts.Warning, child.Count, child.Parents)
			continue
		}
		w.walk(child, next)
	}
}

// property is what a schema says about a key, and whether it allows the key.
func property(s *contracts.Schema, name string) (p *contracts.Schema, allowed bool) {
	if p, ok := s.Properties[name]; ok {
		return p, true
	}
	return s.Extra, !s.Closed
}

func (w *walker) required(f *shape.Field, records []*contracts.Schema) {
	objects := f.Kinds[shape.Object]
	for _, name := range records[0].Required {
		if slices.ContainsFunc(records, func(s *contracts.Schema) bool { return !slices.Contains(s.Required, name) }) {
			continue
		}
		var there uint64
		for _, child := range w.children[f.Path] {
			if child.Name == name {
				there = child.Count
			}
		}
		switch {
		case there == 0:
			w.tell(join(f.Path, name), "required", "missing", contracts.Breaking, objects, objects)
		case there < objects:
			w.tell(join(f.Path, name), "required", "missing in places", contracts.Breaking, objects-there, objects)
		}
	}
}

func join(path, name string) string {
	return fmt.Sprintf("%s/%s", path, strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
}

func (w *walker) items(f *shape.Field, agreed []*contracts.Schema) {
	var next []*contracts.Schema
	for _, s := range agreed {
		if allows(s, shape.Array) {
			next = options(s.Items, next, 0)
		}
	}
	for _, child := range w.children[f.Path] {
		if child.Name == "[]" {
			w.walk(child, next)
		}
	}
}
