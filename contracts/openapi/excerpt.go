package openapi

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"shapewatch/contracts/splice"
)

// An Excerpt is what some operations of a document need, requests and answers,
// as a document of its own in the words of OpenAPI 3: all that later ones have
// to be compared with.
type Excerpt struct {
	Text    []byte   // JSON; nil when the document has none of the operations
	Faults  []string // what is broken in what they need, one sentence each
	Missing []Asked  // operations that the document does not have
}

// Excerpt takes operations out of the document. The error says that it is too
// large to be taken out.
func (d *Document) Excerpt(asked []Asked) (e Excerpt, err error) {
	x := extractor{written: d.written, names: map[string]string{}, wide: true}
	c := collection{x: &x, paths: map[string][]string{}, taken: map[string]splice.Value{}}
	for _, a := range asked {
		found, err := d.locate(a)
		if err != nil {
			e.Missing = append(e.Missing, a)
			continue
		}
		c.take(found)
	}
	e.Faults = x.faults
	if len(c.order) == 0 {
		return e, nil
	}
	if e.Text, err = json.Marshal(c.document()); err != nil {
		return e, fmt.Errorf("contract %s: %w", d.source, err)
	}
	if len(e.Text) > maxDocument {
		return e, fmt.Errorf("contract %s: what the operations need is larger than %d MiB", d.source, maxDocument>>20)
	}
	return e, nil
}

// A collection is the operations that were taken, by path.
type collection struct {
	x     *extractor
	order []string                // of templates
	paths map[string][]string     // methods, by template
	taken map[string]splice.Value // by "METHOD /template"
}

func (c *collection) take(l location) {
	if _, twice := c.taken[l.String()]; twice {
		return
	}
	if c.paths[l.template] == nil {
		c.order = append(c.order, l.template)
	}
	c.paths[l.template] = append(c.paths[l.template], l.method)
	c.taken[l.String()] = nil // it may refer to itself
	c.taken[l.String()] = c.x.operation(l)
}

func (c *collection) document() splice.Object {
	version := "3.1.0"
	if c.x.dialect < openapi31 {
		version = "3.0.3"
	}
	slices.Sort(c.order) // whoever asks in another order gets the same bytes
	paths := splice.Object{}
	for _, template := range c.order {
		item := splice.Object{}
		slices.Sort(c.paths[template])
		for _, method := range c.paths[template] {
			item = append(item, splice.Field{Name: method, Value: c.taken[strings.ToUpper(method)+" "+template]})
		}
		paths = append(paths, splice.Field{Name: template, Value: item})
	}
	d := splice.Object{
		{Name: "openapi", Value: version},
		{Name: "info", Value: splice.Object{{Name: "title", Value: "an excerpt"}, {Name: "version", Value: "1"}}},
	}
	if servers := c.x.servers(); len(servers) > 0 {
		d = append(d, splice.Field{Name: "servers", Value: servers})
	}
	return append(d, splice.Field{Name: "paths", Value: paths},
		splice.Field{Name: "components", Value: splice.Object{{Name: "schemas", Value: c.x.schemas}}})
}

// servers are the addresses of a document, by which its operations are found.
func (x *extractor) servers() (list splice.List) {
	if base := x.root.text("basePath"); base != "" {
		return splice.List{splice.Object{{Name: "url", Value: base}}}
	}
	for _, s := range x.root.items("servers") {
		if address := s.text("url"); address != "" && len(list) < maxServers {
			list = append(list, splice.Object{{Name: "url", Value: serverPath(address)}})
		}
	}
	return list
}

const maxServers = 16

// serverPath is the path of a server's address, as an address: hosts with
// variables would have to be declared.
func serverPath(address string) string {
	path := serverPrefix(address)
	if path == "" || strings.Contains(path, "{") {
		return "/"
	}
	return path
}
