package openapi

import (
	"slices"

	"shapewatch/contracts/shape"
	"shapewatch/contracts/splice"
)

// A dialect is the way in which a document writes schemas.
type dialect uint8

// The dialects.
const (
	swagger2 dialect = iota
	openapi30
	openapi31  // and later: JSON Schema 2020-12
	jsonSchema // a schema alone
)

// typeLists reports whether null is a type among others.
func (d dialect) typeLists() bool { return d >= openapi31 }

// A fieldTree finds the fields below a field.
type fieldTree struct {
	byPath   map[string]*shape.Field
	children map[string][]*shape.Field
}

func newFieldTree(fields []shape.Field) fieldTree {
	t := fieldTree{byPath: make(map[string]*shape.Field, len(fields)), children: map[string][]*shape.Field{}}
	for i := range fields {
		f := &fields[i]
		t.byPath[f.Path] = f
		if f.Depth > 0 {
			t.children[f.Parent] = append(t.children[f.Parent], f)
		}
	}
	return t
}

// A describer writes what was seen at a path as a schema.
type describer struct {
	fieldTree
	dialect  dialect
	required uint64 // answers from which a field that was always there is called required
	examples bool   // values of small sets that are not closed
	bare     bool   // no formats, values and examples
	shared   func(path string) (ref string, ok bool)
}

// A kindSet is the JSON Schema types of a field, null apart.
func kindSet(f *shape.Field) (kinds []string, null bool) {
	for k := range shape.NumKinds {
		switch {
		case !f.Has(k):
		case k == shape.Null:
			null = true
		case k == shape.Int && f.Has(shape.Frac): // every integer is a number
		default:
			kinds = append(kinds, k.String())
		}
	}
	return kinds, null
}

// describe is the schema of what was seen at a path. An object whose shape is
// shared is a reference.
func (d *describer) describe(f *shape.Field) splice.Value {
	kinds, null := kindSet(f)
	if d.shared != nil && len(kinds) == 1 && kinds[0] == "object" {
		if ref, ok := d.shared(f.Path); ok {
			return d.orNull(splice.Object{{Name: "$ref", Value: ref}}, null)
		}
	}
	return d.own(f)
}

// own is the schema itself, whether it is shared or not.
func (d *describer) own(f *shape.Field) splice.Value {
	kinds, null := kindSet(f)
	if len(kinds) > 1 && !d.dialect.typeLists() {
		return d.alternatives(f, kinds, null)
	}
	s := d.typed(kinds, null)
	return append(s, d.details(f, kinds, null)...)
}

// typed is the type of a schema, null included in the way of the dialect.
func (d *describer) typed(kinds []string, null bool) splice.Object {
	list := splice.List{}
	for _, k := range kinds {
		list = append(list, k)
	}
	switch {
	case d.dialect.typeLists() && null:
		list = append(list, "null")
	case null && len(kinds) > 0:
		return append(d.typed(kinds, false), d.nullable())
	case null:
		return splice.Object{d.nullable()}
	}
	switch len(list) {
	case 0:
		return splice.Object{}
	case 1:
		return splice.Object{{Name: "type", Value: list[0]}}
	}
	return splice.Object{{Name: "type", Value: list}}
}

func (d *describer) nullable() splice.Field {
	if d.dialect == swagger2 {
		return splice.Field{Name: "x-nullable", Value: true}
	}
	return splice.Field{Name: "nullable", Value: true}
}

// orNull lets a reference be null.
func (d *describer) orNull(ref splice.Object, null bool) splice.Value {
	switch {
	case !null:
		return ref
	case d.dialect.typeLists():
		return splice.Object{{Name: "anyOf", Value: splice.List{ref, splice.Object{{Name: "type", Value: "null"}}}}}
	}
	return splice.Object{d.nullable(), {Name: "allOf", Value: splice.List{ref}}}
}

// alternatives are several types where the dialect has no list of them.
func (d *describer) alternatives(f *shape.Field, kinds []string, null bool) splice.Value {
	all := splice.List{}
	for _, k := range kinds {
		one := splice.Object{{Name: "type", Value: k}}
		all = append(all, append(one, d.details(f, []string{k}, false)...))
	}
	if d.dialect == swagger2 { // knows no alternatives: anything goes
		return splice.Object{}
	}
	s := splice.Object{{Name: "anyOf", Value: all}}
	if null {
		s = append(splice.Object{d.nullable()}, s...)
	}
	return s
}

// details are what a schema says beside its types.
func (d *describer) details(f *shape.Field, kinds []string, null bool) (s splice.Object) {
	if slices.Contains(kinds, "string") && len(kinds) == 1 {
		s = append(s, d.text(f, null)...)
	}
	if slices.Contains(kinds, "array") {
		s = append(s, splice.Field{Name: "items", Value: d.items(f)})
	}
	if slices.Contains(kinds, "object") {
		s = append(s, d.members(f)...)
	}
	return s
}

// agreedFormats are the formats that documents have a word for.
var agreedFormats = []string{"date-time", "date", "uuid", "email", "uri", "hostname", "ipv4", "ipv6"}

// formatOf is the format that all texts of a field have; "" for none.
func formatOf(f *shape.Field) string {
	if len(f.Formats) != 1 || f.EmptyStrings > 0 || f.Kinds[shape.String] == 0 {
		return ""
	}
	if format := f.Formats[0].Format; slices.Contains(agreedFormats, format) && f.Formats[0].Share == 1 {
		return format
	}
	return ""
}

func (d *describer) text(f *shape.Field, null bool) (s splice.Object) {
	if d.bare {
		return nil
	}
	if format := formatOf(f); format != "" {
		return splice.Object{{Name: "format", Value: format}}
	}
	values, closed := enumOf(f)
	if !closed {
		return d.example(f)
	}
	list := splice.List{}
	for _, v := range values {
		list = append(list, v)
	}
	if null {
		list = append(list, nil)
	}
	return splice.Object{{Name: "enum", Value: list}}
}

// example is the one value that was ever seen, when it is a short word that
// cannot be private.
func (d *describer) example(f *shape.Field) splice.Object {
	v := f.Values
	if !d.examples || !v.Exact || len(v.List) != 1 || v.List[0].Text == "" || f.Count < surely || f.MaybeID() || f.InMap {
		return nil
	}
	return splice.Object{{Name: "examples", Value: splice.List{v.List[0].Text}}}
}

// enumOf are the values of a closed set of short words, sorted.
func enumOf(f *shape.Field) (values []string, closed bool) {
	v := f.Values
	if !v.Closed || !v.Exact || v.Distinct < 2 || v.Distinct > 24 || f.MaybeID() || f.EmptyStrings > 0 {
		return nil, false
	}
	if len(f.Formats) > 0 && f.Formats[0].Format != "" && f.Formats[0].Format != "slug" && f.Formats[0].Share > 0.5 {
		return nil, false
	}
	for _, value := range v.List {
		if value.Text == "" {
			return nil, false
		}
		values = append(values, value.Text)
	}
	slices.Sort(values)
	return values, true
}

func (d *describer) items(f *shape.Field) splice.Value {
	for _, c := range d.children[f.Path] {
		if c.Name == "[]" {
			return d.describe(c)
		}
	}
	return splice.Object{}
}

// members are the properties of a record, or what the keys of a map hold.
func (d *describer) members(f *shape.Field) (s splice.Object) {
	properties, required := splice.Object{}, splice.List{}
	for _, c := range d.children[f.Path] {
		switch {
		case c.Name == "[]" && f.Has(shape.Array): // the items of a list beside
		case f.IsMap && c.Name == "{}":
			return splice.Object{{Name: "additionalProperties", Value: d.describe(c)}}
		default:
			if always, n := c.Required(); always && n >= max(1, d.required) && d.required > 0 {
				required = append(required, c.Name)
			}
			properties = append(properties, splice.Field{Name: c.Name, Value: d.describe(c)})
		}
	}
	if len(required) > 0 {
		s = append(s, splice.Field{Name: "required", Value: required})
	}
	if len(properties) > 0 {
		s = append(s, splice.Field{Name: "properties", Value: properties})
	}
	return s
}
