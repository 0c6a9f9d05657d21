package notation

import (
	"fmt"
	"time"

	"shapewatch/contracts/shape"
)

// These are the notes on what the values of a line do not show by themselves.

// several values, or more, are not alike by chance.
const several = 5

// textNote is how long texts are that are not shown, and how many different
// ones there are, where no format says it.
func textNote(p *place) []string {
	if !p.only(shape.String) || p.wholeFormat() != "" || p.Lengths.Max == 0 || p.MaybeID() {
		return nil
	}
	note := between(p.Lengths) + " bytes"
	if p.Lengths.Max == 1 && p.Lengths.Min == 1 {
		note = "1 byte"
	}
	if p.Count >= several {
		note += ", " + about(p.Values.Distinct, p.Values.Exact, "value")
	}
	return []string{note}
}

func about(n uint64, exact bool, word string) string {
	if exact {
		return plural(n, word)
	}
	return "about " + plural(n, word)
}

// wideNote warns of integers that JavaScript and many others would change.
func wideNote(p *place) []string {
	if p.Numbers.Beyond53 == 0 {
		return nil
	}
	return []string{percent(float64(p.Numbers.Beyond53), float64(p.Kinds[shape.Int])) + " beyond 2^53"}
}

// setsNote is how many different sets of keys the objects of a record have.
func (d *drawing) setsNote(p *place) []string {
	if !p.Has(shape.Object) || p.IsMap || p.Union != nil || p.InMap {
		return nil
	}
	sets := d.shape.KeySets(p.Path)
	if sets.Distinct < 2 {
		return nil
	}
	return []string{about(sets.Distinct, sets.Exact, "key set")}
}

// late is what it takes for a field to have come late or gone early.
const late = 24 * time.Hour

// seenNote says since when, or until when, a place was seen, where that is
// not as long as anything was.
func (d *drawing) seenNote(p *place) (notes []string) {
	if p.First.Sub(d.root.First) >= late {
		notes = append(notes, fmt.Sprintf("since %s", p.First.Format(time.DateOnly)))
	}
	if d.root.Last.Sub(p.Last) >= late {
		notes = append(notes, fmt.Sprintf("last seen %s", p.Last.Format(time.DateOnly)))
	}
	return notes
}
