package openapi

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"shapewatch/contracts"
)

// A reducer turns the library's schemas into ours: references followed, allOf
// merged, cycles cut.
type reducer struct {
	done map[*openapi3.Schema]*contracts.Schema
	open map[*openapi3.Schema]bool
}

func (r *reducer) answers(status string, ref *openapi3.ResponseRef) (all []contracts.Agreed) {
	if ref == nil || ref.Value == nil {
		return nil
	}
	for media, body := range ref.Value.Content {
		bare, _, _ := strings.Cut(strings.ToLower(media), ";")
		a := contracts.Agreed{Statuses: status, Media: strings.TrimSpace(bare)}
		if body != nil {
			a.Body = r.schema(body.Schema)
		}
		all = append(all, a)
	}
	slices.SortFunc(all, func(a, b contracts.Agreed) int { return strings.Compare(a.Media, b.Media) })
	return all
}

// schema reduces one schema; nil allows anything. A schema inside itself is
// cut there.
func (r *reducer) schema(ref *openapi3.SchemaRef) *contracts.Schema {
	if ref == nil || ref.Value == nil || r.open[ref.Value] {
		return nil
	}
	if s, ok := r.done[ref.Value]; ok {
		return s
	}
	r.open[ref.Value] = true
	s := r.reduce(ref.Value)
	delete(r.open, ref.Value)
	r.done[ref.Value] = s
	return s
}

func (r *reducer) reduce(in *openapi3.Schema) *contracts.Schema {
	s := &contracts.Schema{Nullable: in.Nullable, Format: in.Format, Required: slices.Clone(in.Required)}
	for _, t := range in.Type.Slice() {
		if t == "null" {
			s.Nullable = true
			continue
		}
		s.Kinds = append(s.Kinds, t)
	}
	for _, v := range in.Enum {
		addEnum(s, v)
	}
	if in.Const != nil {
		addEnum(s, in.Const)
	}
	r.object(s, in)
	s.Items = r.schema(in.Items)
	for _, part := range in.AllOf {
		and(s, r.schema(part))
	}
	r.alternatives(s, in)
	spread(s)
	return s
}

func (r *reducer) object(s *contracts.Schema, in *openapi3.Schema) {
	for name, p := range in.Properties {
		if p != nil && p.Value != nil && p.Value.WriteOnly {
			s.Required = slices.DeleteFunc(s.Required, func(n string) bool { return n == name })
		}
		if s.Properties == nil {
			s.Properties = make(map[string]*contracts.Schema, len(in.Properties))
		}
		s.Properties[name] = r.schema(p)
	}
	extra := in.AdditionalProperties
	s.Closed = extra.Has != nil && !*extra.Has && len(in.PatternProperties) == 0
	s.Extra = r.schema(extra.Schema)
}

func (r *reducer) alternatives(s *contracts.Schema, in *openapi3.Schema) {
	for _, list := range []openapi3.SchemaRefs{in.OneOf, in.AnyOf} {
		for _, ref := range list {
			if ref != nil && ref.Value != nil && ref.Value.Type.Is("null") {
				s.Nullable = true
				continue
			}
			// A nil alternative (a cut cycle) allows anything.
			alternative := r.schema(ref)
			if alternative == nil {
				s.AnyOf = nil
				return
			}
			s.Nullable = s.Nullable || alternative.Nullable && len(s.Kinds) == 0
			s.AnyOf = append(s.AnyOf, alternative)
		}
	}
}
