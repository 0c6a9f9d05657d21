package openapi

import (
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"
)

// mended is a broken document in the library's words, as far as it can be
// read: all its operations as an [Excerpt], in which what is broken allows
// anything. Faults say what that is.
func (d *Document) mended() (doc *openapi3.T, faults []string, err error) {
	var all []Asked
	for _, id := range d.Operations() {
		all = append(all, Asked{OperationID: id})
	}
	e, err := d.Excerpt(all)
	if err != nil || e.Text == nil {
		return nil, nil, fmt.Errorf("contract %s: nothing in it can be read", d.source)
	}
	readable, err := openExcerpt(d.source, e.Text)
	if err != nil {
		return nil, nil, err
	}
	doc, err = readable.whole()
	return doc, e.Faults, err
}

// Faults are what was broken in a document that [Diff] could not read as it is
// written, one sentence each; none when it could.
func (d *Document) Faults() []string {
	if faults := d.broken.Load(); faults != nil {
		return *faults
	}
	return nil
}
