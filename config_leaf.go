package main

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// A leaf is one value of the configuration with how it was written and where.
type leaf[T any] struct {
	value  T
	text   string  // as written, references expanded; empty when nothing was said
	pieces []piece // as written
	at     place
	masked bool // a secret: never printed
}

// A kind says what may be written for a value and what it means.
type kind[T any] struct {
	words  string // completes "want …": "a duration such as 5m"
	parse  func(text string) (T, error)
	json   map[string]any // JSON Schema without references
	secret bool
	native bool // the schema is no string: a reference is allowed beside it
}

// one is a setting with a single value.
type one[T any] struct {
	into *leaf[T]
	kind kind[T]
}

func a[T any](into *leaf[T], k kind[T]) setting { return one[T]{into, k} }

// given is a default, written as a user would write it.
func given[T any](text string, k kind[T]) leaf[T] {
	value, _ := k.parse(text) // a test reads every default back
	return leaf[T]{value: value, text: text}
}

func (o one[T]) words() string { return o.kind.words }

func (o one[T]) read(r *reader, n *yaml.Node, path string) {
	at, n := r.at(n, path), follow(n)
	if n.Kind != yaml.ScalarNode || n.ShortTag() == "!!null" {
		r.problem(at, nothingHint(n), "want %s, found %s", o.kind.words, found(n))
		return
	}
	pieces, err := r.split(n.Value)
	if err != nil {
		r.fault(at, err)
		return
	}
	l, err := o.take(r, at, pieces)
	if err != nil {
		r.fault(at, err)
		return
	}
	*o.into = l
}

// take expands a value and reads it; where made-up values stand for what is
// not there, by the first that this kind of value accepts.
func (o one[T]) take(r *reader, at place, pieces []piece) (l leaf[T], err error) {
	all := r.standIns
	defer func() { r.standIns = all }()
	for {
		r.missing = false
		var text string
		if text, err = r.expand(pieces); err != nil {
			return l, err
		}
		l = leaf[T]{text: text, pieces: pieces, at: at, masked: o.kind.secret}
		if l.masked && !r.missing {
			r.secretValue(at, text, pieces)
		}
		if l.value, err = o.kind.parse(text); err == nil || !r.missing || len(r.standIns) == 1 {
			return l, err
		}
		r.standIns = r.standIns[1:]
	}
}

func nothingHint(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode {
		return "write a value, or remove the key"
	}
	return ""
}

// secretValue remembers a secret; one in plain text is worth a warning.
func (r *reader) secretValue(at place, text string, pieces []piece) {
	r.secret(text)
	for _, p := range pieces {
		if p.isReference() {
			if p.optional {
				r.secret(p.fallback)
			}
			continue
		}
		if word := lastWord(p.literal); len(pieces) == 1 && word != "" && !p.handed {
			r.secret(word)
			r.warning(at, "write ${NAME} or ${file:/path} and keep the value elsewhere", "a secret in plain text")
		}
	}
}

// lastWord is the secret of "Bearer x".
func lastWord(text string) string {
	words := strings.Fields(text)
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}

func (o one[T]) schema() map[string]any { return withReferences(o.kind.json, o.kind.native) }

func (o one[T]) show() *yaml.Node { return bare(o.into.show(), o.kind.native) }

// bare writes a number or a flag without quotes.
func bare(n *yaml.Node, native bool) *yaml.Node {
	if n != nil && native {
		n.Tag = ""
	}
	return n
}

// show is the value as it was written: references stay references, and of a
// secret nothing else is shown.
func (l leaf[T]) show() *yaml.Node {
	if l.text == "" {
		return nil
	}
	return textNode(l.written())
}

// written is the text of show.
func (l leaf[T]) written() string {
	if l.pieces == nil {
		return strings.ReplaceAll(l.text, "${", "$${")
	}
	var b strings.Builder
	for _, p := range l.pieces {
		b.WriteString(p.show(l.masked))
	}
	return b.String()
}

func (p piece) show(masked bool) string {
	switch {
	case p.file != "":
		return "${file:" + p.file + "}"
	case p.optional && masked:
		return "${" + p.name + ":-" + mask + "}"
	case p.optional:
		return "${" + p.name + ":-" + p.fallback + "}"
	case p.name != "":
		return "${" + p.name + "}"
	case masked && !authScheme.MatchString(p.literal):
		return mask
	}
	return strings.ReplaceAll(p.literal, "${", "$${")
}

// authScheme is the public part of an Authorization header.
var authScheme = regexp.MustCompile(`^(?i:bearer|basic|token|apikey) +$`)

// mask stands for a secret in plain text.
const mask = "********"

func textNode(text string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Value: text, Tag: "!!str"}
	if strings.ContainsAny(text, "${}[]#:,&*!|>'\"%@`\n") || text == "" || text != strings.TrimSpace(text) {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// instead is a setting that ends another one, which was inherited.
type instead struct {
	setting
	clear func()
}

func (i instead) read(r *reader, n *yaml.Node, path string) {
	i.clear()
	i.setting.read(r, n, path)
}

// hidden is a setting that is not shown when nothing would read it.
type hidden struct {
	setting
	when func() bool
}

func (h hidden) show() *yaml.Node {
	if h.when() {
		return nil
	}
	return h.setting.show()
}

// An unsaid block has defaults that are not shown while nothing was said.
type unsaid struct{ hidden }

func optional(block setting, when func() bool) setting { return unsaid{hidden{block, when}} }

func (u unsaid) table() (title, doc string, rows []row) {
	return u.setting.(documented).table() //nolint:forcetypeassert // it is a block
}

// many is a list of values; a single one needs no list.
type many[T any] struct {
	into *[]leaf[T]
	kind kind[T]
}

func (m many[T]) words() string { return m.kind.words + ", or a list of them" }

func (m many[T]) read(r *reader, n *yaml.Node, path string) {
	list := follow(n)
	if list.Kind != yaml.SequenceNode {
		list = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{n}}
	}
	values := make([]leaf[T], 0, len(list.Content))
	for _, c := range list.Content {
		var l leaf[T]
		before := len(r.problems)
		a(&l, m.kind).read(r, c, path)
		if len(r.problems) == before {
			values = append(values, l)
		}
	}
	*m.into = values
}

func (m many[T]) schema() map[string]any {
	single := withReferences(m.kind.json, m.kind.native)
	return map[string]any{"anyOf": []any{single, map[string]any{"type": "array", "items": single}}}
}

func (m many[T]) show() *yaml.Node {
	list := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, l := range *m.into {
		list.Content = append(list.Content, bare(l.show(), m.kind.native))
	}
	if len(list.Content) == 0 {
		return nil
	}
	return list
}

// pairs is a map from free names to values. What is written adds to what is
// inherited, name by name.
type pairs[T any] struct {
	into *map[string]leaf[T]
	kind kind[T]
	name func(string) error // checks a name; nil allows all
	// secret says by the name whether the value is one; nil for never.
	secret func(name string) bool
}

func (p pairs[T]) words() string { return "names and values" }

func (p pairs[T]) read(r *reader, n *yaml.Node, path string) {
	f, ok := r.fields(n, path, p.words())
	if !ok {
		return
	}
	all := maps.Clone(*p.into)
	if all == nil {
		all = map[string]leaf[T]{}
	}
	for _, name := range f.names {
		if p.name != nil {
			if err := p.name(name); err != nil {
				r.fault(f.at[name], err)
				continue
			}
		}
		k, l := p.kind, all[name]
		k.secret = k.secret || p.secret != nil && p.secret(name)
		a(&l, k).read(r, f.value[name], f.at[name].path)
		all[name] = l
	}
	*p.into = all
}

func (p pairs[T]) schema() map[string]any {
	return map[string]any{"type": "object", "additionalProperties": withReferences(p.kind.json, p.kind.native)}
}

func (p pairs[T]) show() *yaml.Node {
	block := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
	for _, name := range slices.Sorted(maps.Keys(*p.into)) {
		if value := (*p.into)[name].show(); value != nil {
			block.Content = append(block.Content, textNode(name), value)
		}
	}
	if len(block.Content) == 0 {
		return nil
	}
	return block
}

// plain returns the values of a map of texts.
func plain(m map[string]leaf[string]) map[string]string {
	if len(m) == 0 {
		return nil
	}
	values := make(map[string]string, len(m))
	for name, l := range m {
		values[name] = l.value
	}
	return values
}
