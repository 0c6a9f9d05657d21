package openapi

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"shapewatch/contracts/splice"
)

// A written is a contract as it is written: the file it begins in, and those
// that its references lead to.
type written struct {
	files
	root    spot
	dialect dialect
}

// open reads a contract for editing.
func openWritten(name string, read Reader) (*written, error) {
	w := &written{files: files{read: read, parsed: map[string]*file{}}}
	f, err := w.open(name)
	if err != nil {
		return nil, err
	}
	w.root = spot{f, "", f.Root, 0}
	switch version := w.root.text("openapi"); {
	case strings.HasPrefix(version, "3.0"):
		w.dialect = openapi30
	case version != "":
		w.dialect = openapi31
	case w.root.text("swagger") != "":
		w.dialect = swagger2
	default:
		w.dialect = jsonSchema
	}
	return w, nil
}

// operation finds an operation as a probe does; see [Document.Contract].
func (w *written) operation(asked Asked) (spot, error) {
	if w.dialect == jsonSchema {
		return w.root, nil
	}
	found, err := w.locate(asked)
	return found.op, err
}

// A location is an operation and where it stands in a document.
type location struct {
	template, method string // "/v1/charges/{charge}", "get"
	item, op         spot
}

func (l location) String() string { return strings.ToUpper(l.method) + " " + l.template }

// locate finds an operation among the paths of a document: by its operationId,
// else by method and path, the most literal template first.
func (w *written) locate(asked Asked) (found location, err error) {
	if asked.Method == "" {
		asked.Method = "GET"
	}
	u, err := url.Parse(asked.URL)
	if err != nil {
		return found, fmt.Errorf("the address to look up is not a URL")
	}
	paths := w.root.get("paths")
	if !paths.is() {
		return found, errors.New("the document has no paths")
	}
	best := -1
	for _, m := range paths.node.Members {
		item, err := w.follow(paths.get(m.Name()))
		if err != nil {
			return found, err
		}
		for _, method := range methodNames {
			here := location{m.Name(), method, item, item.get(method)}
			switch {
			case !here.op.is():
			case asked.OperationID != "":
				if here.op.text("operationId") == asked.OperationID || here.String() == asked.OperationID {
					return here, nil
				}
			case strings.EqualFold(method, asked.Method):
				for _, prefix := range w.prefixes(item) {
					if score := matchTemplate(prefix+m.Name(), u.EscapedPath()); score > best {
						best, found = score, here
					}
				}
			}
		}
	}
	if !found.op.is() {
		return found, fmt.Errorf("no operation %s", asked)
	}
	return found, nil
}

var methodNames = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace", "query"}

func (w *written) prefixes(item spot) []string {
	prefixes := []string{"", strings.TrimRight(w.root.text("basePath"), "/")}
	for _, servers := range [][]spot{item.items("servers"), w.root.items("servers")} {
		for _, s := range servers {
			prefixes = append(prefixes, serverPrefix(s.text("url")))
		}
	}
	slices.Sort(prefixes)
	return slices.Compact(prefixes)
}

// serverPrefix is the path of a server's address, without the slash at its end.
func serverPrefix(address string) string {
	if _, after, ok := strings.Cut(address, "://"); ok {
		_, path, _ := strings.Cut(after, "/")
		address = "/" + path
	}
	return strings.TrimRight(address, "/")
}

// response is what an operation says of a status; the zero spot when it says
// nothing, or only by "default".
func (w *written) response(op spot, status int) (spot, error) {
	responses, code := op.get("responses"), fmt.Sprint(status)
	for _, key := range []string{code, code[:1] + "XX", code[:1] + "xx"} {
		if r := responses.get(key); r.is() {
			return w.follow(r)
		}
	}
	return spot{}, nil
}

// body is the schema of a response, for a media type or the first that is JSON.
func (w *written) body(response spot, media string) spot {
	switch w.dialect {
	case jsonSchema:
		return response
	case swagger2:
		return response.get("schema")
	}
	content := response.get("content")
	if !content.is() {
		return spot{}
	}
	best, rank := spot{}, 0
	for _, m := range content.node.Members {
		bare := bareMedia(m.Name())
		r := 1
		switch {
		case bare == media:
			r = 4
		case jsonMedia(bare):
			r = 3
		case strings.HasSuffix(bare, "/*"):
			r = 2
		}
		if r > rank {
			best, rank = content.get(m.Name()).get("schema"), r
		}
	}
	return best
}

func bareMedia(media string) string {
	bare, _, _ := strings.Cut(strings.ToLower(media), ";")
	return strings.TrimSpace(bare)
}

func jsonMedia(t string) bool {
	return t == "application/json" || t == "text/json" || strings.HasSuffix(t, "+json")
}

// at finds the schemas that describe a path of an answer: several when
// alternatives do.
func (w *written) at(schema spot, path []string) ([]spot, error) {
	here := []spot{schema}
	for _, step := range path {
		var next []spot
		for _, s := range here {
			found, err := w.step(s, step, 0)
			if err != nil {
				return nil, err
			}
			next = append(next, found...)
		}
		if here = next; len(here) == 0 {
			return nil, nil
		}
	}
	return here[:min(len(here), maxSpots)], nil
}

// maxSpots bounds the alternatives that are edited together.
const maxSpots = 8

// step finds what a schema says of one step of a path.
func (w *written) step(schema spot, name string, depth int) ([]spot, error) {
	s, err := w.follow(schema)
	if err != nil || depth > maxHops {
		return nil, err
	}
	if found := s.get(stepKeys(name)...); found.is() && found.node.Kind != splice.Scalar {
		return []spot{found}, nil
	}
	var all []spot
	for _, key := range []string{"allOf", "oneOf", "anyOf"} {
		for _, member := range s.items(key) {
			found, err := w.step(member, name, depth+1)
			if err != nil {
				return nil, err
			}
			all = append(all, found...)
		}
	}
	return distinct(all), nil
}

func stepKeys(name string) []string {
	switch name {
	case "[]":
		return []string{"items"}
	case "{}":
		return []string{"additionalProperties"}
	}
	return []string{"properties", name}
}

func distinct(all []spot) (once []spot) {
	for _, s := range all {
		if !slices.ContainsFunc(once, func(o spot) bool { return o.name == s.name && o.at == s.at }) {
			once = append(once, s)
		}
	}
	return once
}

// statusText is what a status is called in a document.
func statusText(status int) string {
	if text := http.StatusText(status); text != "" {
		return text
	}
	return fmt.Sprintf("Status %d", status)
}
