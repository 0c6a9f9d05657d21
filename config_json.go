package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
)

// jsonSetting is a request body written as YAML, kept as JSON: the value is what
// is sent, references in its texts expanded, and the text is what is shown. The
// order of keys stays.
type jsonSetting struct{ into *leaf[[]byte] }

func (j jsonSetting) words() string { return "anything" }

func (j jsonSetting) schema() map[string]any { return object{} }

func (j jsonSetting) read(r *reader, n *yaml.Node, path string) {
	w := jsonWriter{reader: r}
	before := len(r.problems)
	w.write(n, path, "")
	if len(r.problems) == before {
		*j.into = leaf[[]byte]{value: w.value.Bytes(), text: w.shown.String(), at: r.at(n, path)}
	}
}

// show prints the body as JSON, which is YAML too.
func (j jsonSetting) show() *yaml.Node {
	document := new(yaml.Node)
	if j.into.text == "" || yaml.Load([]byte(j.into.text), document) != nil {
		return nil
	}
	return document.Content[0]
}

// A jsonWriter writes a body twice: as it is sent, and as it is shown, with
// its references and without its secrets.
type jsonWriter struct {
	*reader
	value, shown bytes.Buffer
}

func (w *jsonWriter) both(text string) {
	w.value.WriteString(text)
	w.shown.WriteString(text)
}

var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// write writes a node; name is the key it stands at.
func (w *jsonWriter) write(n *yaml.Node, path, name string) {
	switch n = follow(n); n.Kind {
	case yaml.MappingNode:
		w.both("{")
		for i := 0; i+1 < len(n.Content); i += 2 {
			if i > 0 {
				w.both(",")
			}
			k := n.Content[i].Value
			w.both(quoted(k) + ":")
			w.write(n.Content[i+1], path+"."+k, k)
		}
		w.both("}")
	case yaml.SequenceNode:
		w.both("[")
		for i, c := range n.Content {
			if i > 0 {
				w.both(",")
			}
			w.write(c, fmt.Sprintf("%s[%d]", path, i), name)
		}
		w.both("]")
	default:
		w.scalar(n, path, name)
	}
}

func (w *jsonWriter) scalar(n *yaml.Node, path, name string) {
	switch tag := n.ShortTag(); {
	case tag == "!!null":
		w.both("null")
	case tag == "!!bool" && (n.Value == "true" || n.Value == "false"):
		w.both(n.Value)
	case (tag == "!!int" || tag == "!!float") && jsonNumber.MatchString(n.Value):
		w.both(n.Value)
	default:
		var l leaf[string]
		k := aParam
		k.secret = looksSecretName(name)
		a(&l, k).read(w.reader, n, path)
		w.value.WriteString(quoted(l.value))
		w.shown.WriteString(quoted(l.written()))
	}
}

// quoted is a JSON string, without escapes for HTML; YAML reads it too.
func quoted(text string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // a string always encodes
	return strings.TrimSuffix(b.String(), "\n")
}
