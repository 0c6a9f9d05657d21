package pullrequest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// guarding stands before a fake: a request that the description does not allow
// is an error and answered 422; an answer gets the fields that the description
// requires beside those that the fake sets, and must then be as described.
// Neither may hold a field that is not described.
func (d *description) guarding(t testing.TB, next http.Handler, prefix string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(text))
		input := d.input(r, text, prefix)
		if input == nil {
			if d.rest(r) {
				t.Errorf("%s %s is not described", r.Method, r.URL)
			}
			next.ServeHTTP(w, r)
			return
		}
		if fault := d.requestFault(input, text); fault != "" {
			t.Errorf("%s %s: a request that is not as described: %.1500s\n%.500s", r.Method, r.URL, fault, text)
			http.Error(w, `{"message":"not as described"}`, http.StatusUnprocessableEntity)
			return
		}
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		full := d.fill(input, answer)
		if fault := d.answerFault(input, answer, full); fault != "" && (d.wrong == nil || !d.wrong(r, full)) {
			t.Errorf("%s %s: an answer %d that is not as described: %.1500s\n%.800s", r.Method, r.URL, answer.Code, fault, full)
		}
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		_, _ = w.Write(full)
	})
}

// rest reports whether a request is one of those that a description is about:
// neither GraphQL nor git.
func (d *description) rest(r *http.Request) bool {
	return !strings.HasSuffix(r.URL.Path, "/graphql") && !strings.Contains(r.URL.Path, ".git/")
}

// requestFault says what is wrong with a request, "" for nothing.
func (d *description) requestFault(input *openapi3filter.RequestValidationInput, text []byte) string {
	if err := openapi3filter.ValidateRequest(input.Request.Context(), input); err != nil {
		return err.Error()
	}
	for name := range input.Request.URL.Query() {
		if !d.asks(input.Route, name) {
			return "a parameter that is not described: " + name
		}
	}
	if body := input.Route.Operation.RequestBody; body != nil {
		return d.unknownFault(body.Value.Content["application/json"], text)
	}
	if len(text) > 0 {
		return "a body where none is described"
	}
	return ""
}

// asks reports whether an operation has a parameter in its query.
func (d *description) asks(route *routers.Route, name string) bool {
	if slices.Contains(d.younger, name) {
		return true
	}
	for _, all := range []openapi3.Parameters{route.Operation.Parameters, route.PathItem.Parameters} {
		if all.GetByInAndName("query", name) != nil {
			return true
		}
	}
	return false
}

// answerFault says what is wrong with an answer, "" for nothing.
func (d *description) answerFault(input *openapi3filter.RequestValidationInput, answer *httptest.ResponseRecorder, full []byte) string {
	err := openapi3filter.ValidateResponse(input.Request.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: answer.Code, Header: answer.Header(), Body: io.NopCloser(bytes.NewReader(full)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	})
	if err != nil {
		return err.Error()
	}
	if described := input.Route.Operation.Responses.Status(answer.Code); described != nil && described.Value != nil {
		return d.unknownFault(described.Value.Content["application/json"], full)
	}
	return ""
}

func (d *description) unknownFault(content *openapi3.MediaType, text []byte) string {
	var value any
	if content == nil || content.Schema == nil || json.Unmarshal(text, &value) != nil {
		return ""
	}
	found := slices.DeleteFunc(unknown([]*openapi3.Schema{content.Schema.Value}, value, ""), func(at string) bool {
		return slices.Contains(d.younger, at[strings.LastIndexByte(at, '/')+1:])
	})
	if len(found) == 0 {
		return ""
	}
	slices.Sort(found)
	return "fields that are not described: " + strings.Join(found, ", ")
}

// unknown are the places of fields that none of some schemas describes. What
// describes no field at all leaves them open.
func unknown(of []*openapi3.Schema, value any, at string) (found []string) {
	of = spread(of)
	switch v := value.(type) {
	case []any:
		var items []*openapi3.Schema
		for _, s := range of {
			if s.Items != nil {
				items = append(items, s.Items.Value)
			}
		}
		for _, one := range v {
			found = append(found, unknown(items, one, at+"/[]")...)
		}
	case map[string]any:
		known := map[string][]*openapi3.Schema{}
		for _, s := range of {
			if s.AdditionalProperties.Schema != nil {
				return nil
			}
			for name, field := range s.Properties {
				known[name] = append(known[name], field.Value)
			}
		}
		for name, one := range v {
			switch {
			case len(known) == 0:
			case known[name] == nil:
				found = append(found, at+"/"+name)
			default:
				found = append(found, unknown(known[name], one, at+"/"+name)...)
			}
		}
	}
	return found
}

// spread are schemas with those that they are put together from.
func spread(of []*openapi3.Schema) (all []*openapi3.Schema) {
	for _, s := range of {
		all = append(all, s)
		for _, parts := range []openapi3.SchemaRefs{s.AllOf, s.OneOf, s.AnyOf} {
			for _, part := range parts {
				all = append(all, spread([]*openapi3.Schema{part.Value})...)
			}
		}
	}
	return all
}
