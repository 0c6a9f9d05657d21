package splice

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// An Op says what an [Edit] does, in the words of JSON Patch (RFC 6902).
type Op string

// The operations.
const (
	Add     Op = "add"     // a key that is not there yet, or an item of a list ("-": at its end)
	Replace Op = "replace" // what stands there
	Remove  Op = "remove"
)

// An Edit is one change of a document.
type Edit struct {
	Op    Op
	Path  string // JSON Pointer
	Value Value  // of Add and Replace
	After string // of Add of a key: the key to stand behind when keys are in no order; "" is the last
}

// MarshalJSON writes the edit as an operation of a JSON Patch.
func (e Edit) MarshalJSON() ([]byte, error) {
	patch := Object{{"op", string(e.Op)}, {"path", e.Path}}
	if e.Op != Remove {
		patch = append(patch, Field{"value", e.Value})
	}
	return json.Marshal(patch)
}

// Patch writes edits as a JSON Patch document, for a reader or a program that
// applies them itself.
func Patch(edits []Edit) ([]byte, error) {
	text, err := json.MarshalIndent(edits, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("JSON Patch: %w", err)
	}
	return append(text, '\n'), nil
}

// Apply carries out edits, each on what the one before it left, and returns
// the new document. The error names the edit that cannot be done in place and
// says why; the document is then to be left alone.
func Apply(text []byte, edits []Edit) ([]byte, error) {
	d, err := Parse(text)
	if err != nil {
		return nil, err
	}
	for _, e := range edits {
		if d, err = d.apply(e); err != nil {
			return nil, fmt.Errorf("%s %s: %w", e.Op, short(e.Path), err)
		}
	}
	return d.text, nil
}

// apply carries out one edit and holds the outcome against its meaning.
func (d *Document) apply(e Edit) (*Document, error) {
	want, err := meant(d.Meaning(), e)
	if err != nil {
		return nil, err
	}
	at, to, insert, err := d.splice(e)
	if err != nil {
		return nil, err
	}
	text := slices.Concat(d.text[:at], []byte(insert), d.text[to:])
	next, err := Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUnsafe, err)
	}
	if !Same(want, next.Meaning()) {
		return nil, fmt.Errorf("%w: it would read otherwise than meant", errUnsafe)
	}
	next.style = d.style // of the document as people wrote it
	return next, nil
}

// splice says which bytes an edit replaces, and by what.
func (d *Document) splice(e Edit) (at, to int, insert string, err error) {
	above, last := parent(e.Path)
	holder, err := d.At(above)
	if err != nil {
		return 0, 0, "", err
	}
	switch {
	case e.Path == "":
		return 0, 0, "", fmt.Errorf("the whole document %w", errUnsafe)
	case e.Op == Add && holder.Kind == Sequence:
		return d.addItem(holder, e.Value)
	case e.Op == Add:
		return d.addMember(holder, last, e)
	case e.Op == Remove:
		return d.remove(holder, last)
	}
	return d.replace(holder, last, e.Value)
}

// meant applies an edit to a value.
func meant(v Value, e Edit) (Value, error) {
	path := steps(e.Path)
	if len(path) == 0 {
		return nil, fmt.Errorf("the whole document %w", errUnsafe)
	}
	return mean(v, path, e)
}

func mean(v Value, path []string, e Edit) (Value, error) {
	switch v := v.(type) {
	case Object:
		return meanMember(v, path, e)
	case List:
		return meanItem(v, path, e)
	}
	if _, ok := v.(aliased); ok {
		return nil, fmt.Errorf("what an alias stands for %w", errUnsafe)
	}
	return nil, fmt.Errorf("there is nothing to hold %q", short(path[0]))
}

func meanMember(v Object, path []string, e Edit) (Value, error) {
	i := slices.IndexFunc(v, func(f Field) bool { return f.Name == path[0] })
	switch {
	case len(path) == 1 && e.Op == Add && i < 0:
		return append(slices.Clone(v), Field{path[0], e.Value}), nil
	case len(path) == 1 && e.Op == Add:
		return nil, fmt.Errorf("there is a %q already", short(path[0]))
	case i < 0 && slices.ContainsFunc(v, func(f Field) bool { return f.Name == "<<" }):
		return nil, fmt.Errorf("a merged key %w", errUnsafe)
	case i < 0:
		return nil, fmt.Errorf("there is no %q", short(path[0]))
	case len(path) == 1 && e.Op == Remove:
		return slices.Delete(slices.Clone(v), i, i+1), nil
	}
	changed := slices.Clone(v)
	if len(path) == 1 {
		changed[i].Value = e.Value
		return changed, nil
	}
	next, err := mean(v[i].Value, path[1:], e)
	changed[i].Value = next
	return changed, err
}

func meanItem(v List, path []string, e Edit) (Value, error) {
	if len(path) == 1 && e.Op == Add && path[0] == "-" {
		return append(slices.Clone(v), e.Value), nil
	}
	i, err := strconv.Atoi(path[0])
	if err != nil || i < 0 || i >= len(v) {
		return nil, fmt.Errorf("there is no item %s", short(path[0]))
	}
	changed := slices.Clone(v)
	switch {
	case len(path) > 1:
		next, err := mean(v[i], path[1:], e)
		changed[i] = next
		return changed, err
	case e.Op == Replace:
		changed[i] = e.Value
		return changed, nil
	case e.Op == Remove:
		return slices.Delete(changed, i, i+1), nil
	}
	return nil, fmt.Errorf("an item can be added at the end only: %q", "-")
}
