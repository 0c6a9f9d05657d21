package web

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"shapewatch/alerting"
	"shapewatch/webhooks"
)

// A ForwardDesk takes what people say of events that could not be handed on.
type ForwardDesk interface {
	// Sources are the sources that hand on: the probe of each, by its name.
	Sources() map[string]string
	// Bound is how much a probe may hold for its receiver.
	Bound(probe string) webhooks.Bound
	// RuleForwards sends dead events of a source again, or drops them, as the act
	// says; those that wait too, of a source that hands on no more. It returns how
	// many.
	RuleForwards(ctx context.Context, source string, chosen webhooks.Chosen, act alerting.Act) (int, error)
}

// deadListed is how many dead events of a source are listed.
const deadListed = 200

// A HandedOn is how handing on the events of one source goes: no header and no
// payload has a place in it.
type HandedOn struct {
	Source  string      `json:"source"`
	Probe   string      `json:"probe"`
	Gone    bool        `json:"stranded"` // it has no receiver any more: what waits is listed with the dead
	Waiting uint64      `json:"waiting"`
	Dead    uint64      `json:"dead"`
	Bytes   uint64      `json:"bytes"`      // of headers and bodies that wait and were given up
	Most    uint64      `json:"most"`       // how many may wait and be given up; 0 for any
	Large   uint64      `json:"most_bytes"` // how many bytes they may have; 0 for any
	Full    bool        `json:"full"`       // the vendor hears 503 until some are taken or dropped
	FullBy  *time.Time  `json:"full_by"`    // at the pace of what waits; null when that is not foreseeable
	Sent    uint64      `json:"sent"`
	Twice   uint64      `json:"maybe_twice"` // of sent: the receiver may have taken it before
	Oldest  *time.Time  `json:"oldest"`      // that waits: accepted, or sent again; null for none
	Last    *time.Time  `json:"last"`        // taken by the receiver; null for never
	Failing *time.Time  `json:"failing"`     // since when it fails; null when it does not
	Error   string      `json:"error"`       // of the last attempt
	GivenUp []DeadEvent `json:"given_up"`    // by number, 200 at most
}

// A DeadEvent is one event that was given up.
type DeadEvent struct {
	Number   uint64     `json:"number"`
	ID       string     `json:"id"`
	Type     string     `json:"type"`
	At       time.Time  `json:"at"`
	Dead     *time.Time `json:"dead"` // null for one that waits
	Attempts int        `json:"attempts"`
	Bytes    int        `json:"bytes"`
	Error    string     `json:"error"`
}

type forwardsReply struct {
	Sources []HandedOn `json:"sources"`
}

// A forwardsRequest rules on dead events.
type forwardsRequest struct {
	Source  string   `json:"source"`
	Act     string   `json:"act"`     // send, or drop
	Numbers []uint64 `json:"numbers"` // none for all
	To      string   `json:"to"`      // the source to whose receiver they are sent; empty for their own
}

type ruledReply struct {
	Events int `json:"events"`
}

// A ForwardSource is what [ReadHandedOn] reads of.
type ForwardSource interface {
	Onward(ctx context.Context, source string) (webhooks.Onward, error)
	Forwards(ctx context.Context, source string, dead bool, max int) ([]webhooks.Forward, error)
	Holding(ctx context.Context) ([]string, error)
}

// ReadHandedOn reads how handing on goes for these sources, by name, and then
// of those that hold events and are not among them: they are stranded, and have
// the names of their probes.
func ReadHandedOn(ctx context.Context, from ForwardSource, sources map[string]string, bound func(probe string) webhooks.Bound) (all []HandedOn, err error) {
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		h, err := readHandedOn(ctx, from, name, sources[name], bound(sources[name]), false)
		if err != nil {
			return nil, err
		}
		all = append(all, h)
	}
	holding, err := from.Holding(ctx)
	if err != nil {
		return nil, fmt.Errorf("events that wait: %w", err)
	}
	at := slices.Collect(maps.Values(sources))
	for _, probe := range holding {
		if slices.Contains(at, probe) {
			continue
		}
		h, err := readHandedOn(ctx, from, probe, probe, webhooks.Bound{}, true)
		if err != nil {
			return nil, err
		}
		all = append(all, h)
	}
	return all, nil
}

func readHandedOn(ctx context.Context, from ForwardSource, name, probe string, most webhooks.Bound, gone bool) (h HandedOn, err error) {
	o, err := from.Onward(ctx, probe)
	if err != nil {
		return h, fmt.Errorf("events of %s: %w", probe, err)
	}
	left, err := from.Forwards(ctx, probe, true, deadListed)
	if err == nil && gone && len(left) < deadListed {
		var waiting []webhooks.Forward
		waiting, err = from.Forwards(ctx, probe, false, deadListed-len(left))
		left = append(left, waiting...)
	}
	if err != nil {
		return h, fmt.Errorf("dead events of %s: %w", probe, err)
	}
	h = newHandedOn(name, probe, o, most, left)
	h.Gone = gone
	return h, nil
}

func newHandedOn(name, probe string, o webhooks.Onward, most webhooks.Bound, dead []webhooks.Forward) HandedOn {
	h := HandedOn{
		Source: name, Probe: probe, Waiting: o.Waiting, Dead: o.Dead, Sent: o.Sent, Twice: o.Twice, Oldest: known(o.Oldest),
		Bytes: o.Bytes + o.DeadBytes, Most: most.Events, Large: most.Bytes, Full: o.Full(most, o.Mean()), Last: known(o.Last), Failing: known(o.Failing), Error: clip(300, o.Error), GivenUp: []DeadEvent{},
	}
	if !h.Full {
		h.FullBy = known(o.FullBy(most, time.Now()))
	}
	for _, f := range dead {
		h.GivenUp = append(h.GivenUp, DeadEvent{f.Number, clip(200, f.ID), clip(200, f.Type), f.At.UTC(), known(f.Dead), f.Attempts, f.Size, clip(300, f.Error)})
	}
	return h
}

// Room says how much is held of what may be; empty where nothing is, or as much
// as there may.
func (h HandedOn) Room() string {
	var parts []string
	if h.Most > 0 {
		parts = append(parts, grouped(int64(h.Waiting+h.Dead))+" of "+grouped(int64(h.Most))+" events")
	}
	if h.Large > 0 {
		parts = append(parts, size(int64(h.Bytes))+" of "+size(int64(h.Large)))
	}
	if h.Waiting+h.Dead == 0 || len(parts) == 0 {
		return ""
	}
	text := strings.Join(parts, " and ") + " that may wait"
	switch {
	case h.Full:
		text += ": no more do, and the vendor hears 503"
	case h.FullBy != nil:
		text += ", all of it by " + h.FullBy.Format("2006-01-02 15:04 UTC") + " at this pace"
	}
	return text
}

// forwardsJSON is GET /api/v1/forwards.
func (s *site) forwardsJSON(r *http.Request) (any, error) {
	reply := forwardsReply{Sources: []HandedOn{}}
	if s.Forwards == nil {
		return reply, nil
	}
	all, err := ReadHandedOn(r.Context(), s.Source, s.Forwards.Sources(), s.Forwards.Bound)
	reply.Sources = append(reply.Sources, all...)
	return reply, err
}

// ruleJSON is POST /api/v1/forwards.
func (s *site) ruleJSON(r *http.Request) (any, error) {
	var ask forwardsRequest
	if err := readJSON(r, &ask); err != nil {
		return nil, err
	}
	n, err := s.rule(r, ask)
	return ruledReply{n}, err
}

// rule carries out what a request asks for dead events.
func (s *site) rule(r *http.Request, ask forwardsRequest) (int, error) {
	if s.Forwards == nil {
		return 0, badRequest("this page only shows: nothing can be done here")
	}
	if ask.Act != "send" && ask.Act != "drop" {
		return 0, badRequest("act is one of send, drop")
	}
	actor, through := signed(r)
	n, err := s.Forwards.RuleForwards(r.Context(), ask.Source, webhooks.Chosen{Numbers: ask.Numbers, To: ask.To}, alerting.Act{
		Kind: alerting.ActKind(ask.Act), Source: ask.Source, Actor: actor, Through: through, At: time.Now().UTC(),
	})
	if err == nil {
		s.Log.Info("dead events ruled on", "act", ask.Act, "source", ask.Source, "events", n, "actor", actor, "through", through)
	}
	return n, err
}

// ruleForm is what the buttons of a source's page send.
func (s *site) ruleForm(w http.ResponseWriter, r *http.Request) {
	ask := forwardsRequest{Source: r.PostFormValue("source"), Act: r.PostFormValue("act")}
	if text := r.PostFormValue("number"); text != "" {
		var number uint64
		if _, err := fmt.Sscan(text, &number); err != nil {
			s.draw(w, r, s.undone(r.Context(), badRequest("number is the number of an event")))
			return
		}
		ask.Numbers = []uint64{number}
	}
	if _, err := s.rule(r, ask); err != nil {
		s.draw(w, r, s.undone(r.Context(), err))
		return
	}
	http.Redirect(w, r, s.sourceLink(ask.Source), http.StatusSeeOther)
}

// sourceLink leads to the page of a source.
func (s *site) sourceLink(name string) string {
	probe := s.Forwards.Sources()[name]
	for _, p := range s.Probes() {
		if p.ID == probe {
			return operationLink(p.API, p.Name)
		}
	}
	return "/"
}

// A handedOnView is what the page of a source shows of handing on.
type handedOnView struct {
	HandedOn
	Taken, Since moment
	Rows         []deadRow
	More         int // that are dead and not listed
}

type deadRow struct {
	DeadEvent
	Came, Gone moment
	Size       string
}

// deadShown is how many dead events the page lists.
const deadShown = 50

// handedOnOf is how handing on goes; nil for a probe that hands nothing on.
func (s *site) handedOnOf(ctx context.Context, probe string, now time.Time) (*handedOnView, error) {
	if s.Forwards == nil {
		return nil, nil
	}
	for name, p := range s.Forwards.Sources() {
		if p != probe {
			continue
		}
		h, err := readHandedOn(ctx, s.Source, name, p, s.Forwards.Bound(p), false)
		if err != nil {
			return nil, err
		}
		return newHandedOnView(h, now), nil
	}
	return nil, nil
}

func newHandedOnView(h HandedOn, now time.Time) *handedOnView {
	v := &handedOnView{HandedOn: h}
	if h.Last != nil {
		v.Taken = moment{*h.Last, now}
	}
	if h.Failing != nil {
		v.Since = moment{*h.Failing, now}
	}
	for _, d := range h.GivenUp[:min(len(h.GivenUp), deadShown)] {
		v.Rows = append(v.Rows, deadRow{d, moment{d.At, now}, moment{*d.Dead, now}, size(int64(d.Bytes))})
	}
	v.More = int(h.Dead) - len(v.Rows)
	return v
}
