// Package openapi reads and writes what was agreed: OpenAPI documents, the
// vendor's or yours.
//
// A [Document] is read once, off the probe path; [Document.Contract] finds the
// operation of a probe and reduces it to a [contracts.Contract], which is all
// that checks hold on to. It is the only door to kin-openapi and oasdiff, and
// it is as pure as the core: it reads no file and asks nobody, what it is
// handed is what it judges.
package openapi

import (
	"errors"
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// maxDocument bounds an OpenAPI document: the largest published ones are below.
const maxDocument = 32 << 20 // bytes

// A Document is an OpenAPI 3.0 or 3.1 document, read and resolved.
type Document struct {
	source string
	doc    *openapi3.T
}

// Load reads an OpenAPI document, YAML or JSON. Source names it in
// messages. References to other files or addresses are refused: what is judged
// is what was handed in. The error says what is wrong with the document.
func Load(source string, data []byte) (d *Document, err error) {
	if len(data) > maxDocument {
		return nil, fmt.Errorf("contract %s: larger than %d MiB", source, maxDocument>>20)
	}
	defer recoverAs(source, &err)
	loader := openapi3.NewLoader()
	loader.IsExternalRefsAllowed = false
	doc, err := loader.LoadFromData(data)
	if err != nil {
		return nil, fmt.Errorf("contract %s: %w", source, documentError(err))
	}
	switch {
	case doc == nil || doc.OpenAPI == "":
		return nil, fmt.Errorf("contract %s: not an OpenAPI document: it has no `openapi: 3.x` (Swagger 2 must be converted first)", source)
	case !strings.HasPrefix(doc.OpenAPI, "3."):
		return nil, fmt.Errorf("contract %s: OpenAPI %s: want 3.0 or 3.1", source, clip(doc.OpenAPI, 20))
	case doc.Paths.Len() == 0:
		return nil, fmt.Errorf("contract %s: it has no paths, so there is nothing to hold answers against", source)
	}
	return &Document{source: source, doc: doc}, nil
}

// recoverAs turns a panic of the library into an error about the document.
func recoverAs(source string, err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("contract %s: the document cannot be read: %s", source, clip(fmt.Sprint(r), 200))
	}
}

func documentError(err error) error {
	if strings.Contains(err.Error(), "disallowed external reference") {
		return fmt.Errorf("%s: references to other files are not followed; bundle the document into one file", clip(err.Error(), 300))
	}
	return errors.New(clip(err.Error(), 600))
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
