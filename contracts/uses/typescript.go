package uses

import (
	"fmt"
	"slices"
)

// A tsReader reads interfaces and type aliases of one TypeScript file: objects,
// arrays, tuples, unions and intersections, optional fields, index signatures,
// type parameters, and the usual types of the library. Imports are not
// followed, classes, conditional and mapped types are not read, and a note says
// so wherever one is met.
type tsReader struct {
	*reading
	tokens []lexeme
	at     int
	types  map[string]declared
	scope  map[string]*kind // type parameters
}

// A declared is where a type begins: after its name.
type declared struct {
	at    int
	alias bool // type, not interface
}

func readTypeScript(r *reading, s Source) (*kind, error) {
	tokens, err := scanTypeScript(s.File, s.Text)
	if err != nil {
		return nil, err
	}
	t := &tsReader{reading: r, tokens: tokens, types: map[string]declared{}}
	t.collect()
	if s.Name == "" {
		return nil, fmt.Errorf("%s: which type? write %s#Name%s", s.File, s.File, among(t.types))
	}
	if _, known := t.types[s.Name]; !known {
		return nil, fmt.Errorf("%s: no interface and no type %s%s", s.File, s.Name, among(t.types))
	}
	return t.named(s.Name, nil), nil
}

// collect notes where types are declared, at any depth: a namespace too.
func (t *tsReader) collect() {
	for i := 0; i+1 < len(t.tokens); i++ {
		word, name := t.tokens[i], t.tokens[i+1]
		if word.sort != 'w' || name.sort != 'w' || i > 0 && t.tokens[i-1].text == "." {
			continue
		}
		if word.text == "interface" || word.text == "type" && i+2 < len(t.tokens) && (t.tokens[i+2].text == "=" || t.tokens[i+2].text == "<") {
			if _, twice := t.types[name.text]; !twice {
				t.types[name.text] = declared{i + 2, word.text == "type"}
			}
		}
		if word.text == "enum" {
			t.types[name.text] = declared{at: -1}
		}
	}
}

// named is a declared type with its arguments.
func (t *tsReader) named(name string, arguments []*kind) *kind {
	d := t.types[name]
	if d.at < 0 {
		return &kind{} // an enum is a value
	}
	return &kind{name: fmt.Sprint(name, arguments), lazy: func() (*kind, error) {
		at, scope := t.at, t.scope
		defer func() { t.at, t.scope = at, scope }()
		t.at = d.at
		t.scope = t.parameters(arguments)
		if d.alias {
			t.take("=")
			return t.union(), nil
		}
		return t.interfaceBody(), nil
	}}
}

// parameters reads <T, U extends V = W> and binds arguments to them.
func (t *tsReader) parameters(arguments []*kind) map[string]*kind {
	scope := map[string]*kind{}
	if !t.take("<") {
		return scope
	}
	for i := 0; !t.take(">") && !t.over(); {
		name := t.pop()
		bound := &kind{}
		if t.take("extends") {
			t.union()
		}
		if t.take("=") {
			bound = t.union()
		}
		if i < len(arguments) {
			bound = arguments[i]
		}
		scope[name.text] = bound
		i++
		t.take(",")
	}
	return scope
}

func (t *tsReader) interfaceBody() *kind {
	k := &kind{}
	if t.take("extends") {
		for {
			k.more = append(k.more, t.postfix())
			if !t.take(",") {
				break
			}
		}
	}
	if !t.take("{") {
		t.unread("an interface without a body")
		return k
	}
	own := t.members()
	k.fields, k.values = own.fields, own.values
	return k
}

// members reads what stands between braces, the closing one included.
func (t *tsReader) members() *kind {
	k := &kind{}
	for !t.take("}") && !t.over() {
		before := t.at
		if t.take(";") || t.take(",") {
			continue
		}
		for slices.Contains([]string{"readonly", "+", "-", "public", "static"}, t.peek().text) && !slices.Contains([]string{":", "?", "("}, t.ahead(1).text) {
			t.at++
		}
		t.member(k)
		if t.at == before {
			t.at++ // whatever it is, it is passed over
		}
	}
	return k
}

func (t *tsReader) member(k *kind) {
	if t.take("[") { // [key: string]: T, or a mapped type
		if t.ahead(1).text == "in" {
			t.unread("a mapped type")
			t.skip("]")
			t.rest()
			return
		}
		t.skip("]")
		if t.take(":") {
			k.values = t.union()
		}
		return
	}
	name := t.peek()
	if name.sort == 'm' {
		t.rest() // a call signature
		return
	}
	t.at++
	t.take("?")
	switch {
	case t.take(":"):
		k.fields = append(k.fields, field{name.text, t.union()})
	case t.peek().text == "(" || t.peek().text == "<":
		t.rest() // a method
	default:
		k.fields = append(k.fields, field{name.text, &kind{}})
	}
}

// rest passes over what is left of a member.
func (t *tsReader) rest() {
	depth := 0
	for ; !t.over(); t.at++ {
		switch p := t.peek().text; {
		case depth == 0 && (p == ";" || p == "," || p == "}"):
			return
		case p == "(" || p == "{" || p == "[" || p == "<":
			depth++
		case p == ")" || p == "}" || p == "]" || p == ">":
			depth--
		}
	}
}

// skip passes over everything up to a mark, that included.
func (t *tsReader) skip(mark string) {
	for !t.over() && !t.take(mark) {
		t.at++
	}
}

func (t *tsReader) over() bool         { return t.tokens[t.at].sort == 0 }
func (t *tsReader) peek() lexeme       { return t.tokens[t.at] }
func (t *tsReader) ahead(n int) lexeme { return t.tokens[min(t.at+n, len(t.tokens)-1)] }

func (t *tsReader) pop() lexeme {
	p := t.peek()
	if !t.over() {
		t.at++
	}
	return p
}

// take passes over a mark or a word, if it comes next.
func (t *tsReader) take(text string) bool {
	if p := t.peek(); p.text != text || p.sort == 's' || p.sort == 0 {
		return false
	}
	t.at++
	return true
}

func (t *tsReader) unread(what string) {
	t.note(t.peek().line, "%s is not read: all below it counts as read", what)
}
