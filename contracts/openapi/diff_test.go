package openapi_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"shapewatch/contracts"
	"shapewatch/contracts/openapi"
)

func loadFile(t testing.TB, path string) *openapi.Document {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d, err := openapi.Load(filepath.Base(path), text, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func pairOf(t testing.TB, folder string) (older, newer *openapi.Document) {
	t.Helper()
	olds, _ := filepath.Glob(filepath.Join(folder, "old.*"))
	news, _ := filepath.Glob(filepath.Join(folder, "new.*"))
	if len(olds) != 1 || len(news) != 1 {
		t.Fatalf("%s: no pair", folder)
	}
	return loadFile(t, olds[0]), loadFile(t, news[0])
}

// everything asks for the tests that take long.
var everything = os.Getenv("SHAPEWATCH_REQUIRE_ALL") != "" && !raced

// TestDiff_AnnouncesEveryChangeOnce: over real pairs of documents, every
// grouped finding of oasdiff on answers is announced, each as one.
func TestDiff_AnnouncesEveryChangeOnce(t *testing.T) {
	folders, _ := filepath.Glob("../../../shared/corpus/specs/*_*")
	if len(folders) == 0 {
		t.Skip("no documents at hand")
	}
	for _, folder := range folders {
		if info, _ := os.Stat(filepath.Join(folder, "oasdiff_response_unique.json")); !everything && (info.Size() > 10<<10 || strings.Contains(folder, "stripe")) {
			continue // half a minute for all of them
		}
		t.Run(filepath.Base(folder), func(t *testing.T) {
			older, newer := pairOf(t, folder)
			all, err := openapi.Diff(older, newer, nil)
			if err != nil {
				t.Fatal(err)
			}
			type fact struct{ rule, field string }
			announced := map[fact]int{}
			for _, a := range all {
				announced[fact{a.Rule, a.Field}]++
				if a.Words == "" || a.Count < 1 || len(a.Places) == 0 {
					t.Errorf("%+v says too little", a)
				}
			}
			for _, want := range grouped(t, folder) {
				if announced[fact{want.ID, want.Leaf}] == 0 {
					t.Errorf("%s %q is not announced", want.ID, want.Leaf)
				}
			}
			t.Logf("%d announcements", len(all))
		})
	}
}

type groupedFinding struct {
	ID, Leaf string
}

func grouped(t *testing.T, folder string) (all []groupedFinding) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "oasdiff_response_unique.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

const shopBefore = `openapi: 3.0.3
info: {title: shop, version: "1"}
servers: [{url: "https://shop.example/api"}]
paths:
  /orders/{id}:
    get:
      operationId: getOrder
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}}
  /orders:
    get:
      operationId: listOrders
      parameters: [{name: page, in: query, schema: {type: string}}]
      responses: {"200": {description: ok, content: {application/json: {schema: {type: object, properties: {data: {type: array, items: {$ref: "#/components/schemas/Order"}}}}}}}}
components: {schemas: {Order: {type: object, properties: {id: {type: string}, note: {type: string}, state: {type: string, enum: [open, paid]}}}}}
`

var shopAfter = strings.NewReplacer("note: {type: string}, ", "", "[open, paid]", "[open, paid, void]", "{name: page, in: query, schema: {type: string}}", "").Replace(shopBefore)

func TestDiff_SeverityFollowsUse(t *testing.T) {
	older, newer := load(t, shopBefore), load(t, shopAfter)
	of := func(uses ...openapi.Use) map[string]contracts.Severity {
		all, err := openapi.Diff(older, newer, uses)
		if err != nil {
			t.Fatal(err)
		}
		by := map[string]contracts.Severity{}
		for _, a := range all {
			by[a.Rule+" "+a.Field] = a.Severity
		}
		return by
	}
	const gone, grown = "response-optional-property-removed note", "response-property-enum-value-added void"
	asked := openapi.Asked{URL: "https://shop.example/api/orders"}
	for _, c := range []struct {
		name        string
		uses        []openapi.Use
		gone, grown contracts.Severity
	}{
		{"nothing known", nil, contracts.Warning, contracts.Warning},
		{"the field", []openapi.Use{{Asked: asked, Paths: []string{"/data/[]/note"}}}, contracts.Breaking, contracts.Info},
		{"another field", []openapi.Use{{Asked: asked, Paths: []string{"/data/[]/id"}}}, contracts.Info, contracts.Info},
		{"the operation", []openapi.Use{{Asked: asked}}, contracts.Breaking, contracts.Warning},
		{"another operation", []openapi.Use{{Asked: openapi.Asked{OperationID: "nobody"}}}, contracts.Info, contracts.Info},
	} {
		got := of(c.uses...)
		if got[gone] != c.gone || got[grown] != c.grown {
			t.Errorf("%s: gone %s, grown %s, want %s, %s", c.name, got[gone], got[grown], c.gone, c.grown)
		}
	}
}

func TestDiff_ReadsSwagger2(t *testing.T) {
	old := `{"swagger":"2.0","info":{"title":"old","version":"1"},"paths":{"/a":{"get":{"produces":["application/json"],"responses":{"200":{"description":"ok","schema":{"type":"object","properties":{"id":{"type":"string"},"x":{"type":"string"}}}}}}}}}`
	all, err := openapi.Diff(load(t, old), load(t, strings.Replace(old, `,"x":{"type":"string"}`, "", 1)), nil)
	if err != nil || len(all) != 1 || all[0].Field != "x" || all[0].Places[0].Path != "/x" {
		t.Errorf("%+v %v", all, err)
	}
}

// BenchmarkDiff_Stripe measures two documents of 2.6 MB; the library alone is
// measured beside it.
func BenchmarkDiff_Stripe(b *testing.B) {
	folder := "../../../shared/corpus/specs/stripe_2019-10-17"
	if _, err := os.Stat(folder); err != nil {
		b.Skip("no documents at hand")
	}
	b.Run("announced", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			older, newer := pairOf(b, folder)
			if _, err := openapi.Diff(older, newer, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("library", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			libraryDiff(b, folder)
		}
	})
}
