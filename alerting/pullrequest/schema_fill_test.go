package pullrequest_test

import (
	"encoding/json"
	"net/http/httptest"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

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
