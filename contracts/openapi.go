package contracts

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// maxDocument bounds an OpenAPI document: the largest published ones are below.
const maxDocument = 32 << 20 // bytes

// A Document is an OpenAPI 3.0 or 3.1 document, read and resolved.
type Document struct {
	source string
	doc    *openapi3.T
}

// LoadDocument reads an OpenAPI document, YAML or JSON. Source names it in
// messages. References to other files or addresses are refused: what is judged
// is what was handed in. The error says what is wrong with the document.
func LoadDocument(source string, data []byte) (d *Document, err error) {
	if len(data) > maxDocument {
		return nil, fmt.Errorf("contract %s: larger than %d MiB", source, maxDocument>>20)
	}
	defer recoverAs(source, &err)
	loader := openapi3.NewLoader()
	loader.IsExternalRefsAllowed = false
	doc, err := loader.LoadFromData(data)
	if err != nil {
		return nil, fmt.Errorf("contract %s: %w", source, documentError(err))
	}
	switch {
	case doc == nil || doc.OpenAPI == "":
		return nil, fmt.Errorf("contract %s: not an OpenAPI document: it has no `openapi: 3.x` (Swagger 2 must be converted first)", source)
	case !strings.HasPrefix(doc.OpenAPI, "3."):
		return nil, fmt.Errorf("contract %s: OpenAPI %s: want 3.0 or 3.1", source, clip(doc.OpenAPI, 20))
	case doc.Paths.Len() == 0:
		return nil, fmt.Errorf("contract %s: it has no paths, so there is nothing to hold answers against", source)
	}
	return &Document{source: source, doc: doc}, nil
}

// recoverAs turns a panic of the library into an error about the document.
func recoverAs(source string, err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("contract %s: the document cannot be read: %s", source, clip(fmt.Sprint(r), 200))
	}
}

func documentError(err error) error {
	if strings.Contains(err.Error(), "disallowed external reference") {
		return fmt.Errorf("%s: references to other files are not followed; bundle the document into one file", clip(err.Error(), 300))
	}
	return errors.New(clip(err.Error(), 600))
}

// Contract finds what was agreed for an operation, by its operationId if one
// is given, else by method and the path of the URL that is asked. The error
// says what was looked for and what there is.
func (d *Document) Contract(method, requestURL, operationID string) (c *Contract, err error) {
	defer recoverAs(d.source, &err)
	op, name, err := d.find(strings.ToUpper(method), requestURL, operationID)
	if err != nil {
		return nil, fmt.Errorf("contract %s: %w", d.source, err)
	}
	c = &Contract{Source: d.source, Operation: name}
	r := reducer{done: map[*openapi3.Schema]*Schema{}, open: map[*openapi3.Schema]bool{}}
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

// A reducer turns the library's schemas into ours: references followed, allOf
// merged, cycles cut.
type reducer struct {
	done map[*openapi3.Schema]*Schema
	open map[*openapi3.Schema]bool
}

func (r *reducer) answers(status string, ref *openapi3.ResponseRef) (all []Agreed) {
	if ref == nil || ref.Value == nil {
		return nil
	}
	for media, body := range ref.Value.Content {
		bare, _, _ := strings.Cut(strings.ToLower(media), ";")
		a := Agreed{Statuses: status, Media: strings.TrimSpace(bare)}
		if body != nil {
			a.Body = r.schema(body.Schema)
		}
		all = append(all, a)
	}
	slices.SortFunc(all, func(a, b Agreed) int { return strings.Compare(a.Media, b.Media) })
	return all
}

// schema reduces one schema; nil allows anything. A schema inside itself is
// cut there.
func (r *reducer) schema(ref *openapi3.SchemaRef) *Schema {
	if ref == nil || ref.Value == nil || r.open[ref.Value] {
		return nil
	}
	if s, ok := r.done[ref.Value]; ok {
		return s
	}
	r.open[ref.Value] = true
	s := r.reduce(ref.Value)
	delete(r.open, ref.Value)
	r.done[ref.Value] = s
	return s
}

func (r *reducer) reduce(in *openapi3.Schema) *Schema {
	s := &Schema{Nullable: in.Nullable, Format: in.Format, Required: slices.Clone(in.Required)}
	for _, t := range in.Type.Slice() {
		if t == "null" {
			s.Nullable = true
			continue
		}
		s.Kinds = append(s.Kinds, t)
	}
	for _, v := range in.Enum {
		s.addEnum(v)
	}
	if in.Const != nil {
		s.addEnum(in.Const)
	}
	r.object(s, in)
	s.Items = r.schema(in.Items)
	for _, part := range in.AllOf {
		s.and(r.schema(part))
	}
	r.alternatives(s, in)
	s.spread()
	return s
}

func (r *reducer) object(s *Schema, in *openapi3.Schema) {
	for name, p := range in.Properties {
		if p != nil && p.Value != nil && p.Value.WriteOnly {
			s.Required = slices.DeleteFunc(s.Required, func(n string) bool { return n == name })
		}
		if s.Properties == nil {
			s.Properties = make(map[string]*Schema, len(in.Properties))
		}
		s.Properties[name] = r.schema(p)
	}
	extra := in.AdditionalProperties
	s.Closed = extra.Has != nil && !*extra.Has && len(in.PatternProperties) == 0
	s.Extra = r.schema(extra.Schema)
}

func (r *reducer) alternatives(s *Schema, in *openapi3.Schema) {
	for _, list := range []openapi3.SchemaRefs{in.OneOf, in.AnyOf} {
		for _, ref := range list {
			if ref != nil && ref.Value != nil && ref.Value.Type.Is("null") {
				s.Nullable = true
				continue
			}
			// A nil alternative (a cut cycle) allows anything.
			alternative := r.schema(ref)
			if alternative == nil {
				s.AnyOf = nil
				return
			}
			s.Nullable = s.Nullable || alternative.Nullable && len(s.Kinds) == 0
			s.AnyOf = append(s.AnyOf, alternative)
		}
	}
}
