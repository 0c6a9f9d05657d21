package pullrequest_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// pets is a description as small as one can be.
const pets = `{"openapi":"3.0.3","info":{"title":"p","version":"1"},"paths":{"/pets":{
	"get":{"parameters":[{"in":"query","name":"page","schema":{"type":"integer"}}],"responses":{"200":{"description":"","content":{"application/json":{"schema":{
		"type":"array","items":{"$ref":"#/components/schemas/pet"}}}}}}},
	"post":{"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/pet"}}}},"responses":{"201":{"description":"","content":{"application/json":{"schema":{
		"$ref":"#/components/schemas/pet"}}}}}}}},
	"components":{"schemas":{"kind":{"type":"object","required":["kind"],"properties":{"kind":{"type":"string","enum":["dog","cat"]}}},
	"pet":{"allOf":[{"$ref":"#/components/schemas/kind"},{"type":"object","additionalProperties":true,"properties":{"name":{"type":"string"},"tags":{"type":"object","additionalProperties":{"type":"string"}}}}]}}}}`

// TestDescription_FindsFaults shows that the comparison can fail.
func TestDescription_FindsFaults(t *testing.T) {
	d := describe(t, []byte(pets), "/pets")
	d.younger = []string{"chip"}
	for _, c := range []struct{ method, query, asked, answer, want string }{
		{"POST", "", `{"kind":"dog","chip":1}`, `{"kind":"dog","name":"Rex","tags":{"any":"x"}}`, ""},
		{"GET", "?page=2&chip=1", ``, `[]`, ""},
		{"POST", "", `{"name":"Rex"}`, ``, `property "kind" is missing`},
		{"POST", "", `{"kind":"cow"}`, ``, "not one of the allowed values"},
		{"POST", "", `{"kind":"dog","age":3}`, ``, "fields that are not described: /age"},
		{"GET", "?size=2", ``, ``, "a parameter that is not described: size"},
		{"GET", "?page=two", ``, ``, "invalid integer"},
		{"GET", "", `{}`, ``, "a body where none is described"},
		{"GET", "", ``, `[{"kind":"dog","age":3}]`, "fields that are not described: /[]/age"},
		{"GET", "", ``, `{"kind":"dog"}`, "must be an array"},
		{"GET", "", ``, `[{"kind":"dog","name":7}]`, "must be a string"},
	} {
		asked := httptest.NewRequest(c.method, "/v1/pets"+c.query, bytes.NewReader([]byte(c.asked)))
		if c.asked != "" {
			asked.Header.Set("Content-Type", "application/json")
		}
		input := d.input(asked, []byte(c.asked), "/v1")
		fault := d.requestFault(input, []byte(c.asked))
		if fault == "" {
			answer := httptest.NewRecorder()
			answer.Header().Set("Content-Type", "application/json")
			answer.WriteHeader(map[string]int{"GET": http.StatusOK, "POST": http.StatusCreated}[c.method])
			fault = d.answerFault(input, answer, []byte(c.answer))
		}
		if (fault == "") != (c.want == "") || !strings.Contains(fault, c.want) {
			t.Errorf("%s %s %s %s: %q, want %q", c.method, c.query, c.asked, c.answer, fault, c.want)
		}
	}
}
