package detectors

import (
	"fmt"
	"slices"
	"strings"

	"shapewatch/contracts"
	"shapewatch/contracts/shape"
)

// A missing key is one that every object of a variant of a tagged union had:
// a push event has a ref, though a fork has none.
type missingKey struct {
	before, now shape.VariantKey // now is the zero key when it is gone
	variant     string           // value of the tag; "" when it is private
	ref         *contracts.VariantRef
}

// missingKeys finds the keys that were in all objects of a variant and are not
// in all of those of the observation. Presence is judged within the variant;
// what every variant has is judged as in any record.
func missingKeys(c *contracts.Comparison) (missing []missingKey) {
	before := c.Before()
	for i := range before {
		f := &before[i]
		if f.Union == nil || !tagName(f.Union.Tag) || quiet(f) || !c.Holds(f.Path) {
			continue
		}
		for _, now := range c.Observation.Shape.Variants(f.Path, f.Union.Tag) {
			old, known := f.Union.Variant(now.Hash)
			if !known || now.Count == 0 || old.Probes < c.Least() {
				continue
			}
			ref := &contracts.VariantRef{Path: f.Path, Tag: f.Union.Tag, Hash: now.Hash}
			for _, key := range old.Keys {
				if m, ok := missingFrom(now, key); ok && !everywhere(c, key.Path) && key.Probes.Of() >= c.Least() {
					m.variant, m.ref = old.Value, ref
					missing = append(missing, m)
				}
			}
		}
	}
	return missing
}

// tags are words of names by which vendors tell variants apart. Any key of a
// few lasting things can look as if it did: a currency, a city.
var tags = []string{"type", "kind", "object", "event", "class", "action", "variant", "discriminator"}

func tagName(name string) bool {
	lower := strings.ToLower(name)
	return slices.ContainsFunc(tags, func(t string) bool { return strings.HasSuffix(lower, t) || strings.HasPrefix(lower, t) })
}

// missingFrom reports whether a key that a variant always had is not in all
// places of it now where it could be.
func missingFrom(now shape.Variant, key shape.VariantKey) (m missingKey, missing bool) {
	m.before = key
	if !key.Required() {
		return m, false
	}
	if parent, deep := now.Key(key.Parent); deep && (len(parent.Kinds) != 1 || parent.Kinds[0] != shape.Object) {
		return m, false // nothing that could hold it
	}
	found := false
	if m.now, found = now.Key(key.Path); !found {
		_, deep := now.Key(key.Parent)
		return m, deep || topOf(now, key)
	}
	return m, m.now.Count < m.now.Parents
}

// topOf reports whether a key lies in the objects of the variant themselves.
func topOf(v shape.Variant, key shape.VariantKey) bool {
	for _, k := range v.Keys {
		if k.Parent == key.Parent {
			return true
		}
	}
	return false
}

// everywhere reports whether a field is in every record of its place, whatever
// the variant.
func everywhere(c *contracts.Comparison, path string) bool {
	f, ok := c.BeforeAt(path)
	if !ok {
		return false
	}
	required, _ := f.Required()
	return required
}

// finding tells of a missing key.
func (m missingKey) finding(now string) contracts.Finding {
	of := "of one variant"
	if m.variant != "" {
		of = fmt.Sprintf("where %s is %s", m.ref.Tag, m.variant)
	}
	n := m.before.Probes.Of()
	return contracts.Finding{
		Path: m.before.Path, Was: "always there " + of + ", " + inAnswers(n, n), Now: now + " " + of,
		Evidence: contracts.Evidence{WasSeen: n, WasOf: n, NowSeen: m.now.Count, NowOf: max(m.now.Parents, 1), Variant: m.ref},
	}
}

// addMissing adds what is gone from, or not everywhere in, a variant, unless
// the same path is told already.
func addMissing(c *contracts.Comparison, found []contracts.Finding, gone bool) []contracts.Finding {
	told := map[string]bool{}
	for _, f := range found {
		told[f.Path] = true
	}
	for _, m := range missingKeys(c) {
		if (m.now.Count == 0) != gone || told[m.before.Path] {
			continue
		}
		told[m.before.Path] = true
		if gone {
			found = append(found, m.finding("gone"))
		} else {
			found = append(found, m.finding("missing in places"))
		}
	}
	return found
}
