package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
)

// jsonSetting is a request body written as YAML, kept as JSON. References in
// its texts are expanded; the order of keys stays.
type jsonSetting struct{ into *leaf[[]byte] }

func (j jsonSetting) words() string { return "anything" }

func (j jsonSetting) schema() map[string]any { return object{} }

func (j jsonSetting) read(r *reader, n *yaml.Node, path string) {
	var b bytes.Buffer
	before := len(r.problems)
	r.writeJSON(&b, n, path, "")
	if len(r.problems) == before {
		*j.into = leaf[[]byte]{value: b.Bytes(), text: b.String(), at: r.at(n, path)}
	}
}

// show prints the body as JSON, which is YAML too.
func (j jsonSetting) show() *yaml.Node {
	document := new(yaml.Node)
	text := strings.ReplaceAll(j.into.text, "${", "$${")
	if text == "" || yaml.Load([]byte(text), document) != nil {
		return nil
	}
	return document.Content[0]
}

var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// writeJSON writes a node; name is the key it stands at.
func (r *reader) writeJSON(b *bytes.Buffer, n *yaml.Node, path, name string) {
	switch n = follow(n); n.Kind {
	case yaml.MappingNode:
		b.WriteByte('{')
		for i := 0; i+1 < len(n.Content); i += 2 {
			if i > 0 {
				b.WriteByte(',')
			}
			k := n.Content[i].Value
			writeString(b, k)
			b.WriteByte(':')
			r.writeJSON(b, n.Content[i+1], path+"."+k, k)
		}
		b.WriteByte('}')
	case yaml.SequenceNode:
		b.WriteByte('[')
		for i, c := range n.Content {
			if i > 0 {
				b.WriteByte(',')
			}
			r.writeJSON(b, c, fmt.Sprintf("%s[%d]", path, i), name)
		}
		b.WriteByte(']')
	default:
		r.writeScalar(b, n, path, name)
	}
}

func (r *reader) writeScalar(b *bytes.Buffer, n *yaml.Node, path, name string) {
	switch tag := n.ShortTag(); {
	case tag == "!!null":
		b.WriteString("null")
	case tag == "!!bool" && (n.Value == "true" || n.Value == "false"):
		b.WriteString(n.Value)
	case (tag == "!!int" || tag == "!!float") && jsonNumber.MatchString(n.Value):
		b.WriteString(n.Value)
	default:
		var l leaf[string]
		k := aParam
		k.secret = looksSecretName(name)
		a(&l, k).read(r, n, path)
		writeString(b, l.value)
	}
}

// writeString writes a JSON string as it is, without escapes for HTML.
func writeString(b *bytes.Buffer, s string) {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string always encodes
	b.Truncate(b.Len() - 1)
}
