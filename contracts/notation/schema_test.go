package notation_test

import (
	"bytes"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"shapewatch/contracts/notation"
)

func written(t testing.TB, name string, s series) []byte {
	t.Helper()
	n, err := notation.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := n.Write(&b, learned(t, s.bodies...), notation.Options{Title: s.name, Operation: "GET /v1/{id}/x"}); err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	return b.Bytes()
}

// TestJSONSchema_AcceptsWhatItWasLearnedFrom and is a schema of its draft.
func TestJSONSchema_AcceptsWhatItWasLearnedFrom(t *testing.T) {
	for _, s := range samples(t) {
		schema := compiled(t, written(t, "json-schema", s))
		for _, body := range s.bodies {
			instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
			if err != nil {
				t.Fatalf("%s: %v", s.name, err)
			}
			if err := schema.Validate(instance); err != nil {
				t.Errorf("%s refuses %s: %v", s.name, clip(body), err)
				break
			}
		}
	}
}

func compiled(t testing.TB, text []byte) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("learned.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("learned.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// TestJSONSchema_RefusesWhatIsOtherwise: a schema that takes anything would
// pass the test above.
func TestJSONSchema_RefusesWhatIsOtherwise(t *testing.T) {
	var closed, union series
	for _, s := range samples(t) {
		switch s.name {
		case "closed set":
			closed = s
		case "union":
			union = s
		}
	}
	for _, test := range []struct {
		learned series
		body    string
	}{
		{closed, `{"state":"open","note":"a"}`},
		{closed, `{"state":"merged","note":"a","n":1}`},
		{closed, `{"state":"open","note":1,"n":1}`},
		{closed, `{"state":null,"note":"a","n":1}`},
		{closed, `{"state":"open","note":"a","n":1.5}`},
		{closed, `[]`},
		{union, `{"type":"card","brand":"visa"}`},
		{union, `{"type":"bank","iban":"DE1"}`},
		{series{"map", texts(`{"rates":{"EUR":1.1,"USD":1,"GBP":0.8}}`)}, `{"rates":{"CHF":"x"}}`},
	} {
		instance, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(test.body)))
		if err != nil {
			t.Fatal(err)
		}
		if compiled(t, written(t, "json-schema", test.learned)).Validate(instance) == nil {
			t.Errorf("%s accepts %s", test.learned.name, test.body)
		}
	}
}

// TestOpenAPI_IsADocument that loads, is valid, and has its operation.
func TestOpenAPI_IsADocument(t *testing.T) {
	for _, s := range samples(t) {
		text := written(t, "openapi", s)
		document, err := openapi3.NewLoader().LoadFromData(text)
		if err != nil {
			t.Errorf("%s: %v", s.name, err)
			continue
		}
		if err := document.Validate(t.Context(), openapi3.IsOpenAPI31OrLater()); err != nil {
			t.Errorf("%s: %v\n%s", s.name, err, clip(text))
		}
		if document.Paths.Value("/v1/{id}/x").Get.Responses.Value("200") == nil {
			t.Errorf("%s: the operation is not there", s.name)
		}
	}
}
