package pullrequest

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/plumbing/storer"
)

// A Git is a repository without pull requests: a remote, or a folder of this
// machine: it gets branches only.
type Git struct {
	guard *guard
	place gitPlace
	base  string // empty for the default branch
	by    object.Signature
	mu    sync.Mutex // go-git's stores are for one at a time
}

// A gitPlace is where a repository is.
type gitPlace interface {
	// look tells the branches and brings what the ones asked for hold ("" is
	// the default one), with the commit before their last.
	look(ctx context.Context, branches ...string) (gitView, error)
	// move lets a branch point to another commit, which has the objects made;
	// the zero hash is no branch. When it does not point to from, that is
	// ErrMoved.
	move(ctx context.Context, store storer.EncodedObjectStorer, made []plumbing.Hash, branch string, from, to plumbing.Hash) error
}

// A gitView is what a repository looked like.
type gitView struct {
	tips  map[string]plumbing.Hash
	head  string // the default branch
	store storer.EncodedObjectStorer
}

// tip is that of a branch, "" for the default one.
func (v gitView) tip(branch string) (plumbing.Hash, error) {
	if id, is := v.tips[cmp.Or(branch, v.head)]; is {
		return id, nil
	}
	if branch == "" && v.head == "" {
		return plumbing.ZeroHash, fmt.Errorf("it does not say which branch is its default; name one as base: %w", fs.ErrNotExist)
	}
	return plumbing.ZeroHash, fmt.Errorf("branch %s: %w", cmp.Or(branch, v.head), fs.ErrNotExist)
}

// Name is told in messages and on the page.
func (g *Git) Name() string { return g.guard.forge }

// Traits are none: it has branches only.
func (g *Git) Traits() Traits { return Traits{} }

// Read returns a file at the tip of a branch.
func (g *Git) Read(ctx context.Context, branch, path string) ([]byte, error) {
	defer g.lock()()
	view, tip, err := g.view(ctx, branch)
	if err != nil {
		return nil, g.fail(ctx, "read "+path, err)
	}
	content, err := gitFile(view.store, tip, path)
	return content, g.fail(ctx, "read "+path, err)
}

// Tip is the last commit of a branch.
func (g *Git) Tip(ctx context.Context, branch string) (Tip, error) {
	defer g.lock()()
	view, id, err := g.view(ctx, branch)
	if err != nil {
		return Tip{}, g.fail(ctx, "find the last commit", err)
	}
	tip, err := object.GetCommit(view.store, id)
	if err != nil {
		return Tip{}, g.fail(ctx, "read the last commit", err)
	}
	return Tip{ID: id.String(), Message: tip.Message}, nil
}

// Commit makes one commit on top of the base and pushes it.
func (g *Git) Commit(ctx context.Context, c Commit) (string, error) {
	defer g.lock()()
	id, err := g.commit(ctx, c)
	if err != nil {
		return "", g.fail(ctx, "commit to "+c.Branch, err)
	}
	return id.String(), nil
}

func (g *Git) commit(ctx context.Context, c Commit) (none plumbing.Hash, err error) {
	view, base, err := g.view(ctx, "", c.Branch)
	if err != nil {
		return none, err
	}
	was, w := view.tips[c.Branch], &gitWriter{store: view.store}
	ours, tree, err := w.plan(c, base, was)
	if err != nil {
		return none, err
	}
	if ours && slices.Equal(parents(view.store, was), []plumbing.Hash{base}) {
		return was, nil
	}
	if !ours && !expected(was, c.Expect) {
		return none, ErrMoved
	}
	id, err := w.commit(tree, base, c.Message, g.by)
	if err != nil {
		return none, err
	}
	return id, g.place.move(ctx, view.store, w.made, c.Branch, was, id)
}

// expected reports whether a branch is where it was seen; the zero hash is no
// branch.
func expected(tip plumbing.Hash, expect string) bool {
	if tip.IsZero() {
		return expect == ""
	}
	return sameCommit(tip.String(), expect)
}

// plan makes the tree of a commit, and says whether the branch's tip is this
// very commit, made before: then an answer got lost, and nobody was there.
func (w *gitWriter) plan(c Commit, base, was plumbing.Hash) (ours bool, tree plumbing.Hash, err error) {
	files := map[string][]byte{}
	for _, f := range c.Files {
		files[f.Path] = f.Content
	}
	if !was.IsZero() {
		if ours, err = w.wrote(was, c.Message, files); err != nil {
			return false, tree, err
		}
	}
	on, err := object.GetCommit(w.store, base)
	if err != nil {
		return false, tree, err
	}
	tree, err = w.graft(on.TreeHash, files)
	return ours, tree, err
}

// wrote reports whether a commit is what files and message would have made of
// its only parent.
func (w *gitWriter) wrote(id plumbing.Hash, message string, files map[string][]byte) (bool, error) {
	tip, err := object.GetCommit(w.store, id)
	if err != nil || tip.Message != message || len(tip.ParentHashes) != 1 {
		return false, err
	}
	before, err := object.GetCommit(w.store, tip.ParentHashes[0])
	if err != nil {
		return false, nil //nolint:nilerr // the fetched history is too short: it is not ours
	}
	tree, err := w.graft(before.TreeHash, files)
	return tree == tip.TreeHash, err
}

func parents(store storer.EncodedObjectStorer, id plumbing.Hash) []plumbing.Hash {
	commit, err := object.GetCommit(store, id)
	if err != nil {
		return nil
	}
	return commit.ParentHashes
}

// DeleteBranch removes a branch as it was seen.
func (g *Git) DeleteBranch(ctx context.Context, branch, expect string) error {
	defer g.lock()()
	doing := "delete " + branch
	view, err := g.place.look(ctx)
	if err != nil {
		return g.fail(ctx, doing, err)
	}
	was, is := view.tips[branch]
	if !is {
		return nil
	}
	if !expected(was, expect) {
		return g.fail(ctx, doing, ErrMoved)
	}
	return g.fail(ctx, doing, g.place.move(ctx, view.store, nil, branch, was, plumbing.ZeroHash))
}

// view looks at a branch ("" is the base) and others, and returns its tip.
func (g *Git) view(ctx context.Context, branch string, others ...string) (gitView, plumbing.Hash, error) {
	branch = cmp.Or(branch, g.base)
	view, err := g.place.look(ctx, append(others, branch)...)
	if err != nil {
		return view, plumbing.ZeroHash, err
	}
	tip, err := view.tip(branch)
	return view, tip, err
}

func (g *Git) lock() (unlock func()) {
	g.mu.Lock()
	return g.mu.Unlock
}

// fail is err as callers may tell it.
func (g *Git) fail(ctx context.Context, doing string, err error) error {
	return g.guard.fail(ctx, doing, gitCause(err))
}
