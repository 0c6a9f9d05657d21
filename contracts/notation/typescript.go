package notation

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"shapewatch/contracts/shape"
)

// TypeScript writes a shape as types: an interface for each record, a union of
// interfaces where a tag tells variants apart, literal types for closed sets.
// A number that a JavaScript number cannot hold is marked.
func TypeScript(w io.Writer, s *shape.Shape, o Options) error {
	t := &typescript{names: namer{}}
	root, name := outline(s, o.View), typeName(o.Title)
	fmt.Fprintf(&t.out, "// %s.\n", sentence(learnedFrom(s)))
	if kind := t.kind(root, name); kind != name {
		t.out.WriteString("\nexport type " + t.names.take(name) + " = " + kind + ";\n")
	}
	_, err := io.WriteString(w, t.out.String())
	return err
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

type typescript struct {
	out   strings.Builder
	names namer
}

// kind is the type of a place; records get an interface under the name.
func (t *typescript) kind(p *place, name string) string {
	if p == nil {
		return "unknown"
	}
	var kinds []string
	if p.Has(shape.Object) {
		kinds = append(kinds, t.object(p, name))
	}
	if p.Has(shape.Array) {
		kinds = append(kinds, "Array<"+t.kind(p.item, singular(name))+">")
	}
	if p.Has(shape.String) {
		kinds = append(kinds, t.text(p))
	}
	if p.Has(shape.Int) || p.Has(shape.Frac) {
		kinds = append(kinds, "number")
	}
	if p.Has(shape.Bool) {
		kinds = append(kinds, "boolean")
	}
	if p.Has(shape.Null) {
		kinds = append(kinds, "null")
	}
	return strings.Join(kinds, " | ")
}

func (t *typescript) text(p *place) string {
	choices := p.choices()
	if choices == nil {
		return "string"
	}
	for i, c := range choices {
		choices[i] = jsonText(c)
	}
	return strings.Join(choices, " | ")
}

func (t *typescript) object(p *place, name string) string {
	switch {
	case p.IsMap:
		return "Record<string, " + t.kind(p.value, singular(name)) + ">"
	case len(p.keys) == 0 || p.vague():
		return "Record<string, unknown>"
	}
	name = t.names.take(name)
	body := t.members(p, name)
	if variants := p.writableVariants(); variants != nil {
		t.union(p, name, body, variants)
	} else {
		t.declare(name, body, nil)
	}
	return name
}

// A member is one key of an interface.
type member struct {
	key      *place
	kind     string
	optional bool
}

func (t *typescript) members(p *place, name string) (out []member) {
	for _, k := range p.keys {
		if k.named() {
			out = append(out, member{key: k, kind: t.kind(k, name+typeName(k.Name)), optional: !k.always()})
		}
	}
	return out
}

// declare writes an interface; kinds replace those of some members.
func (t *typescript) declare(name string, members []member, kinds map[string]string) {
	fmt.Fprintf(&t.out, "\nexport interface %s {\n", name)
	for _, m := range members {
		kind, mark := m.kind, ""
		if own := kinds[m.key.Name]; own != "" {
			kind = own
		}
		if m.optional {
			mark = "?"
		}
		if note := m.key.note(); note != "" {
			fmt.Fprintf(&t.out, "  /** %s */\n", strings.ReplaceAll(note, "*/", "* /"))
		}
		fmt.Fprintf(&t.out, "  %s%s: %s;\n", property(m.key.Name), mark, kind)
	}
	t.out.WriteString("}\n")
}

// writableVariants are the variants of a union whose tag may be shown; nil
// when there is one that may not, or the tag is not always there.
func (p *place) writableVariants() []shape.Variant {
	if p.Union == nil {
		return nil
	}
	total := uint64(0)
	for _, v := range p.Union.Variants {
		if v.Value == "" {
			return nil
		}
		total += v.Count
	}
	if total != p.Kinds[shape.Object] {
		return nil
	}
	return p.Union.Variants
}

// union writes an interface for each variant, and their union.
func (t *typescript) union(p *place, name string, all []member, variants []shape.Variant) {
	var names []string
	for _, v := range variants {
		var own []member
		for _, m := range all {
			k, known := v.Key(m.key.Path)
			if !known && m.key.Count > 0 {
				continue
			}
			m.optional = !k.Required()
			own = append(own, m)
		}
		variant := t.names.take(name + typeName(v.Value))
		names = append(names, variant)
		t.declare(variant, own, map[string]string{p.Union.Tag: jsonText(v.Value)})
	}
	fmt.Fprintf(&t.out, "\nexport type %s = %s;\n", name, strings.Join(names, " | "))
}

var identifier = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_$]*$`)

func property(name string) string {
	if identifier.MatchString(name) {
		return name
	}
	return jsonText(name)
}

// note is what a type cannot say.
func (p *place) note() string {
	var notes []string
	if f := p.wholeFormat(); f != "" {
		notes = append(notes, f)
	} else if format, ok := p.IsTimestamp(); ok {
		notes = append(notes, format)
	}
	if p.Numbers.Beyond53 > 0 {
		notes = append(notes, "beyond 2^53")
	}
	return strings.Join(notes, ", ")
}
