// Package splice edits YAML and JSON documents as bytes. An [Edit] names a
// place by JSON Pointer and what shall stand there; [Apply] puts it there and
// leaves every other byte as it was: comments, order, quoting, indentation,
// anchors, line ends.
//
// Nothing is re-emitted. A [Document] knows where each [Node] begins and ends;
// an edit replaces, inserts or removes exactly these bytes, in the style of
// its neighbours. After each the document is read again and compared with what
// the edits mean ([Document.Meaning]): what does not come out as intended is
// refused, and the caller has the edits as a JSON Patch instead ([Patch]).
//
// It knows nothing of OpenAPI, reads no file and follows no reference.
package splice

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxBytes bounds a document; the largest published contracts are below.
const maxBytes = 32 << 20

// A Kind says what stands at a node.
type Kind uint8

// The kinds of node.
const (
	Scalar Kind = iota
	Mapping
	Sequence
	Alias // *name; what it stands for is edited where it is anchored
)

// A Node is one value of a document, and where it stands.
type Node struct {
	Kind       Kind
	Start, End int      // bytes of the document; End is exclusive
	Members    []Member // of a mapping, in its order
	Items      []*Node  // of a sequence
	Value      any      // of a scalar: nil, bool, string or [Number]; of an alias its name
	Target     *Node    // of an alias: what it stands for

	flow   bool // written with brackets
	quote  byte // '"' or '\'' around a scalar, '|' or '>' before one; 0 for plain
	column int  // of its first key or dash, in bytes from 0; of block collections
}

// A Member is one key of a mapping with its value.
type Member struct{ Key, Value *Node }

// Name is the key as text.
func (m Member) Name() string { return m.Key.Text() }

// Text is a scalar as text; "" for everything else.
func (n *Node) Text() string {
	switch v := n.Value.(type) {
	case string:
		return v
	case Number:
		return string(v)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// Get returns the value of a key, through aliases and merged keys; nil when n
// is no mapping or has none.
func (n *Node) Get(name string) *Node { return n.get(name, 0) }

func (n *Node) get(name string, depth int) *Node {
	if n = n.behind(); n == nil || depth > maxAliases {
		return nil
	}
	if i := n.index(name); i >= 0 {
		return n.Members[i].Value
	}
	for _, merged := range n.merged() {
		if v := merged.get(name, depth+1); v != nil {
			return v
		}
	}
	return nil
}

// maxAliases bounds aliases of aliases.
const maxAliases = 20

// behind is what an alias stands for; every other node is itself.
func (n *Node) behind() *Node {
	for range maxAliases {
		if n == nil || n.Kind != Alias {
			return n
		}
		n = n.Target
	}
	return nil
}

// merged are the mappings whose keys a mapping takes over ("<<").
func (n *Node) merged() []*Node {
	i := n.index("<<")
	if i < 0 {
		return nil
	}
	if v := n.Members[i].Value.behind(); v != nil && v.Kind == Sequence {
		return v.Items
	}
	return []*Node{n.Members[i].Value}
}

// index is the place of a key; -1 for none.
func (n *Node) index(name string) int {
	if n == nil {
		return -1
	}
	for i := range n.Members {
		if n.Members[i].Name() == name {
			return i
		}
	}
	return -1
}

// A Document is what was read: bytes, and the nodes in them.
type Document struct {
	Root *Node

	text   []byte
	isJSON bool
	style  style
}

// Parse reads a document, JSON when it begins like it and YAML otherwise. What
// cannot be edited safely (several documents in one file, tabs that indent) is
// an error that says so.
func Parse(text []byte) (*Document, error) {
	if len(text) > maxBytes {
		return nil, fmt.Errorf("larger than %d MiB", maxBytes>>20)
	}
	d := &Document{text: text}
	err := d.parse()
	if err != nil {
		return nil, err
	}
	d.style = d.sniff()
	return d, nil
}

func (d *Document) parse() (err error) {
	body := bytes.TrimLeft(bytes.TrimPrefix(d.text, []byte("\ufeff")), " \t\r\n")
	if len(body) > 0 && (body[0] == '{' || body[0] == '[') {
		if d.Root, err = scanJSON(d.text); err == nil {
			d.isJSON = true
			return nil
		}
	}
	d.Root, err = scanYAML(d.text)
	return err
}

// At returns the node at a JSON Pointer. The error says how far it leads.
func (d *Document) At(pointer string) (*Node, error) {
	n := d.Root
	for _, step := range steps(pointer) {
		next := n.step(step)
		if next == nil {
			return nil, fmt.Errorf("%s: there is no %q", short(pointer), short(step))
		}
		n = next
	}
	return n, nil
}

func (n *Node) step(name string) *Node {
	if n = n.behind(); n == nil || n.Kind != Sequence {
		return n.Get(name)
	}
	if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(n.Items) {
		return n.Items[i]
	}
	return nil
}

// Line is the line, from 1, on which a node begins.
func (d *Document) Line(n *Node) int { return 1 + bytes.Count(d.text[:n.Start], []byte("\n")) }

// steps splits a JSON Pointer.
func steps(pointer string) []string {
	if pointer == "" {
		return nil
	}
	parts := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, p := range parts {
		parts[i] = strings.ReplaceAll(strings.ReplaceAll(p, "~1", "/"), "~0", "~")
	}
	return parts
}

// Join adds steps to a JSON Pointer, escaping them.
func Join(pointer string, names ...string) string {
	for _, n := range names {
		pointer += "/" + strings.ReplaceAll(strings.ReplaceAll(n, "~", "~0"), "/", "~1")
	}
	return pointer
}

// parent splits a pointer into that of what holds it and the last step.
func parent(pointer string) (above, last string) {
	i := strings.LastIndexByte(pointer, '/')
	if i < 0 {
		return "", ""
	}
	return pointer[:i], steps(pointer[i:])[0]
}

func short(s string) string {
	if len(s) > 200 {
		return s[:200] + "…"
	}
	return s
}

// errUnsafe begins every refusal of an edit.
var errUnsafe = errors.New("cannot be edited in place")

// Merged are the members that a mapping takes over from others ("<<") and does
// not have itself.
func (n *Node) Merged() (all []Member) { return n.takeOver(0) }

func (n *Node) takeOver(depth int) (all []Member) {
	if n == nil || depth > maxAliases {
		return nil
	}
	for _, from := range n.merged() {
		from = from.behind()
		if from == nil {
			continue
		}
		for _, m := range append(slices.Clone(from.Members), from.takeOver(depth+1)...) {
			known := func(k Member) bool { return k.Name() == m.Name() }
			if m.Name() != "<<" && !slices.ContainsFunc(n.Members, known) && !slices.ContainsFunc(all, known) {
				all = append(all, m)
			}
		}
	}
	return all
}
