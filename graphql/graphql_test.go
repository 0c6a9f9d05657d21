package graphql_test

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"shapewatch/graphql"
	"shapewatch/probes"
)

type asker string

func (a asker) Do(context.Context, probes.Probe) probes.Sample {
	return probes.Sample{Class: probes.Valid, Status: 200, Body: []byte(a)}
}

const orderQuery = `query Order($id: ID!, $state: State) {
  order(id: $id) { ...line lines(state: $state) { sku } ... on Order { state } }
}
fragment line on Order { total }`

func schemaText(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func introspect(t *testing.T, schema string, queries ...graphql.Query) (facts []string, s probes.Sample) {
	t.Helper()
	s = graphql.Introspect(t.Context(), asker(schema), probes.Probe{}, queries)
	var body map[string]bool
	if err := json.Unmarshal(s.Body, &body); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{"Query.order = Order", "Query.order(id: ID!)", "Order.total = Money!", "Order.state = State!", "Order.lines = [Line!]!", "Order.lines(state: State)", "Line.sku = String!", "State = OPEN", "State = PAID"} {
		if body[f] {
			facts = append(facts, f)
		}
		delete(body, f)
	}
	for more := range body {
		if strings.HasPrefix(more, "queries = ") {
			continue
		}
		facts = append(facts, "unexpected "+more)
	}
	return facts, s
}

func TestIntrospect_TakesDownWhatTheQueriesUse(t *testing.T) {
	facts, s := introspect(t, schemaText(t), graphql.Query{Name: "order", Text: orderQuery})
	if len(facts) != 9 || strings.Contains(strings.Join(facts, ";"), "unexpected") {
		t.Errorf("facts: %q", facts)
	}
	want := &probes.Schema{Facts: 9, Deprecated: []probes.Deprecated{{At: "Order.total", Reason: "use amount"}}}
	if diff := cmp.Diff(want, s.Schema); diff != "" {
		t.Error(diff)
	}
}

func TestIntrospect_TellsQueriesThatDoNotFit(t *testing.T) {
	for name, test := range map[string]struct{ query, says string }{
		"no such field":    {"{ order(id: 1) { nothing } }", `Cannot query field "nothing" on type "Order"`},
		"argument missing": {"{ order { total } }", `argument "id" of type "ID!" is required`},
		"no leaf":          {"{ order(id: 1) }", "must have a selection"},
	} {
		t.Run(name, func(t *testing.T) {
			s := graphql.Introspect(t.Context(), asker(schemaText(t)), probes.Probe{}, []graphql.Query{{Name: "q", Text: test.query}})
			if len(s.Schema.Invalid) != 1 || !strings.Contains(s.Schema.Invalid[0].Problem, test.says) {
				t.Errorf("%+v, want %q", s.Schema.Invalid, test.says)
			}
		})
	}
}

func TestIntrospect_RefusesWhatIsNoSchema(t *testing.T) {
	for _, body := range []string{`{"data":{}}`, `{"data":{"__schema":null}}`, `[]`, ``} {
		if s := graphql.Introspect(t.Context(), asker(body), probes.Probe{}, nil); s.Class != probes.ErrorEnvelope {
			t.Errorf("%q: %s", body, s.Class)
		}
	}
}

func TestOperation_NamesWhatRuns(t *testing.T) {
	for text, want := range map[string]string{
		"query A { a }": "A", "{ a }": "", "mutation B { b }": "B",
		"query A { a } query B { b }": "!2 operations", "query A {": "!line 1", "fragment f on T { a }": "!no operation", "subscription S { a }": "!subscription",
	} {
		name, err := graphql.Operation(text, "")
		if problem, fails := strings.CutPrefix(want, "!"); fails && (err == nil || !strings.Contains(err.Error(), problem)) || !fails && (err != nil || name != want) {
			t.Errorf("%s: %q, %v; want %q", text, name, err, want)
		}
	}
}

// FuzzIntrospect_SurvivesAnySchema takes the vendor's schema apart.
func FuzzIntrospect_SurvivesAnySchema(f *testing.F) {
	text, err := os.ReadFile("testdata/schema.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(text))
	f.Add(`{"data":{"__schema":{"queryType":{"name":"Q"},"types":[{"kind":"OBJECT","name":"Q","fields":[{"name":"order","type":null}]}]}}}`)
	f.Fuzz(func(t *testing.T, body string) {
		graphql.Introspect(t.Context(), asker(body), probes.Probe{}, []graphql.Query{{Name: "order", Text: orderQuery}})
	})
}
