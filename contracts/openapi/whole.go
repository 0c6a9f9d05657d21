package openapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
)

// whole reads all of the document in the library's words; Swagger 2 is
// converted. It takes seconds for the largest ones.
func (d *Document) whole() (doc *openapi3.T, err error) {
	defer recoverAs(d.source, &err)
	loader := d.loader()
	location := &url.URL{Path: d.source}
	switch d.dialect {
	case jsonSchema:
		return nil, fmt.Errorf("contract %s: a JSON Schema has no operations", d.source)
	case swagger2:
		return d.converted(loader, location)
	}
	doc, err = loader.LoadFromDataWithPath(d.root.file.text, location)
	if err != nil {
		return nil, fmt.Errorf("contract %s: %w", d.source, errors.New(clip(err.Error(), 600)))
	}
	return doc, nil
}

// loader reads other files through the document's own reader.
func (d *Document) loader() *openapi3.Loader {
	loader := openapi3.NewLoader()
	loader.IsExternalRefsAllowed = true
	loader.ReadFromURIFunc = func(_ *openapi3.Loader, u *url.URL) ([]byte, error) { return d.read(u.String()) }
	return loader
}

func (d *Document) converted(loader *openapi3.Loader, location *url.URL) (*openapi3.T, error) {
	v, err := d.root.Resolved()
	if err != nil {
		return nil, fmt.Errorf("contract %s: %w", d.source, err)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("contract %s: %w", d.source, err)
	}
	var old openapi2.T
	if err := json.Unmarshal(text, &old); err != nil {
		return nil, fmt.Errorf("contract %s: Swagger 2: %s", d.source, clip(err.Error(), 300))
	}
	doc, err := openapi2conv.ToV3WithLoader(&old, loader, location)
	if err != nil {
		return nil, fmt.Errorf("contract %s: Swagger 2: %s", d.source, clip(err.Error(), 300))
	}
	return doc, nil
}
