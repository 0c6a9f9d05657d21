package pullrequest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// published finds a file that .ci/tools installs below node_modules at the
// root of the repository; without it the test is skipped, unless everything is
// required.
func published(t *testing.T, path string) string {
	t.Helper()
	folder := "../../node_modules"
	if where := os.Getenv("SHAPEWATCH_NODE_MODULES"); where != "" {
		folder = where
	}
	path = filepath.Join(folder, path)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("SHAPEWATCH_REQUIRE_ALL") == "1" {
			t.Fatalf("%s is missing: sh .ci/tools installs it", path)
		}
		t.Skipf("%s is not installed (sh .ci/tools)", path)
	}
	return path
}

// A description is what a vendor publishes of its interface, cut to the paths
// that are asked for: the whole takes long to load.
type description struct {
	doc   *openapi3.T
	wrong func(r *http.Request, answer []byte) bool // where the vendor answers other than it says; nil for never
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

// cutDown keeps paths, and of the components what they refer to. Bodies of
// requests are made strict: a field that is not described is a mistake.
func cutDown(t *testing.T, whole map[string]any, paths []string) map[string]any {
	t.Helper()
	kept, components := map[string]any{}, map[string]any{}
	all := whole["paths"].(map[string]any)
	var refs, asked []string
	for _, path := range paths {
		if all[path] == nil {
			t.Fatalf("%s is not described", path)
		}
		for _, operation := range all[path].(map[string]any) {
			if o, is := operation.(map[string]any); is && o["requestBody"] != nil {
				strict(o["requestBody"])
				asked = append(asked, refsIn(o["requestBody"])...)
			}
		}
		kept[path] = all[path]
		refs = append(refs, refsIn(all[path])...)
	}
	for seen := map[string]bool{}; len(asked) > 0; asked = asked[1:] {
		if parts := strings.Split(asked[0], "/"); !seen[asked[0]] && len(parts) == 4 {
			seen[asked[0]] = true
			of := whole["components"].(map[string]any)[parts[2]].(map[string]any)[parts[3]]
			strict(of)
			asked = append(asked, refsIn(of)...)
		}
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
	return map[string]any{"openapi": whole["openapi"], "info": whole["info"], "paths": kept, "components": components}
}

func strict(value any) {
	switch v := value.(type) {
	case []any:
		for _, one := range v {
			strict(one)
		}
	case map[string]any:
		if _, has := v["properties"].(map[string]any); has && v["additionalProperties"] == nil {
			v["additionalProperties"] = false
		}
		for key, one := range v {
			if key != "example" && key != "examples" {
				strict(one)
			}
		}
	}
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

// guarding stands before a fake: a request that the description does not allow
// is an error and answered 422; an answer gets the fields that the description
// requires beside those that the fake sets, and must then be as described.
func (d *description) guarding(t testing.TB, next http.Handler, prefix string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		input := d.input(r, text, prefix)
		if input == nil {
			if !strings.HasSuffix(r.URL.Path, "/graphql") {
				t.Errorf("%s %s is not described", r.Method, r.URL)
			}
			r.Body = io.NopCloser(bytes.NewReader(text))
			next.ServeHTTP(w, r)
			return
		}
		if err := openapi3filter.ValidateRequest(r.Context(), input); err != nil {
			t.Errorf("%s %s: a request that is not as described: %.1500s\n%.500s", r.Method, r.URL, err, text)
			http.Error(w, `{"message":"not as described"}`, http.StatusUnprocessableEntity)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(text))
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		full := d.fill(input, answer)
		err := openapi3filter.ValidateResponse(r.Context(), &openapi3filter.ResponseValidationInput{
			RequestValidationInput: input, Status: answer.Code, Header: answer.Header(), Body: io.NopCloser(bytes.NewReader(full)),
			Options: &openapi3filter.Options{IncludeResponseStatus: true},
		})
		if err != nil && (d.wrong == nil || !d.wrong(r, full)) {
			t.Errorf("%s %s: an answer %d that is not as described: %.1500s\n%.800s", r.Method, r.URL, answer.Code, err, full)
		}
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		_, _ = w.Write(full)
	})
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

// fill adds to an answer what the description requires.
func (d *description) fill(input *openapi3filter.RequestValidationInput, answer *httptest.ResponseRecorder) []byte {
	described := input.Route.Operation.Responses.Status(answer.Code)
	if described == nil || described.Value.Content["application/json"] == nil || answer.Body.Len() == 0 {
		return answer.Body.Bytes()
	}
	var value any
	if json.Unmarshal(answer.Body.Bytes(), &value) != nil {
		return answer.Body.Bytes()
	}
	full, err := json.Marshal(filled(described.Value.Content["application/json"].Schema.Value, value, 0))
	if err != nil {
		return answer.Body.Bytes()
	}
	return full
}

// filled is a value with the least that makes it as its schema wants.
func filled(s *openapi3.Schema, value any, depth int) any {
	if s == nil || depth > 12 {
		return value
	}
	for _, part := range s.AllOf {
		value = filled(part.Value, value, depth)
	}
	for _, choices := range []openapi3.SchemaRefs{s.OneOf, s.AnyOf} {
		if choice := fitting(choices, value); choice != nil {
			value = filled(choice, value, depth+1)
		}
	}
	switch v := value.(type) {
	case []any:
		for i := range v {
			if s.Items != nil {
				v[i] = filled(s.Items.Value, v[i], depth+1)
			}
		}
	case map[string]any:
		for _, name := range s.Required {
			if _, is := v[name]; !is && s.Properties[name] != nil {
				v[name] = least(s.Properties[name].Value, depth+1)
			}
		}
		for name, one := range v {
			if of := s.Properties[name]; of != nil && one != nil {
				v[name] = filled(of.Value, one, depth+1)
			}
		}
	}
	return value
}

// fitting is the choice that knows the most of a value's fields.
func fitting(choices openapi3.SchemaRefs, value any) (best *openapi3.Schema) {
	object, is := value.(map[string]any)
	if !is {
		for _, c := range choices {
			if _, array := value.([]any); array && c.Value.Type.Is("array") {
				return c.Value
			}
		}
		return nil
	}
	most := -1
	for _, c := range choices {
		known := 0
		for name := range object {
			if of := c.Value.Properties[name]; of != nil && (len(of.Value.Enum) == 0 || slices.Contains(of.Value.Enum, object[name])) {
				known++
			}
		}
		if c.Value.Type.Is("object") && known > most {
			best, most = c.Value, known
		}
	}
	return best
}

// least is a value that a schema takes.
func least(s *openapi3.Schema, depth int) any {
	switch {
	case s.Nullable || depth > 12:
		return nil
	case len(s.Enum) > 0:
		return s.Enum[0]
	case len(s.OneOf) > 0:
		return least(s.OneOf[0].Value, depth+1)
	case len(s.AnyOf) > 0:
		return least(s.AnyOf[0].Value, depth+1)
	case s.Type.Is("string"):
		return map[string]string{"date-time": "2026-11-02T09:00:00Z", "uri": "https://example.com/x", "email": "a@example.com"}[s.Format]
	case s.Type.Is("integer"), s.Type.Is("number"):
		return 1
	case s.Type.Is("boolean"):
		return false
	case s.Type.Is("array"):
		return []any{}
	}
	return filled(s, map[string]any{}, depth+1)
}
