package alerting

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"shapewatch/contracts"
)

// The bounds of a title and of a field's name in it, in runes.
const (
	maxTitle = 200
	maxName  = 60
)

// title says in one line what an incident is about: its one change, or the
// worst of those that hold and how many there are beside it.
func title(inc Incident) string {
	places, changes := map[string]bool{}, map[string]bool{}
	causes := map[string]bool{}
	for _, e := range inc.Entries {
		f := e.Finding
		places[f.Operation] = true
		cause := f.Cause
		if cause == "" {
			cause = f.Kind + " " + lastSegment(f.Path)
		}
		causes[cause] = true
		changes[f.Operation+"\x00"+cause] = true
	}
	worst := inc.worst()
	if len(causes) == 1 {
		return line(sentence(worst, where(worst.Operation, len(places))), maxTitle)
	}
	more := fmt.Sprintf(", and %d more", len(changes)-1)
	if len(places) > 1 {
		more += " in " + count(len(places), "operation")
	}
	return line(sentence(worst, where(worst.Operation, 1)), maxTitle-len(more)) + more
}

// worst is the severest finding that holds, the first of them; of an incident
// that is over, the severest there was.
func (i Incident) worst() contracts.Finding {
	return slices.MaxFunc(i.Entries, func(a, b Entry) int {
		if over := cmp.Compare(holding(a), holding(b)); over != 0 {
			return over
		}
		return cmp.Compare(a.Finding.Severity, b.Finding.Severity)
	}).Finding
}

func holding(e Entry) int {
	if e.Ended.IsZero() {
		return 1
	}
	return 0
}

// where names the one operation or counts them.
func where(operation string, n int) string {
	if n == 1 && operation != "" {
		return operation
	}
	return count(n, "operation")
}

// phrases are what a person would say of a finding, by kind: {x} is its
// subject, {was} and {now} its statements.
var phrases = map[string]string{
	"field-removed":     "{x} is gone from",
	"field-new":         "{x} is new in",
	"field-optional":    "{x} is missing at times in",
	"null-new":          "{x} can be null in",
	"enum-new":          "{x} has a new value in",
	"rate-limit":        "rate limit cut from {was} to {now} on",
	"rate-limit-raised": "rate limit raised from {was} to {now} on",
	"volume":            "size of {x} went from {was} to {now} in",
	"degraded-response": "much is different at once in",
	"nesting-moved":     "{x} {now} in",
	"mixed-shapes":      "two shapes take turns in",
	"freshness":         "{x} {now} in",
	"value-frozen":      "{x} {now} in",
	"value-gutted":      "{x} is {now} in",
	"id-headroom":       "{x} is {now} in",
	"auth":              "the credential is not good for",
	"login-wall":        "{now} stands before",
	"envelope-changed":  "{now} in",
	"error-body-new":    "errors look different in",
	"latency":           "slow answers ({now}) of",
	"provider-says":     "the provider says \"{now}\" of",
}

// anyChange is the phrase for every other kind.
const anyChange = "{x} changed from {was} to {now} in"

// sentence says what one finding is, and where.
func sentence(f contracts.Finding, where string) string {
	was, now := statement(f.Was), statement(f.Now)
	switch {
	case f.Cause != "":
		return f.Cause + " in " + where
	case f.Kind == "status-changed" && now != "":
		return where + " answered with " + now
	case availability(f.Kind):
		return where + " " + absences[f.Kind]
	}
	phrase, known := phrases[f.Kind]
	if !known {
		phrase, known = integrationPhrases[f.Kind]
	}
	if !known || f.Kind == "rate-limit" && !numeral.MatchString(now) {
		phrase = anyChange
	}
	if strings.Contains(phrase, "{was}") && (was == "" || now == "") {
		return subject(f) + ": " + strings.ReplaceAll(f.Kind, "-", " ") + " in " + where
	}
	return strings.NewReplacer("{x}", subject(f), "{was}", shared(was, now), "{now}", now).Replace(phrase) + " " + where
}

// shared drops the unit from was when now repeats it: "5,000" before "500
// requests per hour".
func shared(was, now string) string {
	_, unit, _ := strings.Cut(now, " ")
	if short, found := strings.CutSuffix(was, " "+unit); found && unit != "" && numeral.MatchString(short) {
		return short
	}
	return was
}

// subject is what a finding is about, as a person calls it.
func subject(f contracts.Finding) string {
	if header, ok := strings.CutPrefix(f.Path, "header:"); ok {
		return "header `" + header + "`"
	}
	if side, ok := strings.CutPrefix(f.Path, "side:"); ok {
		return side
	}
	if segment := lastSegment(f.Path); segment != "" {
		return "`" + clip(strings.ReplaceAll(segment, "`", "ˋ"), maxName) + "`"
	}
	if f.Kind == "webhook-silent" {
		return "everything"
	}
	return "the answer"
}

// counted is the part of a statement that says how often: it moves with every
// check while the statement stands.
var counted = regexp.MustCompile(`,?\s*(?:\bin\s+)?\b(?:all|none|some|[\d,]+)\s+of\s+\d.*$`)

// statement is what was or is, without how often.
func statement(words string) string {
	return strings.TrimSpace(counted.ReplaceAllString(clip(words, 2*maxStatement), ""))
}

var numeral = regexp.MustCompile(`\d[\d,]*(?:\.\d+)?`)

// movedOn reports whether a finding says something new: other words, or a
// number that moved by more than half. A volume that is 4,012 after 4,000 is
// old news.
func movedOn(old, now string) bool {
	old, now = statement(old), statement(now)
	if numeral.ReplaceAllString(old, "0") != numeral.ReplaceAllString(now, "0") {
		return true
	}
	before, after := numeral.FindAllString(old, -1), numeral.FindAllString(now, -1)
	for i := range before {
		a, b := number(before[i]), number(after[i])
		if min(a, b)*1.5 < max(a, b) {
			return true
		}
	}
	return false
}

// number reads a numeral; beyond float64 it is infinite, which compares well.
func number(numeral string) float64 {
	n, _ := strconv.ParseFloat(strings.ReplaceAll(numeral, ",", ""), 64)
	return n
}

// proof says how often a finding was seen, and since when.
func proof(e contracts.Evidence) string { return e.Sentence(clock) }

// why says for what reason a step is told.
func (d *draft) why(kind TransitionKind, u Update) string {
	switch kind {
	case Opened:
		return confirmed(d.Entries[0].Finding.Evidence)
	case Noted:
		return "additive: nothing you read has changed, so it is accepted and there is nothing to do"
	case Worsened:
		return fmt.Sprintf("severity rose from %s to %s", d.before, d.Severity)
	case Reopened:
		return "the same finding came back within 7 days"
	case Closed:
		return d.ending(u)
	case Updated:
		return d.news()
	}
	return ""
}

// ending says why an incident is over.
func (d *draft) ending(u Update) string {
	switch {
	case u.Retired:
		return "no longer watched: its probe was removed from the configuration"
	case d.Handling == Accepted && d.Severity > contracts.Info:
		return "accepted as how the API answers from now on"
	}
	after := ", after " + span(d.notBefore(u.At).Sub(d.Opened))
	if next, is := d.next(u); is {
		return "not so any more, but " + sentence(next, where(next.Operation, 1)) + after
	}
	if d.integration() {
		return "over" + after
	}
	return "the API answers as before" + after
}

// next is what the check that ends an incident finds in its place: another
// finding of the same family, as when a failing job is one that tries again and
// again.
func (d *draft) next(u Update) (contracts.Finding, bool) {
	for _, f := range u.Verdict.Confirmed {
		for _, e := range d.Entries {
			same := e.Probe == u.Probe && e.Finding.Operation == f.Operation && e.Finding.Path == f.Path
			if same && e.Finding.Kind != f.Kind && family(e.Finding.Kind) == family(f.Kind) && !parked(f) {
				return f, true
			}
		}
	}
	return contracts.Finding{}, false
}

// family is what a kind is about: job of job-late.
func family(kind string) string {
	about, _, _ := strings.Cut(kind, "-")
	return about
}

// integration reports whether all entries are about jobs, webhooks, workflows
// and what else answers no requests of ours.
func (d *draft) integration() bool {
	return !slices.ContainsFunc(d.Entries, func(e Entry) bool { return integrationPhrases[e.Finding.Kind] == "" })
}

func confirmed(e contracts.Evidence) string {
	if p := proof(e); p != "" {
		return "confirmed: " + p
	}
	return "confirmed"
}

// news says what became of the entries.
func (d *draft) news() string {
	var parts []string
	if d.joined > 0 {
		parts = append(parts, count(d.joined, "change")+" joined")
	}
	if d.moved > 0 {
		parts = append(parts, count(d.moved, "change")+" moved on")
	}
	if d.ended > 0 {
		parts = append(parts, count(d.ended, "change")+" ended")
	}
	return strings.Join(parts, ", ")
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// clock prints a time for people, in UTC and to the minute.
func clock(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 UTC") }

// span prints how long something took, to two units.
func span(d time.Duration) string {
	d = max(d.Round(time.Second), 0) // of what an older release ended before it began
	days, hours, minutes := int(d.Hours())/24, int(d.Hours())%24, int(d.Minutes())%60
	switch {
	case days > 0:
		return fmt.Sprintf("%d d %d h", days, hours)
	case hours > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	case minutes > 0:
		return fmt.Sprintf("%d min %d s", minutes, int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d s", int(d.Seconds()))
}
