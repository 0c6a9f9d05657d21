package openapi

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"shapewatch/contracts"
)

// Contract finds what was agreed for an operation: by its operationId if one
// is given, else by method and the path of the URL that is asked, with or
// without the prefix of a server. Faults are what is broken in what the
// operation needs, one sentence each; the rest holds. The error says what was
// looked for and what there is.
func (d *Document) Contract(asked Asked) (c *contracts.Contract, faults []string, err error) {
	defer recoverAs(d.source, &err)
	a, err := d.agreed(asked)
	if err != nil {
		return nil, nil, err
	}
	return a.reduce(d.source), a.faults, nil
}

// An agreement is one operation of a document in the library's words.
type agreement struct {
	name   string
	doc    *openapi3.T
	op     *openapi3.Operation
	faults []string
}

// agreed takes an operation out of the document.
func (d *Document) agreed(asked Asked) (*agreement, error) {
	op, err := d.operation(asked)
	if err != nil {
		return nil, fmt.Errorf("contract %s: %w%s", d.source, err, d.nearest(asked))
	}
	x := extractor{written: d.written, names: map[string]string{}}
	text, err := json.Marshal(x.document(op))
	if err != nil {
		return nil, fmt.Errorf("contract %s: %w", d.source, err)
	}
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("contract %s: %s: %s", d.source, d.nameOf(op, asked), clip(err.Error(), 600))
	}
	return &agreement{name: d.nameOf(op, asked), doc: doc, op: doc.Paths.Value("/").Get, faults: x.faults}, nil
}

// nameOf is the operationId, or method and path template.
func (d *Document) nameOf(op spot, asked Asked) string {
	if d.dialect == jsonSchema {
		return "any operation"
	}
	if id := op.text("operationId"); id != "" {
		return id
	}
	steps := segments(op.at)
	if len(steps) < 3 {
		return asked.String()
	}
	return strings.ToUpper(steps[len(steps)-1]) + " " + steps[len(steps)-2]
}

// reduce keeps what answers can be held against.
func (a *agreement) reduce(source string) *contracts.Contract {
	c := &contracts.Contract{Source: source, Operation: a.name}
	r := reducer{done: map[*openapi3.Schema]*contracts.Schema{}, open: map[*openapi3.Schema]bool{}}
	if a.op.Responses != nil {
		for _, status := range a.op.Responses.Keys() {
			c.Answers = append(c.Answers, r.answers(status, a.op.Responses.Value(status))...)
		}
	}
	return c
}

// nearest suggests the known operation whose name shares the longest beginning.
func (d *Document) nearest(asked Asked) string {
	if asked.OperationID == "" {
		return fmt.Sprintf(" (%d paths; name one with `operation:`)", len(d.root.get("paths").node.Members))
	}
	best, length := "", 2
	for _, k := range d.Operations() {
		n := 0
		for n < len(k) && n < len(asked.OperationID) && k[n]|0x20 == asked.OperationID[n]|0x20 {
			n++
		}
		if n > length || n == length && n > 2 && k < best {
			best, length = k, n
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", clip(best, 100))
}

// Operations are the operations of the document, by operationId or as method
// and path template, sorted.
func (d *Document) Operations() (ids []string) {
	paths := d.root.get("paths")
	if !paths.is() {
		return nil
	}
	for _, m := range paths.node.Members {
		item, err := d.follow(paths.get(m.Name()))
		if err != nil {
			continue
		}
		for _, method := range methodNames {
			if op := item.get(method); op.is() && op.text("operationId") != "" {
				ids = append(ids, op.text("operationId"))
			} else if op.is() {
				ids = append(ids, strings.ToUpper(method)+" "+m.Name())
			}
		}
	}
	slices.Sort(ids)
	return ids
}
