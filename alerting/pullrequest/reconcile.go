package pullrequest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// Reconcile brings what a forge has together with what is wished, in the fewest
// calls, and says what became of each wish, in their order. Requests that no
// wish is about are left as they are: a store that was lost must not close
// what it has forgotten. It may be interrupted anywhere and run again. The
// error joins those of the outcomes; one that asks to wait (see [Pause]) ends
// the run.
func Reconcile(ctx context.Context, f Forge, wishes []Wish, o Options) ([]Outcome, error) {
	r := &reconciler{Forge: f, limits: o, traits: f.Traits(), now: time.Now()}
	if o.Now != nil {
		r.now = o.Now()
	}
	r.limits.Open, r.limits.PerHour = cmp.Or(o.Open, DefaultOpen), cmp.Or(o.PerHour, DefaultPerHour)
	if err := r.look(ctx); err != nil {
		return nil, err
	}
	all := r.fulfil(ctx, wishes)
	errs := make([]error, 0, len(all))
	for _, outcome := range all {
		errs = append(errs, outcome.Err)
	}
	return all, errors.Join(errs...)
}

// A reconciler is one run of [Reconcile].
type reconciler struct {
	Forge
	limits   Options
	traits   Traits
	now      time.Time
	standing map[string]Request // by branch
	created  map[string]bool    // IDs of those that were opened within the last hour
}

// look asks what stands.
func (r *reconciler) look(ctx context.Context) error {
	r.standing, r.created = map[string]Request{}, map[string]bool{}
	if !r.traits.Requests {
		return nil
	}
	all, err := r.Standing(ctx, r.limits.Prefix)
	for _, request := range all {
		r.standing[request.Branch] = request
		r.seen(request)
	}
	return err
}

func (r *reconciler) seen(request Request) {
	if request.ID != "" && r.now.Sub(request.Created) < time.Hour {
		r.created[request.ID] = true
	}
}

// fulfil sees to each wish, the worst first: they may exhaust the limits. What
// is to be ended comes before all: it makes room.
func (r *reconciler) fulfil(ctx context.Context, wishes []Wish) []Outcome {
	order := make([]int, len(wishes))
	for i := range order {
		order[i] = i
	}
	rank := func(w Wish) int {
		if len(w.Files) == 0 {
			return -1
		}
		return -int(w.Severity) + 10
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(rank(wishes[a]), rank(wishes[b])), strings.Compare(wishes[a].Branch, wishes[b].Branch))
	})
	all := make([]Outcome, len(wishes))
	var ended error
	for _, i := range order {
		if all[i] = (Outcome{Branch: wishes[i].Branch, Err: ended}); ended != nil {
			continue
		}
		all[i] = r.one(ctx, wishes[i])
		if all[i].Err != nil && (ctx.Err() != nil || Pause(all[i].Err) > 0) {
			ended = all[i].Err
		}
	}
	return all
}

// Pause is how long a forge asked to be left alone; 0 when it did not.
func Pause(err error) time.Duration {
	if refusal, ok := errors.AsType[*Refusal](err); ok {
		return refusal.RetryAfter
	}
	return 0
}

func (r *reconciler) one(ctx context.Context, w Wish) Outcome {
	var outcome Outcome
	var err error
	request, stands := r.standing[w.Branch]
	switch wanted := len(w.Files) > 0; {
	case w.Unknown != nil:
		outcome, err = Outcome{Did: Kept, Request: request}, w.Unknown
	case !r.traits.Requests:
		outcome, err = r.branch(ctx, w)
	case stands && wanted:
		outcome, err = r.keep(ctx, w, request)
	case stands:
		outcome, err = r.end(ctx, w, request)
	case wanted:
		outcome, err = r.begin(ctx, w)
	default:
		outcome, err = r.tidy(ctx, w)
	}
	outcome.Branch, outcome.Err = w.Branch, err
	return outcome
}

// begin sees to a wish of which nothing stands.
func (r *reconciler) begin(ctx context.Context, w Wish) (Outcome, error) {
	last, err := r.Latest(ctx, w.Branch)
	if err != nil {
		return Outcome{}, err
	}
	r.seen(last)
	if last.State == Standing && last.ID != "" {
		return r.keep(ctx, w, last) // opened since we looked
	}
	m, marked := readMark(last.Body)
	switch {
	case last.ID == "":
	case last.State == Merged && marked && m.Content == w.content():
		return Outcome{Did: Refused, Request: last, Words: "it was merged, and the base does not say so (any more)"}, nil
	case last.State == Merged:
	case endedByUs(last) && r.now.Sub(last.Ended) <= ReopenWithin:
		return r.reopen(ctx, w, last)
	case !endedByUs(last) && marked && m.refused(w.Prints):
		return Outcome{Did: Refused, Request: last, Words: "somebody closed it: it is not opened again for the same findings"}, nil
	}
	return r.open(ctx, w, last)
}

func endedByUs(request Request) bool {
	return request.State == Closed && strings.HasSuffix(request.Title, resolved)
}

// reopen opens again what we have closed; where the forge will not, another is
// opened.
func (r *reconciler) reopen(ctx context.Context, w Wish, last Request) (Outcome, error) {
	if !r.room() {
		return r.waits()
	}
	err := r.Reopen(ctx, last)
	if refusal, ok := errors.AsType[*Refusal](err); ok && refusal.Permanent {
		return r.open(ctx, w, last)
	}
	if err != nil {
		return Outcome{}, err
	}
	last.State = Standing
	r.standing[w.Branch] = last
	outcome, err := r.keep(ctx, w, last)
	if outcome.Did == Updated || outcome.Did == Kept {
		outcome.Did = Reopened
	}
	return outcome, err
}

// open opens a request where there is none, or none that counts any more.
func (r *reconciler) open(ctx context.Context, w Wish, last Request) (Outcome, error) {
	if !r.room() {
		return r.waits()
	}
	commit, err := r.commit(ctx, w, last)
	if errors.Is(err, ErrMoved) {
		return Outcome{Did: Manual, Words: "the branch is there with commits that are not ours: remove it, or open the request yourself"}, nil
	}
	if err != nil {
		return Outcome{}, err
	}
	request, err := r.Open(ctx, Request{
		Branch: w.Branch, Tip: commit, Title: w.Title, Body: w.mark(commit).write(w.Body), Draft: w.Draft, Labels: w.Labels,
	})
	if err != nil {
		return Outcome{}, err
	}
	r.standing[w.Branch] = request
	r.created[request.ID] = true
	return Outcome{Did: Opened, Request: request}, nil
}

// room reports whether one more may be opened.
func (r *reconciler) room() bool {
	return len(r.standing) < r.limits.Open && len(r.created) < r.limits.PerHour
}

func (r *reconciler) waits() (Outcome, error) {
	words := "as many as allowed were opened within the last hour"
	if len(r.standing) >= r.limits.Open {
		words = "as many as allowed are open: merge or close one"
	}
	return Outcome{Did: Waits, Words: words}, nil
}
