package shape

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// An element of XML while it is open, or closed and part of another.
type element struct {
	name  string
	attrs []attribute
	text  []byte
	below []*element
	void  bool // xsi:nil
}

type attribute struct{ name, value string }

// An xmlReader builds the elements of a document, within limits.
type xmlReader struct {
	tokens *xml.Decoder
	limits Limits
	open   []*element
	root   *element
}

func xmlToJSON(text []byte, skipped int, limits Limits) ([]byte, error) {
	r := xmlReader{tokens: xml.NewDecoder(bytes.NewReader(text)), limits: limits}
	r.tokens.CharsetReader = charset
	if err := r.read(); err != nil {
		return nil, r.explain(err, skipped)
	}
	out := append(make([]byte, 0, len(text)), '{')
	out = append(appendText(out, r.root.name), ':')
	if len(r.root.attrs) > 0 { // nothing lies beside the root
		return append(r.root.appendObject(out), '}'), nil
	}
	return append(r.root.appendValue(out), '}'), nil
}

// charset reads the two encodings beside UTF-8 that need no table.
func charset(name string, in io.Reader) (io.Reader, error) {
	switch strings.ToLower(name) {
	case "us-ascii":
		return in, nil
	case "iso-8859-1":
		latin, err := io.ReadAll(in)
		if err != nil {
			return nil, err
		}
		var out []byte
		for _, b := range latin {
			out = utf8.AppendRune(out, rune(b))
		}
		return bytes.NewReader(out), nil
	}
	return nil, fmt.Errorf("encoding %.40q: only UTF-8 and ISO-8859-1 are read", name)
}

func (r *xmlReader) read() error {
	for {
		token, err := r.tokens.RawToken()
		switch {
		case errors.Is(err, io.EOF):
			return r.ended()
		case err != nil:
			return err
		}
		if err := r.take(token); err != nil {
			return err
		}
	}
}

func (r *xmlReader) ended() error {
	switch {
	case len(r.open) > 0:
		return fmt.Errorf("the text ends inside the element %.80s", r.open[len(r.open)-1].name)
	case r.root == nil:
		return errors.New("the text ends before an element")
	}
	return nil
}

func (r *xmlReader) take(token xml.Token) error {
	switch t := token.(type) {
	case xml.Directive:
		return errors.New("a document type declaration is refused, and so are the entities it could define")
	case xml.StartElement:
		return r.start(t)
	case xml.EndElement:
		return r.end(rawName(t.Name))
	case xml.CharData:
		return r.say(t)
	}
	return nil // comments and instructions
}

func rawName(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}

func (r *xmlReader) start(t xml.StartElement) error {
	e := &element{name: rawName(t.Name)}
	if len(r.open) == 0 && r.root != nil {
		return fmt.Errorf("a second root element, %.80s", e.name)
	}
	if 2*len(r.open)+2 > r.limits.Depth {
		return &LimitError{Problem: fmt.Sprintf("elements nested deeper than %d", r.limits.Depth/2)}
	}
	for _, a := range t.Attr {
		switch name := rawName(a.Name); {
		case name == "xmlns" || a.Name.Space == "xmlns":
		case a.Name.Local == "nil" && a.Name.Space != "":
			e.void = a.Value == "true" || a.Value == "1"
		default:
			e.attrs = append(e.attrs, attribute{name, a.Value})
		}
	}
	if len(r.open) > 0 {
		parent := r.open[len(r.open)-1]
		parent.below = append(parent.below, e)
	} else {
		r.root = e
	}
	r.open = append(r.open, e)
	return nil
}

func (r *xmlReader) end(name string) error {
	if len(r.open) == 0 || r.open[len(r.open)-1].name != name {
		return fmt.Errorf("</%.80s> closes nothing that is open", name)
	}
	r.open = r.open[:len(r.open)-1]
	return nil
}

func (r *xmlReader) say(text []byte) error {
	if len(r.open) > 0 {
		e := r.open[len(r.open)-1]
		e.text = append(e.text, text...)
		return nil
	}
	if len(bytes.TrimSpace(text)) > 0 {
		return errors.New("text outside the root element")
	}
	return nil
}

func (r *xmlReader) explain(err error, skipped int) error {
	path := ""
	for _, e := range r.open {
		path += "/" + escapePath(e.name)
	}
	if len(path) > 256 {
		path = strings.ToValidUTF8(path[:256], "")
	}
	if limit := (*LimitError)(nil); errors.As(err, &limit) {
		return &LimitError{Path: path, Problem: limit.Problem}
	}
	problem := err.Error()
	if syntax := (*xml.SyntaxError)(nil); errors.As(err, &syntax) {
		problem = syntax.Msg
	}
	return &SyntaxError{Syntax: XML, Offset: r.tokens.InputOffset() + int64(skipped), Path: path, Problem: problem}
}

// blank reports whether there is no text but space.
func (e *element) blank() bool { return len(bytes.TrimSpace(e.text)) == 0 }

// plain reports whether the element holds text alone.
func (e *element) plain() bool { return len(e.below) == 0 && !e.blank() }

// beside are the attributes that lie beside an element of text.
func (e *element) beside() []attribute {
	if e.plain() {
		return e.attrs
	}
	return nil
}

// appendValue writes an element: null, a string or an object.
func (e *element) appendValue(out []byte) []byte {
	switch {
	case e.void:
		return append(out, "null"...)
	case e.plain():
		return appendText(out, string(bytes.TrimSpace(e.text)))
	}
	return e.appendObject(out)
}

func (e *element) appendObject(out []byte) []byte {
	out = append(out, '{')
	first := true
	key := func(name string) {
		if !first {
			out = append(out, ',')
		}
		first = false
		out = append(appendText(out, name), ':')
	}
	for _, a := range e.attrs {
		key("@" + a.name)
		out = appendText(out, a.value)
	}
	if !e.blank() {
		key("#text")
		out = appendText(out, string(bytes.TrimSpace(e.text)))
	}
	for _, group := range e.groups() {
		key(group.name)
		out = group.append(out)
	}
	return append(out, '}')
}

// A group is the elements of one name within another, or the values of one
// attribute beside them.
type group struct {
	name     string
	elements []*element
	values   []string
}

// groups gathers the elements below by name, in order of first sight.
func (e *element) groups() (out []*group) {
	at := map[string]*group{}
	of := func(name string) *group {
		g := at[name]
		if g == nil {
			g = &group{name: name}
			at[name], out = g, append(out, g)
		}
		return g
	}
	for _, b := range e.below {
		g := of(b.name)
		g.elements = append(g.elements, b)
		for _, a := range b.beside() {
			g := of(b.name + "@" + a.name)
			g.values = append(g.values, a.value)
		}
	}
	return out
}

func (g *group) append(out []byte) []byte {
	out = append(out, '[')
	start := len(out)
	for _, e := range g.elements {
		if !e.void && e.blank() && len(e.below)+len(e.attrs) == 0 {
			continue // says nothing but that it is empty
		}
		if len(out) > start {
			out = append(out, ',')
		}
		out = e.appendValue(out)
	}
	for i, v := range g.values {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendText(out, v)
	}
	return append(out, ']')
}

// appendText writes a JSON string; invalid UTF-8 stays, for the scanner to
// refuse.
func appendText(out []byte, text string) []byte {
	out = append(out, '"')
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c < 0x20:
			out = fmt.Appendf(out, "\\u%04x", c)
		default:
			out = append(out, c)
		}
	}
	return append(out, '"')
}
