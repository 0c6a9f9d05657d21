package uses

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// A goReader reads the types of one Go package, as encoding/json sees them.
type goReader struct {
	*reading
	set     *token.FileSet
	types   map[string]*ast.TypeSpec
	decodes map[string]bool // types with UnmarshalJSON or UnmarshalText: their own business
}

func readGo(r *reading, s Source) (*kind, error) {
	g := &goReader{reading: r, set: token.NewFileSet(), types: map[string]*ast.TypeSpec{}, decodes: map[string]bool{}}
	files := map[string][]byte{s.File: s.Text}
	for name, text := range s.Files {
		files[name] = text
	}
	for name, text := range files {
		f, err := parser.ParseFile(g.set, name, text, parser.SkipObjectResolution)
		if err != nil && name == s.File {
			return nil, err // says file, line and column
		}
		g.collect(f)
	}
	if s.Name == "" {
		return nil, fmt.Errorf("%s: which type? write %s#Name", s.File, s.File)
	}
	if g.types[s.Name] == nil {
		return nil, fmt.Errorf("%s: no type %s%s", s.File, s.Name, among(g.types))
	}
	return g.named(s.Name), nil
}

func (g *goReader) collect(f *ast.File) {
	if f == nil {
		return
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if t, ok := s.(*ast.TypeSpec); ok {
					g.types[t.Name.Name] = t
				}
			}
		case *ast.FuncDecl:
			if d.Recv != nil && len(d.Recv.List) == 1 && (d.Name.Name == "UnmarshalJSON" || d.Name.Name == "UnmarshalText") {
				g.decodes[receiver(d.Recv.List[0].Type)] = true
			}
		}
	}
}

func receiver(e ast.Expr) string {
	if star, ok := e.(*ast.StarExpr); ok {
		e = star.X
	}
	if id, ok := e.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

func (g *goReader) named(name string) *kind {
	return &kind{name: name, lazy: func() (*kind, error) {
		t := g.types[name]
		if g.decodes[name] {
			g.note(g.line(t), "%s decodes itself: all below it counts as read", name)
			return &kind{}, nil
		}
		if t.TypeParams != nil {
			g.note(g.line(t), "%s has type parameters, which are not read: all below it counts as read", name)
			return &kind{}, nil
		}
		return g.kind(t.Type), nil
	}}
}

func (g *goReader) line(n ast.Node) int { return g.set.Position(n.Pos()).Line }

func (g *goReader) kind(e ast.Expr) *kind {
	switch e := e.(type) {
	case *ast.StarExpr:
		return g.kind(e.X)
	case *ast.ParenExpr:
		return g.kind(e.X)
	case *ast.ArrayType:
		if id, ok := e.Elt.(*ast.Ident); ok && (id.Name == "byte" || id.Name == "uint8") && e.Len == nil {
			return &kind{} // base64 text
		}
		return &kind{items: g.kind(e.Elt)}
	case *ast.MapType:
		return &kind{values: g.kind(e.Value)}
	case *ast.StructType:
		return g.structure(e)
	case *ast.Ident:
		if g.types[e.Name] != nil {
			return g.named(e.Name)
		}
		return &kind{}
	case *ast.SelectorExpr:
		if name := selector(e); !slices.Contains(plainTypes, name) {
			g.note(g.line(e), "%s is of another package, which is not read: all below it counts as read", name)
		}
		return &kind{}
	case *ast.InterfaceType:
		return &kind{}
	}
	g.note(g.line(e), "a type that is not read: all below it counts as read")
	return &kind{}
}

// plainTypes decode from one value.
var plainTypes = []string{"time.Time", "time.Duration", "json.Number", "json.RawMessage", "big.Int", "url.URL", "netip.Addr", "uuid.UUID"}

func selector(e *ast.SelectorExpr) string {
	if id, ok := e.X.(*ast.Ident); ok {
		return id.Name + "." + e.Sel.Name
	}
	return e.Sel.Name
}

func (g *goReader) structure(s *ast.StructType) *kind {
	k := &kind{}
	for _, f := range s.Fields.List {
		name, tagged := jsonName(f.Tag)
		switch {
		case name == "-" && tagged:
		case len(f.Names) == 0 && name == "":
			k.more = append(k.more, g.kind(f.Type)) // embedded: its fields are ours
		case len(f.Names) == 0:
			k.fields = append(k.fields, field{name, g.kind(f.Type)})
		default:
			g.fields(k, f, name)
		}
	}
	return k
}

func (g *goReader) fields(k *kind, f *ast.Field, name string) {
	for _, id := range f.Names {
		if !id.IsExported() {
			continue
		}
		key := name
		if key == "" {
			key = id.Name
			g.note(g.line(f), "%s has no json tag: it is taken to be called %q, in just these letters", id.Name, key)
		}
		k.fields = append(k.fields, field{key, g.kind(f.Type)})
	}
}

// jsonName is the name in a json tag; "" when it gives none.
func jsonName(tag *ast.BasicLit) (name string, tagged bool) {
	if tag == nil {
		return "", false
	}
	text, err := strconv.Unquote(tag.Value)
	if err != nil {
		return "", false
	}
	value, ok := reflect.StructTag(text).Lookup("json")
	if value == "-" {
		return "-", true
	}
	name, _, _ = strings.Cut(value, ",")
	return name, ok && name != "-"
}

// among lists a few names that there are.
func among[T any](there map[string]T) string {
	var names []string
	for name := range there {
		names = append(names, name)
	}
	slices.Sort(names)
	if len(names) == 0 {
		return ""
	}
	return "; there are " + strings.Join(names[:min(len(names), 12)], ", ")
}
