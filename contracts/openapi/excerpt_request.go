package openapi

import (
	"slices"
	"strings"

	"shapewatch/contracts/splice"
)

// operation copies an operation whole: what it takes and what it answers.
func (x *extractor) operation(l location) splice.Object {
	op := splice.Object{}
	for _, name := range []string{"operationId", "x-sunset", "x-stability-level"} {
		if text := l.op.text(name); text != "" {
			op = append(op, splice.Field{Name: name, Value: text})
		}
	}
	if l.op.text("deprecated") == "true" {
		op = append(op, splice.Field{Name: "deprecated", Value: true})
	}
	if security := x.security(l.op); security != nil {
		op = append(op, splice.Field{Name: "security", Value: security})
	}
	parameters, body := x.parameters(l)
	if len(parameters) > 0 {
		op = append(op, splice.Field{Name: "parameters", Value: parameters})
	}
	if body != nil {
		op = append(op, splice.Field{Name: "requestBody", Value: body})
	}
	responses := x.responses(l.op)
	if responses == nil {
		responses = splice.Object{}
	}
	return append(op, splice.Field{Name: "responses", Value: responses})
}

// security is what credentials an operation wants: it says so, or the document.
func (x *extractor) security(op spot) splice.Value {
	for _, holder := range []spot{op, x.root} {
		if s := holder.get("security"); s.is() && s.node.Kind == splice.Sequence {
			return s.node.Meaning()
		}
	}
	return nil
}

// parameters are what an operation takes: its own, and those of its path that
// it does not say itself. Swagger 2 writes bodies and forms among them.
func (x *extractor) parameters(l location) (list splice.List, body splice.Value) {
	seen := map[string]bool{}
	var form []spot
	for _, holder := range []spot{l.op, l.item} {
		for _, p := range holder.items("parameters") {
			p, err := x.follow(p)
			if err != nil {
				x.fault(holder, "a parameter: %s", err)
				continue
			}
			name, in := p.text("name"), p.text("in")
			if id := in + "\x00" + name; seen[id] || name == "" {
				continue
			} else {
				seen[id] = true
			}
			switch {
			case x.dialect == swagger2 && in == "body":
				body = x.swaggerBody(l.op, p)
			case x.dialect == swagger2 && in == "formData":
				form = append(form, p)
			case slices.Contains([]string{"query", "path", "header", "cookie"}, in):
				list = append(list, x.parameter(p, splice.Object{{Name: "name", Value: name}, {Name: "in", Value: in}}))
			}
		}
	}
	if len(form) > 0 {
		body = x.swaggerForm(form)
	}
	if own := l.op.get("requestBody"); own.is() && x.dialect != swagger2 {
		body = x.requestBody(own)
	}
	return list, body
}

// parameter copies what a parameter or a header says of its value.
func (x *extractor) parameter(p spot, out splice.Object) splice.Object {
	for _, name := range []string{"required", "deprecated"} {
		if p.text(name) == "true" || name == "required" && p.text("in") == "path" {
			out = append(out, splice.Field{Name: name, Value: true})
		}
	}
	if content := p.get("content"); content.is() && x.dialect != swagger2 {
		return append(out, splice.Field{Name: "content", Value: x.content(p, spot{})})
	}
	schema := p.get("schema")
	if x.dialect == swagger2 && !schema.is() {
		schema = withoutOwn(p)
	}
	if !schema.is() {
		return append(out, splice.Field{Name: "schema", Value: splice.Object{}})
	}
	return append(out, splice.Field{Name: "schema", Value: x.schema(schema, 0)})
}

// withoutOwn is a parameter of Swagger 2 as the schema that it is as well.
func withoutOwn(p spot) spot {
	n := *p.node
	n.Members = slices.DeleteFunc(slices.Clone(n.Members), func(m splice.Member) bool {
		return slices.Contains([]string{"name", "in", "required", "description", "collectionFormat", "allowEmptyValue"}, m.Name())
	})
	return spot{p.file, p.at, &n, p.via}
}

func (x *extractor) requestBody(s spot) splice.Value {
	s, err := x.follow(s)
	if err != nil {
		x.fault(x.root, "a request body: %s", err)
		return nil
	}
	body := splice.Object{{Name: "content", Value: x.content(s, spot{})}}
	if s.text("required") == "true" {
		body = append(body, splice.Field{Name: "required", Value: true})
	}
	return body
}

func (x *extractor) swaggerBody(op, p spot) splice.Value {
	types := op.words("consumes")
	if len(types) == 0 {
		types = x.root.words("consumes")
	}
	if len(types) == 0 {
		types = []string{"application/json"}
	}
	content := splice.Object{}
	for _, t := range types {
		content = append(content, splice.Field{Name: t, Value: x.media(p.get("schema"))})
	}
	return splice.Object{{Name: "content", Value: content}, {Name: "required", Value: p.text("required") == "true"}}
}

// swaggerForm is a form as the object that its fields make.
func (x *extractor) swaggerForm(fields []spot) splice.Value {
	properties, required := splice.Object{}, splice.List{}
	for _, f := range fields {
		properties = append(properties, splice.Field{Name: f.text("name"), Value: x.schema(withoutOwn(f), 0)})
		if f.text("required") == "true" {
			required = append(required, f.text("name"))
		}
	}
	schema := splice.Object{{Name: "type", Value: "object"}, {Name: "properties", Value: properties}}
	if len(required) > 0 {
		schema = append(schema, splice.Field{Name: "required", Value: required})
	}
	media := "application/x-www-form-urlencoded"
	if slices.ContainsFunc(fields, func(f spot) bool { return f.text("type") == "file" }) {
		media = "multipart/form-data"
	}
	return splice.Object{{Name: "content", Value: splice.Object{{Name: media, Value: splice.Object{{Name: "schema", Value: schema}}}}}}
}

// headers are those of an answer, under their key.
func (x *extractor) headers(r spot) splice.Object {
	headers, all := r.get("headers"), splice.Object{}
	if !headers.is() {
		return nil
	}
	for _, m := range headers.node.Members {
		h, err := x.follow(headers.get(m.Name()))
		if err != nil || h.node == nil || h.node.Kind != splice.Mapping {
			x.fault(headers, "header %s is not described", m.Name())
			continue
		}
		if !strings.EqualFold(m.Name(), "content-type") { // OpenAPI ignores it
			all = append(all, splice.Field{Name: m.Name(), Value: x.parameter(h, splice.Object{})})
		}
	}
	if len(all) == 0 {
		return nil
	}
	return splice.Object{{Name: "headers", Value: all}}
}
