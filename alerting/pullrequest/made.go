package pullrequest

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"slices"
)

// A written commit is one as a forge tells it; the zero value is none.
type written struct {
	id, message string
	parents     []string
}

// A looker reads commits. Forges that make branch and commit in one call, and
// tell no trees, are asked through it what there is.
type looker interface {
	// tipOf is the last commit of a branch, the zero value when there is none.
	tipOf(ctx context.Context, branch string) (written, error)
	// changed are the files that a commit changed in its first parent.
	changed(ctx context.Context, id string) ([]string, error)
	// at is a file of a commit.
	at(ctx context.Context, id, path string) ([]byte, error)
}

// made looks before a commit is made: at the base and at the branch's tip. It
// is done when the tip is this very commit already, and ErrMoved when it is
// neither that nor the one that is expected.
func made(ctx context.Context, l looker, base string, c Commit) (on, was written, done bool, err error) {
	if was, err = l.tipOf(ctx, c.Branch); err != nil {
		return on, was, false, err
	}
	ours, err := wrote(ctx, l, was, c)
	if err == nil && !ours && !sameCommit(was.id, c.Expect) {
		err = ErrMoved
	}
	if err != nil {
		return on, was, false, err
	}
	if on, err = l.tipOf(ctx, base); err != nil {
		return on, was, false, err
	}
	if on.id == "" {
		return on, was, false, &Refusal{Text: "there is no base branch " + base + ", or the token may not see it", Permanent: true}
	}
	return on, was, ours && slices.Equal(was.parents, []string{on.id}), nil
}

// wrote reports whether a commit is what c would have made of its only parent.
func wrote(ctx context.Context, l looker, tip written, c Commit) (bool, error) {
	if tip.id == "" || !sameText(tip.message, c.Message) || len(tip.parents) != 1 {
		return false, nil
	}
	changed, err := l.changed(ctx, tip.id)
	if err != nil {
		return false, err
	}
	for _, path := range changed {
		if !slices.ContainsFunc(c.Files, func(f File) bool { return f.Path == path }) {
			return false, nil
		}
	}
	for _, f := range c.Files {
		content, err := l.at(ctx, tip.id, f.Path)
		if errors.Is(err, fs.ErrNotExist) || err == nil && !bytes.Equal(content, f.Content) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
	return true, nil
}

// settle says what became of a commit that was refused: somebody else was
// there in between, or it is a refusal.
func settle(ctx context.Context, l looker, branch string, was written, refused error) error {
	var r *Refusal
	if !errors.As(refused, &r) || r.Status < 400 || r.Status > 499 {
		return refused
	}
	now, err := l.tipOf(ctx, branch)
	if err == nil && now.id != was.id {
		return ErrMoved
	}
	return refused
}
