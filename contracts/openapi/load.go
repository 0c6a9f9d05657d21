// Package openapi reads and writes what was agreed: OpenAPI documents, the
// vendor's or yours.
//
// A [Document] is read once, off the probe path. [Document.Contract] finds the
// operation of a probe, takes out of the document what that operation needs
// and nothing else, and reduces it to a [contracts.Contract], which is all that
// checks hold on to. A broken document is read as far as it can be: its faults
// are listed and what is broken allows anything.
//
// [Propose] edits documents, [Learn] writes them, [Diff] compares two. It is
// the only door to kin-openapi and oasdiff, and it is as pure as the core: it
// reads no file and asks nobody, what it is handed is what it judges.
package openapi

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"shapewatch/contracts/splice"
)

// maxDocument bounds an OpenAPI document: the largest published ones are below.
const maxDocument = 32 << 20 // bytes

// A Document is an OpenAPI 3.x or Swagger 2 document, or a JSON Schema alone,
// as it is written.
type Document struct {
	source string
	*written
	broken atomic.Pointer[[]string] // found by Diff
}

// Load reads a document, YAML or JSON. Source names it in messages, and files
// that it refers to are asked of read by the name they have from there; nil
// refuses them all: what is judged is then what was handed in. The error says
// what is wrong with the document as a whole.
func Load(source string, data []byte, read Reader) (d *Document, err error) {
	if len(data) > maxDocument {
		return nil, fmt.Errorf("contract %s: larger than %d MiB", source, maxDocument>>20)
	}
	w, err := openWritten(source, func(name string) ([]byte, error) {
		switch {
		case name == source:
			return data, nil
		case read == nil:
			return nil, errOutside
		}
		return read(name)
	})
	if err != nil {
		return nil, fmt.Errorf("contract %w", err)
	}
	if err := w.judgeable(); err != nil {
		return nil, fmt.Errorf("contract %s: %w", source, err)
	}
	return &Document{source: source, written: w}, nil
}

var errOutside = errors.New("references to other files are not followed here; bundle the document into one file")

// judgeable says why answers cannot be held against a document.
func (w *written) judgeable() error {
	version := w.root.text("openapi")
	paths := w.root.get("paths")
	switch {
	case w.dialect == swagger2 && !strings.HasPrefix(w.root.text("swagger"), "2"):
		return fmt.Errorf("Swagger %s: want 2.0", clip(w.root.text("swagger"), 20)) //nolint:staticcheck // a name
	case w.dialect == jsonSchema && w.isSchema():
		return nil
	case w.dialect == jsonSchema:
		return errors.New("not an OpenAPI document: it has no `openapi: 3.x`, no `swagger: \"2.0\"`, and is no JSON Schema")
	case version != "" && !strings.HasPrefix(version, "3."):
		return fmt.Errorf("OpenAPI %s: want 3.0, 3.1 or 3.2", clip(version, 20))
	case !paths.is() || len(paths.node.Members) == 0:
		return errors.New("it has no paths, so there is nothing to hold answers against")
	}
	return nil
}

// isSchema reports whether a document looks like a JSON Schema alone.
func (w *written) isSchema() bool {
	if w.root.node.Kind != splice.Mapping {
		return false
	}
	for _, key := range []string{"$schema", "type", "properties", "$ref", "allOf", "oneOf", "anyOf", "items", "enum"} {
		if w.root.get(key).is() {
			return true
		}
	}
	return false
}

// recoverAs turns a panic of the library into an error about the document.
func recoverAs(source string, err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("contract %s: the document cannot be read: %s", source, clip(fmt.Sprint(r), 200))
	}
}

// clip makes foreign text fit for a message.
func clip(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, s)
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
