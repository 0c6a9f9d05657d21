package pullrequest

import (
	"context"
	"errors"
	"fmt"

	git "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/storer"
	"github.com/go-git/go-git/v5/storage"
)

// A gitFolder is a repository in a folder of this machine. Only branches are
// written: the files in the folder and what is staged stay as they are.
type gitFolder struct{ repository *git.Repository }

func newGitFolder(path string) (*gitFolder, error) {
	r, err := git.PlainOpenWithOptions(path, &git.PlainOpenOptions{EnableDotGitCommonDir: true})
	if err != nil { // a folder inside of one
		r, err = git.PlainOpenWithOptions(path, &git.PlainOpenOptions{DetectDotGit: true, EnableDotGitCommonDir: true})
	}
	if err != nil {
		return nil, fmt.Errorf("git: %s is no git repository: %w", path, err)
	}
	return &gitFolder{r}, nil
}

func (f *gitFolder) look(context.Context, ...string) (gitView, error) {
	view := gitView{tips: map[string]plumbing.Hash{}, store: f.repository.Storer}
	if head, err := f.repository.Reference(plumbing.HEAD, false); err == nil && head.Target().IsBranch() {
		view.head = head.Target().Short()
	}
	branches, err := f.repository.Branches()
	if err != nil {
		return view, err
	}
	return view, branches.ForEach(func(ref *plumbing.Reference) error {
		view.tips[ref.Name().Short()] = ref.Hash()
		return nil
	})
}

func (f *gitFolder) move(_ context.Context, _ storer.EncodedObjectStorer, _ []plumbing.Hash, branch string, from, to plumbing.Hash) error {
	if branch == "" {
		return nil
	}
	name := plumbing.NewBranchReferenceName(branch)
	if head, err := f.repository.Reference(plumbing.HEAD, false); err == nil && head.Target() == name {
		return &Refusal{Text: "branch " + branch + " is checked out in this folder; check out another", Permanent: true}
	}
	if to.IsZero() {
		return f.repository.Storer.RemoveReference(name)
	}
	var old *plumbing.Reference
	if !from.IsZero() {
		old = plumbing.NewHashReference(name, from)
	}
	err := f.repository.Storer.CheckAndSetReference(plumbing.NewHashReference(name, to), old)
	if errors.Is(err, storage.ErrReferenceHasChanged) {
		return ErrMoved
	}
	return err
}
