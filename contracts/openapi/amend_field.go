package openapi

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"shapewatch/contracts"
	"shapewatch/contracts/splice"
)

// addField describes a field that the contract does not know. It is never
// called required: that it was always there is no promise.
func (a *amender) addField(f contracts.Finding, body spot) error {
	seen, ok := a.fields.byPath[f.Path]
	if !ok {
		return errors.New("the field was not seen: what it is is not known")
	}
	if found, err := a.at(body, segments(f.Path)); err != nil || len(found) > 0 {
		return cmp.Or(err, error(alreadySaid("the contract describes it already")))
	}
	above, name := parentAndName(f.Path)
	if name == "[]" || name == "{}" {
		return errors.New("the contract leaves open what it holds")
	}
	holder, err := a.holder(body, above)
	if err != nil {
		return err
	}
	schema := a.describer().describe(seen)
	e := edit{at: holder, words: fmt.Sprintf("%s is described (%s)", tick(name), kindWords(seen))}
	if properties := holder.get("properties"); properties.is() {
		e.at = spot{holder.file, splice.Join(properties.at, name), properties.node, holder.via}
		e.ops = []splice.Edit{{Op: splice.Add, Path: e.at.at, Value: schema}}
		if len(properties.node.Members) == 0 && properties.node.Kind != splice.Mapping {
			e.ops = []splice.Edit{{Op: splice.Replace, Path: properties.at, Value: splice.Object{{Name: name, Value: schema}}}}
		}
	} else {
		e.ops = []splice.Edit{{Op: splice.Add, Path: splice.Join(holder.at, "properties"), Value: splice.Object{{Name: name, Value: schema}}}}
	}
	return a.change(f, e)
}

func cmpError(err error, otherwise string) error {
	if err != nil {
		return err
	}
	return errors.New(otherwise)
}

// holder is the schema that lists the properties of the object at a path: it
// itself, or of its parts the last that lists any.
func (a *amender) holder(body spot, path []string) (spot, error) {
	found, err := a.at(body, path)
	if err != nil {
		return spot{}, err
	}
	if len(found) == 0 {
		return spot{}, errors.New("the contract does not describe the object that holds it")
	}
	if len(found) > 1 {
		return spot{}, errors.New("several alternatives describe the object that holds it")
	}
	return a.lister(found[0], 0)
}

func (a *amender) lister(schema spot, depth int) (spot, error) {
	s, err := a.follow(schema)
	if err != nil || depth > maxHops {
		return spot{}, cmpError(err, "a schema that holds itself")
	}
	if s.get("properties").is() {
		return s, nil
	}
	parts := s.items("allOf")
	for _, part := range slices.Backward(parts) {
		if own, err := a.lister(part, depth+1); err == nil && own.get("properties").is() {
			return own, nil
		}
	}
	if len(s.items("oneOf"))+len(s.items("anyOf")) > 0 {
		alternatives := append(s.items("oneOf"), s.items("anyOf")...)
		alternatives = slices.DeleteFunc(alternatives, func(o spot) bool { return o.text("type") == "null" })
		if len(alternatives) == 1 {
			return a.lister(alternatives[0], depth+1)
		}
		return spot{}, errors.New("several alternatives describe the object that holds it")
	}
	if s.node.Kind != splice.Mapping || s.get("additionalProperties").is() && s.get("additionalProperties").node.Kind == splice.Mapping {
		return spot{}, errors.New("the contract describes a map there, whose keys are data")
	}
	return s, nil
}

// requirer is the schema whose `required` names a property of the object at a
// path, with the index in it; not ok when none does.
func (a *amender) requirer(schema spot, name string, depth int) (s spot, index int, ok bool) {
	s, err := a.follow(schema)
	if err != nil || depth > maxHops {
		return s, 0, false
	}
	if i := slices.Index(s.words("required"), name); i >= 0 {
		return s, i, true
	}
	for _, key := range []string{"allOf", "oneOf", "anyOf"} {
		for _, part := range s.items(key) {
			if s, i, ok := a.requirer(part, name, depth+1); ok {
				return s, i, true
			}
		}
	}
	return s, 0, false
}

// unrequire is the edit that takes a name out of a `required`, with the whole
// list when it is the last.
func unrequire(s spot, index int) splice.Edit {
	list := splice.Join(s.at, "required")
	if len(s.words("required")) == 1 {
		return splice.Edit{Op: splice.Remove, Path: list}
	}
	return splice.Edit{Op: splice.Remove, Path: splice.Join(list, fmt.Sprint(index))}
}

// relax makes a field optional.
func (a *amender) relax(f contracts.Finding, body spot) error {
	above, name := parentAndName(f.Path)
	found, err := a.at(body, above)
	if err != nil {
		return err
	}
	for _, parent := range found {
		if s, i, ok := a.requirer(parent, name, 0); ok {
			return a.change(f, edit{at: s.get("required"), words: tick(name) + " is not required any more", ops: []splice.Edit{unrequire(s, i)}})
		}
	}
	return alreadySaid("the contract does not require it")
}

// removeField says that a field is gone: not required, deprecated, and deleted
// when it has been gone for long.
func (a *amender) removeField(f contracts.Finding, body spot) error {
	since := f.Evidence.Since
	long := !since.IsZero() && a.Now.Sub(since) >= a.DeleteAfter
	relaxed := a.relax(f, body)
	if relaxed == nil {
		if err := a.locate(); err != nil {
			return err
		}
		body = a.body(a.answer, a.here.Media)
	}
	found, err := a.at(body, segments(f.Path))
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return alreadySaid("the contract does not describe it")
	}
	e, err := a.retire(found[0], f, long)
	if err != nil {
		if relaxed == nil {
			return nil // that was the edit
		}
		return err
	}
	return a.change(f, e)
}

func (a *amender) retire(field spot, f contracts.Finding, long bool) (edit, error) {
	_, name := parentAndName(f.Path)
	e := edit{at: field}
	switch {
	case long:
		e.words = fmt.Sprintf("%s is deleted: it has been gone since %s", tick(name), f.Evidence.Since.UTC().Format(time.DateOnly))
		e.ops = []splice.Edit{{Op: splice.Remove, Path: field.at}}
		return e, nil
	case field.get("deprecated").is():
		return e, alreadySaid("the contract says already that it is deprecated")
	case field.text("$ref") != "" && a.dialect < openapi31:
		e.words = tick(name) + " is deprecated: it is gone"
		e.ops = a.wrapped(field, splice.Field{Name: "deprecated", Value: true})
		return e, nil
	case a.dialect == swagger2:
		return e, errors.New("Swagger 2 has no word for a property that is deprecated") //nolint:staticcheck // a name
	}
	e.words = tick(name) + " is deprecated: it is gone"
	e.ops = []splice.Edit{{Op: splice.Add, Path: splice.Join(field.at, "deprecated"), Value: true, After: "type"}}
	return e, nil
}

// wrapped turns a reference into one part of a schema, where words beside a
// reference do not count.
func (a *amender) wrapped(field spot, beside ...splice.Field) []splice.Edit {
	ref := splice.List{splice.Object{{Name: "$ref", Value: field.text("$ref")}}}
	whole := append(splice.Object{{Name: "allOf", Value: ref}}, beside...)
	for _, m := range field.node.Members {
		if m.Name() != "$ref" {
			whole = append(whole, splice.Field{Name: m.Name(), Value: m.Value.Meaning()})
		}
	}
	return []splice.Edit{{Op: splice.Replace, Path: field.at, Value: whole}}
}
