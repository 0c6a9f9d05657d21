package splice

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// A Value is what an edit puts into a document: nil, bool, string, [Number],
// [Object] or [List].
type Value any

// A Number is a number literal as it is written.
type Number string

// An Object is a mapping with the order of its keys.
type Object []Field

// A Field is one key of an [Object].
type Field struct {
	Name  string
	Value Value
}

// A List is a sequence.
type List []Value

// MarshalJSON writes the literal.
func (n Number) MarshalJSON() ([]byte, error) {
	if !json.Valid([]byte(n)) {
		return json.Marshal(string(n)) // YAML knows numbers that JSON does not
	}
	return []byte(n), nil
}

// MarshalJSON writes the keys in their order.
func (o Object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, f := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, _ := json.Marshal(f.Name)
		value, err := json.Marshal(f.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", short(f.Name), err)
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// aliased is what stands for an alias in a meaning.
type aliased string

// Meaning is the node as a value: what its bytes say, and not how they say it.
func (n *Node) Meaning() Value {
	switch n.Kind {
	case Mapping:
		o := make(Object, len(n.Members))
		for i, m := range n.Members {
			o[i] = Field{m.Name(), m.Value.Meaning()}
		}
		return o
	case Sequence:
		l := make(List, len(n.Items))
		for i, item := range n.Items {
			l[i] = item.Meaning()
		}
		return l
	case Alias:
		return aliased(n.Text())
	}
	return n.Value
}

// Meaning is the whole document as a value.
func (d *Document) Meaning() Value { return d.Root.Meaning() }

// Resolved is the document as a value without aliases and merged keys, as a
// program reads it. The error says that they would make it too large.
func (d *Document) Resolved() (Value, error) {
	r := resolver{left: maxResolved}
	v := r.value(d.Root, 0)
	if r.left <= 0 {
		return nil, fmt.Errorf("aliases that make the document too large")
	}
	return v, nil
}

// maxResolved bounds the nodes that aliases may multiply to.
const maxResolved = 2_000_000

type resolver struct{ left int }

func (r *resolver) value(n *Node, depth int) Value {
	if n = n.behind(); n == nil || depth > maxDepth || r.left <= 0 {
		r.left = 0
		return nil
	}
	r.left--
	switch n.Kind {
	case Mapping:
		return r.object(n, depth)
	case Sequence:
		l := make(List, len(n.Items))
		for i, item := range n.Items {
			l[i] = r.value(item, depth+1)
		}
		return l
	}
	return n.Value
}

func (r *resolver) object(n *Node, depth int) Object {
	o := make(Object, 0, len(n.Members))
	for _, m := range n.Members {
		if m.Name() != "<<" {
			o = append(o, Field{m.Name(), r.value(m.Value, depth+1)})
		}
	}
	for _, merged := range n.merged() {
		from, _ := r.value(merged, depth+1).(Object)
		for _, f := range from {
			if !slices.ContainsFunc(o, func(g Field) bool { return g.Name == f.Name }) {
				o = append(o, f)
			}
		}
	}
	return o
}

// Same reports whether two values mean the same. The order of keys has no
// meaning.
func Same(a, b Value) bool {
	switch x := a.(type) {
	case Object:
		y, ok := b.(Object)
		return ok && sameFields(x, y)
	case List:
		y, ok := b.(List)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !Same(x[i], y[i]) {
				return false
			}
		}
		return true
	}
	switch b.(type) {
	case Object, List:
		return false
	}
	return a == b
}

func sameFields(x, y Object) bool {
	if len(x) != len(y) {
		return false
	}
	var names map[string]Value
	for i := range x {
		if y[i].Name == x[i].Name {
			if !Same(x[i].Value, y[i].Value) {
				return false
			}
			continue
		}
		if names == nil {
			names = make(map[string]Value, len(y))
			for _, f := range y {
				names[f.Name] = f.Value
			}
		}
		if v, ok := names[x[i].Name]; !ok || !Same(x[i].Value, v) {
			return false
		}
	}
	return true
}
