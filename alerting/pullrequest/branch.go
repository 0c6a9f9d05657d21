package pullrequest

import (
	"context"
	"errors"
	"io/fs"
)

// commit makes the branch of a wish hold what is wished, unless it does, and
// returns the ID of its last commit. [ErrMoved] says that somebody else has
// committed there. A branch that is as it was when its last request was
// merged is nobody's any more: all of it is in the base.
func (r *reconciler) commit(ctx context.Context, w Wish, last Request) (string, error) {
	tip, err := r.tip(ctx, w.Branch)
	if err != nil || tip.ID == "" {
		return r.unless(err, func() (string, error) { return r.push(ctx, w, "") })
	}
	if last.State == Merged && sameCommit(last.Tip, tip.ID) {
		return r.push(ctx, w, tip.ID)
	}
	content, err := r.ours(ctx, w.Branch, tip)
	switch {
	case err != nil:
		return "", err
	case content == "":
		return "", ErrMoved
	case content == w.content():
		return tip.ID, nil
	}
	return r.push(ctx, w, tip.ID)
}

func (r *reconciler) unless(err error, do func() (string, error)) (string, error) {
	if err != nil {
		return "", err
	}
	return do()
}

// tip is the last commit of a branch, the zero Tip when there is no branch.
func (r *reconciler) tip(ctx context.Context, branch string) (Tip, error) {
	tip, err := r.Tip(ctx, branch)
	if errors.Is(err, fs.ErrNotExist) {
		return Tip{}, nil
	}
	return tip, err
}

// ours is the content of a commit that we have made; "" when somebody else has
// made it, or has changed what we made: then the files are not what its message
// says.
func (r *reconciler) ours(ctx context.Context, branch string, tip Tip) (string, error) {
	paths, before, content, ok := signed(tip.Message)
	if !ok {
		return "", nil
	}
	var files []File
	for _, path := range paths {
		text, err := r.Read(ctx, branch, path)
		if errors.Is(err, fs.ErrNotExist) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		files = append(files, File{Path: path, Content: text})
	}
	if digest(before, digestOf(files)) != content {
		return "", nil
	}
	return content, nil
}

func (r *reconciler) push(ctx context.Context, w Wish, expect string) (string, error) {
	return r.Commit(ctx, Commit{Branch: w.Branch, Files: w.Files, Message: w.message(), Expect: expect})
}

// branch sees to a wish where there are no pull requests: the branch is all
// there is.
func (r *reconciler) branch(ctx context.Context, w Wish) (Outcome, error) {
	if len(w.Files) == 0 {
		return r.tidy(ctx, w)
	}
	before, err := r.tip(ctx, w.Branch)
	if err != nil {
		return Outcome{}, err
	}
	after, err := r.commit(ctx, w, Request{})
	switch {
	case errors.Is(err, ErrMoved):
		return Outcome{Did: Manual, Words: "the branch holds commits that are not ours"}, nil
	case err != nil:
		return Outcome{}, err
	case before.ID == "":
		return Outcome{Did: Opened}, nil
	case sameCommit(before.ID, after):
		return Outcome{Did: Kept}, nil
	}
	return Outcome{Did: Updated}, nil
}

// tidy removes what is left of a branch that nothing is wanted of and of which
// no request stands, if it is ours alone.
func (r *reconciler) tidy(ctx context.Context, w Wish) (Outcome, error) {
	var last Request
	if r.traits.Requests {
		var err error
		if last, err = r.Latest(ctx, w.Branch); err != nil {
			return Outcome{}, err
		}
		if last.ID != "" && last.State != Closed {
			return r.late(ctx, w, last)
		}
		if last.ID != "" && !endedByUs(last) {
			return Outcome{Did: Done, Request: last}, nil // a person's no: what is on the branch is theirs
		}
	}
	tip, err := r.tip(ctx, w.Branch)
	if err != nil || tip.ID == "" {
		return Outcome{Did: Done, Request: last}, err
	}
	content, err := r.ours(ctx, w.Branch, tip)
	if err != nil || content == "" {
		return Outcome{Did: Done, Request: last}, err
	}
	if err := r.DeleteBranch(ctx, w.Branch, tip.ID); err != nil && !errors.Is(err, ErrMoved) {
		return Outcome{}, err
	}
	return Outcome{Did: Ended, Request: last, Words: w.Over}, nil
}

// late is for a request that was merged, or opened after we looked.
func (r *reconciler) late(ctx context.Context, w Wish, last Request) (Outcome, error) {
	if last.State == Standing {
		return r.end(ctx, w, last)
	}
	return Outcome{Did: Done, Request: last, Words: "merged"}, nil
}
