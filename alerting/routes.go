package alerting

import (
	"slices"
	"strings"
	"time"

	"shapewatch/contracts"
)

// A Route says which channels hear about which incidents.
type Route struct {
	Name     string // as the configuration and the page call it; may be empty
	Match    Match
	Channels []string // Notifier.Channel of each
	Continue bool     // also try the routes after this one
	Quiet    *Hours   // in which its channels wait; nil for none
}

// A Match is a condition on an incident: every list that is not empty must
// hold at least one pattern that fits, and every label must fit. A pattern is
// a word in which "*" stands for anything and "?" for one character:
// "payments", "GET *", "*-eu".
type Match struct {
	APIs, Groups, Owners []string
	Kinds, Operations    []string           // of any of its findings
	Severity             contracts.Severity // at least
	Labels               map[string]string
}

// Routes are tried in order; the first that matches takes the incident unless
// it says Continue. An incident that no route matches is told to nobody (it is
// still on the page).
type Routes []Route

// Deliveries turns steps into outbox rows, one for each channel that is to be
// told. It notes in changed which channels hear of each incident: those that
// were told of it hear of all that follows, its end included, whatever the
// routes say by then, and nobody hears of the end, or of a pull request, who
// never heard of it.
func (r Routes) Deliveries(changed []Incident, steps []Transition, at time.Time) []Delivery {
	var rows []Delivery
	for _, step := range steps {
		i := slices.IndexFunc(changed, func(inc Incident) bool { return inc.ID == step.Incident })
		if i < 0 {
			continue
		}
		inc := &changed[i]
		if step.Kind != Closed && step.Kind != Requested {
			inc.Channels = union(inc.Channels, r.Channels(*inc))
		}
		for _, channel := range inc.Channels {
			rows = append(rows, Delivery{
				Channel: channel, Incident: inc.ID, Transition: step,
				Severity: inc.Severity, Created: at, NotBefore: r.notBefore(*inc, channel, at).Add(gathering(step.Kind)),
			})
		}
	}
	return rows
}

// ForDigest reports whether a row can wait for the daily digest: it tells an
// additive change, which needs nobody.
func ForDigest(d Delivery) bool {
	return d.Severity == contracts.Info && (d.Transition.Kind == Noted || d.Transition.Kind == Updated || d.Transition.Kind == Requested)
}

// gatherTime is how long an update waits for more: one change of a vendor
// reaches many operations within seconds, and is one thing to read.
const gatherTime = 10 * time.Second

// gathering is how long a step waits before it is told. What opens, worsens or
// ends an incident does not wait.
func gathering(kind TransitionKind) time.Duration {
	if kind == Updated || kind == Handled || kind == Requested {
		return gatherTime
	}
	return 0
}

// Channels returns the channels that the routes choose for an incident.
func (r Routes) Channels(inc Incident) (channels []string) {
	for _, route := range r.taken(inc) {
		channels = union(channels, route.Channels)
	}
	return channels
}

// taken are the routes that an incident takes.
func (r Routes) taken(inc Incident) (taken []Route) {
	for _, i := range r.Taken(inc) {
		taken = append(taken, r[i])
	}
	return taken
}

// Taken are the numbers of the routes that an incident takes, from 0.
func (r Routes) Taken(inc Incident) (taken []int) {
	for i, route := range r {
		if !route.Match.Fits(inc) {
			continue
		}
		taken = append(taken, i)
		if !route.Continue {
			break
		}
	}
	return taken
}

// All are the channels that any route leads to.
func (r Routes) All() (channels []string) {
	for _, route := range r {
		channels = union(channels, route.Channels)
	}
	return channels
}

// Fits reports whether an incident meets the condition.
func (m Match) Fits(inc Incident) bool {
	var kinds, operations []string
	for _, e := range inc.Entries {
		kinds = append(kinds, e.Finding.Kind)
		operations = append(operations, e.Finding.Operation)
	}
	return inc.Severity >= m.Severity &&
		fits(m.APIs, inc.API) && fits(m.Groups, inc.Group) && fits(m.Owners, inc.Owner) &&
		fits(m.Kinds, kinds...) && fits(m.Operations, operations...) && fitsLabels(m.Labels, inc.Labels)
}

func fits(patterns []string, words ...string) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(pattern string) bool {
		return slices.ContainsFunc(words, func(word string) bool { return glob(pattern, word) })
	})
}

func fitsLabels(patterns, labels map[string]string) bool {
	for key, pattern := range patterns {
		if value, ok := labels[key]; !ok || !glob(pattern, value) {
			return false
		}
	}
	return true
}

// glob matches a word against a pattern in which "*" stands for any run of
// characters, slashes included, and "?" for any one. It takes no more than
// len(pattern) × len(word) steps.
func glob(pattern, word string) bool {
	p, w := []rune(pattern), []rune(word)
	star, from := -1, 0 // the last star, and where in the word it may end
	i := 0
	for j := 0; j < len(w); {
		switch {
		case i < len(p) && p[i] == '*':
			star, from = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == w[j]):
			i, j = i+1, j+1
		case star >= 0:
			from++
			i, j = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(string(p[i:]), "*") == ""
}

func union(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(a, s)
		}
	}
	return a
}
