package openapi

import (
	"encoding/json"
	"slices"
	"strings"

	"shapewatch/contracts/splice"
)

// A wordReader copies what stands at a word of a schema; nil when it is not
// what may stand there.
type wordReader func(x *extractor, s spot, depth int) splice.Value

// wordReaderOf is how a word is read that says what a value must be; nil for
// all others.
func wordReaderOf(word string) wordReader {
	switch word {
	case "type":
		return (*extractor).typeWord
	case "format", "pattern":
		return textWord
	case "enum":
		return listWord
	case "const":
		return anyWord
	case "required":
		return namesWord
	case "nullable", "readOnly", "writeOnly", "uniqueItems":
		return flagWord
	case "minimum", "maximum", "multipleOf", "minLength", "maxLength", "minItems", "maxItems",
		"minProperties", "maxProperties", "minContains", "maxContains":
		return numberWord
	case "exclusiveMinimum", "exclusiveMaximum":
		return boundWord
	case "discriminator":
		return (*extractor).discriminator
	}
	return schemaReaderOf(word)
}

// wideReaderOf is how a word is read that says nothing of what a value must be
// and still something to whoever compares two documents.
func wideReaderOf(word string) wordReader {
	switch word {
	case "deprecated":
		return flagWord
	case "default":
		return anyWord
	case "x-sunset", "x-stability-level", "title":
		return textWord
	case "x-extensible-enum":
		return listWord
	}
	return nil
}

// schemaReaderOf is how a word is read at which schemas stand.
func schemaReaderOf(word string) wordReader {
	switch word {
	case "properties", "patternProperties", "dependentSchemas":
		return (*extractor).schemasByName
	case "allOf", "oneOf", "anyOf", "prefixItems":
		return (*extractor).schemaList
	case "items", "not", "additionalProperties", "contains", "propertyNames", "if", "then", "else",
		"unevaluatedProperties", "unevaluatedItems":
		return (*extractor).schemaOrFlag
	}
	return nil
}

// schema copies a schema, references renamed. What is no schema allows
// anything.
func (x *extractor) schema(s spot, depth int) splice.Value {
	if depth > maxSchemaDepth {
		x.fault(s, "nested deeper than %d", maxSchemaDepth)
		return splice.Object{}
	}
	if s.node.Kind == splice.Scalar {
		if flag, ok := s.node.Value.(bool); ok && x.dialect >= openapi31 {
			return flag
		}
	}
	if s.node.Kind == splice.Alias && s.node.Target != nil {
		s.node = s.node.Target
	}
	if s.node.Kind != splice.Mapping {
		x.fault(s, "no schema: it is taken to allow anything")
		return splice.Object{}
	}
	own := x.words(s, depth)
	if s.text("$ref") == "" {
		return own
	}
	ref, ok := x.reference(s)
	switch {
	case !ok:
		return splice.Object{}
	case x.dialect < openapi31 || len(own) == 0: // words beside a reference do not count
		return ref
	}
	return splice.Object{{Name: "allOf", Value: splice.List{ref, own}}}
}

const maxSchemaDepth = 100

func (x *extractor) words(s spot, depth int) splice.Object {
	out := splice.Object{}
	for _, m := range members(s.node) {
		word, value := m.Name(), s.get(m.Name())
		if word == "x-nullable" && x.dialect == swagger2 {
			word = "nullable"
		}
		read := wordReaderOf(word)
		if read == nil && x.wide {
			read = wideReaderOf(word)
		}
		if read == nil || !value.is() {
			continue
		}
		if v := read(x, value, depth); v != nil {
			out = append(out, splice.Field{Name: word, Value: v})
			continue
		}
		x.fault(value, "%s is not what a schema may say there: it is left out", clip(word, 40))
	}
	return out
}

// members are the keys of a mapping, merged ones included.
func members(n *splice.Node) []splice.Member {
	all := slices.DeleteFunc(slices.Clone(n.Members), func(m splice.Member) bool { return m.Name() == "<<" })
	return append(all, n.Merged()...)
}

func (x *extractor) typeWord(s spot, _ int) splice.Value {
	known := []string{"object", "array", "string", "number", "integer", "boolean", "null", "file"}
	if s.node.Kind == splice.Scalar {
		t := s.node.Text()
		if s.node.Value == nil {
			t = "null"
		}
		if !slices.Contains(known, t) {
			return nil
		}
		if t == "file" {
			return "string"
		}
		return t
	}
	list := splice.List{}
	for _, item := range s.node.Items {
		t := item.Text()
		if item.Kind == splice.Scalar && item.Value == nil {
			t = "null"
		}
		if !slices.Contains(known, t) {
			return nil
		}
		list = append(list, t)
	}
	if len(list) == 0 {
		return nil
	}
	return list
}

func textWord(_ *extractor, s spot, _ int) splice.Value {
	if s.node.Kind != splice.Scalar || s.node.Text() == "" {
		return nil
	}
	return s.node.Text()
}

func anyWord(_ *extractor, s spot, _ int) splice.Value { return s.node.Meaning() }

func listWord(_ *extractor, s spot, _ int) splice.Value {
	if s.node.Kind != splice.Sequence {
		return nil
	}
	return s.node.Meaning()
}

func namesWord(_ *extractor, s spot, _ int) splice.Value {
	if s.node.Kind != splice.Sequence {
		return nil
	}
	list := splice.List{}
	for _, item := range s.node.Items {
		if item.Kind != splice.Scalar || item.Value == nil {
			return nil
		}
		list = append(list, item.Text())
	}
	return list
}

func flagWord(_ *extractor, s spot, _ int) splice.Value {
	if flag, ok := s.node.Value.(bool); ok {
		return flag
	}
	return nil
}

func numberWord(_ *extractor, s spot, _ int) splice.Value {
	if n, ok := s.node.Value.(splice.Number); ok && json.Valid([]byte(n)) {
		return n
	}
	return nil
}

func boundWord(x *extractor, s spot, depth int) splice.Value {
	if flag := flagWord(x, s, depth); flag != nil {
		return flag
	}
	return numberWord(x, s, depth)
}

func (x *extractor) schemasByName(s spot, depth int) splice.Value {
	if s.node.Kind == splice.Scalar && s.node.Value == nil {
		return splice.Object{}
	}
	if s.node.Kind != splice.Mapping {
		return nil
	}
	all := splice.Object{}
	for _, m := range members(s.node) {
		if value := s.get(m.Name()); value.is() {
			all = append(all, splice.Field{Name: m.Name(), Value: x.schema(value, depth+1)})
		}
	}
	return all
}

func (x *extractor) schemaList(s spot, depth int) splice.Value {
	if s.node.Kind != splice.Sequence || len(s.node.Items) == 0 {
		return nil
	}
	list := splice.List{}
	for i, n := range s.node.Items {
		list = append(list, x.schema(spot{s.file, splice.Join(s.at, itoa(i)), n, 0}, depth+1))
	}
	return list
}

func (x *extractor) schemaOrFlag(s spot, depth int) splice.Value {
	if flag, ok := s.node.Value.(bool); ok {
		if strings.HasSuffix(s.at, "/items") && x.dialect < openapi31 {
			return nil
		}
		return flag
	}
	if s.node.Kind == splice.Sequence && len(s.node.Items) > 0 { // items of a tuple, of old
		return nil
	}
	return x.schema(s, depth+1)
}

// discriminator keeps the name of the property, and what its values stand for.
func (x *extractor) discriminator(s spot, _ int) splice.Value {
	name := s.text("propertyName")
	if s.node.Kind == splice.Scalar {
		name = s.node.Text() // as Swagger 2 says it
	}
	if name == "" {
		return nil
	}
	d := splice.Object{{Name: "propertyName", Value: name}}
	mapping := s.get("mapping")
	if !mapping.is() || mapping.node.Kind != splice.Mapping {
		return d
	}
	all := splice.Object{}
	for _, m := range mapping.node.Members {
		ref := m.Value.Text()
		if !strings.ContainsAny(ref, "#/.") {
			ref = "#/components/schemas/" + ref
		}
		if name, known := x.names[target(s.name, ref)]; known {
			all = append(all, splice.Field{Name: m.Name(), Value: "#/components/schemas/" + name})
		}
	}
	if len(all) > 0 {
		d = append(d, splice.Field{Name: "mapping", Value: all})
	}
	return d
}
