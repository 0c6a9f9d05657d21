package contracts

import (
	"slices"
	"strings"
	"unicode"

	"shapewatch/contracts/shape"
)

// A Sequence is the highest number of something that is numbered through, as
// one answer shows it: the newest id of a list, the height of a chain. Whether
// it is one shows over many answers, see [Comparison.Slow].
type Sequence struct {
	Path string `json:"p"` // "/data/[]/id"
	At   int64  `json:"n"` // kept to measure how far it moves, and never told
}

// maxSequences bounds the sequences that are followed in one answer.
const maxSequences = 2

// What things are numbered by, best first: in a list, and outside of lists,
// where an id is that of one thing and stands still.
var (
	numbersOfMany = []string{"sequence", "seq", "lsn", "offset", "revision", "rev", "height", "slot", "serial", "position", "cursor", "id", "number", "no", "nr", "num", "index"}
	numbersOfOne  = []string{"sequence", "seq", "lsn", "offset", "revision", "rev", "height", "slot", "position", "cursor"}
	newestOf      = []string{"last", "latest", "newest", "max", "head", "since"}
)

// sequencesOf finds what may be numbered through: whole numbers, or texts of
// digits, that differ from entry to entry of the main list, and single ones
// outside of lists that are called so.
func sequencesOf(text []byte, v *view, list string) (found []Sequence) {
	for _, f := range numbered(v, list) {
		if n, ok := highestAt(text, f.Path); ok {
			found = append(found, Sequence{f.Path, n})
		}
		if len(found) == maxSequences {
			break
		}
	}
	return found
}

// numbered are the fields that may be sequences, best first.
func numbered(v *view, list string) []*shape.Field {
	ranks := map[*shape.Field]int{}
	var fields []*shape.Field
	for i := range v.fields {
		f := &v.fields[i]
		if f.InMap || f.Count == 0 || !whole(f) {
			continue
		}
		if rank := sequenceRank(f, list); rank >= 0 {
			ranks[f], fields = rank, append(fields, f)
		}
	}
	slices.SortStableFunc(fields, func(a, b *shape.Field) int { return ranks[a] - ranks[b] })
	return fields
}

// sequenceRank is how well a field would do as a sequence, 0 the best; -1 when
// it would not.
func sequenceRank(f *shape.Field, list string) int {
	words := wordsOf(f.Name)
	switch {
	case f.Parent == list+"/[]" && f.Count == f.Parents && differ(f):
		return slices.Index(numbersOfMany, last(words)) + foreign(words)
	case f.Path == list+"/[]" && differ(f): // a list of nothing but numbers
		return len(numbersOfMany)
	case f.Count == 1 && f.Parents == 1 && f.Depth <= 2 && !strings.Contains(f.Path, "[]"):
		if len(words) > 1 && slices.Contains(numbersOfMany, last(words)) && slices.ContainsFunc(words, func(w string) bool { return slices.Contains(newestOf, w) }) {
			return 0
		}
		return slices.Index(numbersOfOne, last(words))
	}
	return -1
}

// foreign puts the ids of other things, "user_id", behind all others; a name
// that is no number at all stays below zero.
func foreign(words []string) int {
	if len(words) > 1 && slices.Contains(numbersOfMany, last(words)) {
		return len(numbersOfMany) + 1
	}
	return 0
}

func last(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}

// differ reports whether no value of a list came twice, as far as is known.
func differ(f *shape.Field) bool { return !f.Values.Exact || f.Values.Distinct == f.Count }

// whole reports whether a field holds nothing but whole numbers, as numbers or
// as texts, that are no times.
func whole(f *shape.Field) bool {
	switch f.Count {
	case f.Kinds[shape.Int]:
		_, isTime := f.IsTimestamp()
		return !isTime
	case f.Kinds[shape.String]:
		return len(f.Formats) > 0 && f.Formats[0].Format == "integer" && f.Formats[0].Count == f.Count
	}
	return false
}

// cursors are the names under which an answer says from where to go on, which
// are no words of their own.
var cursors = []string{"cursor", "continuation", "page_token", "pagetoken", "next_token", "nexttoken", "sync_token", "synctoken", "resume_token", "@odata.deltalink"}

// IsCursor reports whether a name says that a value is a place in a list.
func IsCursor(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(cursors, func(c string) bool { return strings.Contains(name, c) })
}

// wordsOf splits a name: "lastUpdateId" and "last_update_id" are three words.
func wordsOf(name string) (words []string) {
	start, lower := 0, false
	cut := func(end int) {
		if end > start {
			words = append(words, strings.ToLower(name[start:end]))
		}
		start = end
	}
	for i, r := range name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			cut(i)
			start = i + 1
		case unicode.IsUpper(r) && lower:
			cut(i)
		}
		lower = unicode.IsLower(r) || unicode.IsDigit(r)
	}
	cut(len(name))
	return words
}
