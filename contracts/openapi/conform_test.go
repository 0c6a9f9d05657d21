package openapi_test

import (
	"fmt"
	"strings"
	"testing"

	"shapewatch/contracts"
	"shapewatch/contracts/detectors"
	"shapewatch/contracts/openapi"
	"shapewatch/probes"
)

const strictDoc = `openapi: %s
info: {title: shop, version: "1"}
paths:
  /orders:
    get:
      operationId: listOrders
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema:
                type: object
                required: [data]
                properties:
                  data:
                    type: array
                    items:
                      type: object
                      required: [id, state]
                      additionalProperties: false
                      properties:
                        id: {type: string, minLength: 3}
                        state: {type: string, enum: [open, paid]}
                        total: {type: integer, minimum: 0}
                        at: {type: string, format: date-time}
                        note: {%s}
`

func TestValidator_FindsWhatABodyBreaks(t *testing.T) {
	for version, note := range map[string]string{"3.0.3": "type: string, nullable: true", "3.1.0": `type: [string, "null"]`} {
		v, err := load(t, fmt.Sprintf(strictDoc, version, note)).Validator(openapi.Asked{OperationID: "listOrders"})
		if err != nil {
			t.Fatal(err)
		}
		for body, want := range map[string]string{
			`{"data":[{"id":"abc","state":"open","total":1,"note":null}]}`: "",
			`{"data":[{"id":"abc","state":"void"}]}`:                       "/data/[]/state",
			`{"data":[{"id":"abc","state":"open"},{"id":7}]}`:              "/data/[]/id",
			`{"data":[{"id":"abc","state":"open","total":-1}]}`:            "/data/[]/total",
			`{}`: "/data",
		} {
			found, agreed, err := v.Judge(200, "application/json; charset=utf-8", []byte(body))
			if err != nil || !agreed {
				t.Fatal(agreed, err)
			}
			var paths []string
			for _, f := range found {
				paths = append(paths, f.Path)
				if strings.Contains(f.Now, "void") {
					t.Errorf("%s: a value in %q", version, f.Now)
				}
			}
			if told := strings.Join(paths, " "); want == "" && told != "" || want != "" && !strings.Contains(told+" ", want+" ") && !strings.Contains(told, strings.TrimSuffix(want, "/data")) {
				t.Errorf("%s %s: %q, want %q", version, body, told, want)
			}
		}
	}
}

// BenchmarkConformance measures an answer of 20 KB: the shape, which a check
// has anyway, held against the contract, and the body through the validator.
func BenchmarkConformance(b *testing.B) {
	doc, err := openapi.Load("shop.yaml", fmt.Appendf(nil, strictDoc, "3.1.0", `type: [string, "null"]`), nil)
	if err != nil {
		b.Fatal(err)
	}
	asked := openapi.Asked{OperationID: "listOrders"}
	body := twentyKB()
	b.Run("containment", func(b *testing.B) {
		agreed, _, err := doc.Contract(asked)
		if err != nil {
			b.Fatal(err)
		}
		o := contracts.Observe(probes.Sample{At: now, Status: 200, MediaType: "application/json", Body: body, Class: probes.Valid}, nil)
		var mismatch []contracts.Detector
		for _, d := range detectors.All() {
			if d.Name == "contract-mismatch" {
				mismatch = append(mismatch, d)
			}
		}
		for b.Loop() {
			if found := mismatch[0].Detect(&contracts.Comparison{Contract: agreed, Observation: &o}); len(found) > 0 {
				b.Fatal(found)
			}
		}
	})
	b.Run("validator", func(b *testing.B) {
		v, err := doc.Validator(asked)
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if found, _, err := v.Judge(200, "application/json", body); err != nil || len(found) > 0 {
				b.Fatal(found, err)
			}
		}
	})
}

func twentyKB() []byte {
	var items []string
	for i := range 200 {
		items = append(items, fmt.Sprintf(`{"id":"ord_%06d","state":"open","total":%d,"at":"2026-03-01T10:00:00Z","note":"some words of a note"}`, i, i))
	}
	return []byte(`{"data":[` + strings.Join(items, ",") + `]}`)
}
