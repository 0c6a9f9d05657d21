package pullrequest_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"shapewatch/alerting/pullrequest"
)

// A fakeForge is a forge in memory, as strict as real ones: a branch that moved
// is not written, a request that stands is adopted, one that is over cannot be
// edited into standing again.
type fakeForge struct {
	traits   pullrequest.Traits
	base     map[string]string
	branches map[string]string // to commit
	commits  map[string]fakeCommit
	requests []*pullrequest.Request // by number, oldest first
	remarks  map[string][]string    // by request
	now      time.Time
	fault    func(call string) (before, after error) // nil: never
	calls    []string                                // that change something, and worked
}

type fakeCommit struct {
	message, parent string
	files           map[string]string
	person          bool
}

func newFakeForge() *fakeForge {
	return &fakeForge{
		traits: pullrequest.Traits{Requests: true, Drafts: true, Labels: true, MaxBody: 60000},
		base:   map[string]string{"contracts/stripe.yaml": "v1", "contracts/github.yaml": "v1"}, branches: map[string]string{},
		commits: map[string]fakeCommit{}, remarks: map[string][]string{}, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC),
	}
}

// call wraps an effect in what may go wrong before and after it.
func (f *fakeForge) call(name string, changes bool, do func() error) error {
	var before, after error
	if f.fault != nil {
		before, after = f.fault(name)
	}
	if before != nil {
		return before
	}
	if err := do(); err != nil {
		return err
	}
	if changes {
		f.calls = append(f.calls, name)
	}
	return after
}

func (f *fakeForge) Name() string                                 { return "fake" }
func (f *fakeForge) Traits() pullrequest.Traits                   { return f.traits }
func (f *fakeForge) Doctor(context.Context) []pullrequest.Symptom { return nil }

func (f *fakeForge) filesOf(branch string) (map[string]string, bool) {
	if branch == "" {
		return f.base, true
	}
	id, ok := f.branches[branch]
	return f.commits[id].files, ok
}

func (f *fakeForge) Read(_ context.Context, branch, path string) (text []byte, err error) {
	err = f.call("read", false, func() error {
		files, ok := f.filesOf(branch)
		content, there := files[path]
		if !ok || !there {
			return fmt.Errorf("%s: %w", path, fs.ErrNotExist)
		}
		text = []byte(content)
		return nil
	})
	return text, err
}

func (f *fakeForge) Tip(_ context.Context, branch string) (tip pullrequest.Tip, err error) {
	err = f.call("tip", false, func() error {
		id, ok := f.branches[branch]
		if !ok {
			return fs.ErrNotExist
		}
		tip = pullrequest.Tip{ID: id, Message: f.commits[id].message}
		return nil
	})
	return tip, err
}

// put makes a commit and lets a branch point to it.
func (f *fakeForge) put(branch, parent, message string, files map[string]string, person bool) string {
	id := fmt.Sprintf("%040x", len(f.commits)+1)
	f.commits[id] = fakeCommit{message, parent, files, person}
	f.branches[branch] = id
	return id
}

func (f *fakeForge) Commit(_ context.Context, c pullrequest.Commit) (id string, err error) {
	err = f.call("commit", true, func() error {
		if f.branches[c.Branch] != c.Expect {
			return pullrequest.ErrMoved
		}
		files := maps.Clone(f.base)
		for _, file := range c.Files {
			files[file.Path] = string(file.Content)
		}
		id = f.put(c.Branch, "", c.Message, files, false)
		return nil
	})
	return id, err
}

// told is a request as the forge tells it.
func (f *fakeForge) told(r *pullrequest.Request) pullrequest.Request {
	now := *r
	if tip, ok := f.branches[r.Branch]; ok && r.State == pullrequest.Standing {
		now.Tip = tip
	}
	now.Labels = slices.Clone(r.Labels)
	return now
}

func (f *fakeForge) Latest(_ context.Context, branch string) (latest pullrequest.Request, err error) {
	err = f.call("latest", false, func() error {
		for _, r := range f.requests {
			if r.Branch == branch {
				latest = f.told(r)
			}
		}
		return nil
	})
	return latest, err
}

func (f *fakeForge) Standing(_ context.Context, prefix string) (all []pullrequest.Request, err error) {
	err = f.call("standing", false, func() error {
		for _, r := range f.requests {
			if r.State == pullrequest.Standing && strings.HasPrefix(r.Branch, prefix) {
				all = append(all, f.told(r))
			}
		}
		return nil
	})
	return all, err
}

func (f *fakeForge) standing(branch string) *pullrequest.Request {
	for _, r := range f.requests {
		if r.Branch == branch && r.State == pullrequest.Standing {
			return r
		}
	}
	return nil
}

func (f *fakeForge) Open(_ context.Context, r pullrequest.Request) (opened pullrequest.Request, err error) {
	err = f.call("open", true, func() error {
		if f.branches[r.Branch] == "" {
			return &pullrequest.Refusal{Forge: "fake", Doing: "open", Status: 422, Text: "no such branch", Permanent: true}
		}
		at := f.standing(r.Branch)
		if at == nil {
			at = &pullrequest.Request{ID: fmt.Sprint(len(f.requests) + 1), Branch: r.Branch, State: pullrequest.Standing, Created: f.now}
			f.requests = append(f.requests, at)
		}
		at.Title, at.Body, at.Draft, at.Labels = r.Title, r.Body, r.Draft, slices.Clone(r.Labels)
		opened = f.told(at)
		return nil
	})
	return opened, err
}

// over is that a request is not there, or no more in the state it should be in.
var errOver = &pullrequest.Refusal{Forge: "fake", Doing: "change", Status: 422, Text: "not in that state", Permanent: true}

func (f *fakeForge) change(name, id string, do func(*pullrequest.Request) error) error {
	return f.call(name, true, func() error {
		for _, r := range f.requests {
			if r.ID == id {
				return do(r)
			}
		}
		return errOver
	})
}

func (f *fakeForge) Edit(_ context.Context, r pullrequest.Request) error {
	return f.change("edit", r.ID, func(at *pullrequest.Request) error {
		at.Title, at.Body, at.Draft, at.Labels = r.Title, r.Body, r.Draft, slices.Clone(r.Labels)
		return nil
	})
}

func (f *fakeForge) endAs(r *pullrequest.Request, state pullrequest.State) {
	if r.State == pullrequest.Standing {
		r.Tip = f.told(r).Tip
		r.State, r.Ended = state, f.now
	}
}

func (f *fakeForge) Close(_ context.Context, r pullrequest.Request) error {
	return f.change("close", r.ID, func(at *pullrequest.Request) error {
		if at.State == pullrequest.Merged {
			return errOver
		}
		f.endAs(at, pullrequest.Closed)
		return nil
	})
}

func (f *fakeForge) Reopen(_ context.Context, r pullrequest.Request) error {
	return f.change("reopen", r.ID, func(at *pullrequest.Request) error {
		if at.State == pullrequest.Merged || f.standing(at.Branch) != nil {
			return errOver
		}
		if _, ok := f.branches[at.Branch]; !ok {
			f.branches[at.Branch] = at.Tip
		}
		at.State, at.Ended = pullrequest.Standing, time.Time{}
		return nil
	})
}

func (f *fakeForge) Comment(_ context.Context, r pullrequest.Request, text string) error {
	return f.change("comment", r.ID, func(*pullrequest.Request) error {
		f.remarks[r.ID] = append(f.remarks[r.ID], text)
		return nil
	})
}

func (f *fakeForge) DeleteBranch(_ context.Context, branch, expect string) error {
	return f.call("delete", true, func() error {
		switch at, ok := f.branches[branch]; {
		case !ok:
			return nil
		case at != expect:
			return pullrequest.ErrMoved
		}
		delete(f.branches, branch)
		return nil
	})
}

// What people do.

func (f *fakeForge) personCommits(branch, text string) string {
	at := f.branches[branch]
	files := maps.Clone(f.commits[at].files)
	files["contracts/stripe.yaml"] += "\n" + text
	return f.put(branch, at, "By hand", files, true)
}

func (f *fakeForge) merge(branch string) {
	r := f.standing(branch)
	maps.Copy(f.base, f.commits[f.branches[branch]].files)
	f.endAs(r, pullrequest.Merged)
}

// holds reports whether a commit is the branch's last or below it.
func (f *fakeForge) holds(branch, id string) bool {
	for at := f.branches[branch]; at != ""; at = f.commits[at].parent {
		if at == id {
			return true
		}
	}
	return false
}

var errDropped = errors.New("connection reset")
