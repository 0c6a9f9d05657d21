package alerting

import (
	"slices"
	"time"
)

// A PullRequest is a request at a forge whose merge would make a contract say
// what an incident found, as the incident tells it.
type PullRequest struct {
	URL     string       `json:"url"`
	Branch  string       `json:"branch"` // that it comes from
	State   RequestState `json:"state"`
	At      time.Time    `json:"at"`                // since when it is known to be so
	Content string       `json:"content,omitempty"` // identifies what it asks for; another one is an update, "" is not known
}

// RequestState is where a pull request is in its life.
type RequestState string

// The states of a pull request.
const (
	RequestOpen   RequestState = "open"
	RequestMerged RequestState = "merged"
	RequestClosed RequestState = "closed" // without being merged
)

// maxRequests bounds the pull requests of one incident; the oldest go first.
const maxRequests = 20

// Request notes how the pull request about an incident stands, words saying
// why where the state does not say it all. It is pure; known is not modified.
// What is known already changes nothing, so that each turn is told once. Those
// who heard of the incident hear of it as of an update: it calls nobody, and
// nobody hears of it who has not heard of the incident. The request of an
// incident that is over is told as well, but for what was additive.
func Request(known Incident, r PullRequest, words string, p Policy) (changed Incident, steps []Transition, differs bool) {
	d := newDraft(known)
	verb, first := d.request(r)
	if verb == "" {
		return known, nil, false
	}
	d.reason = "pull request " + verb + ": " + r.URL
	if words != "" {
		d.reason += " (" + words + ")"
	}
	d.reason = line(d.reason, maxStatement)
	d.log(r.At, Requested, d.reason)
	d.Version++
	d.Changed = r.At
	d.Due = d.due(p)
	if d.listened() && !(first && r.State != RequestOpen && !d.open()) { // both over before this was kept: old news
		steps = []Transition{{Incident: d.ID, Kind: Requested, Version: d.Version, At: r.At, Reason: d.reason}}
	}
	return d.Incident, steps, true
}

// request takes the request in, and says what happened to it ("" for nothing)
// and whether it is new here.
func (d *draft) request(r PullRequest) (verb string, first bool) {
	if !isLink(r.URL) {
		return "", false // a remote without requests
	}
	d.Requests = slices.Clone(d.Requests)
	i := slices.IndexFunc(d.Requests, func(old PullRequest) bool { return old.URL == r.URL })
	if i < 0 && d.followed(r.Branch) {
		return "", false
	}
	if i < 0 {
		d.Requests = append(d.Requests, r)
		d.Requests = d.Requests[max(0, len(d.Requests)-maxRequests):]
		if r.State != RequestOpen {
			return string(r.State), true
		}
		return "opened", true
	}
	old := d.Requests[i]
	if r.Content == "" {
		r.Content = old.Content
	}
	switch d.Requests[i] = r; {
	case old.State != r.State && r.State == RequestOpen:
		return "opened again", false
	case old.State != r.State:
		return string(r.State), false
	case r.State == RequestOpen && old.Content != r.Content && old.Content != "":
		return "updated", false
	}
	return "", false
}

// followed reports whether it is over and a request from the branch was merged
// for it: another from there is about something else.
func (d *draft) followed(branch string) bool {
	return !d.open() && slices.ContainsFunc(d.Requests, func(r PullRequest) bool { return r.Branch == branch && r.State == RequestMerged })
}

// listened reports whether those who are told of the incident believe what is
// so of it, and so hear of its request.
func (d *draft) listened() bool {
	switch {
	case d.Flapping || d.Muted.Mute != "":
		return false
	case d.open():
		return d.Heard.As == HeardOpen || d.Heard.As == HeardNoted
	}
	return d.Heard.As == HeardOver
}
