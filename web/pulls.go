package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"shapewatch/alerting"
	"shapewatch/alerting/pullrequest"
)

// A PullDesk knows what pull requests should stand, and keeps them so.
type PullDesk interface {
	// Wishes are the pull requests that should stand now; it changes nothing.
	// [alerting.ErrUnfit] when none are to be made.
	Wishes(ctx context.Context) ([]pullrequest.Wish, error)
	// Keep opens, updates and closes them until they are as they should be, once,
	// and says what became of each. [alerting.ErrUnfit] when none are to be made.
	Keep(ctx context.Context) ([]pullrequest.Outcome, error)
}

// pullsTime bounds an answer for which a forge is asked, which may take its
// time; the desk ends before it.
const pullsTime = 5 * time.Minute

// A wishReply is one request that should stand.
type wishReply struct {
	Branch string   `json:"branch"`
	Title  string   `json:"title"`
	Labels []string `json:"labels"`
	Draft  bool     `json:"draft"`
	Files  []string `json:"files"` // that it edits, or adds
	Body   string   `json:"body"`
}

type wishesReply struct {
	Wishes []wishReply `json:"wishes"`
	Error  string      `json:"error,omitempty"` // what could not be asked or worked out
}

// An outcomeReply is what became of one request.
type outcomeReply struct {
	Branch string          `json:"branch"`
	Did    pullrequest.Did `json:"did"`
	URL    string          `json:"url,omitempty"`
	Words  string          `json:"words,omitempty"`
	Error  string          `json:"error,omitempty"` // what kept us from it
}

type keptReply struct {
	Outcomes []outcomeReply `json:"outcomes"`
	Error    string         `json:"error,omitempty"` // of all of them together, and of what came before
}

// wishesJSON is GET /api/v1/pull-requests.
func (s *site) wishesJSON(r *http.Request) (any, error) {
	reply := wishesReply{Wishes: []wishReply{}}
	if s.Pulls == nil {
		return reply, nil
	}
	all, err := s.Pulls.Wishes(r.Context())
	if errors.Is(err, alerting.ErrUnfit) {
		return nil, err
	}
	for _, w := range all {
		if err = errors.Join(err, w.Unknown); len(w.Files) == 0 {
			continue
		}
		one := wishReply{w.Branch, w.Title, append([]string{}, w.Labels...), w.Draft, []string{}, w.Body}
		for _, f := range w.Files {
			one.Files = append(one.Files, f.Path)
		}
		reply.Wishes = append(reply.Wishes, one)
	}
	reply.Error = errorText(err)
	return reply, nil
}

// A pullsRequest says what to do about pull requests.
type pullsRequest struct {
	Act string `json:"act"` // sync
}

// pullsJSON is POST /api/v1/pull-requests.
func (s *site) pullsJSON(r *http.Request) (any, error) {
	var ask pullsRequest
	if err := readJSON(r, &ask); err != nil {
		return nil, err
	}
	switch {
	case s.Pulls == nil:
		return nil, badRequest("this page only shows: nothing can be done here")
	case ask.Act != "sync":
		return nil, badRequest("act is sync")
	}
	actor, through := signed(r)
	s.Log.Info("pull requests are brought in order", "actor", actor, "through", through)
	all, err := s.Pulls.Keep(r.Context())
	if errors.Is(err, alerting.ErrUnfit) {
		return nil, err
	}
	reply := keptReply{Outcomes: []outcomeReply{}, Error: errorText(err)}
	for _, o := range all {
		reply.Outcomes = append(reply.Outcomes, outcomeReply{o.Branch, o.Did, o.Request.URL, o.Words, errorText(o.Err)})
	}
	return reply, nil
}

// errorText is what an error says; "" of none.
func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// patient answers, as machine does, what takes longer than pages may: on its own
// for whoever asks, without a seat that others need.
func (s *site) patient(build func(*http.Request) (any, error)) http.HandlerFunc {
	answer := s.built(build)
	return func(w http.ResponseWriter, r *http.Request) {
		standUp(r.Context())
		connection := http.NewResponseController(w)
		_ = errors.Join(connection.SetReadDeadline(time.Now().Add(pullsTime)), connection.SetWriteDeadline(time.Now().Add(pullsTime))) // not every writer has them; the server's limits hold then
		answer(w, r)
	}
}
