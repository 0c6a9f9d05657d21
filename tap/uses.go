package tap

import (
	"encoding"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Uses returns the paths of an answer that a value of type T takes, sorted, by
// its json tags: "/data/[]/amount". What decodes itself counts whole.
func Uses[T any]() []string {
	return usesOf(reflect.TypeFor[T]())
}

// Note adds what the type of v takes to the uses of an operation, for code that
// does not decode through [Decode].
func (t *Tap) Note(operation string, v any) {
	t.guarded(func() {
		if v == nil {
			return
		}
		t.note(operation, usesOf(reflect.TypeOf(v)))
	})
}

func (t *Tap) note(operation string, paths []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	known := t.uses[operation]
	if known == nil {
		if len(t.uses) >= maxOperations {
			return
		}
		known = map[string]bool{}
		t.uses[operation] = known
	}
	for _, p := range paths {
		if !known[p] && len(known) < maxPaths {
			known[p], t.moved = true, true
		}
	}
}

// Recorded returns the uses noted so far, by operation.
func (t *Tap) Recorded() map[string][]string {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := map[string][]string{}
	for operation, paths := range t.uses {
		all[operation] = slices.Sorted(maps.Keys(paths))
	}
	return all
}

func usesOf(t reflect.Type) []string {
	w := walk{open: map[reflect.Type]bool{}, paths: map[string]bool{}}
	w.add(t, "", 0)
	return slices.Sorted(maps.Keys(w.paths))
}

// A walk goes through a type.
type walk struct {
	open  map[reflect.Type]bool // a type within itself ends there
	paths map[string]bool
}

var (
	decodesJSON = reflect.TypeFor[json.Unmarshaler]()
	decodesText = reflect.TypeFor[encoding.TextUnmarshaler]()
)

const maxDepth = 40

func (w *walk) add(t reflect.Type, at string, depth int) {
	for t.Kind() == reflect.Pointer && !decodes(t) {
		t = t.Elem()
	}
	if depth > maxDepth || w.open[t] || decodes(t) || len(w.paths) >= maxPaths {
		w.end(at)
		return
	}
	w.open[t] = true
	defer delete(w.open, t)
	switch t.Kind() {
	case reflect.Struct:
		w.fields(t, at, depth)
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			w.end(at)
			return
		}
		w.add(t.Elem(), at+"/[]", depth+1)
	case reflect.Map:
		w.add(t.Elem(), at+"/{}", depth+1)
	default:
		w.end(at)
	}
}

func decodes(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return t.Implements(decodesJSON) || t.Implements(decodesText) || p.Implements(decodesJSON) || p.Implements(decodesText)
}

func (w *walk) end(at string) {
	if at != "" {
		w.paths[at] = true
	}
}

func (w *walk) fields(t reflect.Type, at string, depth int) {
	before := len(w.paths)
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		name, _, _ := strings.Cut(tag, ",")
		switch {
		case tag == "-":
		case f.Anonymous && name == "" && structured(f.Type):
			w.add(f.Type, at, depth+1)
		case !f.IsExported():
		case name == "":
			w.add(f.Type, at+"/"+escape(f.Name), depth+1)
		default:
			w.add(f.Type, at+"/"+escape(name), depth+1)
		}
	}
	if len(w.paths) == before {
		w.end(at)
	}
}

// structured reports whether an embedded field lends its own fields.
func structured(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.Struct && !decodes(t)
}

var escapes = strings.NewReplacer("~", "~0", "/", "~1")

func escape(name string) string { return escapes.Replace(name) }
