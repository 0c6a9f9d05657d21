package web

import (
	"fmt"
	"hash/fnv"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A moment is a time as a page tells it: beside the time of the page itself.
type moment struct{ At, Now time.Time }

// IsZero reports whether there is nothing to tell.
func (m moment) IsZero() bool { return m.At.IsZero() }

// ISO is the time for machines, RFC 3339 in UTC.
func (m moment) ISO() string { return m.At.UTC().Format(time.RFC3339) }

// Ago is the distance in words: "40 s ago", "in 5 min".
func (m moment) Ago() string {
	d := m.Now.Sub(m.At)
	switch {
	case d < -2*time.Second:
		return "in " + span(-d)
	case d < 2*time.Second:
		return "just now"
	}
	return span(d) + " ago"
}

// Clock is the time of day, with the date unless it is today's.
func (m moment) Clock() string {
	at, now := m.At.UTC(), m.Now.UTC()
	switch {
	case at.YearDay() == now.YearDay() && at.Year() == now.Year():
		return at.Format("15:04")
	case now.Sub(at).Abs() < 300*24*time.Hour:
		return at.Format("2 Jan, 15:04")
	}
	return at.Format("2 Jan 2006, 15:04")
}

// Exact is the full time to the second: "24 Nov 2026, 14:05:07 UTC".
func (m moment) Exact() string { return m.At.UTC().Format("2 Jan 2006, 15:04:05") + " UTC" }

// Date is the day: "24 Nov 2026".
func (m moment) Date() string { return m.At.UTC().Format("2 Jan 2006") }

// span tells a duration in at most two units.
func span(d time.Duration) string {
	switch {
	case d < 100*time.Second:
		return strconv.Itoa(int(d.Round(time.Second).Seconds())) + " s"
	case d < 100*time.Minute:
		return strconv.Itoa(int(d.Round(time.Minute).Minutes())) + " min"
	case d < 48*time.Hour:
		return twoUnits(int(d.Hours()), "h", int(d.Minutes())%60, "min")
	}
	days := int(d.Hours() / 24)
	if days >= 10 {
		return count(days, "day")
	}
	return twoUnits(days, "d", int(d.Hours())%24, "h")
}

func twoUnits(a int, unitA string, b int, unitB string) string {
	if b == 0 {
		return fmt.Sprintf("%d %s", a, unitA)
	}
	return fmt.Sprintf("%d %s %d %s", a, unitA, b, unitB)
}

// count is a number with its noun: "1 check", "1,204 checks".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(int64(n)) + " " + noun + "s"
}

// grouped writes an integer with thousands separated by commas.
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "−", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// latency is a response time in three significant digits or so.
func latency(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return "<1 ms"
	case d < time.Second:
		return strconv.Itoa(int(d.Milliseconds())) + " ms"
	}
	return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
}

// size is a number of bytes: "812 B", "2.1 KB".
func size(n int64) string {
	value, units := float64(n), []string{"B", "KB", "MB", "GB"}
	unit := 0
	for value >= 1000 && unit < len(units)-1 {
		value, unit = value/1000, unit+1
	}
	if unit == 0 || value >= 100 {
		return strconv.FormatFloat(value, 'f', 0, 64) + " " + units[unit]
	}
	return strconv.FormatFloat(value, 'f', 1, 64) + " " + units[unit]
}

// percent is a share in words that never rounds something to nothing.
func percent(part, whole uint64) string {
	share := 100 * float64(part) / float64(max(whole, 1))
	switch {
	case part == 0:
		return "0 %"
	case part >= whole:
		return "100 %"
	case share < 1:
		return "<1 %"
	case share > 99:
		return ">99 %"
	}
	return strconv.Itoa(int(share+0.5)) + " %"
}

// A run is a part of a text that is set as code, or not.
type run struct {
	Text string
	Code bool
}

// runs splits a text at its pairs of backticks; one without a partner stays as
// it is. It makes no markup: the page does, around whatever the text says.
func runs(s string) (out []run) {
	for {
		before, rest, opened := strings.Cut(s, "`")
		code, after, closed := strings.Cut(rest, "`")
		if !opened || !closed || code == "" {
			return append(out, run{Text: s})
		}
		out = append(out, run{Text: before}, run{Text: code, Code: true})
		s = after
	}
}

// plain is a text without its pairs of backticks, for where there is no code.
func plain(s string) string {
	var text strings.Builder
	for _, r := range runs(s) {
		text.WriteString(r.Text)
	}
	return text.String()
}

// clip bounds third-party text, in runes.
func clip(limit int, s string) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit-1]) + "…"
}

// sentence ends a text with a full stop if nothing ends it yet.
func sentence(s string) string {
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?") {
		return s
	}
	return s + "."
}

// capital begins a text as a sentence begins, unless it begins with code.
func capital(s string) string {
	if first, size := utf8.DecodeRuneInString(s); unicode.IsLower(first) {
		return string(unicode.ToUpper(first)) + s[size:]
	}
	return s
}

// list joins parts as a person would: "a, b and c".
func list(parts []string) string { return joined(parts, "and") }

// joined joins parts with a word before the last one.
func joined(parts []string, last string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " " + last + " " + parts[len(parts)-1]
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// sorted ranges over a map in the order of its keys.
func sorted(m map[string]string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}

// fingerprint identifies what has these names, 16 hex digits.
func fingerprint(names ...string) string {
	sum := fnv.New64a()
	for _, n := range names {
		_, _ = sum.Write([]byte(n + "\x00"))
	}
	return fmt.Sprintf("%016x", sum.Sum64())
}
