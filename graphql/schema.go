package graphql

import (
	"encoding/json"
	"errors"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
)

// Introspection is the query that asks a GraphQL API for its schema.
const Introspection = `query IntrospectionQuery { __schema {
  queryType { name } mutationType { name } subscriptionType { name }
  types { kind name
    fields(includeDeprecated: true) { name args { ...input } type { ...ref } isDeprecated deprecationReason }
    inputFields { ...input }
    interfaces { name } possibleTypes { name }
    enumValues(includeDeprecated: true) { name isDeprecated deprecationReason } }
  directives { name locations args { ...input } } } }
fragment input on __InputValue { name defaultValue type { ...ref } }
fragment ref on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } }`

// The answer, as far as it is read.
type (
	namedType struct{ Name string }
	typeRef   struct {
		Kind, Name string
		OfType     *typeRef
	}
	inputValue struct {
		Name         string
		DefaultValue *string
		Type         *typeRef
	}
	fieldOf struct {
		Name              string
		Args              []inputValue
		Type              *typeRef
		IsDeprecated      bool
		DeprecationReason string
	}
	typeOf struct {
		Kind, Name                string
		Fields                    []fieldOf
		InputFields               []inputValue
		Interfaces, PossibleTypes []namedType
		EnumValues                []fieldOf
	}
	directiveOf struct {
		Name      string
		Locations []ast.DirectiveLocation
		Args      []inputValue
	}
	schemaOf struct {
		QueryType, MutationType, SubscriptionType *namedType
		Types                                     []typeOf
		Directives                                []directiveOf
	}
)

var errNoSchema = errors.New("the answer holds no schema: introspection may be switched off")

// readSchema makes a schema of an answer to [Introspection]. It is built as it
// comes and not checked: whether a vendor's schema keeps every rule is not ours
// to say.
func readSchema(body []byte) (*ast.Schema, error) {
	var answer struct {
		Data struct {
			Schema *schemaOf `json:"__schema"`
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.Data.Schema == nil || len(answer.Data.Schema.Types) == 0 {
		return nil, errNoSchema
	}
	s, err := validator.ValidateSchemaDocument(validator.PreludeDocument())
	if err != nil {
		return nil, err
	}
	for _, t := range answer.Data.Schema.Types {
		if known := s.Types[t.Name]; known == nil || !known.BuiltIn {
			s.Types[t.Name] = t.definition()
		}
	}
	for _, t := range answer.Data.Schema.Types {
		relate(s, t)
	}
	for _, d := range answer.Data.Schema.Directives {
		s.Directives[d.Name] = &ast.DirectiveDefinition{Name: d.Name, Locations: d.Locations, Arguments: arguments(d.Args), Position: nowhere}
	}
	root := func(t *namedType) *ast.Definition {
		if t == nil {
			return nil
		}
		return s.Types[t.Name]
	}
	s.Query, s.Mutation, s.Subscription = root(answer.Data.Schema.QueryType), root(answer.Data.Schema.MutationType), root(answer.Data.Schema.SubscriptionType)
	return s, nil
}

// nowhere is the place of what no text defines; the validator looks at places.
var nowhere = &ast.Position{Src: &ast.Source{Name: "introspection"}}

func (t typeOf) definition() *ast.Definition {
	d := &ast.Definition{Kind: ast.DefinitionKind(t.Kind), Name: t.Name, Position: nowhere}
	for _, f := range t.Fields {
		d.Fields = append(d.Fields, &ast.FieldDefinition{
			Name: f.Name, Arguments: arguments(f.Args), Type: f.Type.read(), Directives: f.deprecation(), Position: nowhere,
		})
	}
	for _, f := range t.InputFields {
		d.Fields = append(d.Fields, &ast.FieldDefinition{Name: f.Name, Type: f.Type.read(), DefaultValue: f.fallback(), Position: nowhere})
	}
	for _, v := range t.EnumValues {
		d.EnumValues = append(d.EnumValues, &ast.EnumValueDefinition{Name: v.Name, Directives: v.deprecation(), Position: nowhere})
	}
	for _, i := range t.Interfaces {
		d.Interfaces = append(d.Interfaces, i.Name)
	}
	if d.Kind == ast.Union {
		for _, p := range t.PossibleTypes {
			d.Types = append(d.Types, p.Name)
		}
	}
	return d
}

// relate says which types an interface, a union or an object stands for.
func relate(s *ast.Schema, t typeOf) {
	switch ast.DefinitionKind(t.Kind) {
	case ast.Object:
		s.AddPossibleType(t.Name, s.Types[t.Name])
	case ast.Interface, ast.Union:
		for _, p := range t.PossibleTypes {
			if d := s.Types[p.Name]; d != nil {
				s.AddPossibleType(t.Name, d)
				s.AddImplements(p.Name, s.Types[t.Name])
			}
		}
	}
}

func arguments(inputs []inputValue) (list ast.ArgumentDefinitionList) {
	for _, i := range inputs {
		list = append(list, &ast.ArgumentDefinition{Name: i.Name, Type: i.Type.read(), DefaultValue: i.fallback(), Position: nowhere})
	}
	return list
}

// fallback says that there is a default; which one changes nothing for us.
func (i inputValue) fallback() *ast.Value {
	if i.DefaultValue == nil {
		return nil
	}
	return &ast.Value{Kind: ast.NullValue, Raw: "null", Position: nowhere}
}

func (f fieldOf) deprecation() ast.DirectiveList {
	if !f.IsDeprecated {
		return nil
	}
	return ast.DirectiveList{{Name: "deprecated", Arguments: ast.ArgumentList{{
		Name: "reason", Value: &ast.Value{Kind: ast.StringValue, Raw: f.DeprecationReason},
	}}}}
}

// deepestType bounds how many lists a type is wrapped in.
const deepestType = 16

// read is a type as the parser would have read it. What is cut off or missing
// is called so.
func (t *typeRef) read() *ast.Type { return t.upTo(deepestType) }

func (t *typeRef) upTo(depth int) *ast.Type {
	switch {
	case t == nil || depth == 0:
		return ast.NamedType("Unknown", nowhere)
	case t.Kind == "NON_NULL":
		inner := *t.OfType.upTo(depth - 1)
		inner.NonNull = true
		return &inner
	case t.Kind == "LIST":
		return ast.ListType(t.OfType.upTo(depth-1), nowhere)
	}
	return ast.NamedType(t.Name, nowhere)
}
