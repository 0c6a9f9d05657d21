package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/probes"
)

// Unlearn takes out of a probe's baseline what was learned from one time to
// another. [contracts.ErrNothingLearned] means that there was nothing.
type Unlearn func(ctx context.Context, probe probes.Probe, from, to time.Time, by contracts.Acceptance) (contracts.Move, error)

// An unlearnRequest says what is to be forgotten of an API.
type unlearnRequest struct {
	Probes []string  `json:"probes"` // IDs; none means all of the API
	From   time.Time `json:"from"`
	To     time.Time `json:"to"` // zero means now
	Reason string    `json:"reason"`
}

type unlearnReply struct {
	Forgotten []forgotten `json:"forgotten"`
}

// forgotten is what was taken out of one baseline.
type forgotten struct {
	Probe   string     `json:"probe"`
	Answers uint64     `json:"answers"` // 0 when nothing was learned in that time
	From    *time.Time `json:"from,omitempty"`
	To      *time.Time `json:"to,omitempty"`
}

// unlearnJSON is POST /api/v1/apis/{api}/forget.
func (s *site) unlearnJSON(r *http.Request) (any, error) {
	var ask unlearnRequest
	if err := readJSON(r, &ask); err != nil {
		return nil, err
	}
	by, err := s.signedUnlearning(r, &ask)
	if err != nil {
		return nil, err
	}
	chosen, err := s.chosen(r.PathValue("api"), ask.Probes)
	if err != nil {
		return nil, err
	}
	reply := unlearnReply{Forgotten: []forgotten{}}
	for _, p := range chosen {
		m, err := s.Unlearn(r.Context(), p, ask.From, ask.To, by)
		if err != nil && !errors.Is(err, contracts.ErrNothingLearned) {
			return nil, err
		}
		one := forgotten{Probe: p.ID, Answers: m.Answers}
		if err == nil {
			from, to := m.From.UTC(), m.To.UTC()
			one.From, one.To = &from, &to
		}
		reply.Forgotten = append(reply.Forgotten, one)
	}
	return reply, nil
}

// signedUnlearning checks what is asked and says who asks.
func (s *site) signedUnlearning(r *http.Request, ask *unlearnRequest) (by contracts.Acceptance, err error) {
	by.By, by.Through = signed(r)
	by.At, by.Why = time.Now().UTC(), strings.TrimSpace(ask.Reason)
	if ask.To.IsZero() {
		ask.To = by.At
	}
	switch {
	case s.Unlearn == nil:
		return by, badRequest("this page only shows: nothing can be done here")
	case len([]rune(by.Why)) > maxReason:
		return by, badRequest(fmt.Sprintf("a reason has at most %d characters", maxReason))
	case ask.From.IsZero():
		return by, badRequest("from is a time such as 2026-03-02T14:00:00Z")
	case !ask.From.Before(ask.To):
		return by, badRequest("from is not before to")
	}
	return by, nil
}

// chosen are the probes of an API, all or those of these IDs.
func (s *site) chosen(api string, ids []string) (chosen []probes.Probe, err error) {
	for _, p := range s.Probes() {
		if p.API == api && (len(ids) == 0 || slices.Contains(ids, p.ID)) {
			chosen = append(chosen, p)
		}
	}
	if len(chosen) == 0 || len(chosen) < len(ids) {
		return nil, alerting.ErrNotFound
	}
	return chosen, nil
}
