package main

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"shapewatch/alerting"
	"shapewatch/alerting/pullrequest"
)

// The times of the work on pull requests.
const (
	prFirst    = 3 * time.Second  // after the start, and after something happened: more may follow
	prGap      = 5 * time.Second  // between two passes, at least
	prTimeout  = 3 * time.Minute  // of one pass
	prBackoff  = 30 * time.Second // after a failure, doubled with each
	prLongest  = 30 * time.Minute // of a pause after failures
	prCall     = 30 * time.Second // of one call of a forge
	prIdle     = time.Hour        // between looks at a configuration that wants none
	prPatience = time.Hour        // at most, of what a forge asks us to wait
)

// A requesting keeps pull requests as they should be: after what happens here,
// and now and then because of what people do at the forge.
type requesting struct {
	program *program
	woken   chan struct{}

	sync   *syncing      // by the configuration in force
	failed int           // passes in a row
	work   chan struct{} // holds one while a pass is made: by itself, or because somebody asks

	mu    sync.Mutex
	stand map[string]pullrequest.Outcome // the last of each branch
}

func newRequesting(p *program) *requesting {
	return &requesting{program: p, woken: make(chan struct{}, 1), work: make(chan struct{}, 1), stand: map[string]pullrequest.Outcome{}}
}

// wake asks for a pass soon. It never blocks.
func (r *requesting) wake() {
	select {
	case r.woken <- struct{}{}:
	default:
	}
}

// run works until ctx is done.
func (r *requesting) run(ctx context.Context) error {
	next := time.Now().Add(prFirst)
	for {
		timer := time.NewTimer(time.Until(next))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-r.woken:
			timer.Stop()
			if soon := time.Now().Add(prFirst); r.failed == 0 && soon.Before(next) {
				next = soon
			}
			continue
		case <-timer.C:
		}
		next = time.Now().Add(max(prGap, r.pass(ctx)))
	}
}

// pass looks once, and says when to look again.
func (r *requesting) pass(ctx context.Context) time.Duration {
	c := r.program.config.Load()
	if !c.PR().On {
		r.failed, r.sync = 0, nil
		r.program.problems.set("pr", "")
		return prIdle
	}
	once, cancel := context.WithTimeout(ctx, prTimeout)
	defer cancel()
	err := r.once(once, c)
	switch {
	case ctx.Err() != nil:
		return 0
	case err != nil:
		return r.later(c, err)
	case r.failed > 0:
		r.program.Log.Info("pull requests work again")
	}
	r.failed = 0
	r.program.problems.set("pr", "")
	return c.PR().Every
}

// later is when to try again what has failed; the log and the page say so.
func (r *requesting) later(c *Config, err error) time.Duration {
	pause := min(prBackoff<<min(r.failed, 10), prLongest, max(prGap, c.PR().Every))
	pause = max(pause, min(pullrequest.Pause(err), prPatience))
	r.failed++
	text := "pull requests: " + alerting.Visible(strings.ReplaceAll(err.Error(), "\n", "; "))
	r.program.problems.set("pr", text+" (tried again by itself)")
	r.program.Log.Error("pull requests cannot be kept", "err", err, "again_in", pause)
	return pause
}

// once brings what stands together with what should.
func (r *requesting) once(ctx context.Context, c *Config) error {
	if r.sync == nil || r.sync.config != c {
		s, err := r.syncing(c)
		if err != nil {
			return err
		}
		r.sync = s
	}
	_, err := r.look(ctx, r.sync)
	return err
}

// syncing is one that has looked at nothing yet.
func (r *requesting) syncing(c *Config) (*syncing, error) {
	forge, err := forgeOf(c.PR(), &http.Client{Timeout: prCall})
	if err != nil {
		return nil, err
	}
	s := newSyncing(c, r.program.Store, forge, r.program.desk.Desk, r.program.publicURL(c))
	s.reload = r.program.reload
	return s, nil
}

// alone does something about pull requests while nobody else does.
func (r *requesting) alone(ctx context.Context, do func() error) error {
	select {
	case r.work <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-r.work }()
	return do()
}

// look has a syncing look once, and logs what became of each request.
func (r *requesting) look(ctx context.Context, s *syncing) (outcomes []pullrequest.Outcome, err error) {
	err = r.alone(ctx, func() (err error) {
		outcomes, err = s.run(ctx)
		return err
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, o := range outcomes {
		if before := r.stand[o.Branch]; o.Err == nil && (before.Did != o.Did || before.Words != o.Words) && o.Did != pullrequest.Kept && o.Did != pullrequest.Done {
			r.program.Log.Info("pull request "+string(o.Did), "branch", o.Branch, "request", o.Request.URL, "because", o.Words)
		}
		r.stand[o.Branch] = o
	}
	return outcomes, err
}
