package openapi

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/oasdiff/oasdiff/checker"
	"github.com/oasdiff/oasdiff/diff"
	"github.com/oasdiff/oasdiff/load"

	"shapewatch/contracts"
)

// An Announcement is one change that a newer document announces, over all the
// operations and places that it touches.
type Announcement struct {
	Rule     string             `json:"rule"`  // of oasdiff: "response-optional-property-removed"
	Side     string             `json:"side"`  // "response", "request" or "operation"
	Field    string             `json:"field"` // what it is about: the last name of a path, a value, a parameter; "" for a whole operation
	Severity contracts.Severity `json:"severity"`
	Words    string             `json:"words"`  // one sentence about its first place
	Places   []Announced        `json:"places"` // at most 20, those you use first
	Count    int                `json:"count"`  // of all places
	Used     int                `json:"used"`   // of these, places that you use; meaningful when uses were given
}

// Announced is one place that an announcement touches.
type Announced struct {
	Operation   string `json:"operation"` // "GET /v1/charges/{charge}"
	OperationID string `json:"operation_id,omitempty"`
	Path        string `json:"path"` // of the field: "/data/[]/amount"; "" for the whole answer or request
	Used        bool   `json:"used,omitempty"`
}

// A Use says what you use of an API: which operation, and which paths of its
// answers; no paths means all of them.
type Use struct {
	Asked
	Paths []string
}

// maxPlaces bounds the places that an announcement lists.
const maxPlaces = 20

// Diff compares two documents of one API and returns what the newer one
// announces, each change once, worst first. With uses, what does not touch
// them is at most good to know.
func Diff(older, newer *Document, uses []Use) (all []Announcement, err error) {
	defer recoverAs(newer.source, &err)
	before, after, err := specsOf(older, newer)
	if err != nil {
		return nil, err
	}
	report, sources, err := diff.GetWithOperationsSourcesMap(diff.NewConfig(), before, after)
	if err != nil {
		return nil, fmt.Errorf("compare %s with %s: %s", older.source, newer.source, clip(err.Error(), 300))
	}
	g := grouping{uses: usesOf(older, newer, uses), judged: len(uses) > 0, index: map[string]*group{}}
	config := checker.NewConfig(checker.GetAllChecks())
	for _, c := range checker.CheckBackwardCompatibilityUntilLevel(config, report, sources, checker.INFO) {
		g.add(c)
	}
	return g.announcements(), nil
}

// specsOf reads both documents, side by side: it is half of the time.
func specsOf(older, newer *Document) (before, after *load.SpecInfo, err error) {
	read := make(chan error, 1)
	go func() {
		var err error
		before, err = specOf(older)
		read <- err
	}()
	after, err = specOf(newer)
	err = cmp.Or(<-read, err)
	return before, after, err
}

func specOf(d *Document) (*load.SpecInfo, error) {
	doc, err := d.whole()
	if err != nil {
		mended, faults, failed := d.mended()
		if failed != nil {
			return nil, err
		}
		faults = append(faults, clip(err.Error(), 300))
		doc = mended
		d.broken.Store(&faults)
	}
	return &load.SpecInfo{Url: d.source, Spec: doc}, nil
}

// usesOf are the paths that are used, by "METHOD /template" of either document.
func usesOf(older, newer *Document, uses []Use) map[string][]string {
	all := map[string][]string{}
	for _, u := range uses {
		for _, d := range []*Document{older, newer} {
			op, err := d.locate(u.Asked)
			if err != nil {
				continue // gone from one of them, or not there yet
			}
			paths := u.Paths
			if len(paths) == 0 {
				paths = []string{""}
			}
			all[op.String()] = append(all[op.String()], paths...)
		}
	}
	return all
}

// A grouping folds what the library finds at every place into changes.
type grouping struct {
	uses   map[string][]string
	judged bool
	index  map[string]*group
}

type group struct {
	Announcement
	first checker.Change
}

// add counts one change at one place.
func (g *grouping) add(c checker.Change) {
	place, field := placeOf(c)
	place.Used = g.used(place)
	key := fmt.Sprintf("%s\x00%s\x00%d", c.GetId(), field, c.GetLevel())
	known, ok := g.index[key]
	if !ok {
		known = &group{Announcement: Announcement{Rule: c.GetId(), Side: sideOf(c.GetId()), Field: field, Severity: severityOf(c)}, first: c}
		g.index[key] = known
	}
	known.Count++
	if place.Used {
		if known.Used++; known.Used == 1 {
			known.first = c // the sentence is about what you use
		}
	}
	switch {
	case len(known.Places) < maxPlaces:
		known.Places = append(known.Places, place)
	case place.Used:
		if i := slices.IndexFunc(known.Places, func(p Announced) bool { return !p.Used }); i >= 0 {
			known.Places[i] = place
		}
	}
}

// used reports whether a change touches what is used: the path, something
// above or below it.
func (g *grouping) used(p Announced) bool {
	for _, path := range g.uses[p.Operation] {
		if path == "" || p.Path == "" || below(p.Path, path) || below(path, p.Path) {
			return true
		}
	}
	return false
}

func below(path, root string) bool {
	root = strings.TrimSuffix(root, "/")
	return path == root || strings.HasPrefix(path, root+"/")
}

func (g *grouping) announcements() (all []Announcement) {
	words := checker.NewLocalizer("en")
	for _, known := range g.index {
		a := known.Announcement
		a.Words = clip(known.first.GetUncolorizedText(words), 400)
		switch {
		case g.judged && a.Used == 0:
			a.Severity = contracts.Info
		case a.Used > 0 && removes[a.Rule]:
			a.Severity = contracts.Breaking
		}
		slices.SortStableFunc(a.Places, func(x, y Announced) int {
			return cmp.Or(cmp.Compare(first(!x.Used), first(!y.Used)), cmp.Compare(x.Operation, y.Operation), cmp.Compare(x.Path, y.Path))
		})
		all = append(all, a)
	}
	slices.SortFunc(all, func(x, y Announcement) int {
		return cmp.Or(cmp.Compare(y.Severity, x.Severity), cmp.Compare(y.Used, x.Used), cmp.Compare(y.Count, x.Count),
			cmp.Compare(x.Rule, y.Rule), cmp.Compare(x.Field, y.Field))
	})
	return all
}
