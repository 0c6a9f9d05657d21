package graphql_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"shapewatch/graphql"
	"shapewatch/probes"
)

// TestIntrospect_SaysThatItFollowsAPart of an enum with more values than are
// followed, and not of one with as many.
func TestIntrospect_SaysThatItFollowsAPart(t *testing.T) {
	for values, want := range map[int]bool{479: false, 480: true} {
		var all []string
		for i := range values {
			all = append(all, fmt.Sprintf(`{"name":"V%d"}`, i))
		}
		schema := `{"data":{"__schema":{"queryType":{"name":"Q"},"types":[{"kind":"OBJECT","name":"Q","fields":[{"name":"state","args":[],"type":{"kind":"ENUM","name":"E"}}]},{"kind":"ENUM","name":"E","enumValues":[` + strings.Join(all, ",") + `]}]}}}`
		s := graphql.Introspect(t.Context(), asker(schema), probes.Probe{}, []graphql.Query{{Name: "q", Text: "{ state }"}})
		var facts map[string]bool
		if err := json.Unmarshal(s.Body, &facts); err != nil || s.Schema.Facts != 480 || facts[probes.InPart] != want {
			t.Errorf("%d values: %v, %+v, in part %t", values, err, s.Schema, facts[probes.InPart])
		}
	}
}
