package notation

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"shapewatch/contracts/shape"
)

// jsonText writes a string as JSON, with < > & as they are.
func jsonText(text string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(text) != nil {
		return `""`
	}
	return strings.TrimSpace(b.String())
}

func byCount(values []shape.Value) []shape.Value {
	sorted := slices.Clone(values)
	slices.SortStableFunc(sorted, func(a, b shape.Value) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Text, b.Text))
	})
	return sorted
}

// percent writes a share: "12 %", "0.3 %", never 0 % of some nor 100 % of
// nearly all.
func percent(part, of float64) string {
	share := 100 * part / max(of, 1)
	switch {
	case part == 0:
		return "0 %"
	case part > 0 && share < 0.1:
		return "under 0.1 %"
	case part < of && share > 99.9:
		return "over 99.9 %"
	case share < 1 || share > 99 && share < 100:
		return strconv.FormatFloat(share, 'f', 1, 64) + " %"
	}
	return strconv.FormatFloat(share, 'f', 0, 64) + " %"
}

// bound writes a lower bound, rounded down: "99.85 %".
func bound(share float64) string {
	places := 0
	if share > 0.9 {
		places = 1
	}
	if share > 0.99 {
		places = 2
	}
	scale := math.Pow10(places)
	return strconv.FormatFloat(math.Floor(100*share*scale)/scale, 'f', places, 64) + " %"
}

// count writes a number with thousands apart.
func count(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// plural is a number and its word: "1 answer", "3 answers".
func plural(n uint64, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return count(n) + " " + word + "s"
}

// evidence is the presence of a key in words: "required, n = 2016, at least
// 99.85 %".
func (p *place) evidence() string {
	required, n := p.Required()
	switch {
	case n == 0:
		return "no evidence"
	case required && p.Count == p.Parents:
		return fmt.Sprintf("required, n = %d, at least %s", n, bound(p.RequiredAtLeast()))
	}
	words := fmt.Sprintf("optional, in %s of %s", percent(float64(p.Count), float64(p.Parents)), count(p.Parents))
	if p.Probes.None > 0 && !p.InMap {
		words += fmt.Sprintf(", in none of %s", plural(p.Probes.None, "answer"))
	}
	return words
}

// printable keeps vendor text on its line.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '·'
		}
		return r
	}, s)
}

// clip bounds a text in runes.
func clip(s string, n int) string {
	if runes := []rune(s); len(runes) > n {
		return string(runes[:max(n-1, 0)]) + "…"
	}
	return s
}
