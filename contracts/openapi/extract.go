package openapi

import (
	"fmt"
	"path"
	"strings"

	"shapewatch/contracts/splice"
)

// An extractor takes one operation out of a document, with the schemas that
// its answers need, in the words of OpenAPI 3: other files and Swagger 2
// included, everything else left behind. What is broken becomes a schema that
// allows anything, and a fault.
type extractor struct {
	*written
	names   map[string]string // of schemas, by the place they come from
	schemas splice.Object     // by name
	faults  []string
	wide    bool // requests, headers and what only people heed too
}

// maxFaults bounds what one operation is told to be broken.
const maxFaults = 20

func (x *extractor) fault(s spot, format string, args ...any) {
	if len(x.faults) < maxFaults {
		x.faults = append(x.faults, fmt.Sprintf("%s:%d: ", s.name, s.Line(s.node))+clip(fmt.Sprintf(format, args...), 300))
	}
}

// document is an OpenAPI document of one operation, whatever it is called.
func (x *extractor) document(op spot) splice.Object {
	version := "3.1.0"
	if x.dialect < openapi31 {
		version = "3.0.3"
	}
	responses := x.responses(op)
	return splice.Object{
		{Name: "openapi", Value: version},
		{Name: "info", Value: splice.Object{{Name: "title", Value: "one operation"}, {Name: "version", Value: "1"}}},
		{Name: "paths", Value: splice.Object{{Name: "/", Value: splice.Object{{Name: "get", Value: splice.Object{{Name: "responses", Value: responses}}}}}}},
		{Name: "components", Value: splice.Object{{Name: "schemas", Value: x.schemas}}},
	}
}

func (x *extractor) responses(op spot) (all splice.Object) {
	if x.dialect == jsonSchema {
		return splice.Object{{Name: "default", Value: x.answer("the answer", splice.Object{{Name: "*/*", Value: x.media(x.root)}})}}
	}
	responses := op.get("responses")
	if !responses.is() {
		return nil
	}
	for _, m := range responses.node.Members {
		if strings.HasPrefix(m.Name(), "x-") {
			continue
		}
		r, err := x.follow(responses.get(m.Name()))
		if err != nil {
			x.fault(responses, "response %s: %s", m.Name(), err)
			continue
		}
		answer := x.answer(statusOf(r), x.content(r, op))
		if x.wide {
			answer = append(answer, x.headers(r)...)
		}
		all = append(all, splice.Field{Name: m.Name(), Value: answer})
	}
	return all
}

func statusOf(r spot) string {
	if text := r.text("description"); text != "" {
		return clip(text, 100)
	}
	return "an answer"
}

func (x *extractor) answer(description string, content splice.Object) splice.Object {
	a := splice.Object{{Name: "description", Value: description}}
	if len(content) > 0 {
		a = append(a, splice.Field{Name: "content", Value: content})
	}
	return a
}

// content is what an answer holds, by media type.
func (x *extractor) content(r, op spot) (all splice.Object) {
	if x.dialect == swagger2 {
		return x.produced(r, op)
	}
	content := r.get("content")
	if !content.is() {
		return nil
	}
	for _, m := range content.node.Members {
		media, err := x.follow(content.get(m.Name()))
		if err != nil || media.node.Kind != splice.Mapping {
			x.fault(content, "media type %s is not described", m.Name())
			continue
		}
		schema := media.get("schema")
		if !schema.is() { // of a stream: each of its parts
			schema = media.get("itemSchema")
		}
		all = append(all, splice.Field{Name: m.Name(), Value: x.media(schema)})
	}
	return all
}

// produced is the content of an answer as Swagger 2 says it.
func (x *extractor) produced(r, op spot) (all splice.Object) {
	schema := r.get("schema")
	if !schema.is() {
		return nil
	}
	types := op.words("produces")
	if len(types) == 0 {
		types = x.root.words("produces")
	}
	if len(types) == 0 {
		types = []string{"application/json"}
	}
	for _, t := range types {
		all = append(all, splice.Field{Name: t, Value: x.media(schema)})
	}
	return all
}

func (x *extractor) media(schema spot) splice.Object {
	if !schema.is() {
		return splice.Object{}
	}
	return splice.Object{{Name: "schema", Value: x.schema(schema, 0)}}
}

// maxSchemas bounds the schemas that one operation may refer to.
const maxSchemas = 20_000

// reference is the name of the schema that a reference leads to, taken out of
// the document when it is met first.
func (x *extractor) reference(s spot) (splice.Value, bool) {
	end := target(s.name, s.text("$ref"))
	if name, ok := x.names[end]; ok {
		return refTo(name), true
	}
	file, fragment, _ := strings.Cut(end, "#")
	if strings.HasPrefix(fragment, "/") || fragment == "" {
		if f, err := x.files.open(file); err == nil {
			if n, err := f.At(fragment); err == nil && len(x.names) < maxSchemas {
				name := x.fresh(end)
				x.names[end] = name
				i := len(x.schemas)
				x.schemas = append(x.schemas, splice.Field{Name: name})
				x.schemas[i].Value = x.schema(spot{f, fragment, n, 0}, 0)
				return refTo(name), true
			}
		} else {
			x.fault(s, "$ref %q: %s", s.text("$ref"), err)
			return nil, false
		}
	}
	x.fault(s, "$ref %q leads nowhere", s.text("$ref"))
	return nil, false
}

func refTo(name string) splice.Value {
	return splice.Object{{Name: "$ref", Value: "#/components/schemas/" + name}}
}

// fresh is a name for a schema that no other has; a component keeps its own,
// for discriminators name it.
func (x *extractor) fresh(end string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' || r == '.' {
			return r
		}
		return '_'
	}, path.Base(strings.TrimSuffix(end, "#")))
	taken := map[string]bool{}
	for _, n := range x.names {
		taken[n] = true
	}
	for candidate, i := name, 2; ; i++ {
		if !taken[candidate] {
			return candidate
		}
		candidate = fmt.Sprintf("%s_%d", name, i)
	}
}
