package openapi_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"shapewatch/contracts"
	"shapewatch/contracts/openapi"
)

const zoo = `openapi: 3.1.0
info: {title: zoo, version: "1"}
servers: [{url: "https://zoo.example/api/v2/"}]
paths:
  /animals:
    get: {operationId: listAnimals, responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Animal"}}}}}, 4XX: {description: no, content: {application/problem+json: {schema: {type: object}}}}, default: {description: other, content: {"*/*": {schema: {type: string}}}}}}
  /animals/mine:
    get: {operationId: myAnimals, responses: {"200": {description: ok}}}
  /animals/{id}:
    get: {operationId: getAnimal, responses: {"200": {description: ok, content: {application/json; charset=utf-8: {schema: {$ref: "#/components/schemas/Animal"}}}}}}
  /animals/{id}/photo.{ext}:
    get: {operationId: getPhoto, responses: {"200": {description: ok}}}
components:
  schemas:
    Named: {type: object, required: [name], properties: {name: {type: string}}}
    Animal:
      allOf:
        - {$ref: "#/components/schemas/Named"}
        - {type: object, required: [kind], properties: {kind: {type: string, enum: [cat, dog]}, mother: {$ref: "#/components/schemas/Animal"}}}
    Pet: {oneOf: [{$ref: "#/components/schemas/Named"}, {type: "null"}]}
`

func load(t *testing.T, text string) *openapi.Document {
	t.Helper()
	doc, err := openapi.Load("zoo.yaml", []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestContract_FindsTheOperation(t *testing.T) {
	doc := load(t, zoo)
	for _, c := range []struct{ method, url, id, want string }{
		{"GET", "https://zoo.example/api/v2/animals", "", "listAnimals"},
		{"", "https://zoo.example/api/v2/animals?limit=2", "", "listAnimals"},
		{"get", "https://proxy.example/animals/", "", "listAnimals"},
		{"GET", "https://zoo.example/api/v2/animals/mine", "", "myAnimals"},
		{"GET", "https://zoo.example/api/v2/animals/a%2Fb", "", "getAnimal"},
		{"GET", "https://zoo.example/api/v2/animals/7/photo.jpg", "", "getPhoto"},
		{"GET", "https://anywhere.example/x", "getAnimal", "getAnimal"},
	} {
		got, _, err := doc.Contract(openapi.Asked{Method: c.method, URL: c.url, OperationID: c.id})
		if err != nil || got.Operation != c.want {
			t.Errorf("%s %s %s: %v, %v, want %s", c.method, c.url, c.id, got, err, c.want)
		}
	}
}

func TestContract_SaysWhatItDidNotFind(t *testing.T) {
	doc := load(t, zoo)
	for id, want := range map[string]string{"getAnimals": `did you mean "getAnimal"?`, "": "no operation POST /api/v2/animals"} {
		_, _, err := doc.Contract(openapi.Asked{Method: "POST", URL: "https://zoo.example/api/v2/animals", OperationID: id})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "zoo.yaml") {
			t.Errorf("%q: %v, want %q", id, err, want)
		}
	}
}

func TestContract_MergesAllOfAndCutsCycles(t *testing.T) {
	c, _, err := load(t, zoo).Contract(openapi.Asked{OperationID: "getAnimal"})
	if err != nil {
		t.Fatal(err)
	}
	s := c.For(200, "application/json")
	if s == nil || strings.Join(s.Required, " ") != "kind name" && strings.Join(s.Required, " ") != "name kind" {
		t.Fatalf("schema %+v, want name and kind required", s)
	}
	if !s.Properties["kind"].Names("cat") || s.Properties["kind"].Names("cow") {
		t.Errorf("enum %v", s.Properties["kind"].Enum)
	}
	for path, want := range map[string]bool{"/name": true, "/kind": true, "/mother": true, "/father": false} {
		if s.Properties["mother"] == nil && strings.HasPrefix(path, "/mother") {
			continue // the cycle is cut there: anything goes
		}
		if c.Covers(path) != want {
			t.Errorf("covers %s: %t, want %t", path, !want, want)
		}
	}
}

func TestContract_PicksTheAnswerByStatusAndMediaType(t *testing.T) {
	c, _, err := load(t, zoo).Contract(openapi.Asked{OperationID: "listAnimals"})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		status int
		media  string
		kind   string
	}{{200, "application/json", "array"}, {200, "", "array"}, {200, "application/vnd.zoo+json", "array"}, {404, "application/problem+json", "object"}, {500, "text/plain", "string"}, {404, "text/plain", "string"}} {
		got := c.For(want.status, want.media)
		if got == nil || len(got.Kinds) != 1 || got.Kinds[0] != want.kind {
			t.Errorf("%d %s: %+v, want %s", want.status, want.media, got, want.kind)
		}
	}
	var none *contracts.Contract
	if none.For(200, "application/json") != nil {
		t.Error("no contract agreed to something")
	}
}

func TestLoad_SaysWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"empty":         {"", "is empty"},
		"swagger":       {"swagger: \"1.2\"\npaths: {}", "want 2.0"},
		"something":     {"hello: world", "no `openapi: 3.x`"},
		"no paths":      {"openapi: 3.0.0\ninfo: {title: x, version: \"1\"}\npaths: {}", "no paths"},
		"not YAML":      {"{\x00", "zoo.yaml"},
		"wrong version": {"openapi: 4.0.0\ninfo: {title: x, version: \"1\"}\npaths: {/a: {}}", "want 3.0, 3.1 or 3.2"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := openapi.Load("zoo.yaml", []byte(c.text), nil)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "contract zoo.yaml") {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

// TestContract_ListsWhatIsBroken: what leads nowhere, or outside, allows
// anything and is a fault; the rest holds.
func TestContract_ListsWhatIsBroken(t *testing.T) {
	animal := `"#/components/schemas/Animal"}}}}}, 4XX`
	for name, c := range map[string]struct{ text, want string }{
		"outside file": {strings.Replace(zoo, animal, `/etc/passwd"}}}}}, 4XX`, 1), "bundle the document"},
		"outside host": {strings.Replace(zoo, animal, `http://169.254.169.254/x"}}}}}, 4XX`, 1), "bundle the document"},
		"dangling":     {strings.Replace(zoo, "schemas/Named\"}\n", "schemas/Nobody\"}\n", 1), "Nobody"},
		"loop":         {strings.Replace(zoo, "{type: object, required: [name], properties: {name: {type: string}}}", `{$ref: "#/components/schemas/Named"}`, 1), ""},
		"no schema":    {strings.Replace(zoo, "properties: {name: {type: string}}", "properties: {name: 7}", 1), "no schema"},
		"no type":      {strings.Replace(zoo, "{name: {type: string}}", "{name: {type: text}}", 1), "type is not"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.text == zoo {
				t.Fatal("nothing was broken")
			}
			agreed, faults, err := load(t, c.text).Contract(openapi.Asked{OperationID: "listAnimals"})
			if err != nil || agreed.For(404, "application/problem+json") == nil {
				t.Fatalf("%v %v", agreed, err)
			}
			if told := strings.Join(faults, "\n"); !strings.Contains(told, c.want) || c.want != "" && !strings.Contains(told, "zoo.yaml:") {
				t.Errorf("faults %q, want %q", told, c.want)
			}
		})
	}
}

// TestLoad_ReadsPublishedDocuments reads real documents, where they are at hand.
func TestLoad_ReadsPublishedDocuments(t *testing.T) {
	paths, _ := filepath.Glob("../../../shared/corpus/specs/*/*")
	if len(paths) == 0 {
		t.Skip("no documents at hand")
	}
	for _, path := range paths {
		if ext := filepath.Ext(path); ext != ".yaml" && ext != ".yml" && ext != ".json" {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil || len(data) > 3<<20 || !strings.Contains(string(data[:min(len(data), 4096)]), "openapi") {
			continue
		}
		doc, err := openapi.Load(filepath.Base(path), data, nil)
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(path), err)
			continue
		}
		for _, id := range doc.Operations()[:5] {
			if c, faults, err := doc.Contract(openapi.Asked{OperationID: id}); err != nil || len(faults) > 0 || c.Operation == "" {
				t.Errorf("%s: %s: %v %v %v", path, id, c, faults, err)
			}
		}
	}
}

func FuzzLoad_NeverPanics(f *testing.F) {
	f.Add([]byte(zoo))
	f.Add([]byte(`{"openapi":"3.0.0","paths":{"/a":{"get":{"responses":{"200":null}}}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := openapi.Load("fuzz", data, nil)
		if err == nil {
			_, _, _ = doc.Contract(openapi.Asked{URL: "https://a.example/animals/1"})
		}
	})
}
