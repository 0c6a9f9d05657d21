package openapi

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"shapewatch/contracts/splice"
)

// A Reader returns the bytes of a file that a document names, by the name that
// the document is known by: a path with slashes, or an address.
type Reader func(name string) ([]byte, error)

// maxFiles bounds the files that one document refers to.
const maxFiles = 256

// files are the files of a contract as they are written, each read once.
type files struct {
	read   Reader
	parsed map[string]*file
}

// A file is one of them, with its references counted.
type file struct {
	name string
	text []byte
	*splice.Document
	uses map[string]int // of "file#/pointer", by the references of this file
}

// open reads a file.
func (fs *files) open(name string) (*file, error) {
	if f, ok := fs.parsed[name]; ok {
		return f, nil
	}
	if len(fs.parsed) >= maxFiles {
		return nil, fmt.Errorf("more than %d files", maxFiles)
	}
	text, err := fs.read(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	d, err := splice.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	f := &file{name: name, text: text, Document: d, uses: map[string]int{}}
	f.count(d.Root)
	fs.parsed[name] = f
	return f, nil
}

// count counts the references below a node.
func (f *file) count(n *splice.Node) {
	for _, m := range n.Members {
		if m.Name() == "$ref" && m.Value.Kind == splice.Scalar {
			f.uses[target(f.name, m.Value.Text())]++
		}
		f.count(m.Value)
	}
	for _, item := range n.Items {
		f.count(item)
	}
}

// target is the absolute name of what a reference in a file leads to.
func target(from, ref string) string {
	file, fragment, _ := strings.Cut(ref, "#")
	return joinName(from, file) + "#" + fragment
}

// joinName is a name as a file of another name means it.
func joinName(from, name string) string {
	switch {
	case name == "":
		return from
	case strings.Contains(name, "://") || strings.HasPrefix(name, "/"):
		return name
	}
	if scheme, rest, ok := strings.Cut(from, "://"); ok {
		return scheme + "://" + path.Join(path.Dir(rest), name)
	}
	return path.Join(path.Dir(from), name)
}

// A spot is a node of a file.
type spot struct {
	*file
	at   string // JSON Pointer
	node *splice.Node
	via  int // references that lead here, over all files; 0 when it is written in place
}

func (s spot) is() bool { return s.node != nil }

// get is what stands at a key; the zero spot when nothing does.
func (s spot) get(names ...string) spot {
	for _, name := range names {
		if s.node == nil {
			return spot{}
		}
		s = spot{s.file, splice.Join(s.at, name), s.node.Get(name), s.via}
	}
	if s.node == nil {
		return spot{}
	}
	return s
}

// text is the scalar at a key.
func (s spot) text(name string) string {
	if v := s.get(name); v.is() {
		return v.node.Text()
	}
	return ""
}

// items are the items of the list at a key.
func (s spot) items(name string) (all []spot) {
	list := s.get(name)
	if !list.is() {
		return nil
	}
	for i, n := range list.node.Items {
		all = append(all, spot{s.file, splice.Join(list.at, fmt.Sprint(i)), n, s.via})
	}
	return all
}

// words are the texts of the list at a key, or the one text there.
func (s spot) words(name string) (all []string) {
	v := s.get(name)
	if !v.is() {
		return nil
	}
	if v.node.Kind == splice.Scalar {
		return []string{v.node.Text()}
	}
	for _, item := range v.node.Items {
		if item.Value == nil && item.Kind == splice.Scalar {
			all = append(all, "null")
			continue
		}
		all = append(all, item.Text())
	}
	return all
}

// maxHops bounds the references that lead from one to the next.
const maxHops = 32

var errLoop = errors.New("a reference that leads to itself")

// follow is what a spot stands for: itself, or the end of its references.
func (fs *files) follow(s spot) (spot, error) {
	for range maxHops {
		ref := s.text("$ref")
		if ref == "" {
			return s, nil
		}
		name, fragment, _ := strings.Cut(target(s.name, ref), "#")
		next, err := fs.open(name)
		if err != nil {
			return spot{}, err
		}
		n, err := next.At(fragment)
		if err != nil {
			return spot{}, fmt.Errorf("%s: %w", name, err)
		}
		s = spot{next, fragment, n, max(s.via, fs.used(name+"#"+fragment))}
	}
	return spot{}, errLoop
}

// used counts the references to a place, over the files that were read.
func (fs *files) used(place string) (n int) {
	for _, f := range fs.parsed {
		n += f.uses[place]
	}
	return n
}
