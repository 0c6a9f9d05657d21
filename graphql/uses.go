package graphql

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"shapewatch/probes"
)

// maxFacts bounds what is followed of a schema: as much as one object of an
// answer may have keys.
const maxFacts = 480

// A look is what the queries use of a schema.
type look struct {
	schema *ast.Schema
	facts  map[string]bool // "Order.total = Money!", "Order.total(in: Currency!)", "State = PAID"
	cut    bool            // whether there are more
	found  probes.Schema
	types  map[string]bool // enums and inputs that were taken down
}

// use takes down what the queries use, and which of them do not fit.
func use(schema *ast.Schema, queries []Query) *look {
	l := &look{schema: schema, facts: map[string]bool{}, types: map[string]bool{}}
	for _, q := range queries {
		l.query(q)
	}
	l.found.Facts = len(l.facts)
	if l.cut {
		l.facts[probes.InPart] = true
	}
	l.facts[ofQueries+digest(queries)] = true
	return l
}

// ofQueries begins the fact that says which queries the others are of.
const ofQueries = "queries = "

func digest(queries []Query) string {
	sum := sha256.New()
	for _, q := range queries {
		fmt.Fprintf(sum, "%s\x00", q.Text)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// query takes down one document. The validator binds what it can even where
// the document no longer fits.
func (l *look) query(q Query) {
	defer func() { // a schema that breaks the validator must not stop the check
		if recover() != nil {
			l.found.Invalid = append(l.found.Invalid, probes.InvalidQuery{Query: q.Name, Problem: "it cannot be held against this schema"})
		}
	}()
	document, err := parse(q.Text)
	if err != nil {
		l.found.Invalid = append(l.found.Invalid, probes.InvalidQuery{Query: q.Name, Problem: err.Error()})
		return
	}
	validator.Walk(l.schema, document, &validator.Events{})
	for _, o := range document.Operations {
		l.selections(o.SelectionSet, map[string]bool{})
		for _, v := range o.VariableDefinitions {
			l.typeOf(v.Type)
		}
	}
	if problems := validator.ValidateWithRules(l.schema, document, rules.NewDefaultRules()); len(problems) > 0 {
		l.found.Invalid = append(l.found.Invalid, probes.InvalidQuery{Query: q.Name, Problem: inWords(problems[0])})
	}
}

func (l *look) selections(set ast.SelectionSet, spread map[string]bool) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			l.field(s)
			l.selections(s.SelectionSet, spread)
		case *ast.InlineFragment:
			l.selections(s.SelectionSet, spread)
		case *ast.FragmentSpread:
			if s.Definition != nil && !spread[s.Name] {
				spread[s.Name] = true
				l.selections(s.Definition.SelectionSet, spread)
			}
		}
	}
}

func (l *look) field(f *ast.Field) {
	if f.Definition == nil || f.ObjectDefinition == nil || f.Name == "__typename" {
		return // does not fit: the validator says so
	}
	at := f.ObjectDefinition.Name + "." + f.Name
	l.fact(at + " = " + f.Definition.Type.String())
	for _, a := range f.Definition.Arguments {
		given := f.Arguments.ForName(a.Name) != nil
		if required := a.Type.NonNull && a.DefaultValue == nil; given || required {
			l.fact(fmt.Sprintf("%s(%s: %s)", at, a.Name, a.Type))
		}
		if given {
			l.typeOf(a.Type)
		}
	}
	l.deprecated(at, f.Definition.Directives)
	l.typeOf(f.Definition.Type)
}

// typeOf takes down the values of an enum and the fields of an input.
func (l *look) typeOf(t *ast.Type) {
	d := l.schema.Types[t.Name()]
	if d == nil || l.types[d.Name] || d.BuiltIn {
		return
	}
	l.types[d.Name] = true
	switch d.Kind {
	case ast.Enum:
		for _, v := range d.EnumValues {
			l.fact(d.Name + " = " + v.Name)
		}
	case ast.InputObject:
		for _, f := range d.Fields {
			l.fact(d.Name + "." + f.Name + " = " + f.Type.String())
			l.typeOf(f.Type)
		}
	}
}

func (l *look) deprecated(at string, directives ast.DirectiveList) {
	d := directives.ForName("deprecated")
	if d == nil || slices.ContainsFunc(l.found.Deprecated, func(d probes.Deprecated) bool { return d.At == at }) {
		return
	}
	reason := ""
	if a := d.Arguments.ForName("reason"); a != nil {
		reason = printable(a.Value.Raw)
	}
	l.found.Deprecated = append(l.found.Deprecated, probes.Deprecated{At: at, Reason: reason})
}

func (l *look) fact(words string) {
	switch {
	case len(l.facts) < maxFacts:
		l.facts[words] = true
	case !l.facts[words]:
		l.cut = true
	}
}
