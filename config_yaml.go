package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// Bounds of one configuration file.
const (
	maxFile  = 1 << 20 // bytes
	maxNodes = 10_000  // keys, values and lists, aliases followed
	maxDepth = 40      // blocks within blocks
)

// parseYAML reads one document. It reports what is wrong and returns nil if
// there is nothing to go on with.
func (r *reader) parseYAML(text []byte) *yaml.Node {
	top := place{src: r.src}
	if !utf8.Valid(text) {
		r.problem(top, "save it as UTF-8", "the file is not UTF-8 text")
		return nil
	}
	loader, err := yaml.NewLoader(bytes.NewReader(text))
	if err != nil {
		r.problem(top, "", "%s", err)
		return nil
	}
	document := new(yaml.Node)
	if err := loader.Load(document); err != nil {
		r.syntax(err)
		return nil
	}
	second := new(yaml.Node)
	if err := loader.Load(second); err == nil {
		r.problem(r.at(second, ""), "put it into a file of its own and include: it", "a second document begins here")
	} else if !errors.Is(err, io.EOF) {
		r.syntax(err)
	}
	root := document.Content[0]
	if !r.walk(root, "") {
		return nil
	}
	return root
}

// syntax turns the parser's complaint into a problem with a place.
func (r *reader) syntax(err error) {
	at := place{src: r.src}
	if errors.Is(err, io.EOF) {
		r.problem(at, "shapewatch init --url URL writes a first one", "the file is empty")
		return
	}
	var load *yaml.LoadError
	if !errors.As(err, &load) {
		r.problem(at, "", "%s", err)
		return
	}
	at.line, at.col, at.width = load.Mark.Line, load.Mark.Column, 1
	message, hint := load.Message, ""
	line := ""
	if at.line > 0 && at.line <= len(r.src.lines) {
		line = r.src.lines[at.line-1]
	}
	switch {
	case strings.Contains(leading(line), "\t"):
		at.col = strings.Index(line, "\t") + 1
		message, hint = "indented by a tab", "YAML wants spaces: two for each level"
	case strings.Contains(line, "${") && strings.Contains(line, "{ ") || bareReference(line):
		hint = `within { } a reference needs quotes: "${NAME}"`
	case strings.Contains(message, "mapping values"):
		hint = "quote a text that contains \": \", and indent keys of one block alike"
	}
	r.problem(at, hint, "not YAML: %s", message)
}

func leading(line string) string {
	return line[:len(line)-len(strings.TrimLeft(line, " \t"))]
}

// bareReference reports a ${NAME} in a flow mapping without quotes, which YAML
// reads as the start of another mapping.
func bareReference(line string) bool {
	i := strings.Index(line, "${")
	return i > 0 && strings.ContainsAny(line[:i], "{[") && !strings.ContainsAny(line[i-1:i], `"'`)
}

// walk visits every node once per way to it, before anything is read: it
// bounds what aliases may blow up and finds what no block may contain.
func (r *reader) walk(root *yaml.Node, path string) bool {
	w := &walker{reader: r}
	w.visit(root, path, 0)
	return !w.stopped
}

type walker struct {
	*reader
	nodes   int
	stopped bool // out of bounds: nothing more is reported
}

func (w *walker) visit(n *yaml.Node, path string, depth int) {
	if w.nodes++; w.stopped {
		return
	}
	if w.nodes > maxNodes || depth > maxDepth {
		w.stopped = true
		w.problem(w.at(n, path), "aliases count with all that they repeat; include: splits a large file", "more than %d values, or more than %d levels", maxNodes, maxDepth)
		return
	}
	if n.Style&yaml.TaggedStyle != 0 {
		w.problem(w.at(n, path), "remove it; references are written ${NAME}", "tags such as %s are not read", n.Tag)
	}
	switch n.Kind {
	case yaml.AliasNode:
		w.visit(n.Alias, path, depth+1)
	case yaml.SequenceNode:
		for i, c := range n.Content {
			w.visit(c, fmt.Sprintf("%s[%d]", path, i), depth+1)
		}
	case yaml.MappingNode:
		w.mapping(n, path, depth)
	}
}

func (w *walker) mapping(n *yaml.Node, path string, depth int) {
	first := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		at := w.at(k, path)
		switch line, twice := first[k.Value]; {
		case k.Kind != yaml.ScalarNode:
			w.problem(at, "", "a key must be plain text")
		case k.ShortTag() == "!!merge":
			w.problem(at, "use defaults: for what all APIs share", "merge keys (<<) are not read")
		case twice:
			w.problem(at, fmt.Sprintf("the first is on line %d: keep one", line), "%q is written twice", k.Value)
		default:
			first[k.Value] = k.Line
		}
		w.visit(n.Content[i+1], at.key(k.Value).path, depth+1)
	}
}
