package uses

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"shapewatch/contracts/splice"
)

// A documentReader reads schemas of a JSON Schema or an OpenAPI document.
type documentReader struct {
	*reading
	*splice.Document
}

func readDocument(r *reading, s Source) (*kind, error) {
	if k, err := readRecorded(s); k != nil || err != nil {
		return k, err
	}
	d, err := splice.Parse(s.Text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.File, err)
	}
	reader := &documentReader{r, d}
	at, err := reader.find(s)
	if err != nil {
		return nil, err
	}
	return reader.schema(at), nil
}

// find is where the named schema stands.
func (d *documentReader) find(s Source) (*splice.Node, error) {
	if s.Name == "" {
		if d.Root.Get("paths") != nil {
			return nil, fmt.Errorf("%s: which one? write %s#Component, or an operationId", s.File, s.File)
		}
		return d.Root, nil
	}
	if strings.HasPrefix(s.Name, "/") {
		if n, err := d.At(s.Name); err == nil {
			return n, nil
		}
		return nil, fmt.Errorf("%s: nothing stands at %s", s.File, s.Name)
	}
	known := map[string]bool{}
	for _, holder := range []*splice.Node{d.get("components", "schemas"), d.get("definitions"), d.get("$defs")} {
		if holder == nil {
			continue
		}
		for _, m := range holder.Members {
			if known[m.Name()] = true; m.Name() == s.Name {
				return m.Value, nil
			}
		}
	}
	if n := d.operation(s.Name, known); n != nil {
		return n, nil
	}
	return nil, fmt.Errorf("%s: no schema and no operation is called %s%s", s.File, s.Name, among(known))
}

func (d *documentReader) get(names ...string) *splice.Node {
	n := d.Root
	for _, name := range names {
		if n = n.Get(name); n == nil {
			return nil
		}
	}
	return n
}

// operation is what the good answers of an operation hold, as JSON.
func (d *documentReader) operation(name string, known map[string]bool) *splice.Node {
	paths := d.get("paths")
	if paths == nil {
		return nil
	}
	for _, p := range paths.Members {
		for _, m := range p.Value.Members {
			id := strings.ToUpper(m.Name()) + " " + p.Name()
			if n := m.Value.Get("operationId"); n != nil {
				known[n.Text()] = true
				if n.Text() == name {
					id = name
				}
			}
			if id == name {
				return d.answer(m.Value)
			}
		}
	}
	return nil
}

func (d *documentReader) answer(op *splice.Node) *splice.Node {
	responses := op.Get("responses")
	if responses == nil {
		return nil
	}
	for _, r := range responses.Members {
		if !strings.HasPrefix(r.Name(), "2") && r.Name() != "default" {
			continue
		}
		response := d.follow(r.Value)
		if schema := response.Get("schema"); schema != nil { // Swagger 2
			return schema
		}
		content := response.Get("content")
		if content == nil {
			continue
		}
		for _, media := range content.Members {
			if schema := media.Value.Get("schema"); schema != nil && strings.Contains(media.Name(), "json") {
				return schema
			}
		}
	}
	return nil
}

func (d *documentReader) follow(n *splice.Node) *splice.Node {
	for range maxDepth {
		ref := n.Get("$ref")
		if ref == nil {
			return n
		}
		next, err := d.At(strings.TrimPrefix(ref.Text(), "#"))
		if err != nil {
			return n
		}
		n = next
	}
	return n
}

func (d *documentReader) schema(n *splice.Node) *kind {
	if n == nil || n.Kind != splice.Mapping {
		return &kind{}
	}
	if ref := n.Get("$ref"); ref != nil {
		return d.reference(ref)
	}
	k := &kind{}
	if properties := n.Get("properties"); properties != nil {
		for _, m := range properties.Members {
			k.fields = append(k.fields, field{m.Name(), d.schema(m.Value)})
		}
	}
	if items := n.Get("items"); items != nil {
		k.items = d.schema(items)
	}
	if extra := n.Get("additionalProperties"); extra != nil && extra.Kind == splice.Mapping && len(extra.Members) > 0 {
		k.values = d.schema(extra)
	}
	for _, word := range []string{"allOf", "anyOf", "oneOf"} {
		if list := n.Get(word); list != nil {
			for _, item := range list.Items {
				k.more = append(k.more, d.schema(item))
			}
		}
	}
	return k
}

func (d *documentReader) reference(ref *splice.Node) *kind {
	to := ref.Text()
	return &kind{name: to, lazy: func() (*kind, error) {
		if !strings.HasPrefix(to, "#") {
			d.note(d.Line(ref), "%s is another file, which is not read: all below it counts as read", to)
			return &kind{}, nil
		}
		n, err := d.At(strings.TrimPrefix(to, "#"))
		if err != nil {
			d.note(d.Line(ref), "%s leads nowhere: all below it counts as read", to)
			return &kind{}, nil
		}
		return d.schema(n), nil
	}}
}

// Recorded is the file that a tap writes: which paths of each operation's
// answers a client takes.
type Recorded struct {
	Version    int                 `json:"shapewatch_uses"` // 1
	Operations map[string][]string `json:"operations"`      // paths by "GET /v1/charges/{id}"
}

// readRecorded reads what a tap wrote; nil when the file is something else.
func readRecorded(s Source) (*kind, error) {
	var r Recorded
	if json.Unmarshal(s.Text, &r) != nil || r.Version == 0 {
		return nil, nil
	}
	if r.Version != 1 {
		return nil, fmt.Errorf("%s: uses of version %d; this release reads 1", s.File, r.Version)
	}
	wanted, known := cmp.Or(s.Name, s.Operation), false
	var paths []string
	for operation, recorded := range r.Operations {
		if bare(operation) == bare(wanted) {
			paths, known = append(paths, recorded...), true
		}
	}
	if !known {
		return nil, fmt.Errorf("%s: nothing was recorded of %q%s", s.File, wanted, among(r.Operations))
	}
	k := &kind{}
	for _, p := range slices.Sorted(slices.Values(paths)) {
		k.fields = append(k.fields, field{strings.TrimPrefix(p, "/"), &kind{}})
	}
	k.name = recorded
	return k, nil
}

// bare is an operation whatever its parameters are called.
func bare(operation string) string { return parameter.ReplaceAllString(operation, "{}") }

var parameter = regexp.MustCompile(`\{[^{}]*\}`)

// recorded marks a kind whose fields are whole paths.
const recorded = "\x00recorded"
