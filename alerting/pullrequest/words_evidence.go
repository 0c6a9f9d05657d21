package pullrequest

import (
	"fmt"
	"regexp"
	"strings"

	"shapewatch/contracts"
)

// counted is the part of a statement that says how often: it moves with every
// check while the statement stands.
var counted = regexp.MustCompile(`,?\s*(?:\bin\s+)?\b(?:all|none|some|[\d,]+)\s+of\s+\d.*$`)

// statement is what was or is, without how often.
func statement(words string) string { return strings.TrimSpace(counted.ReplaceAllString(words, "")) }

// evidence says how sure it is, in numbers that stand still: they are told in
// steps.
func evidence(e contracts.Evidence) string {
	if e.Told {
		return "the provider says so itself"
	}
	var parts []string
	if n := step(max(e.Checks, 0)); n > 0 {
		parts = append(parts, fmt.Sprintf("%d or more checks differ", n))
	}
	if n := step(int(min(e.WasOf, 1<<30))); n > 0 && (e.WasSeen == 0 || e.WasSeen >= e.WasOf) {
		parts = append(parts, fmt.Sprintf("%d or more before did not", n))
	}
	return strings.Join(parts, "; ")
}

var steps = [...]int{1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000, 100_000}

// step is the largest step that n has reached.
func step(n int) (reached int) {
	for _, s := range steps {
		if n >= s {
			reached = s
		}
	}
	return reached
}
