package openapi

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"shapewatch/contracts/shape"
	"shapewatch/contracts/splice"
)

// leastShared is how many properties an object must have to be worth a name.
const leastShared = 3

// A sharing finds objects that were learned alike in several places and gives
// each a name.
type sharing struct {
	trees []fieldTree       // by lesson
	sums  map[string]string // of an object, by lesson and path: what it is, but for formats and values
	names map[string]string // by sum; only of those that come twice
	first map[string]origin // by sum
	order []string          // sums, in the order of names
	alike map[string]string // by sum: what it is in full, "" when places differ
}

type origin struct {
	lesson int
	field  *shape.Field
}

func newSharing(lessons []Lesson) *sharing {
	s := &sharing{sums: map[string]string{}, names: map[string]string{}, first: map[string]origin{}, alike: map[string]string{}}
	counts := map[string]int{}
	for i := range lessons {
		t := newFieldTree(lessons[i].Fields)
		s.trees = append(s.trees, t)
		d := describer{fieldTree: t, dialect: openapi31, required: surely, bare: true}
		full := describer{fieldTree: t, dialect: openapi31, required: surely, examples: true}
		for j := range lessons[i].Fields {
			f := &lessons[i].Fields[j]
			if kinds, _ := kindSet(f); len(kinds) != 1 || kinds[0] != "object" || f.IsMap || len(t.children[f.Path]) < leastShared {
				continue
			}
			sum := sumOf(&d, f)
			s.sums[key(i, f.Path)] = sum
			if counts[sum]++; counts[sum] == 1 {
				s.first[sum], s.alike[sum] = origin{i, f}, sumOf(&full, f)
			} else if s.alike[sum] != sumOf(&full, f) {
				s.alike[sum] = ""
			}
			if counts[sum] == 2 {
				s.name(sum)
			}
		}
	}
	return s
}

func key(lesson int, path string) string { return fmt.Sprint(lesson, path) }

// sumOf is what an object is, null apart: that is said where it is used.
func sumOf(d *describer, f *shape.Field) string {
	one := *f
	one.Kinds[shape.Null] = 0
	text, err := json.Marshal(d.describe(&one))
	if err != nil {
		return f.Path // a name of its own: shared with nothing
	}
	return string(text)
}

// name gives an object a name after the place where it was seen first.
func (s *sharing) name(sum string) {
	base := nameOf(s.first[sum].field)
	taken := func(name string) bool {
		for _, n := range s.names {
			if n == name {
				return true
			}
		}
		return false
	}
	name := base
	for i := 2; taken(name); i++ {
		name = fmt.Sprintf("%s%d", base, i)
	}
	s.names[sum] = name
	s.order = append(s.order, sum)
}

// nameOf is "LineItem" for "/data/[]/line_items/[]".
func nameOf(f *shape.Field) string {
	steps := segments(f.Path)
	many := false
	for len(steps) > 0 && (steps[len(steps)-1] == "[]" || steps[len(steps)-1] == "{}") {
		steps, many = steps[:len(steps)-1], true
	}
	if len(steps) == 0 {
		return "Item"
	}
	var b strings.Builder
	up := true
	for _, r := range steps[len(steps)-1] {
		if r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			up = true
			continue
		}
		if up {
			r = unicode.ToUpper(r)
		}
		up = false
		b.WriteRune(r)
	}
	name := b.String()
	if many && len(name) > 3 && strings.HasSuffix(name, "s") && !strings.HasSuffix(name, "ss") {
		name = strings.TrimSuffix(name, "s")
	}
	if name == "" || unicode.IsDigit(rune(name[0])) {
		return "Object" + name
	}
	return name
}

// describer writes the fields of a lesson, objects with a name as references.
func (s *sharing) describer(lesson int) *describer {
	d := &describer{fieldTree: s.trees[lesson], dialect: openapi31, required: surely, examples: true}
	d.shared = func(path string) (string, bool) {
		name, ok := s.names[s.sums[key(lesson, path)]]
		return "#/components/schemas/" + name, ok
	}
	return d
}

// root is the schema of a lesson's whole answer.
func (s *sharing) root(lesson int) splice.Value {
	f, ok := s.trees[lesson].byPath[""]
	if !ok {
		return splice.Object{}
	}
	return s.describer(lesson).describe(f)
}

// schemas are the objects with names, sorted.
func (s *sharing) schemas() (all splice.Object) {
	for _, sum := range s.order {
		from := s.first[sum]
		one := *from.field
		one.Kinds[shape.Null] = 0
		d := s.describer(from.lesson)
		d.bare = s.alike[sum] == ""
		all = append(all, splice.Field{Name: s.names[sum], Value: d.own(&one)})
	}
	slices.SortFunc(all, func(a, b splice.Field) int { return strings.Compare(a.Name, b.Name) })
	return all
}
