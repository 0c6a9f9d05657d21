package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"shapewatch/store"
)

// A reader reads configuration files by the table of keys, and gathers what is
// wrong instead of stopping at it.
type reader struct {
	env        func(string) (string, bool)
	src        *source // being read
	files      []*source
	problems   []problem
	warnings   []problem
	secrets    []string
	walking    bool                              // within the steps of a workflow
	documents  []string                          // contract files that were named
	agreements map[string]agreement              // where contracts are written, by probe
	known      map[string][]knownPart            // what is known to differ from them, by probe
	kept       *keptExcerpts                     // of large contract files; nil to read them whole
	keeper     func(store.Options) *keptExcerpts // opens them; nil to read all files whole
	literal    bool                              // references are not expanded
	absent     []agreement                       // contracts that are at the forge and not here yet
	fromForge  bool                              // that contracts are there
	folders    []string                          // where included files are looked for
	standIns   []string                          // what stands for values that are not there; empty: they are faults
	missing    bool                              // one was used for the value being read
}

func (r *reader) problem(at place, hint, format string, args ...any) {
	r.problems = append(r.problems, problem{at, fmt.Sprintf(format, args...), hint})
}

func (r *reader) warning(at place, hint, format string, args ...any) {
	r.warnings = append(r.warnings, problem{at, fmt.Sprintf(format, args...), hint})
}

// fault reports an error of reading a value; a [mistake] brings its own hint.
func (r *reader) fault(at place, err error) {
	if m, ok := err.(*mistake); ok { //nolint:errorlint // mistakes are made here and never wrapped
		r.problem(at, m.hint, "%s", m.message)
		return
	}
	r.problem(at, "", "%s", err)
}

// secret remembers a value that must never be printed.
func (r *reader) secret(value string) {
	if len(value) >= minSecret && !slices.Contains(r.secrets, value) {
		r.secrets = append(r.secrets, value)
	}
}

// at is the place of a node.
func (r *reader) at(n *yaml.Node, path string) place {
	width := utf8.RuneCountInString(n.Value)
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		width += 2
	}
	if n.Kind != yaml.ScalarNode || n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		width = 1
	}
	return place{src: r.src, line: n.Line, col: n.Column, width: width, path: path}
}

// follow returns the node that an alias stands for.
func follow(n *yaml.Node) *yaml.Node {
	for range maxDepth {
		if n.Kind != yaml.AliasNode {
			break
		}
		n = n.Alias
	}
	return n
}

// A setting is whatever the file may say at one key: a value, a list, a map or
// a block. The parser, the JSON Schema, the documentation and `config show`
// all ask it.
type setting interface {
	read(r *reader, n *yaml.Node, path string) // keeps what n says, reports what is wrong
	schema() map[string]any                    // JSON Schema of what may be written
	words() string                             // the same for people: "a duration"
	show() *yaml.Node                          // what holds now, secrets masked; nil when nothing was said
}

// A key is one row of the table of keys.
type key[B any] struct {
	name    string
	doc     string // one or two sentences
	example string // what follows the colon, in YAML
	of      func(*B) setting
}

// A block is a table of keys: what may be written in one place.
type block[B any] struct {
	name  string // as the documentation calls it
	doc   string
	fresh func() B // with every default
	needs []string // keys that must be written
	rules object   // JSON Schema beside that of the keys: which exclude each other
	// resets says that what is written replaces what is inherited as a whole.
	resets bool
	keys   []key[B]
	later  map[string]string // keys of later versions: why they are refused now
	// after checks one block by itself, once its keys have been read.
	after func(r *reader, b *B, written fields)
}

// fields are the keys that a block of the file names, with the places of the
// keys; at[""] is the place of the block.
type fields struct {
	at    map[string]place
	value map[string]*yaml.Node
	names []string // in the order of the file
	known []string // names that the table has
}

// fields opens a mapping.
func (r *reader) fields(n *yaml.Node, path, words string) (fields, bool) {
	at := r.at(n, path)
	n = follow(n)
	if n.Kind != yaml.MappingNode {
		r.problem(at, "", "want %s, found %s", words, found(n))
		return fields{}, false
	}
	f := fields{at: map[string]place{"": at}, value: map[string]*yaml.Node{}}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if _, twice := f.at[k.Value]; twice || k.Kind != yaml.ScalarNode {
			continue // reported by walk
		}
		f.at[k.Value] = r.at(k, path).key(k.Value)
		f.value[k.Value] = n.Content[i+1]
		f.names = append(f.names, k.Value)
	}
	return f, true
}

// found says in words what stands where something else was wanted.
func found(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "keys and values"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.ShortTag() == "!!null":
		return "nothing"
	}
	return "a text"
}

// A section is a block within a block.
type section[B any] struct {
	into  *B
	block *block[B]
}

func in[B any](into *B, b *block[B]) setting { return section[B]{into, b} }

func (s section[B]) words() string { return "keys and values" }

// read reads the keys in the order of the table, so that a default stands
// before it is inherited.
func (s section[B]) read(r *reader, n *yaml.Node, path string) {
	f, ok := r.fields(n, path, s.words())
	if !ok {
		return
	}
	f.known = s.block.names()
	if s.block.resets {
		*s.into = s.block.fresh()
	}
	for _, k := range s.block.keys {
		if value, written := f.value[k.name]; written {
			k.of(s.into).read(r, value, f.at[k.name].path)
		}
	}
	for _, name := range f.names {
		if !slices.Contains(f.known, name) {
			r.unknown(f.at[name], name, f.known, s.block.later)
		}
	}
	r.needs(f, s.block.needs)
	if s.block.after != nil {
		s.block.after(r, s.into, f)
	}
}

// needs reports keys that must be written and are not.
func (r *reader) needs(f fields, names []string) {
	for _, name := range names {
		if _, written := f.at[name]; !written {
			r.problem(f.at[""], "add "+name+": …", "%s is missing", quote(name))
		}
	}
}

func (b *block[B]) names() []string {
	names := make([]string, len(b.keys))
	for i, k := range b.keys {
		names[i] = k.name
	}
	return names
}

func (r *reader) unknown(at place, name string, names []string, later map[string]string) {
	at.path = strings.TrimSuffix(strings.TrimSuffix(at.path, name), ".")
	hint := "did you mean " + quote(closest(name, names)) + "?"
	switch why, known := later[name]; {
	case known:
		hint = why
	case closest(name, names) != "":
	case otherWords[name] != "" && slices.Contains(names, otherWords[name]):
		hint = "it is called " + quote(otherWords[name]) + " here"
	case homeOf(name) != "":
		hint = quote(name) + " belongs " + homeOf(name)
	default:
		hint = "known here: " + strings.Join(names, ", ")
	}
	r.problem(at, hint, "unknown key %s", quote(name))
}

// blocks is a list of blocks, each starting from fresh.
type blocks[B any] struct {
	into  *[]B
	block *block[B]
	fresh func() B
	short func(*B) setting // reads an entry that is a plain text; may be nil
}

func (l blocks[B]) words() string { return "a list" }

func (l blocks[B]) read(r *reader, n *yaml.Node, path string) {
	at, n := r.at(n, path), follow(n)
	if n.Kind != yaml.SequenceNode {
		r.problem(at, "start each entry with a dash: - …", "want a list, found %s", found(n))
		return
	}
	entries := make([]B, 0, len(n.Content))
	for i, c := range n.Content {
		entry := l.fresh()
		path := fmt.Sprintf("%s[%d]", path, i)
		if l.short != nil && follow(c).Kind == yaml.ScalarNode {
			l.short(&entry).read(r, c, path)
		} else {
			in(&entry, l.block).read(r, c, path)
		}
		entries = append(entries, entry)
	}
	*l.into = append((*l.into)[:len(*l.into):len(*l.into)], entries...)
}

func quote(s string) string { return `"` + s + `"` }

// oneOf lists words as a sentence does: "a", "b" or "c".
func oneOf(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = quote(w)
	}
	if len(quoted) < 2 {
		return strings.Join(quoted, "")
	}
	return strings.Join(quoted[:len(quoted)-1], ", ") + " or " + quoted[len(quoted)-1]
}
