package openapi

import (
	"fmt"
	"strings"
)

// Announces says what a document announces about operations that are used,
// since an earlier [Excerpt] of it.
func (d *Document) Announces(known []byte, uses []Use) ([]Announcement, error) {
	asked := make([]Asked, len(uses))
	for i, u := range uses {
		asked[i] = u.Asked
	}
	older, err := Load("the document that is known", known, nil)
	if err != nil {
		return nil, err
	}
	latest, err := d.Excerpt(asked)
	if err != nil {
		return nil, err
	}
	newer, err := openExcerpt(d.source, latest.Text)
	if err != nil {
		return nil, err
	}
	return Diff(older, newer, uses)
}

// openExcerpt reads an excerpt, one without operations too: they may all be
// gone.
func openExcerpt(source string, text []byte) (*Document, error) {
	if text == nil {
		text = []byte(`{"openapi":"3.1.0","info":{"title":"nothing","version":"1"},"paths":{}}`)
	}
	w, err := openWritten(source, func(name string) ([]byte, error) {
		if name != source {
			return nil, errOutside
		}
		return text, nil
	})
	if err != nil {
		return nil, fmt.Errorf("contract %w", err)
	}
	return &Document{source: source, written: w}, nil
}

// Short says what is announced in a few words, the same at every place:
// "drops `note`".
func (a Announcement) Short() string {
	name := "`" + strings.ReplaceAll(clip(a.Field, 60), "`", "ˋ") + "`"
	if a.Field == "" {
		name = "something"
	}
	is := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(a.Rule, p) {
				return true
			}
		}
		return false
	}
	switch {
	case is("api-removed", "api-path-removed", "path-removed"):
		return "ends the operation"
	case is("api-deprecated", "endpoint-deprecated"):
		return "deprecates the operation"
	case is("endpoint-added"):
		return "adds the operation"
	case is("deprecat", "sunset"):
		return "deprecates " + name
	case is("enum-value-added"):
		return "adds the value " + name
	case is("enum-value-removed"):
		return "takes away the value " + name
	case is("became-optional") && a.Side == "response":
		return "no longer promises " + name
	case is("became-nullable"):
		return "lets " + name + " be null"
	case is("became-required", "new-required") && a.Side == "request":
		return "wants " + name
	case is("type-changed", "type-generalized", "list-of-types"):
		return "changes the type of " + name
	case is("-removed"):
		return "drops " + name
	case is("-added", "new-optional"):
		return "adds " + name
	}
	return "changes " + name
}
