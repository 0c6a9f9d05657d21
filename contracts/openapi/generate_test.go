package openapi_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"maps"

	"go.yaml.in/yaml/v4"
)

// schemaOf reads a learned document: its schemas by name, and the answer's as
// "root".
func schemaOf(t *testing.T, text []byte) map[string]any {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]struct {
			Responses map[string]struct {
				Content map[string]struct{ Schema map[string]any }
			}
		}
		Components struct{ Schemas map[string]any }
	}
	if err := yaml.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	all := map[string]any{"root": doc.Paths["/things/{id}"]["get"].Responses["200"].Content["application/json"].Schema}
	maps.Copy(all, doc.Components.Schemas)
	return all
}

// A generator writes the n-th answer that a schema allows: over many, each
// alternative, each enum value and each optional field comes often.
type generator struct {
	doc map[string]any
	n   int
}

func (g *generator) value(s map[string]any, salt int) any {
	if ref, ok := s["$ref"].(string); ok {
		return g.value(g.doc[strings.TrimPrefix(ref, "#/components/schemas/")].(map[string]any), salt)
	}
	if anyOf, ok := s["anyOf"].([]any); ok {
		return g.value(anyOf[(g.n/2+salt)%len(anyOf)].(map[string]any), salt)
	}
	if enum, ok := s["enum"].([]any); ok {
		if v := enum[(g.n+salt)%len(enum)]; v != nil || g.n > len(enum) {
			return v
		}
		return enum[0]
	}
	if examples, ok := s["examples"].([]any); ok {
		return examples[0]
	}
	types := []string{}
	switch t := s["type"].(type) {
	case string:
		types = append(types, t)
	case []any:
		for _, one := range t {
			types = append(types, fmt.Sprint(one))
		}
	default:
		return nil
	}
	return g.typed(s, types[(g.n/2+salt)%len(types)], salt)
}

func (g *generator) typed(s map[string]any, kind string, salt int) any {
	switch kind {
	case "null":
		return nil
	case "boolean":
		return g.n%2 == 0
	case "integer":
		return g.n*7 + salt
	case "number":
		return float64(g.n) + 0.5
	case "array":
		items, _ := s["items"].(map[string]any)
		if len(items) == 0 {
			return []any{}
		}
		list := []any{}
		for i := range 3 {
			one := generator{g.doc, g.n*3 + i}
			list = append(list, one.value(items, salt))
		}
		return list
	case "object":
		return g.object(s, salt)
	}
	return text(s, g.n)
}

func (g *generator) object(s map[string]any, salt int) any {
	o := map[string]any{}
	properties, _ := s["properties"].(map[string]any)
	required, _ := s["required"].([]any)
	for i, name := range slices.Sorted(maps.Keys(properties)) {
		if slices.Contains(required, any(name)) || (g.n/3+i)%3 != 0 {
			o[name] = g.value(properties[name].(map[string]any), salt+i)
		}
	}
	if extra, ok := s["additionalProperties"].(map[string]any); ok {
		for i := range 5 {
			one := generator{g.doc, g.n*5 + i}
			o[fmt.Sprintf("k%d", g.n*5+i)] = one.value(extra, salt)
		}
	}
	return o
}

func text(s map[string]any, n int) string {
	switch s["format"] {
	case "date-time":
		return fmt.Sprintf("2026-03-01T10:%02d:%02dZ", n%60, n/60%60)
	case "date":
		return fmt.Sprintf("2026-%02d-%02d", 1+n%12, 1+n%28)
	case "uuid":
		return fmt.Sprintf("6ba7b810-9dad-41d1-80b4-%012x", n)
	case "email":
		return fmt.Sprintf("a%d@example.com", n)
	case "uri":
		return fmt.Sprintf("https://example.com/%d", n)
	case "hostname":
		return fmt.Sprintf("h%d.example.com", n)
	case "ipv4":
		return fmt.Sprintf("10.0.%d.%d", n/250%250, n%250)
	case "ipv6":
		return fmt.Sprintf("2001:db8::%x", n+1)
	}
	return fmt.Sprintf("Some words, number %d", n)
}
