package pullrequest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
)

// A graph is what GitHub publishes of its GraphQL interface: types by name.
type graph map[string]graphType

type graphType struct {
	Fields, InputFields []graphField
}

type graphField struct {
	Name string
	Type graphRef
	Args []graphField
}

// graphRef is a type, or one inside others: a list of it, one that is not null.
type graphRef struct {
	Kind, Name string
	OfType     *graphRef
}

func newGraph(t *testing.T, file string) graph {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var published struct {
		Schema struct {
			Types []struct {
				Name string
				graphType
			}
		} `json:"__schema"`
	}
	if err := json.Unmarshal(text, &published); err != nil {
		t.Fatal(err)
	}
	g := graph{}
	for _, one := range published.Schema.Types {
		g[one.Name] = one.graphType
	}
	return g
}

func fieldOf(fields []graphField, name string) (graphField, bool) {
	for _, f := range fields {
		if f.Name == name {
			return f, true
		}
	}
	return graphField{}, false
}

var ourMutation = regexp.MustCompile(`^mutation\(\$input:(\w+)!\)\{(\w+)\(input:\$input\)\{(\w+)\}\}$`)

// fault says what is wrong with a mutation and its variables, "" for nothing.
func (g graph) fault(query string, variables map[string]any) string {
	m := ourMutation.FindStringSubmatch(query)
	if m == nil {
		return "a query of another form"
	}
	mutation, is := fieldOf(g["Mutation"].Fields, m[2])
	if !is {
		return "no mutation " + m[2]
	}
	input, is := fieldOf(mutation.Args, "input")
	if !is || input.Type.OfType == nil || input.Type.OfType.Name != m[1] {
		return "the input of " + m[2] + " is not of type " + m[1]
	}
	if _, is := fieldOf(g[mutation.Type.Name].Fields, m[3]); !is {
		return m[2] + " does not answer with " + m[3]
	}
	return g.misfit(input.Type, variables["input"], "input")
}

// misfit compares a value with a type.
func (g graph) misfit(of graphRef, value any, at string) string {
	if of.Kind == "NON_NULL" {
		if value == nil {
			return at + " is missing"
		}
		return g.misfit(*of.OfType, value, at)
	}
	switch v := value.(type) {
	case nil:
		return ""
	case []any:
		if of.Kind != "LIST" {
			return at + " is no list"
		}
		for i, one := range v {
			if fault := g.misfit(*of.OfType, one, fmt.Sprintf("%s[%d]", at, i)); fault != "" {
				return fault
			}
		}
		return ""
	case map[string]any:
		return g.misfitObject(of, v, at)
	case string:
		if of.Kind != "SCALAR" || of.Name == "Boolean" || of.Name == "Int" {
			return at + " is a text, and no " + of.Name
		}
		return ""
	}
	if _, is := value.(bool); !is || of.Name != "Boolean" {
		return fmt.Sprintf("%s is %v, and no %s", at, value, of.Name)
	}
	return ""
}

func (g graph) misfitObject(of graphRef, value map[string]any, at string) string {
	if of.Kind != "INPUT_OBJECT" {
		return at + " is no object"
	}
	for _, f := range g[of.Name].InputFields {
		if fault := g.misfit(f.Type, value[f.Name], at+"."+f.Name); fault != "" {
			return fault
		}
	}
	for name := range value {
		if _, is := fieldOf(g[of.Name].InputFields, name); !is {
			return at + "." + name + " is not known"
		}
	}
	return ""
}

// guarding stands before a fake: a mutation that GitHub's own description does
// not allow is an error.
func (g graph) guarding(t testing.TB, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/graphql") {
			text, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(text))
			var asked struct {
				Query     string
				Variables map[string]any
			}
			if err := json.Unmarshal(text, &asked); err != nil {
				t.Errorf("%v: %s", err, text)
			}
			if fault := g.fault(asked.Query, asked.Variables); fault != "" {
				t.Errorf("a mutation that is not as described: %s: %s", fault, text)
			}
		}
		next.ServeHTTP(w, r)
	})
}

// TestGraph_FindsFaults shows that the comparison can fail.
func TestGraph_FindsFaults(t *testing.T) {
	g := newGraph(t, published(t, "@octokit/graphql-schema/schema.json"))
	good := `mutation($input:UpdateRefsInput!){updateRefs(input:$input){clientMutationId}}`
	update := func(edit func(map[string]any)) map[string]any {
		one := map[string]any{"name": "refs/heads/x", "afterOid": "0", "beforeOid": "0", "force": true}
		edit(one)
		return map[string]any{"input": map[string]any{"repositoryId": "R_1", "refUpdates": []any{one}}}
	}
	for want, fault := range map[string]string{
		"":                        g.fault(good, update(func(map[string]any) {})),
		"no mutation updateReefs": g.fault(strings.Replace(good, "updateRefs", "updateReefs", 1), nil),
		"the input of updateRefs is not of type UpdateRefInput": g.fault(strings.Replace(good, "RefsInput", "RefInput", 1), nil),
		"updateRefs does not answer with ref":                   g.fault(strings.Replace(good, "{clientMutationId", "{ref", 1), nil),
		"input is missing":                                      g.fault(good, nil),
		"input.refUpdates[0].afterOid is missing":               g.fault(good, update(func(o map[string]any) { delete(o, "afterOid") })),
		"input.refUpdates[0].after is not known":                g.fault(good, update(func(o map[string]any) { o["after"] = "0" })),
		"input.refUpdates[0].force is a text, and no Boolean":   g.fault(good, update(func(o map[string]any) { o["force"] = "yes" })),
		"input.refUpdates[0].name is true, and no GitRefname":   g.fault(good, update(func(o map[string]any) { o["name"] = true })),
	} {
		same(t, want, fault)
	}
}
