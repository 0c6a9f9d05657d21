package shape

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// A List is an array of objects: entities, one per item.
type List struct {
	Path  string  // of the array: "/data"
	Items Lengths // its length
	Key   string  // of the field that tells the items apart, see [KeyOf]: "id"; "" when none does
}

// keyNames are the names by which vendors tell entities apart, best first.
var keyNames = []string{"id", "uuid", "guid", "_id", "key", "gid", "node_id", "sid", "slug", "code", "symbol", "name"}

// isKeyName reports whether a field's name says that it holds ids.
func isKeyName(name string) bool {
	return slices.Contains(keyNames, strings.ToLower(name)) || hasIDSuffix(name)
}

func hasIDSuffix(name string) bool {
	return strings.HasSuffix(name, "_id") || strings.HasSuffix(name, "Id") || strings.HasSuffix(name, "ID")
}

// Lists finds the lists of entities, the main list first: see [MainList]. An
// array that was always empty counts at the root only.
func (s *Shape) Lists() (lists []List) {
	fields := s.Fields()
	found := arrays(fields, func(f, item Field) bool { return item.Has(Object) || f.Path == "" })
	for _, i := range found {
		f := fields[i]
		lists = append(lists, List{Path: f.Path, Items: f.Items, Key: KeyOf(fields[i+1:], f.Path+"/"+itemName)})
	}
	return lists
}

// MainList finds among the fields of a shape the list of its entities: an array
// of objects, or one that held nothing so far; at the root one is the main list
// whatever it holds. Lists of errors come last, those that were always empty
// before them; then the outermost and the longest is the main one.
func MainList(fields []Field) (list Field, ok bool) {
	found := arrays(fields, func(f, item Field) bool {
		return !f.InMap && (item.Has(Object) || item.Count == 0 || f.Path == "")
	})
	if len(found) == 0 {
		return Field{}, false
	}
	return fields[found[0]], true
}

// arrays are the indexes of the arrays that pass, given the field of their
// items, the main list first.
func arrays(fields []Field, pass func(f, item Field) bool) (found []int) {
	for i, f := range fields {
		if !f.Has(Array) {
			continue
		}
		item := Field{}
		if i+1 < len(fields) && fields[i+1].Parent == f.Path && fields[i+1].Name == itemName {
			item = fields[i+1]
		}
		if pass(f, item) {
			found = append(found, i)
		}
	}
	slices.SortStableFunc(found, func(a, b int) int {
		f, g := &fields[a], &fields[b]
		return cmp.Or(
			before(f.ofErrors(), g.ofErrors()), before(f.InMap, g.InMap), before(f.Items.Max == 0, g.Items.Max == 0),
			f.Depth-g.Depth, cmp.Compare(g.Items.Max, f.Items.Max),
		)
	})
	return found
}

// before puts what is not something before what is.
func before(is, other bool) int {
	switch {
	case is == other:
		return 0
	case other:
		return -1
	}
	return 1
}

// ofErrors tells what went wrong from the data that came with it.
func (f *Field) ofErrors() bool { return f.Path == "/errors" || strings.HasPrefix(f.Path, "/errors/") }

// KeyOf finds what tells the items of a list apart among the fields below them;
// items is their path. It is the name of a field, or in XML its attribute
// ("@id") or its element ("id/[]"), and "" when nothing does.
func KeyOf(fields []Field, items string) string {
	best, key := len(keyNames)+2, ""
	for i, f := range fields {
		if f.Parent != items || f.Count != f.Parents {
			continue
		}
		name := f.Name
		if f.isElement() && i+1 < len(fields) && fields[i+1].Parent == f.Path {
			name, f = name+"/"+itemName, fields[i+1]
		}
		if rank := keyRank(name); rank < best && f.tellsApart() {
			best, key = rank, name
		}
	}
	return key
}

// isElement reports whether an array may stand for an element of XML that comes
// once in each: one that is called as keys are.
func (f *Field) isElement() bool {
	return f.Items.Min == 1 && f.Items.Max == 1 && f.Items.Count == f.Count && keyRank(f.Name) <= len(keyNames)
}

// keyRank is the place of a name among those of keys; beyond them all when it
// is none.
func keyRank(name string) int {
	name = strings.TrimSuffix(strings.TrimPrefix(name, "@"), "/"+itemName)
	if rank := slices.Index(keyNames, strings.ToLower(name)); rank >= 0 {
		return rank
	}
	if hasIDSuffix(name) {
		return len(keyNames)
	}
	return len(keyNames) + 2
}

// tellsApart reports whether the values are scalars that may be those of keys:
// not the same few in many items.
func (f *Field) tellsApart() bool {
	if f.Has(Null) || f.Has(Object) || f.Has(Array) || f.Has(Frac) || f.Has(Bool) {
		return false
	}
	unique := float64(f.Values.Distinct) >= 0.5*float64(f.Count)
	return unique || !f.Values.Exact || f.Values.Distinct >= 8 || f.Count <= 16
}

// An Envelope is what lies around the entities of an answer.
type Envelope struct {
	Style string // "graphql", "json:api", "hal", "page", "list", "record" or "scalar"
	Items string // path of the main list; "" for a record, a scalar and a list at the root
	Next  string // path of the cursor or link to the next page; "" when none was seen
	Total string // path of the number of all entities; "" when none was seen
	Error string // path of what tells an error under status 200; "" when none was seen

	Partial bool // GraphQL: an answer had errors and data
}

var (
	nextNames  = []string{"next", "nextpagetoken", "nextcursor", "nexturl", "nextpage", "nextlink", "nextpageurl", "endcursor", "hasmore", "hasnextpage", "nextpageuri", "cursor", "odatanextlink"}
	totalNames = []string{"total", "totalcount", "totalitems", "totalresults", "count", "totalelements", "numresults", "totalrecords", "totalentries", "odatacount"}
)

// Envelope reads the conventions that an answer follows.
func (s *Shape) Envelope() Envelope {
	fields := s.Fields()
	if len(fields) == 0 {
		return Envelope{}
	}
	names := map[string]Field{}
	for _, f := range fields {
		names[f.Path] = f
	}
	e := Envelope{Style: styleOf(names)}
	if main, ok := MainList(fields); ok && !main.ofErrors() && (main.Items.Max > 0 || main.Path == "") && (e.Style != "record" || isPage(main.Path, names)) {
		e.Items = main.Path
	}
	around := names[e.Items].Parent
	e.Next, e.Total = findNamed(fields, nextNames, around), findNamed(fields, totalNames, around)
	for _, path := range []string{"/errors", "/error"} {
		if f, ok := names[path]; ok && f.Kinds[Null] < f.Count {
			e.Error = path
		}
	}
	e.Partial = e.Style == "graphql" && e.Error != "" && names["/data"].Kinds[Object]+names[e.Error].Count > s.probes
	switch {
	case e.Style == "record" && e.Items != "" && (e.Next != "" || e.Total != ""):
		e.Style = "page"
	case e.Style == "record":
		e.Items = ""
	}
	return e
}

// isPage: the list lies at the root or in an object at the root, and what
// holds it is no entity of its own.
func isPage(list string, names map[string]Field) bool {
	_, entity := names["/id"]
	return !entity && names[list].Depth <= 2
}

func styleOf(names map[string]Field) string {
	has := func(path string) bool { _, ok := names[path]; return ok }
	root := names[""]
	entity := func(path string) bool { return has(path+"/type") && has(path+"/id") }
	switch {
	case root.Has(Array):
		return "list"
	case !root.Has(Object):
		return "scalar"
	case has("/jsonapi") || (entity("/data") && has("/data/attributes")) || (entity("/data/[]") && has("/data/[]/attributes")):
		return "json:api"
	case has("/_links") || has("/_embedded"):
		return "hal"
	case isGraphQL(names):
		return "graphql"
	}
	return "record"
}

// isGraphQL: only data, errors and extensions at the root, and data is an
// object or null.
func isGraphQL(names map[string]Field) bool {
	data, ok := names["/data"]
	if !ok || data.Has(Array) || data.Kinds.Total() == 0 {
		return false
	}
	for path, f := range names {
		if f.Depth == 1 && path != "/data" && path != "/errors" && path != "/extensions" {
			return false
		}
	}
	_, errors := names["/errors/[]/message"]
	_, typed := names["/extensions"]
	return errors || typed || len(names) > 2
}

// wrappers are the names of objects that say something about a page.
var wrappers = []string{"meta", "metadata", "pagination", "paging", "page", "pageinfo", "links", "next", "cursors", "responsemetadata"}

var punctuation = strings.NewReplacer("_", "", "-", "", "@", "", ".", "", "$", "")

// spelled is a name without case and punctuation.
func spelled(name string) string { return strings.ToLower(punctuation.Replace(name)) }

// findNamed finds the outermost scalar with one of the names, spelled in any
// way, beside the list, at the root, or in an object there that is about the
// page.
func findNamed(fields []Field, wanted []string, around string) string {
	about := map[string]bool{"": true, around: true}
	best, path := math.MaxInt, ""
	for _, f := range fields {
		if !about[f.Parent] || f.Depth == 0 || f.Has(Array) {
			continue
		}
		name := spelled(f.Name)
		if f.Has(Object) {
			about[f.Path] = about[f.Path] || slices.Contains(wrappers, name)
			continue
		}
		if name == "href" { // HAL: /_links/next/href
			name = spelled(f.Parent[strings.LastIndexByte(f.Parent, '/')+1:])
		}
		if i := slices.Index(wanted, name); i >= 0 && i+f.Depth*len(wanted) < best {
			best, path = i+f.Depth*len(wanted), f.Path
		}
	}
	return path
}
