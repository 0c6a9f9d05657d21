package notation

import (
	"encoding/json"
	"io"
	"reflect"
	"slices"

	"shapewatch/contracts/shape"
)

// A schema is the part of JSON Schema 2020-12 that a shape can fill.
type schema struct {
	Version    string             `json:"$schema,omitempty"`
	Title      string             `json:"title,omitempty"`
	Comment    string             `json:"$comment,omitempty"`
	Type       any                `json:"type,omitempty"` // a name or several
	Format     string             `json:"format,omitempty"`
	Const      any                `json:"const,omitempty"`
	Enum       []any              `json:"enum,omitempty"`
	Properties map[string]*schema `json:"properties,omitempty"`
	Required   []string           `json:"required,omitempty"`
	Others     *schema            `json:"additionalProperties,omitempty"`
	Items      *schema            `json:"items,omitempty"`
	AllOf      []*schema          `json:"allOf,omitempty"`
	If         *schema            `json:"if,omitempty"`
	Then       *schema            `json:"then,omitempty"`
	Examples   []json.RawMessage  `json:"examples,omitempty"`
}

// JSONSchema writes a shape as JSON Schema 2020-12. Records stay open to new
// keys; what was always there is required; closed sets are enums; the variants
// of a union each require their own keys.
func JSONSchema(w io.Writer, s *shape.Shape, o Options) error {
	top := schemaOf(outline(s, o.View))
	top.Version = "https://json-schema.org/draft/2020-12/schema"
	top.Title = o.Title
	top.Comment = learnedFrom(s)
	return indented(w, top)
}

func learnedFrom(s *shape.Shape) string {
	return "learned by shapewatch from " + plural(s.Probes(), "answer")
}

func indented(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func schemaOf(p *place) *schema {
	if p == nil {
		return &schema{}
	}
	s := &schema{Type: p.typeNames(), Format: p.standardFormat()}
	if s.Enum = p.enum(); s.Enum == nil {
		for _, e := range p.examples(3) {
			s.Examples = append(s.Examples, json.RawMessage(e))
		}
	}
	if p.item != nil {
		s.Items = schemaOf(p.item)
	}
	if p.value != nil {
		s.Others = schemaOf(p.value)
	}
	if len(p.keys) > 0 {
		s.record(p)
	}
	return s
}

// record fills in the keys of a record.
func (s *schema) record(p *place) {
	s.Properties = map[string]*schema{}
	for _, k := range p.keys {
		if !k.named() {
			continue
		}
		below := &schema{Comment: "some objects repeat a key: parsers differ on the value"}
		if !p.vague() {
			below = schemaOf(k)
			below.Comment = k.evidence()
		}
		s.Properties[k.Name] = below
		if k.always() {
			s.Required = append(s.Required, k.Name)
		}
	}
	if p.Union != nil && !p.vague() {
		s.union(p)
	}
}

// union says for each value of the tag what it requires, and of which types and
// formats its keys are where variants differ in that.
func (s *schema) union(p *place) {
	for _, v := range p.Union.Variants {
		then := &schema{}
		for _, k := range p.keys {
			own, known := v.Key(k.Path)
			if !known || !k.named() {
				continue
			}
			if own.Required() && !k.always() {
				then.Required = append(then.Required, k.Name)
			}
			if narrow := k.narrowed(own); narrow != nil && p.toldApart() {
				if then.Properties == nil {
					then.Properties = map[string]*schema{}
				}
				then.Properties[k.Name] = narrow
			}
		}
		if v.Value == "" || then.Required == nil && then.Properties == nil {
			continue
		}
		tag := map[string]*schema{p.Union.Tag: {Const: v.Value}}
		s.AllOf = append(s.AllOf, &schema{If: &schema{Properties: tag, Required: []string{p.Union.Tag}}, Then: then})
	}
}

// toldApart reports whether every object here is known by its variant.
func (p *place) toldApart() bool {
	var known uint64
	for _, v := range p.Union.Variants {
		known += v.Count
	}
	return known == p.Kinds[shape.Object]
}

// narrowed are the types and the format of a key in one variant, nil when they
// are those of all.
func (p *place) narrowed(key shape.VariantKey) *schema {
	own := place{}
	for _, k := range key.Kinds {
		own.Kinds[k] = 1
	}
	narrow, all, format := own.typeNames(), p.typeNames(), standardFormats[p.formatIn(key)]
	if reflect.DeepEqual(narrow, all) && format == "" {
		return nil
	}
	return &schema{Type: narrow, Format: format}
}

// formatIn is the format that all strings of a variant have under this key,
// where not all strings have it; "" when there is none.
func (p *place) formatIn(key shape.VariantKey) string {
	if !slices.Contains(key.Kinds, shape.String) || p.EmptyStrings > 0 || len(key.Formats) != 1 || key.Formats[0] == p.wholeFormat() {
		return ""
	}
	return key.Formats[0]
}

// typeNames are the names of the kinds seen: one alone, or a list. An integer
// is a number too.
func (p *place) typeNames() any {
	var names []string
	for _, k := range []shape.Kind{shape.Bool, shape.Int, shape.Frac, shape.String, shape.Object, shape.Array, shape.Null} {
		if p.Has(k) && (k != shape.Int || !p.Has(shape.Frac)) {
			names = append(names, k.String())
		}
	}
	if len(names) == 1 {
		return names[0]
	}
	return names
}

// standardFormats are the formats of JSON Schema that ours imply.
var standardFormats = map[string]string{
	"date-time": "date-time", "date": "date", "email": "email", "uuid": "uuid", "ipv4": "ipv4", "ipv6": "ipv6", "uri": "uri",
}

func (p *place) standardFormat() string { return standardFormats[p.wholeFormat()] }

func (p *place) enum() (values []any) {
	for _, text := range p.choices() {
		values = append(values, text)
	}
	if values != nil && p.Has(shape.Null) {
		values = append(values, nil)
	}
	return values
}
