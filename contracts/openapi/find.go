package openapi

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"shapewatch/contracts"
)

// Contract finds what was agreed for an operation, by its operationId if one
// is given, else by method and the path of the URL that is asked. The error
// says what was looked for and what there is.
func (d *Document) Contract(method, requestURL, operationID string) (c *contracts.Contract, err error) {
	defer recoverAs(d.source, &err)
	op, name, err := d.find(strings.ToUpper(method), requestURL, operationID)
	if err != nil {
		return nil, fmt.Errorf("contract %s: %w", d.source, err)
	}
	c = &contracts.Contract{Source: d.source, Operation: name}
	r := reducer{done: map[*openapi3.Schema]*contracts.Schema{}, open: map[*openapi3.Schema]bool{}}
	if op.Responses != nil {
		for _, status := range op.Responses.Keys() {
			c.Answers = append(c.Answers, r.answers(status, op.Responses.Value(status))...)
		}
	}
	return c, nil
}

func (d *Document) find(method, requestURL, operationID string) (*openapi3.Operation, string, error) {
	if operationID != "" {
		return d.byID(operationID)
	}
	if method == "" {
		method = "GET"
	}
	u, err := url.Parse(requestURL)
	if err != nil {
		return nil, "", fmt.Errorf("the address to look up is not a URL")
	}
	best, bestTemplate := -1, ""
	for _, template := range d.doc.Paths.Keys() {
		item := d.doc.Paths.Value(template)
		if item == nil || item.GetOperation(method) == nil {
			continue
		}
		for _, prefix := range d.prefixes(item) {
			if score := matchTemplate(prefix+template, u.EscapedPath()); score > best {
				best, bestTemplate = score, template
			}
		}
	}
	if best < 0 {
		return nil, "", fmt.Errorf("no operation %s %s (%d paths; name one with `operation:`)", method, clip(u.EscapedPath(), 200), d.doc.Paths.Len())
	}
	op := d.doc.Paths.Value(bestTemplate).GetOperation(method)
	if op.OperationID != "" {
		return op, op.OperationID, nil
	}
	return op, method + " " + bestTemplate, nil
}

func (d *Document) byID(id string) (*openapi3.Operation, string, error) {
	var known []string
	for _, template := range d.doc.Paths.Keys() {
		item := d.doc.Paths.Value(template)
		if item == nil {
			continue
		}
		for method, op := range item.Operations() {
			if op.OperationID == id || method+" "+template == id {
				return op, id, nil
			}
			known = append(known, op.OperationID)
		}
	}
	return nil, "", fmt.Errorf("no operation %q%s", clip(id, 100), nearest(id, known))
}

// nearest suggests the known name that shares the longest beginning.
func nearest(id string, known []string) string {
	best, length := "", 2
	for _, k := range known {
		n := 0
		for n < len(k) && n < len(id) && k[n]|0x20 == id[n]|0x20 {
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

// prefixes are the path prefixes of the servers, and none: people copy base
// addresses both ways.
func (d *Document) prefixes(item *openapi3.PathItem) []string {
	prefixes := []string{""}
	for _, servers := range []openapi3.Servers{item.Servers, d.doc.Servers} {
		for _, s := range servers {
			if s == nil {
				continue
			}
			prefix := s.URL
			if _, after, ok := strings.Cut(prefix, "://"); ok {
				_, path, _ := strings.Cut(after, "/")
				prefix = "/" + path
			}
			if prefix = strings.TrimRight(prefix, "/"); prefix != "" && !slices.Contains(prefixes, prefix) {
				prefixes = append(prefixes, prefix)
			}
		}
	}
	return prefixes
}
