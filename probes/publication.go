package probes

import "time"

// A Publication is what is remembered of a vendor's published document: enough
// to say what a newer one announces, whatever happens in between.
type Publication struct {
	Tag      string `json:"tag,omitempty"`      // ETag of the document that was read last
	Modified string `json:"modified,omitempty"` // its Last-Modified
	Hash     string `json:"hash"`               // of its bytes: SHA-256, hex
	For      string `json:"for"`                // what was looked for in it, as a hash

	Known     []Excerpt   `json:"known"` // what later documents are compared with
	Latest    []Excerpt   `json:"latest,omitempty"`
	Announced []Announced `json:"announced,omitempty"` // in which Latest differs from Known
	Missing   []string    `json:"missing,omitempty"`   // operations that are asked and not in it
	Faults    []string    `json:"faults,omitempty"`    // what is broken in what they need
}

// An Excerpt is what some operations of a document need.
type Excerpt struct {
	Of   []string `json:"of"`   // the operations, as they are asked
	Text []byte   `json:"text"` // a document of its own, gzipped; empty when the document has none of them
}

// An Announced is one change that a published document announces, at one place.
type Announced struct {
	Operation string    `json:"operation"`      // "GET /v1/charges/{charge}", as the document says it
	Path      string    `json:"path,omitempty"` // of the field in answers: "/data/[]/amount"; "" for the whole
	Rule      string    `json:"rule"`           // of the comparison: "response-optional-property-removed"
	Words     string    `json:"words"`          // what it says, one sentence
	Cause     string    `json:"cause"`          // the same in short, and the same at every place
	Level     uint8     `json:"level"`          // 0 good to know, 1 may hurt, 2 breaks you
	Since     time.Time `json:"since"`          // when it was read first
	Accepted  bool      `json:"accepted,omitempty"`
}

// Settled reports whether nothing that was announced waits for anybody: what is
// good to know is told once, and what was accepted is accepted.
func (p Publication) Settled() bool {
	for _, a := range p.Announced {
		if a.Level > 0 && !a.Accepted {
			return false
		}
	}
	return true
}

// Same reports whether two are about the same change at the same place.
func (a Announced) Same(b Announced) bool {
	return a.Operation == b.Operation && a.Path == b.Path && a.Rule == b.Rule
}
