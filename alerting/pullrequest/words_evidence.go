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

// evidence says how sure it is, in numbers that stand still: what was before is
// over, and what is since is told in steps.
func evidence(e contracts.Evidence) string {
	if e.Told {
		return "the provider says so itself"
	}
	var parts []string
	if e.WasOf > 0 {
		parts = append(parts, "before: "+share(e.WasSeen, e.WasOf)+" answers")
	}
	if n := step(max(e.Checks, 0)); n > 0 {
		parts = append(parts, fmt.Sprintf("since: in %s checks", atLeast(n)))
	}
	return strings.Join(parts, "; ")
}

// share is "all", "none of the" or "about 80 % of the".
func share(seen, of uint64) string {
	switch {
	case seen >= of:
		return "in all"
	case seen == 0:
		return "in none of the"
	}
	return fmt.Sprintf("in about %d %% of the", max(10, min(90, (seen*10+of/2)/of*10)))
}

var steps = [...]int{1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000}

// step is the largest step that n has reached.
func step(n int) (reached int) {
	for _, s := range steps {
		if n >= s {
			reached = s
		}
	}
	return reached
}

func atLeast(n int) string {
	if n == 1 {
		return "1 or more"
	}
	return fmt.Sprintf("%d or more", n)
}
