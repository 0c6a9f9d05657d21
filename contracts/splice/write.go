package splice

import (
	"fmt"
	"strings"
)

// scalarText writes a scalar of YAML.
func (d *Document) scalarText(v Value) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		if plainScalar(v) {
			return v
		}
		return inQuotes(v, d.style.quote)
	case Number:
		return string(v)
	}
	return fmt.Sprint(v)
}

// scalarLike writes a scalar in the quotes of the one that it replaces.
func (d *Document) scalarLike(old *Node, v Value) string {
	text, isText := v.(string)
	if isText && (old.quote == '"' || old.quote == '\'') {
		return inQuotes(text, old.quote)
	}
	if d.isJSON {
		return d.flowText(v)
	}
	return d.scalarText(v)
}

// flowText writes a value on one line.
func (d *Document) flowText(v Value) string {
	switch v := v.(type) {
	case Object:
		parts := make([]string, len(v))
		for i, f := range v {
			parts[i] = d.flowName(f.Name) + d.flowText(f.Value)
		}
		pad := d.style.pad
		if len(v) == 0 {
			pad = ""
		}
		return "{" + pad + strings.Join(parts, d.comma()) + pad + "}"
	case List:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = d.flowText(item)
		}
		return "[" + strings.Join(parts, d.comma()) + "]"
	case string:
		if d.isJSON {
			return inQuotes(v, '"')
		}
	}
	return d.scalarText(v)
}

func (d *Document) comma() string {
	if d.isJSON && d.style.tight {
		return ","
	}
	return ", "
}

func (d *Document) flowName(name string) string {
	switch {
	case d.isJSON && d.style.tight:
		return inQuotes(name, '"') + ":"
	case d.isJSON:
		return inQuotes(name, '"') + ": "
	}
	return d.keyText(name) + ": "
}

// prettyText writes a value of JSON over lines; indent is that of its first.
func (d *Document) prettyText(v Value, indent string) string {
	inner := indent + d.style.unit
	switch v := v.(type) {
	case Object:
		if len(v) == 0 {
			return "{}"
		}
		parts := make([]string, len(v))
		for i, f := range v {
			parts[i] = inner + d.flowName(f.Name) + d.prettyText(f.Value, inner)
		}
		return "{" + d.style.newline + strings.Join(parts, ","+d.style.newline) + d.style.newline + indent + "}"
	case List:
		if len(v) == 0 {
			return "[]"
		}
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = inner + d.prettyText(item, inner)
		}
		return "[" + d.style.newline + strings.Join(parts, ","+d.style.newline) + d.style.newline + indent + "]"
	}
	return d.flowText(v)
}

// below writes what stands behind the colon of a block mapping's key: on the
// same line, or over lines below it.
func (d *Document) below(holder *Node, v Value, column int) string {
	switch {
	case !isCollection(v):
		return " " + d.scalarText(v)
	case isBare(v) || d.flowing(holder, v):
		return " " + d.flowText(v)
	}
	if list, ok := v.(List); ok {
		at := column
		if d.style.indent {
			at += len(d.style.unit)
		}
		return d.listLines(list, at)
	}
	at := column + len(d.style.unit)
	return d.style.newline + strings.Repeat(" ", at) + d.objectLines(v.(Object), at)
}

// isBare reports whether a collection is empty.
func isBare(v Value) bool {
	switch v := v.(type) {
	case Object:
		return len(v) == 0
	case List:
		return len(v) == 0
	}
	return false
}

// flowing reports whether a value goes into brackets: the others in the
// mapping do, or a few scalars are listed.
func (d *Document) flowing(holder *Node, v Value) bool {
	if list, ok := v.(List); ok {
		for _, item := range list {
			if isCollection(item) {
				return false
			}
		}
		return len(list) <= 3
	}
	braces, lines := 0, 0
	if holder != nil {
		for _, m := range holder.Members {
			if m.Value.Kind == Mapping && m.Value.flow {
				braces++
			} else if m.Value.Kind == Mapping {
				lines++
			}
		}
	}
	return braces > lines && len(d.flowText(v)) <= 120
}

// objectLines writes the members of an object, the first without indentation.
func (d *Document) objectLines(o Object, column int) string {
	lines := make([]string, len(o))
	for i, f := range o {
		lines[i] = d.keyText(f.Name) + ":" + d.below(nil, f.Value, column)
	}
	return strings.Join(lines, d.style.newline+strings.Repeat(" ", column))
}

func (d *Document) listLines(l List, column int) string {
	var b strings.Builder
	for _, item := range l {
		b.WriteString(d.style.newline + strings.Repeat(" ", column) + "-" + d.itemText(nil, item, column+2))
	}
	return b.String()
}

// itemText writes what stands behind the dash of a list; column is where it
// begins.
func (d *Document) itemText(holder *Node, v Value, column int) string {
	object, ok := v.(Object)
	if !ok || len(object) == 0 || d.itemsFlow(holder) {
		if isCollection(v) {
			return " " + d.flowText(v)
		}
		return " " + d.itemScalar(holder, v)
	}
	return " " + d.objectLines(object, column)
}

// itemScalar writes a scalar like the item before it.
func (d *Document) itemScalar(holder *Node, v Value) string {
	if holder != nil && len(holder.Items) > 0 {
		if last := holder.Items[len(holder.Items)-1]; last.Kind == Scalar {
			return d.scalarLike(last, v)
		}
	}
	return d.scalarText(v)
}

func (d *Document) itemsFlow(holder *Node) bool {
	return holder != nil && len(holder.Items) > 0 && holder.Items[len(holder.Items)-1].Kind == Mapping && holder.Items[len(holder.Items)-1].flow
}
