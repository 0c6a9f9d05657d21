package openapi

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"shapewatch/contracts"
	"shapewatch/contracts/shape"
	"shapewatch/contracts/splice"
)

// A schemaSpot is a schema where it is used, and where it is written.
type schemaSpot struct {
	*amender
	use  spot // may be a reference
	at   spot // what it refers to, or itself
	mine bool // it may be edited where it is written: nobody else refers to it
}

func (s *schemaSpot) open() (err error) {
	s.at, err = s.follow(s.use)
	s.mine = s.use.text("$ref") == "" || s.at.via <= 1
	return err
}

// types are the types that the schema allows, null apart; none for any.
func (s *schemaSpot) types() (types []string, null bool) {
	for _, t := range s.at.words("type") {
		if t == "null" {
			null = true
			continue
		}
		types = append(types, t)
	}
	return types, null || s.at.text("nullable") == "true" || s.at.text("x-nullable") == "true"
}

// edit is what makes the schema agree with what was seen.
func (s *schemaSpot) edit(f contracts.Finding, seen *shape.Field) (edit, error) {
	types, null := s.types()
	kinds, sawNull := kindSet(seen)
	strange := slices.ContainsFunc(kinds, func(k string) bool { return len(types) > 0 && !admits(types, k) })
	switch {
	case strange && f.Kind != "null-new":
		return s.retype(f, seen, types)
	case sawNull && !null && f.Kind != "enum-new" && f.Kind != "format-changed" && s.forbidsNull(types):
		return s.nullable(f)
	case seen.Has(shape.String) && (f.Kind == "enum-new" || f.Kind == "contract-mismatch") && len(s.at.items("enum")) > 0:
		return s.grow(f, seen)
	case seen.Has(shape.String) && s.at.text("format") != "" && s.at.text("format") != formatOf(seen):
		return s.reformat(f, seen)
	}
	return edit{}, alreadySaid("the contract allows it already")
}

func admits(types []string, kind string) bool {
	return slices.Contains(types, kind) || kind == "integer" && slices.Contains(types, "number")
}

// forbidsNull reports whether null is no instance of the schema.
func (s *schemaSpot) forbidsNull(types []string) bool {
	for _, key := range []string{"oneOf", "anyOf"} {
		for _, alternative := range s.at.items(key) {
			if slices.Contains(alternative.words("type"), "null") || alternative.text("nullable") == "true" {
				return false
			}
		}
	}
	return len(types) > 0 || s.at.get("allOf").is() || s.at.get("oneOf").is() || s.at.get("anyOf").is() || s.at.get("enum").is()
}

// name is what the value is called.
func (s *schemaSpot) name(f contracts.Finding) string {
	_, name := parentAndName(f.Path)
	return tick(name)
}

// retype replaces the type, or makes it a union when both are seen.
func (s *schemaSpot) retype(f contracts.Finding, seen *shape.Field, types []string) (edit, error) {
	kinds, _ := kindSet(seen)
	union := slices.DeleteFunc(slices.Clone(types), func(t string) bool { return !admits(kinds, t) && !(t == "number" && slices.Contains(kinds, "integer")) })
	e := edit{at: s.at, words: fmt.Sprintf("%s is %s", s.name(f), strings.Join(kinds, " or "))}
	if !s.mine {
		e.at = s.use
		s.redescribe(&e, seen)
		return e, nil
	}
	fresh := slices.DeleteFunc(slices.Clone(kinds), func(k string) bool { return admits(types, k) })
	if slices.Equal(fresh, []string{"number"}) && slices.Equal(types, []string{"integer"}) {
		fresh, union = []string{"number"}, nil
	}
	if len(union) == 0 {
		s.replaceType(&e, fresh, seen)
		return e, nil
	}
	return e, s.unite(&e, union, fresh, seen)
}

// redescribe writes the schema anew where it is used.
func (s *schemaSpot) redescribe(e *edit, seen *shape.Field) {
	e.ops = []splice.Edit{{Op: splice.Replace, Path: s.use.at, Value: s.describer().describe(seen)}}
}

// ofType are the words of a schema that speak of one type only.
var ofType = map[string][]string{
	"string": {"format", "pattern", "minLength", "maxLength", "enum", "const", "example", "default"},
	"number": {"format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "enum", "const", "example", "default"},
	"array":  {"items", "minItems", "maxItems", "uniqueItems", "example", "default"},
	"object": {"properties", "required", "additionalProperties", "minProperties", "maxProperties", "example", "default"},
}

// replaceType writes another type, and takes out what speaks of the old one.
func (s *schemaSpot) replaceType(e *edit, fresh []string, seen *shape.Field) {
	types, null := s.types()
	widened := slices.Equal(fresh, []string{"number"}) && slices.Equal(types, []string{"integer"})
	old := s.at.get("type")
	e.ops = []splice.Edit{{Op: splice.Replace, Path: old.at, Value: s.typeValue(fresh, null && old.node.Kind == splice.Sequence)}}
	for _, key := range s.stale(types) {
		if !widened || key == "format" {
			e.ops = append(e.ops, splice.Edit{Op: splice.Remove, Path: splice.Join(s.at.at, key)})
		}
	}
	if widened {
		return
	}
	kept := []string{"type", "nullable"}
	schema, ok := s.describer().describe(only(seen, fresh)).(splice.Object)
	for _, field := range schema {
		if ok && !slices.Contains(kept, field.Name) && field.Name != "enum" {
			e.ops = append(e.ops, splice.Edit{Op: splice.Add, Path: splice.Join(s.at.at, field.Name), Value: field.Value, After: "type"})
		}
	}
}

// stale are the words there that speak of types the value has no more.
func (s *schemaSpot) stale(types []string) (keys []string) {
	for _, t := range types {
		if t == "integer" {
			t = "number"
		}
		for _, key := range ofType[t] {
			if s.at.get(key).is() && !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// only is a field as if it had been of these kinds alone.
func only(f *shape.Field, kinds []string) *shape.Field {
	one := *f
	for k := range shape.NumKinds {
		if !slices.Contains(kinds, k.String()) && !(k == shape.Int && slices.Contains(kinds, "number")) {
			one.Kinds[k] = 0
		}
	}
	return &one
}

func (s *schemaSpot) typeValue(types []string, null bool) splice.Value {
	list := splice.List{}
	for _, t := range types {
		list = append(list, t)
	}
	if null {
		list = append(list, "null")
	}
	if len(list) == 1 {
		return list[0]
	}
	return list
}

// unite allows what was seen beside what was agreed.
func (s *schemaSpot) unite(e *edit, kept, fresh []string, seen *shape.Field) error {
	old := s.at.get("type")
	switch {
	case s.dialect == swagger2:
		return errors.New("Swagger 2 has no word for a value of several types") //nolint:staticcheck // a name
	case s.dialect.typeLists() && !s.at.get("enum").is() && old.node.Kind == splice.Sequence:
		for _, k := range fresh {
			e.ops = append(e.ops, splice.Edit{Op: splice.Add, Path: splice.Join(old.at, "-"), Value: k})
		}
	case s.dialect.typeLists() && !s.at.get("enum").is():
		_, null := s.types()
		e.ops = []splice.Edit{{Op: splice.Replace, Path: old.at, Value: s.typeValue(append(kept, fresh...), null)}}
	default:
		s.oneOf(e, fresh, seen)
	}
	return nil
}

// oneOf moves what speaks of the type into the first of several alternatives.
func (s *schemaSpot) oneOf(e *edit, fresh []string, seen *shape.Field) {
	types, _ := s.types()
	agreed := splice.Object{}
	for _, key := range append([]string{"type"}, s.stale(types)...) {
		if key == "example" || key == "default" {
			continue
		}
		agreed = append(agreed, splice.Field{Name: key, Value: s.at.get(key).node.Meaning()})
		if key != "type" {
			e.ops = append(e.ops, splice.Edit{Op: splice.Remove, Path: splice.Join(s.at.at, key)})
		}
	}
	all := splice.List{agreed}
	for _, k := range fresh {
		all = append(all, s.describer().describe(only(seen, []string{k})))
	}
	// The new word stands where the old one stood: added behind it, then the
	// old one goes.
	e.ops = append(e.ops, splice.Edit{Op: splice.Add, Path: splice.Join(s.at.at, "oneOf"), Value: all, After: "type"},
		splice.Edit{Op: splice.Remove, Path: splice.Join(s.at.at, "type")})
}

// nullable allows null, in the way of the dialect, and only for this use.
func (s *schemaSpot) nullable(f contracts.Finding) (edit, error) {
	e := edit{at: s.at, words: s.name(f) + " may be null"}
	if s.use.text("$ref") != "" && !s.mine {
		e.at = s.use
		return s.nullReference(e), nil
	}
	old := s.at.get("type")
	switch {
	case !s.dialect.typeLists():
		nullable := s.describer().nullable()
		e.ops = []splice.Edit{{Op: splice.Add, Path: splice.Join(s.at.at, nullable.Name), Value: true, After: "type"}}
		if old := s.at.get(nullable.Name); old.is() {
			e.ops[0] = splice.Edit{Op: splice.Replace, Path: old.at, Value: true}
		}
	case old.is() && old.node.Kind == splice.Sequence:
		e.ops = []splice.Edit{{Op: splice.Add, Path: splice.Join(old.at, "-"), Value: "null"}}
	case old.is():
		e.ops = []splice.Edit{{Op: splice.Replace, Path: old.at, Value: splice.List{old.node.Text(), "null"}}}
	case s.at.get("anyOf").is() || s.at.get("oneOf").is():
		e.ops = []splice.Edit{{Op: splice.Add, Path: splice.Join(s.alternatives().at, "-"), Value: splice.Object{{Name: "type", Value: "null"}}}}
	case !s.at.get("enum").is():
		whole := splice.List{s.at.node.Meaning(), splice.Object{{Name: "type", Value: "null"}}}
		e.ops = []splice.Edit{{Op: splice.Replace, Path: s.at.at, Value: splice.Object{{Name: "anyOf", Value: whole}}}}
	}
	if enum := s.at.get("enum"); enum.is() {
		e.ops = append(e.ops, splice.Edit{Op: splice.Add, Path: splice.Join(enum.at, "-"), Value: nil})
	}
	return e, nil
}

func (s *schemaSpot) alternatives() spot {
	if any := s.at.get("anyOf"); any.is() {
		return any
	}
	return s.at.get("oneOf")
}

// nullReference lets a reference be null and leaves what it refers to alone.
func (s *schemaSpot) nullReference(e edit) edit {
	if !s.dialect.typeLists() {
		e.ops = s.wrapped(s.use, s.describer().nullable())
		return e
	}
	ref := splice.Object{{Name: "$ref", Value: s.use.text("$ref")}}
	whole := splice.Object{{Name: "anyOf", Value: splice.List{ref, splice.Object{{Name: "type", Value: "null"}}}}}
	for _, m := range s.use.node.Members {
		if m.Name() != "$ref" {
			whole = append(whole, splice.Field{Name: m.Name(), Value: m.Value.Meaning()})
		}
	}
	e.ops = []splice.Edit{{Op: splice.Replace, Path: s.use.at, Value: whole}}
	return e
}

// grow adds the values that were seen to a closed set.
func (s *schemaSpot) grow(f contracts.Finding, seen *shape.Field) (edit, error) {
	known := s.at.words("enum")
	e := edit{at: s.at.get("enum")}
	var added []string
	for _, v := range seen.Values.List {
		if v.Text == "" {
			return e, errors.New("the new value may be private: it is not known to us")
		}
		if !slices.Contains(known, v.Text) && !slices.Contains(added, v.Text) {
			added = append(added, v.Text)
		}
	}
	slices.Sort(added)
	for _, v := range added {
		e.ops = append(e.ops, splice.Edit{Op: splice.Add, Path: splice.Join(e.at.at, "-"), Value: v})
	}
	switch {
	case len(added) == 0:
		return e, alreadySaid("the contract names the values already")
	case len(added) > 20:
		return e, errors.New("the values are no closed set any more")
	}
	e.words = fmt.Sprintf("%s may be %s", s.name(f), strings.Join(added, ", "))
	return e, nil
}

// reformat writes the format that all values have now, or none.
func (s *schemaSpot) reformat(f contracts.Finding, seen *shape.Field) (edit, error) {
	format := s.at.get("format")
	e := edit{at: format}
	if now := formatOf(seen); now != "" && len(seen.Formats) == 1 {
		e.words = fmt.Sprintf("%s is of format %s", s.name(f), now)
		e.ops = []splice.Edit{{Op: splice.Replace, Path: format.at, Value: now}}
		return e, nil
	}
	e.words = fmt.Sprintf("%s has no format %s any more", s.name(f), format.node.Text())
	e.ops = []splice.Edit{{Op: splice.Remove, Path: format.at}}
	return e, nil
}
