package contracts

import (
	"strings"

	"shapewatch/contracts/shape"
)

// A Census says whom a finding is about: entities that ids tell apart, in a
// list or one at a time. It is what keeps an answer from counting as often as
// it is repeated: three hundred answers that show the same two things are
// evidence of two things.
type Census struct {
	ID     string  // path of the ids that tell them apart; "" when there are none
	Known  float64 // entities that were learned, about; 0 when no ids tell them apart
	Here   float64 // entities in this answer
	Places float64 // of these, where the fact could be
	Fresh  float64 // share of those here that no earlier answer had
}

// idNames are the names of ids that an object may carry, best first.
var idNames = []string{"id", "uuid", "guid", "_id", "gid", "sid", "key"}

// idForms are what comes before and after such a name: in XML it may be an
// attribute, or an element.
var idForms = [...][2]string{{"", ""}, {"@", ""}, {"", "/[]"}}

// identity is the path of the field that tells apart the entities that a path
// lies in: an id of the object around it, or of the list's items.
func (c *Comparison) identity(lists []shape.List, path string) string {
	for p := ParentOf(path); ; p = ParentOf(p) {
		for _, name := range idNames {
			for _, form := range idForms {
				f, ok := c.NowAt(p + "/" + form[0] + name + form[1])
				if ok && f.Path != path && (f.Has(shape.String) || f.Has(shape.Int)) {
					return f.Path
				}
			}
		}
		if p == "" || strings.HasSuffix(p, "/[]") || strings.HasSuffix(p, "/{}") {
			return keyPath(lists, path)
		}
	}
}

// census counts the entities behind a finding.
func (c *Comparison) census(id string, f *Finding) (n Census) {
	old, known := c.BeforeAt(id)
	now, here := c.NowAt(id)
	if !known || !here {
		return n
	}
	n.ID, n.Here, n.Fresh = id, float64(now.Count), c.novelty(id)
	n.Places = float64(f.Evidence.NowOf)
	if f.Evidence.Rule.Trial == EveryParent {
		if parent, ok := c.NowAt(ParentOf(f.Path)); ok {
			n.Places = float64(parent.Kinds[shape.Object])
		}
	}
	n.Places = min(n.Places, n.Here)
	if old.Values.Distinct < severalThings && strange(old, now) == 0 {
		return n
	}
	n.Known = float64(old.Values.Distinct)
	if old, ok := c.BeforeAt(ParentOf(f.Path)); ok && old.Count > 0 {
		if all, ok := c.BeforeAt(id); ok {
			n.Known *= min(1, float64(old.Kinds[shape.Object]+old.Kinds[shape.Array])/float64(all.Count))
		}
	}
	return n
}

// severalThings is how many entities must have been seen, this answer
// included, before it is said that answers show one thing after another: what
// always shows the same thing has nothing but answers to count.
const severalThings = 2

// born reports whether what deviates may have been so from birth: of the
// entities that were known before, too few changed to say that all did.
func (n Census) born(odd float64) bool {
	if n.Known == 0 {
		return false
	}
	old := (1 - n.Fresh) * n.Here
	changed := odd - n.Fresh*n.Here
	if odd >= n.Here {
		return old < 1 && n.Here < flips
	}
	return changed < flips
}

// Things is about how many entities have been seen at a path, or 0 when no ids
// tell them apart.
func (c *Comparison) Things(path string) float64 {
	if c.lists == nil {
		c.lists = c.Observation.Shape.Lists()
	}
	id := c.identity(c.lists, path)
	old, ok := c.BeforeAt(id)
	here, there := c.BeforeAt(path)
	if id == "" || !ok || !there || old.Values.Distinct < severalThings || old.Count == 0 {
		return 0
	}
	return float64(old.Values.Distinct) * min(1, float64(here.Count-here.Kinds[shape.Null])/float64(old.Count))
}
