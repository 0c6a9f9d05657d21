package pullrequest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// A description is what a vendor publishes of its interface, cut to the paths
// that are asked for: the whole takes long to load.
type description struct {
	doc     *openapi3.T
	wrong   func(r *http.Request, answer []byte) bool // where the vendor answers other than it says; nil for never
	younger []string                                  // fields that the vendor has since, or takes in another version
}

func newDescription(t *testing.T, file string, paths ...string) *description {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return describe(t, text, paths...)
}

func describe(t *testing.T, text []byte, paths ...string) *description {
	t.Helper()
	var whole map[string]any
	if err := json.Unmarshal(text, &whole); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(cutDown(t, whole, paths))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	return &description{doc: doc}
}

// cutDown keeps paths, and of the components what they refer to.
func cutDown(t *testing.T, whole map[string]any, paths []string) map[string]any {
	t.Helper()
	kept, components := map[string]any{}, map[string]any{}
	all := whole["paths"].(map[string]any)
	var refs []string
	for _, path := range paths {
		if all[path] == nil {
			t.Fatalf("%s is not described", path)
		}
		kept[path] = all[path]
		refs = append(refs, refsIn(all[path])...)
	}
	for seen := map[string]bool{}; len(refs) > 0; {
		ref := refs[len(refs)-1]
		refs = refs[:len(refs)-1]
		parts := strings.Split(ref, "/") // #/components/kind/name
		if seen[ref] || len(parts) != 4 {
			continue
		}
		seen[ref] = true
		kind, _ := components[parts[2]].(map[string]any)
		if kind == nil {
			kind = map[string]any{}
			components[parts[2]] = kind
		}
		kind[parts[3]] = whole["components"].(map[string]any)[parts[2]].(map[string]any)[parts[3]]
		refs = append(refs, refsIn(kind[parts[3]])...)
	}
	if schemes := whole["components"].(map[string]any)["securitySchemes"]; schemes != nil {
		components["securitySchemes"] = schemes
	}
	return map[string]any{"openapi": whole["openapi"], "info": whole["info"], "paths": kept, "components": components}
}

func refsIn(value any) (refs []string) {
	switch v := value.(type) {
	case []any:
		for _, one := range v {
			refs = append(refs, refsIn(one)...)
		}
	case map[string]any:
		for key, one := range v {
			if ref, is := one.(string); is && key == "$ref" {
				refs = append(refs, ref)
			}
			refs = append(refs, refsIn(one)...)
		}
	}
	return refs
}

// input is a request beside its operation; nil when it is not described.
func (d *description) input(r *http.Request, text []byte, prefix string) *openapi3filter.RequestValidationInput {
	path := strings.TrimPrefix(r.URL.EscapedPath(), prefix)
	for template, item := range d.doc.Paths.Map() {
		params, is := matches(template, path)
		if !is || item.GetOperation(r.Method) == nil {
			continue
		}
		copied := r.Clone(r.Context())
		copied.Body = io.NopCloser(bytes.NewReader(text))
		return &openapi3filter.RequestValidationInput{
			Request: copied, PathParams: params, Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, SkipSettingDefaults: true},
			Route: routeOf(d.doc, template, item, r.Method),
		}
	}
	return nil
}

// matches compares a path with a template; the last parameter of a template
// may hold slashes where the vendor's does.
func matches(template, path string) (map[string]string, bool) {
	params := map[string]string{}
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	for i, part := range want {
		if i >= len(got) {
			return nil, false
		}
		name, is := strings.CutPrefix(part, "{")
		switch {
		case is && i == len(want)-1 && slices.Contains([]string{"ref}", "path}", "branch}", "filepath}"}, name):
			params[strings.TrimSuffix(name, "}")], _ = url.PathUnescape(strings.Join(got[i:], "/"))
			return params, true
		case is:
			params[strings.TrimSuffix(name, "}")], _ = url.PathUnescape(got[i])
		case part != got[i]:
			return nil, false
		}
	}
	return params, len(want) == len(got)
}
