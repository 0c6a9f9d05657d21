// Package uses says which paths of an answer a client reads, by the type that
// the client decodes it into: a Go struct, a TypeScript interface, a JSON
// Schema, a component or an operation of an OpenAPI document, or what a tap
// recorded. It reads texts that it is handed and nothing else.
//
// What a type does not say is not guessed: where it ends in something that
// cannot be read (an import, a type of another package, a conditional type),
// the path counts with all below it, and a note says so.
package uses

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// A Source is a type of a client in a file.
type Source struct {
	File  string            // for messages; its ending says what it is
	Text  []byte            // of the file
	Name  string            // of the type, component or operation; "" for the only or the whole one
	Files map[string][]byte // others of the same Go package, by name

	Operation string // "GET /v1/charges/{id}", to find what was recorded by when there is no name
}

// Read returns the paths that a client of this type reads, sorted, and notes on
// what could not be read. The error says, with file and line, that the text is
// broken, or that nothing there has the name.
func Read(s Source) (paths, notes []string, err error) {
	read := readers[strings.ToLower(path.Ext(s.File))]
	if read == nil {
		return nil, nil, fmt.Errorf("%s: not a file that types are read from: .go, .ts, .json, .yaml", s.File)
	}
	r := reading{file: s.File, open: map[string]bool{}}
	t, err := read(&r, s)
	if err != nil {
		return nil, nil, err
	}
	r.walk(t, "", 0)
	slices.Sort(r.paths)
	return slices.Compact(r.paths), slices.Compact(r.notes), nil
}

var readers = map[string]func(*reading, Source) (*kind, error){
	".go": readGo, ".ts": readTypeScript, ".tsx": readTypeScript, ".mts": readTypeScript,
	".json": readDocument, ".yaml": readDocument, ".yml": readDocument,
}

// A kind is a type as far as it matters here: its fields, the kind of its
// items, the kind of its values under free keys. One without any is a value.
type kind struct {
	fields []field
	items  *kind
	values *kind
	more   []*kind               // all of which hold, or one of which does
	lazy   func() (*kind, error) // of a name: what it stands for
	name   string                // of lazy ones
}

type field struct {
	name string
	kind *kind
}

// A reading is one call of Read.
type reading struct {
	file         string
	paths, notes []string
	open         map[string]bool // names that are being read: a type within itself
}

// The bounds of what is read.
const (
	maxPaths = 5000
	maxDepth = 40
	maxNotes = 50
)

func (r *reading) note(line int, format string, args ...any) {
	if len(r.notes) < maxNotes {
		r.notes = append(r.notes, fmt.Sprintf("%s:%d: ", r.file, line)+fmt.Sprintf(format, args...))
	}
}

// walk adds the ends of a kind below a path. A type within itself ends there.
func (r *reading) walk(k *kind, at string, depth int) {
	if k == nil || depth > maxDepth || len(r.paths) >= maxPaths {
		r.add(at)
		return
	}
	if k.lazy != nil {
		if r.open[k.name] {
			r.add(at)
			return
		}
		r.open[k.name] = true
		defer delete(r.open, k.name)
		meant, err := k.lazy()
		if err != nil {
			r.notes = append(r.notes, err.Error())
			r.add(at)
			return
		}
		r.walk(meant, at, depth+1)
		return
	}
	if k.name == recorded {
		for _, f := range k.fields {
			r.add("/" + f.name)
		}
		return
	}
	before := len(r.paths)
	for _, f := range k.fields {
		r.walk(f.kind, at+"/"+escape(f.name), depth+1)
	}
	if k.items != nil {
		r.walk(k.items, at+"/[]", depth+1)
	}
	if k.values != nil {
		r.walk(k.values, at+"/{}", depth+1)
	}
	for _, m := range k.more {
		if !m.isValue() {
			r.walk(m, at, depth+1)
		}
	}
	if len(r.paths) == before {
		r.add(at)
	}
}

// isValue reports a kind without parts, which adds nothing to others.
func (k *kind) isValue() bool {
	return k != nil && k.fields == nil && k.items == nil && k.values == nil && k.more == nil && k.lazy == nil
}

// add adds a path; the whole answer is no path to name.
func (r *reading) add(at string) {
	if at != "" {
		r.paths = append(r.paths, at)
	}
}

var escapes = strings.NewReplacer("~", "~0", "/", "~1")

func escape(name string) string { return escapes.Replace(name) }
