package main

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"shapewatch/alerting"
	"shapewatch/alerting/pullrequest"
)

// A requestDesk takes what is done about incidents, and how the requests about
// them stand.
type requestDesk interface {
	alerting.Desk
	Requested(ctx context.Context, incident string, r alerting.PullRequest, words string) error
}

// requestStates are the states of a request as incidents tell them.
var requestStates = map[pullrequest.State]alerting.RequestState{
	pullrequest.Standing: alerting.RequestOpen, pullrequest.Merged: alerting.RequestMerged, pullrequest.Closed: alerting.RequestClosed,
}

// tell notes at the incidents that a request stands for how it stands. It may
// be repeated: what is noted is not told again.
func (s *syncing) tell(ctx context.Context, about *subject, o pullrequest.Outcome) error {
	state, known := requestStates[o.Request.State]
	if o.Request.URL == "" || !known {
		return nil
	}
	told := alerting.PullRequest{URL: o.Request.URL, Branch: o.Branch, State: state, At: time.Now().UTC(), Content: pullrequest.Content(o.Request)}
	words := ""
	if first, _, _ := strings.Cut(o.Words, "\n"); state == alerting.RequestClosed {
		words = strings.Trim(alerting.Visible(first), ".: ")
	}
	var errs []error
	for _, id := range about.concerned(o.Request) {
		err := s.desk.Requested(ctx, id, told, words)
		if errors.Is(err, alerting.ErrNotFound) {
			err = nil // forgotten, as what is old is
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// concerned are the incidents that a request stands for, and those that tell of
// it. What was found after its end is another story.
func (s *subject) concerned(r pullrequest.Request) (ids []string) {
	stood := pullrequest.StandsFor(r)
	for _, grounds := range append(slices.Collect(maps.Values(s.hold)), s.reverted) {
		for _, g := range grounds {
			late := r.State != pullrequest.Standing && g.Since.After(r.Ended)
			if !late && slices.Contains(stood, g.Finding.Fingerprint()) {
				ids = append(ids, g.Incident)
			}
		}
	}
	ids = append(ids, s.telling[r.URL]...)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// tellers are the incidents that tell of a request, by its address.
func tellers(incidents []alerting.Incident) map[string][]string {
	all := map[string][]string{}
	for _, inc := range incidents {
		for _, r := range inc.Requests {
			all[r.URL] = append(all[r.URL], inc.ID)
		}
	}
	return all
}
