package openapi

import (
	"encoding/json"
	"maps"
	"slices"

	"shapewatch/contracts"
)

func addEnum(s *contracts.Schema, v any) {
	if v == nil {
		s.Nullable = true
	}
	if text, err := json.Marshal(v); err == nil {
		s.Enum = append(s.Enum, string(text))
	}
}

// spread hands what a schema says beside its alternatives down to each of
// them, so that an alternative is complete in itself.
func spread(s *contracts.Schema) {
	if len(s.AnyOf) == 0 {
		return
	}
	base := *s
	base.AnyOf = nil
	for i, alternative := range s.AnyOf {
		whole := *alternative
		whole.Required = slices.Clone(alternative.Required)
		whole.Properties = maps.Clone(alternative.Properties)
		whole.Nullable = whole.Nullable || s.Nullable
		and(&whole, &base)
		s.AnyOf[i] = &whole
	}
}

// and narrows s by another schema that must hold too. The other is shared and
// stays as it is.
func and(s, o *contracts.Schema) {
	if o == nil {
		return
	}
	if len(s.Kinds) == 0 {
		s.Kinds, s.Nullable = o.Kinds, s.Nullable || o.Nullable
	}
	if s.Format == "" {
		s.Format = o.Format
	}
	if len(s.Enum) == 0 {
		s.Enum = o.Enum
	}
	for _, name := range o.Required {
		if !slices.Contains(s.Required, name) {
			s.Required = append(s.Required, name)
		}
	}
	for name, p := range o.Properties {
		if s.Properties == nil {
			s.Properties = map[string]*contracts.Schema{}
		}
		mine, both := s.Properties[name]
		if both && mine != nil && p != nil {
			merged := *mine
			merged.Properties = maps.Clone(mine.Properties)
			merged.Required = slices.Clone(mine.Required)
			and(&merged, p)
			p = &merged
		}
		s.Properties[name] = p
	}
	if s.Items == nil {
		s.Items = o.Items
	}
	if s.Extra == nil {
		s.Extra = o.Extra
	}
	if len(s.AnyOf) == 0 {
		s.AnyOf = o.AnyOf
	}
}
