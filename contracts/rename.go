package contracts

import (
	"fmt"
	"slices"
	"strings"

	"shapewatch/contracts/shape"
)

// The kinds that make a rename when they meet under one parent.
const (
	kindRemoved = "field-removed"
	kindNew     = "field-new"
)

// tieRenames gives a field that went and a field that came, alike and under
// one parent, the same cause, so that one story is told.
func (c *Comparison) tieRenames() {
	defer c.shareCauses()
	var taken []int
	for i := range c.Found {
		if c.Found[i].Kind != kindRemoved {
			continue
		}
		j := c.heir(i, taken)
		if j < 0 {
			continue
		}
		taken = append(taken, j)
		cause := fmt.Sprintf("`%s` was renamed `%s`", lastName(c.Found[i].Path), lastName(c.Found[j].Path))
		c.Found[i].Cause, c.Found[j].Cause = cause, cause
	}
}

// shareCauses lets all findings at a path tell the same story: the field that
// is gone because it moved, the new one that is another's new name.
func (c *Comparison) shareCauses() {
	causes := map[string]string{}
	for _, f := range c.Found {
		if f.Cause != "" && strings.HasPrefix(f.Path, "/") {
			causes[f.Path] = f.Cause
		}
	}
	for i, f := range c.Found {
		if f.Cause == "" && causes[f.Path] != "" {
			c.Found[i].Cause = causes[f.Path]
		}
	}
}

// heir finds the new field that is most like the removed one, or -1.
func (c *Comparison) heir(removed int, taken []int) int {
	old, ok := c.BeforeAt(c.Found[removed].Path)
	if !ok {
		return -1
	}
	best, bestLikeness := -1, likely
	for j, f := range c.Found {
		if f.Kind != kindNew || slices.Contains(taken, j) || ParentOf(f.Path) != ParentOf(old.Path) {
			continue
		}
		if now, ok := c.NowAt(f.Path); ok {
			if l := likeness(old, now); l > bestLikeness {
				best, bestLikeness = j, l
			}
		}
	}
	return best
}

// likely is the likeness above which two fields count as one renamed.
const likely = 1.0

// likeness says how much a new field looks like an old one: the same kinds are
// needed; names that share a word, values that were seen before, and the same
// format each speak for it.
func likeness(old, now *shape.Field) float64 {
	for k := range now.Kinds {
		if now.Kinds[k] > 0 && old.Kinds[k] == 0 {
			return 0
		}
	}
	l := 1 + 2*overlap(old.Values.List, now.Values.List) + sharedWord(old.Name, now.Name)
	of, nf := topFormat(old), topFormat(now)
	if of != nf {
		return l - 1
	}
	if of != "" {
		l += 0.5
	}
	return l
}

// overlap is the share of now's values that old had too.
func overlap(old, now []shape.Value) float64 {
	if len(now) == 0 {
		return 0
	}
	had := make(map[uint64]bool, len(old))
	for _, v := range old {
		had[v.Hash] = true
	}
	n := 0
	for _, v := range now {
		if had[v.Hash] {
			n++
		}
	}
	return float64(n) / float64(len(now))
}

func topFormat(f *shape.Field) string {
	if len(f.Formats) == 0 {
		return ""
	}
	return f.Formats[0].Format
}

// sharedWord is 1 when one name contains the other, half when they share a
// word of three letters or more.
func sharedWord(a, b string) float64 {
	wa, wb := words(a), words(b)
	ja, jb := strings.Join(wa, ""), strings.Join(wb, "")
	if ja != "" && jb != "" && (strings.Contains(ja, jb) || strings.Contains(jb, ja)) {
		return 1
	}
	for _, x := range wa {
		for _, y := range wb {
			if len(x) >= 3 && x == y {
				return 0.5
			}
		}
	}
	return 0
}

// words splits a key at underscores, hyphens, dots and humps.
func words(name string) (ws []string) {
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			ws = append(ws, strings.ToLower(b.String()))
			b.Reset()
		}
	}
	lower := false
	for _, r := range name {
		switch {
		case r == '_' || r == '-' || r == '.' || r == ' ':
			flush()
			lower = false
			continue
		case r >= 'A' && r <= 'Z' && lower:
			flush()
		}
		lower = r >= 'a' && r <= 'z'
		b.WriteRune(r)
	}
	flush()
	return ws
}

func lastName(path string) string {
	name := path[strings.LastIndexByte(path, '/')+1:]
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
}

// SharesWord reports whether two field names share a word of three letters or
// more, or one contains the other.
func SharesWord(a, b string) bool { return sharedWord(a, b) > 0 }
