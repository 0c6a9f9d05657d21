package notation

import (
	"io"
	"strings"

	"shapewatch/contracts/shape"
)

// OpenAPI writes a shape as an OpenAPI 3.1 document with one schema, and with
// the operation that answers with it where that is known.
func OpenAPI(w io.Writer, s *shape.Shape, o Options) error {
	name := typeName(o.Title)
	body := schemaOf(outline(s, o.View))
	body.Comment = learnedFrom(s)
	title := o.Title
	if title == "" {
		title = name
	}
	return indented(w, object{
		"openapi": "3.1.0",
		"info":    object{"title": title, "version": "learned"},
		"paths":   paths(o.Operation, name),
		"components": object{
			"schemas": object{name: body},
		},
	})
}

type object map[string]any

// paths are those of an operation: method and path.
func paths(operation, schema string) object {
	method, path, ok := strings.Cut(operation, " ")
	if !ok || !strings.HasPrefix(path, "/") {
		return object{}
	}
	path, _, _ = strings.Cut(path, "?")
	answer := object{
		"description": "as it was answered",
		"content":     object{"application/json": object{"schema": object{"$ref": "#/components/schemas/" + schema}}},
	}
	action := object{"responses": object{"200": answer}}
	if parameters := parametersOf(path); len(parameters) > 0 {
		action["parameters"] = parameters
	}
	return object{path: object{strings.ToLower(method): action}}
}

// parametersOf lists the {names} in a path.
func parametersOf(path string) (parameters []object) {
	for _, part := range strings.Split(path, "{")[1:] {
		name, _, _ := strings.Cut(part, "}")
		parameters = append(parameters, object{"name": name, "in": "path", "required": true, "schema": object{"type": "string"}})
	}
	return parameters
}
