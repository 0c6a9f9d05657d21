package uses

import (
	"fmt"
	"slices"
)

// union reads A | B, and what binds closer. A function or a condition is a
// value of which nothing is known.
func (t *tsReader) union() *kind {
	t.take("|")
	k := t.intersection()
	for t.take("|") {
		k = &kind{more: []*kind{k, t.intersection()}}
	}
	if t.peek().text == "extends" && !t.peek().new {
		t.unread("a conditional type")
		t.rest()
		return &kind{}
	}
	return k
}

func (t *tsReader) intersection() *kind {
	t.take("&")
	k := t.postfix()
	for t.take("&") {
		k = &kind{more: []*kind{k, t.postfix()}}
	}
	return k
}

// postfix reads T[] and T["name"].
func (t *tsReader) postfix() *kind {
	k := t.primary()
	for t.peek().text == "[" && t.peek().sort == 'm' && !t.peek().new {
		t.at++
		if t.take("]") {
			k = &kind{items: k}
			continue
		}
		t.unread("an indexed type")
		t.skip("]")
		k = &kind{}
	}
	return k
}

func (t *tsReader) primary() *kind {
	p := t.pop()
	switch {
	case p.sort == 's' || p.sort == 'n':
		return &kind{}
	case p.text == "{":
		return t.members()
	case p.text == "[":
		return t.tuple()
	case p.text == "(":
		return t.parenthesis()
	case p.text == "-": // a number below zero
		t.at++
		return &kind{}
	case p.sort != 'w':
		t.at = max(t.at-1, 0)
		t.unread("what stands here")
		t.rest()
		return &kind{}
	}
	return t.reference(p)
}

func (t *tsReader) tuple() *kind {
	k := &kind{}
	for !t.take("]") && !t.over() {
		t.take("...")
		if t.ahead(1).text == ":" {
			t.at += 2
		} else if t.ahead(1).text == "?" && t.ahead(2).text == ":" {
			t.at += 3
		}
		k.more = append(k.more, t.union())
		t.take("?")
		t.take(",")
	}
	return &kind{items: k}
}

// parenthesis reads (T); a function is a value.
func (t *tsReader) parenthesis() *kind {
	before := t.at
	if t.peek().text == ")" || t.ahead(1).text == ":" || t.ahead(1).text == "," || t.ahead(1).text == "?" || t.peek().text == "..." {
		t.skip(")")
		if t.take("=>") {
			t.union()
		}
		return &kind{}
	}
	k := t.union()
	if !t.take(")") {
		t.at = before
		t.skip(")")
	}
	if t.take("=>") {
		t.union()
		return &kind{}
	}
	return k
}

// values are the types of the language and its library that have no parts.
var values = []string{
	"string", "number", "boolean", "bigint", "symbol", "null", "undefined", "void", "never", "any", "unknown", "object",
	"true", "false", "Date", "String", "Number", "Boolean", "Object", "Function", "RegExp", "URL", "Uint8Array",
}

// reference reads a type by its name, with its arguments.
func (t *tsReader) reference(p lexeme) *kind {
	switch p.text {
	case "readonly", "unique":
		return t.postfix()
	case "keyof", "typeof", "infer":
		t.at--
		t.unread(p.text)
		t.at++
		t.postfix()
		return &kind{}
	}
	name := p.text
	for t.take(".") { // of a namespace
		name = t.pop().text
	}
	arguments, texts := t.arguments()
	if k, ok := t.scope[name]; ok {
		return k
	}
	if k := libraryType(name, arguments, texts); k != nil {
		return k
	}
	if _, known := t.types[name]; known {
		return t.named(name, arguments)
	}
	if !slices.Contains(values, name) {
		t.note(p.line, "%s is not declared in this file, and imports are not followed: all below it counts as read", name)
	}
	return &kind{}
}

// arguments reads <A, B>; texts are the string literals in each.
func (t *tsReader) arguments() (all []*kind, texts [][]string) {
	if t.peek().text != "<" || t.peek().sort != 'm' {
		return nil, nil
	}
	t.at++
	for !t.take(">") && !t.over() {
		from := t.at
		all = append(all, t.union())
		var said []string
		for _, p := range t.tokens[from:t.at] {
			if p.sort == 's' {
				said = append(said, p.text)
			}
		}
		texts = append(texts, said)
		if t.at == from {
			t.at++
		}
		t.take(",")
	}
	return all, texts
}

// libraryType is a type of TypeScript's library that has parts; nil for others.
func libraryType(name string, arguments []*kind, texts [][]string) *kind {
	if len(arguments) == 0 {
		return nil
	}
	switch first := arguments[0]; name {
	case "Array", "ReadonlyArray", "Set", "Iterable":
		return &kind{items: first}
	case "Record", "Map", "ReadonlyMap":
		if len(arguments) != 2 {
			return nil
		}
		if len(texts[0]) == 0 {
			return &kind{values: arguments[1]}
		}
		k := &kind{}
		for _, key := range texts[0] {
			k.fields = append(k.fields, field{key, arguments[1]})
		}
		return k
	case "Partial", "Required", "Readonly", "NonNullable", "Awaited", "Promise":
		return first
	case "Pick", "Omit":
		if len(arguments) != 2 {
			return nil
		}
		return picked(first, texts[1], name == "Pick")
	}
	return nil
}

// picked is a type with some of its fields, or without them.
func picked(k *kind, names []string, only bool) *kind {
	return &kind{name: fmt.Sprintf("picked %p", k), lazy: func() (*kind, error) {
		if k.lazy != nil { // one step: what never ends is cut by its depth
			meant, err := k.lazy()
			if err != nil {
				return nil, err
			}
			return picked(meant, names, only), nil
		}
		taken := &kind{values: k.values, items: k.items}
		for _, f := range k.fields {
			if slices.Contains(names, f.name) == only {
				taken.fields = append(taken.fields, f)
			}
		}
		for _, m := range k.more {
			taken.more = append(taken.more, picked(m, names, only))
		}
		return taken, nil
	}}
}
