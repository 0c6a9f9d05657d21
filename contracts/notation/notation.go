// Package notation writes shapes down: as a tree for people, as JSON Schema
// and OpenAPI for tools, as TypeScript and Go for programs.
//
// A [Notation] is one way to write, in a file of its own and one line in
// [All]. All of them read an outline: the fields of a shape as the tree that
// they are. What is written states what was seen and how sure that is; it
// accepts every answer that taught the shape. Values are shown only where the
// shape kept their text, which it does for codes and never for ids, names or
// tokens.
//
// The package decides nothing that a [shape.View] does not, reads no files and
// remembers nothing.
package notation

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"shapewatch/contracts/shape"
)

// Options say how a shape is written.
type Options struct {
	View      shape.View // where reading takes a decision
	Title     string     // what the shape is of; types are named after it; "" means Answer
	Operation string     // "GET /v1/charges/{id}", for OpenAPI; "" when not known
	Width     int        // columns of the terminal, for the tree; 0 means any
	Color     bool       // for the tree
}

// A Notation is one way to write a shape.
type Notation struct {
	Name  string // as it is asked for: "json-schema"
	Doc   string // one clause
	Write func(w io.Writer, s *shape.Shape, o Options) error
}

// All are the notations, the one for people first.
func All() []Notation {
	return []Notation{
		{"tree", "a tree to read", Tree},
		{"json-schema", "JSON Schema 2020-12", JSONSchema},
		{"openapi", "an OpenAPI 3.1 document", OpenAPI},
		{"typescript", "TypeScript types", TypeScript},
		{"go", "Go types", Go},
	}
}

// Named returns the notation of a name; the error names those there are.
func Named(name string) (Notation, error) {
	all := All()
	if i := slices.IndexFunc(all, func(n Notation) bool { return n.Name == name }); i >= 0 {
		return all[i], nil
	}
	return Notation{}, fmt.Errorf("want %s", Names())
}

// Names lists the names of all notations in words.
func Names() string {
	var names []string
	for _, n := range All() {
		names = append(names, n.Name)
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}
