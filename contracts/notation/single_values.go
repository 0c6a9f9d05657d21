package notation

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"shapewatch/contracts/shape"
)

// These are the facts about the values at one path.

func (p *place) formatLines() (lines []string) {
	for _, f := range p.Formats {
		lines = append(lines, fmt.Sprintf("%s %s, %s", formatWord(f), percent(f.Share, 1), count(f.Count)))
	}
	if len(lines) == 1 && p.Formats[0].Format == "" {
		return nil
	}
	return lines
}

// numberWords are the range and how fine the numbers are.
func (p *place) numberWords(s *shape.Shape) (lines []string) {
	n := p.Numbers
	if n.Min == "" {
		return nil
	}
	lines = append(lines, fmt.Sprintf("%s to %s, median about %s", readable(n.Min), readable(n.Max), rounded(n.Median)))
	if n.GCD > 1 {
		lines = append(lines, "integers are multiples of "+count(n.GCD))
	}
	places := s.DecimalPlaces(p.Path)
	var words []string
	for _, d := range slices.Sorted(maps.Keys(places)) {
		words = append(words, fmt.Sprintf("%d in %s", d, percent(float64(places[d]), float64(p.Kinds[shape.Frac]))))
	}
	if len(words) > 0 {
		lines = append(lines, "decimal places: "+strings.Join(words, ", "))
	}
	return lines
}

// The picture of a histogram.
const (
	pictureRows  = 12
	pictureWidth = 32
)

// picture draws the histogram, neighbouring buckets together where there are
// many. Ids have none: how they spread says nothing.
func picture(p *place, s *shape.Shape) (lines []string) {
	buckets := s.Histogram(p.Path)
	if len(buckets) < 2 || p.MaybeID() {
		return nil
	}
	var rows []shape.Bucket
	for group := range slices.Chunk(buckets, (len(buckets)+pictureRows-1)/pictureRows) {
		row := shape.Bucket{Low: group[0].Low, High: group[len(group)-1].High}
		for _, b := range group {
			row.Count += b.Count
		}
		rows = append(rows, row)
	}
	first, last := &rows[0], &rows[len(rows)-1] // a bucket may reach beyond what was seen
	first.Low, last.High = max(first.Low, near(p.Numbers.Min)), min(last.High, near(p.Numbers.Max))
	tallest, labels, longest := uint64(0), make([]string, len(rows)), 0
	for i, r := range rows {
		tallest, labels[i] = max(tallest, r.Count), rounded(r.Low)+" to "+rounded(r.High)
		longest = max(longest, width(labels[i]))
	}
	for i, r := range rows {
		lines = append(lines, fmt.Sprintf("%s  %s  %s", pad(labels[i], longest), pad(bar(r.Count, tallest), pictureWidth), count(r.Count)))
	}
	return lines
}

// near is about the number of a literal; those beyond float64 are infinite.
func near(literal string) float64 {
	f, _ := strconv.ParseFloat(literal, 64)
	return f
}

// bar is as long as its part of the tallest, in eighths of a character, and
// never empty.
func bar(n, tallest uint64) string {
	eighths := max(1, int(math.Round(8*pictureWidth*float64(n)/float64(tallest))))
	text := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		text += string(rune('█' + 8 - rest)) // ▉ to ▏ follow it
	}
	return text
}

// rounded writes a number to three digits.
func rounded(f float64) string {
	if f == math.Trunc(f) && math.Abs(f) < 1e6 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	v, err := strconv.ParseFloat(strconv.FormatFloat(f, 'g', 3, 64), 64)
	if err != nil {
		v = f
	}
	if abs := math.Abs(v); abs >= 1e15 || abs < 1e-6 {
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// valueLines say how many values there are, how likely the next one is new, and
// show those that may be shown.
func (p *place) valueLines() []string {
	v := p.Values
	if v.Distinct == 0 {
		return nil
	}
	head := about(min(v.Distinct, p.Count), v.Exact, "value")
	switch {
	case v.Closed:
		head += ", a closed set"
	default:
		head += ", the next one is new in " + percent(v.Unseen, 1)
	}
	lines := []string{head}
	private := uint64(0)
	for _, one := range byCount(v.List) {
		switch {
		case one.Text == "":
			private++
		case len(lines) <= 2*most:
			lines = append(lines, fmt.Sprintf("%s  %s", printable(one.Text), count(one.Count)))
		}
	}
	if private > 0 && v.Exact {
		lines = append(lines, plural(private, "value")+" kept as a hash only")
	}
	return lines
}

func lengthWords(l shape.Lengths, unit string) []string {
	if l.Count == 0 {
		return nil
	}
	if l.Min == l.Max {
		return []string{plural(l.Max, unit)}
	}
	return []string{fmt.Sprintf("%s to %s, median %s", count(l.Min), plural(l.Max, unit), count(l.Median))}
}

// variantLines are the keys of each variant of a union.
func (p *place) variantLines() (lines []string) {
	if p.Union == nil {
		return nil
	}
	lines = append(lines, fmt.Sprintf("told apart by %s, which explains %s of which keys come", printable(p.Union.Tag), percent(p.Union.Share, 1)))
	for _, v := range p.Union.Variants {
		lines = append(lines, fmt.Sprintf("%s  %s", p.variantName(v), plural(v.Count, "object")))
		for _, k := range v.Keys {
			lines = append(lines, "  "+variantKeyWords(p.Path, k))
		}
	}
	return lines
}

func variantKeyWords(above string, k shape.VariantKey) string {
	var words []string
	for _, kind := range k.Kinds {
		words = append(words, kind.String())
	}
	for _, f := range k.Formats {
		if f != "" {
			words = append(words, f)
		}
	}
	presence := "in " + percent(float64(k.Count), float64(k.Parents))
	if k.Required() {
		presence = "always"
	}
	return fmt.Sprintf("%s  %s, %s", printable(strings.TrimPrefix(k.Path, above+"/")), strings.Join(words, " "), presence)
}
