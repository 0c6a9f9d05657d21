package notation

import (
	"fmt"
	"go/format"
	"go/token"
	"io"
	"strconv"
	"strings"
	"unicode"

	"shapewatch/contracts/shape"
)

// Go writes a shape as types that encoding/json decodes its answers into: a
// struct for each record, pointers where null or absence must be told from
// zero, any where values are of several kinds. A number that int64 or float64
// cannot hold is a json.Number.
func Go(w io.Writer, s *shape.Shape, o Options) error {
	g := &golang{names: namer{}, imports: map[string]bool{}}
	root, name := outline(s, o.View), typeName(o.Title)
	if kind := g.kind(root, name); kind != name {
		fmt.Fprintf(&g.out, "\n// %s is %s.\ntype %s %s\n", name, "what an answer holds", g.names.take(name), kind)
	}
	source := "// " + sentence(learnedFrom(s)) + ".\n\npackage answers\n\n" + g.importing() + g.out.String()
	text, err := format.Source([]byte(source))
	if err != nil {
		return fmt.Errorf("go types of %s: %w", name, err)
	}
	_, err = w.Write(text)
	return err
}

type golang struct {
	out     strings.Builder
	names   namer
	imports map[string]bool
}

func (g *golang) importing() string {
	var b strings.Builder
	for _, name := range []string{"encoding/json", "time"} {
		if g.imports[name] {
			b.WriteString("import " + strconv.Quote(name) + "\n")
		}
	}
	return b.String()
}

// kind is the type of a place; records get a struct under the name.
func (g *golang) kind(p *place, name string) string {
	switch {
	case p == nil:
		return "any"
	case p.only(shape.Object):
		return g.object(p, name)
	case p.only(shape.Array):
		return "[]" + g.element(p.item, singular(name))
	case p.only(shape.String):
		return "string"
	case p.only(shape.Int):
		return g.integer(p)
	case p.only(shape.Int, shape.Frac):
		return g.number(p)
	case p.only(shape.Bool):
		return "bool"
	}
	return "any"
}

// element is the type of what a list or a map holds.
func (g *golang) element(p *place, name string) string {
	kind := g.kind(p, name)
	if p != nil && p.Has(shape.Null) {
		return pointer(kind)
	}
	return kind
}

// pointer tells null from zero, where a type does not by itself.
func pointer(kind string) string {
	if kind == "any" || strings.HasPrefix(kind, "[]") || strings.HasPrefix(kind, "map[") {
		return kind
	}
	return "*" + kind
}

func (g *golang) integer(p *place) string {
	for _, literal := range []string{p.Numbers.Min, p.Numbers.Max} {
		if _, err := strconv.ParseInt(literal, 10, 64); err != nil && !withinInt64(literal) {
			g.imports["encoding/json"] = true
			return "json.Number"
		}
	}
	return "int64"
}

// withinInt64 reads the rough extremes of private numbers: "49e11".
func withinInt64(literal string) bool {
	f, err := strconv.ParseFloat(literal, 64)
	return err == nil && f > -9e18 && f < 9e18
}

func (g *golang) number(p *place) string {
	for _, literal := range []string{p.Numbers.Min, p.Numbers.Max} {
		if _, err := strconv.ParseFloat(literal, 64); err != nil {
			g.imports["encoding/json"] = true
			return "json.Number"
		}
	}
	return "float64"
}

func (g *golang) object(p *place, name string) string {
	switch {
	case p.IsMap:
		return "map[string]" + g.element(p.value, singular(name))
	case len(p.keys) == 0 || p.vague():
		return "map[string]any"
	}
	name = g.names.take(name)
	var b strings.Builder
	fields := namer{}
	fmt.Fprintf(&b, "\n// %s is what lies at %s.\n", name, placeInWords(p.Path))
	if p.Union != nil {
		fmt.Fprintf(&b, "// %s tells its variants apart%s.\n", fieldName(p.Union.Tag), variantsInWords(p))
	}
	fmt.Fprintf(&b, "type %s struct {\n", name)
	for _, k := range p.keys {
		b.WriteString(g.field(k, name, fields))
	}
	b.WriteString("}\n")
	g.out.WriteString(b.String())
	return name
}

func placeInWords(path string) string {
	if path == "" {
		return "the root"
	}
	return printable(path)
}

func variantsInWords(p *place) string {
	var values []string
	for _, v := range p.writableVariants() {
		values = append(values, printable(v.Value))
	}
	if values == nil {
		return ""
	}
	return ": " + strings.Join(values, ", ")
}

// field is one line of a struct; a key that no tag can name is a comment.
func (g *golang) field(k *place, record string, taken namer) string {
	if !k.named() || !isTag(k.Name) {
		return fmt.Sprintf("// %s: no struct tag can name it\n", strconv.QuoteToASCII(k.Name))
	}
	kind, option := g.kind(k, record+typeName(k.Name)), ""
	if !k.always() {
		option = ",omitempty"
	}
	if option != "" || k.Has(shape.Null) {
		kind = pointer(kind)
	}
	tag := k.Name
	if tag == "-" {
		option = "," + strings.TrimPrefix(option, ",")
	}
	note := ""
	if n := k.note(); n != "" {
		note = " // " + n
	}
	return fmt.Sprintf("%s %s `json:\"%s%s\"`%s\n", taken.take(fieldName(k.Name)), kind, tag, option, note)
}

// isTag reports whether encoding/json takes a name from a tag.
func isTag(name string) bool {
	for _, r := range name {
		if !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return false
		}
	}
	return name != ""
}

// initialisms are words that Go writes in capitals.
var initialisms = map[string]bool{
	"Id": true, "Url": true, "Uri": true, "Api": true, "Ip": true, "Html": true, "Json": true, "Uuid": true, "Http": true, "Sha": true, "Xml": true,
}

func fieldName(key string) string {
	var b strings.Builder
	for _, word := range words(key) {
		if initialisms[word] {
			word = strings.ToUpper(word)
		}
		b.WriteString(word)
	}
	name := typeName(b.String())
	if b.Len() == 0 {
		name = "Key"
	}
	if token.IsKeyword(name) {
		name += "_"
	}
	return name
}

// words are those of a key, each with a capital: "customer_id", "customerId".
func words(key string) (out []string) {
	word := ""
	flush := func() {
		if word != "" {
			out = append(out, strings.ToUpper(word[:1])+word[1:])
		}
		word = ""
	}
	for i, r := range key {
		switch {
		case r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r):
			flush()
			continue
		case unicode.IsUpper(r) && i > 0 && key[i-1] >= 'a' && key[i-1] <= 'z':
			flush()
		}
		word += string(r)
	}
	flush()
	return out
}
