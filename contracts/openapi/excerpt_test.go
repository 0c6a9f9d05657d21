package openapi_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"shapewatch/contracts/openapi"
)

// excerptOf takes operations out of a document and reads what was taken.
func excerptOf(t testing.TB, d *openapi.Document, asked []openapi.Asked) *openapi.Document {
	t.Helper()
	e, err := d.Excerpt(asked)
	if err != nil || e.Text == nil {
		t.Fatalf("%v %v", e.Missing, err)
	}
	taken, err := openapi.Load("excerpt", e.Text, nil)
	if err != nil {
		t.Fatal(err)
	}
	return taken
}

func operationsOf(ds ...*openapi.Document) (asked []openapi.Asked) {
	for _, d := range ds {
		for _, id := range d.Operations() {
			asked = append(asked, openapi.Asked{OperationID: id})
		}
	}
	return asked
}

// TestExcerpt_HidesNoChange: over real pairs of documents, whatever is
// announced of the documents is announced of two excerpts.
func TestExcerpt_HidesNoChange(t *testing.T) {
	folders, _ := filepath.Glob("../../../shared/corpus/specs/*_*")
	if len(folders) == 0 {
		t.Skip("no documents at hand")
	}
	for _, folder := range folders {
		if !everything && !strings.Contains(folder, "spotify") {
			continue
		}
		t.Run(filepath.Base(folder), func(t *testing.T) {
			older, newer := pairOf(t, folder)
			asked := operationsOf(older, newer)
			all, taken := announced(t, older, newer), announced(t, excerptOf(t, older, asked), excerptOf(t, newer, asked))
			for change := range all {
				if !taken[change] {
					t.Errorf("%s is not announced of the excerpts", change)
				}
			}
		})
	}
}

// announced are the changes that concern operations. Members of allOf that only
// describe are left out: an excerpt has no descriptions.
func announced(t *testing.T, older, newer *openapi.Document) map[string]bool {
	t.Helper()
	found, err := openapi.Diff(older, newer, nil)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for _, a := range found {
		ofDocument := strings.HasPrefix(a.Rule, "api-") && a.Places[0].Operation == ""
		if !ofDocument && !strings.HasPrefix(a.Rule, "api-tag-") && !strings.Contains(a.Rule, "all-of") {
			all[fmt.Sprintf("%s %s %s", a.Severity, a.Rule, a.Field)] = true
		}
	}
	return all
}

// TestExcerpt_TakesWhatIsAsked: an excerpt of one operation is small, is read
// again, finds the operation by its address, and says what is missing.
func TestExcerpt_TakesWhatIsAsked(t *testing.T) {
	for name, text := range map[string]string{
		"OpenAPI": shopBefore,
		"Swagger": `{"swagger":"2.0","basePath":"/api","info":{"title":"shop","version":"1"},"definitions":{"Order":{"type":"object","properties":{"id":{"type":"string"}}},"Other":{"type":"object"}},
"paths":{"/orders/{id}":{"parameters":[{"name":"id","in":"path","required":true,"type":"string"}],"get":{"operationId":"getOrder","responses":{"200":{"description":"ok","schema":{"$ref":"#/definitions/Order"}}}},
"post":{"operationId":"change","parameters":[{"name":"body","in":"body","schema":{"$ref":"#/definitions/Other"}}],"responses":{"200":{"description":"ok"}}}}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			d := load(t, text)
			one, missing := openapi.Asked{URL: "https://shop.example/api/orders/7"}, openapi.Asked{URL: "https://shop.example/api/invoices"}
			e, err := d.Excerpt([]openapi.Asked{one, missing, one})
			if err != nil || len(e.Faults) > 0 {
				t.Fatalf("%v %v", e.Faults, err)
			}
			same(t, []openapi.Asked{missing}, e.Missing)
			taken, err := openapi.Load("excerpt", e.Text, nil)
			if err != nil {
				t.Fatal(err)
			}
			same(t, []string{"getOrder"}, taken.Operations())
			if _, _, err := taken.Contract(one); err != nil {
				t.Error(err)
			}
			all, err := openapi.Diff(taken, taken, nil)
			if err != nil || len(all) > 0 {
				t.Errorf("a document differs from itself: %v %v", all, err)
			}
			if !strings.Contains(string(e.Text), `"in":"path"`) || strings.Contains(string(e.Text), "Other") {
				t.Errorf("took %s", e.Text)
			}
		})
	}
}

func same[T any](t *testing.T, want, got T) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
