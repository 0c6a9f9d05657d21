package pullrequest

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"unicode/utf8"

	"github.com/google/go-github/v89/github"
)

// Read returns a file at the tip of a branch.
func (g *GitHub) Read(ctx context.Context, branch, path string) ([]byte, error) {
	content, err := g.read(ctx, branch, path)
	if status(err) == http.StatusNotFound {
		err = fmt.Errorf("%s: %w", path, fs.ErrNotExist)
	}
	return content, g.fail(ctx, "read "+path, err)
}

func (g *GitHub) read(ctx context.Context, branch, path string) ([]byte, error) {
	branch, err := g.branch(ctx, branch)
	if err != nil {
		return nil, err
	}
	file, _, _, err := g.api.Repositories.GetContents(ctx, g.owner, g.name, path, &github.RepositoryContentGetOptions{Ref: "refs/heads/" + branch})
	switch {
	case err != nil:
		return nil, err
	case file == nil || file.GetType() != "file":
		return nil, g.guard.refusal(0, "it is no file", true)
	case file.GetEncoding() == "none": // above 1 MB
		return g.blob(ctx, file.GetSHA())
	}
	text, err := file.GetContent()
	return []byte(text), err
}

func (g *GitHub) blob(ctx context.Context, id string) ([]byte, error) {
	blob, _, err := g.api.Git.GetBlob(ctx, g.owner, g.name, id)
	if err != nil {
		return nil, err
	}
	if blob.GetEncoding() != "base64" {
		return nil, g.guard.refusal(0, "a file that is not in base64", true)
	}
	return base64.StdEncoding.DecodeString(blob.GetContent())
}

// Tip is the last commit of a branch.
func (g *GitHub) Tip(ctx context.Context, branch string) (Tip, error) {
	const doing = "find the last commit"
	branch, err := g.branch(ctx, branch)
	if err != nil {
		return Tip{}, g.fail(ctx, doing, err)
	}
	id, err := g.tip(ctx, branch)
	if err == nil && id == "" {
		err = fmt.Errorf("branch %s: %w", branch, fs.ErrNotExist)
	}
	if err != nil {
		return Tip{}, g.fail(ctx, doing, err)
	}
	commit, err := g.commit(ctx, id)
	return Tip{ID: id, Message: commit.GetMessage()}, g.fail(ctx, doing, err)
}

// tip is the ID of a branch's last commit, "" when there is no branch.
func (g *GitHub) tip(ctx context.Context, branch string) (string, error) {
	ref, _, err := g.api.Git.GetRef(ctx, g.owner, g.name, "heads/"+branch)
	if status(err) == http.StatusNotFound {
		return "", nil
	}
	if err == nil && (ref.GetObject().GetSHA() == "" || ref.GetRef() != "refs/heads/"+branch) {
		err = g.guard.refusal(0, "a branch without its commit", false)
	}
	return ref.GetObject().GetSHA(), err
}

func (g *GitHub) commit(ctx context.Context, id string) (*github.Commit, error) {
	commit, _, err := g.api.Git.GetCommit(ctx, g.owner, g.name, id)
	if err == nil && commit.GetTree().GetSHA() == "" {
		err = g.guard.refusal(0, "a commit without its tree", false)
	}
	return commit, err
}

// Commit makes tree and commit, then lets the branch point to it.
func (g *GitHub) Commit(ctx context.Context, c Commit) (string, error) {
	id, err := g.put(ctx, c)
	return id, g.fail(ctx, "commit to "+c.Branch, err)
}

func (g *GitHub) put(ctx context.Context, c Commit) (string, error) {
	was, err := g.tip(ctx, c.Branch)
	if err != nil {
		return "", err
	}
	ours, on, err := g.wrote(ctx, was, c)
	if err != nil {
		return "", err
	}
	if !ours && !sameCommit(was, c.Expect) {
		return "", ErrMoved
	}
	base, err := g.baseCommit(ctx)
	if err != nil || ours && on == base.GetSHA() {
		return was, err
	}
	tree, err := g.tree(ctx, base, c.Files)
	if err != nil {
		return "", err
	}
	made, _, err := g.api.Git.CreateCommit(ctx, g.owner, g.name, github.Commit{
		Message: &c.Message, Tree: &github.Tree{SHA: &tree}, Parents: []*github.Commit{{SHA: base.SHA}},
	}, nil)
	if err == nil && made.GetSHA() == "" {
		err = g.guard.refusal(0, "a commit without its ID", false)
	}
	if err != nil {
		return "", err
	}
	return made.GetSHA(), g.point(ctx, c.Branch, was, made.GetSHA())
}

func (g *GitHub) baseCommit(ctx context.Context) (*github.Commit, error) {
	base, err := g.branch(ctx, "")
	if err != nil {
		return nil, err
	}
	id, err := g.tip(ctx, base)
	if err == nil && id == "" {
		err = g.guard.refusal(0, "there is no base branch "+base+", or the token may not see it", true)
	}
	if err != nil {
		return nil, err
	}
	return g.commit(ctx, id)
}

// wrote reports whether a commit is what c would have made of its only parent,
// on: then an answer got lost, and nobody else was there.
func (g *GitHub) wrote(ctx context.Context, id string, c Commit) (ours bool, on string, err error) {
	if id == "" {
		return false, "", nil
	}
	tip, err := g.commit(ctx, id)
	if err != nil || tip.GetMessage() != c.Message || len(tip.Parents) != 1 {
		return false, "", err
	}
	before, err := g.commit(ctx, tip.Parents[0].GetSHA())
	if err != nil {
		return false, "", err
	}
	tree, err := g.tree(ctx, before, c.Files)
	return tree == tip.GetTree().GetSHA(), before.GetSHA(), err
}

// tree is the ID of the tree that holds files beside and in place of those of
// a commit.
func (g *GitHub) tree(ctx context.Context, on *github.Commit, files []File) (string, error) {
	var entries []*github.TreeEntry
	for _, f := range files {
		entry := &github.TreeEntry{Path: &f.Path, Mode: github.Ptr("100644"), Type: github.Ptr("blob")}
		if utf8.Valid(f.Content) {
			entry.Content = github.Ptr(string(f.Content))
		} else {
			blob, _, err := g.api.Git.CreateBlob(ctx, g.owner, g.name, github.Blob{
				Content: github.Ptr(base64.StdEncoding.EncodeToString(f.Content)), Encoding: github.Ptr("base64"),
			})
			if err != nil {
				return "", err
			}
			entry.SHA = blob.SHA
		}
		entries = append(entries, entry)
	}
	tree, _, err := g.api.Git.CreateTree(ctx, g.owner, g.name, on.GetTree().GetSHA(), entries)
	if err == nil && tree.GetSHA() == "" {
		err = g.guard.refusal(0, "a tree without its ID", false)
	}
	return tree.GetSHA(), err
}

// point lets a branch point from one commit to another; "" is no branch. REST
// has no word for "only if it still points there", GraphQL has.
func (g *GitHub) point(ctx context.Context, branch, from, to string) error {
	var err error
	if from == "" {
		_, _, err = g.api.Git.CreateRef(ctx, g.owner, g.name, github.CreateRef{Ref: "refs/heads/" + branch, SHA: to})
	} else {
		err = g.swap(ctx, branch, from, to)
	}
	var refused *Refusal
	if err == nil || !errors.As(err, &refused) || !refused.Permanent {
		return err
	}
	now, other := g.tip(ctx, branch)
	switch {
	case other != nil:
		return other
	case now == to:
		return nil
	case now != from:
		return ErrMoved
	}
	return err
}

func (g *GitHub) swap(ctx context.Context, branch, from, to string) error {
	const none = "0000000000000000000000000000000000000000"
	_, id, err := g.repository(ctx)
	if err != nil {
		return err
	}
	if to == "" {
		to = none
	}
	return g.mutate(ctx, "updateRefs", "UpdateRefsInput", map[string]any{"repositoryId": id, "refUpdates": []map[string]any{
		{"name": "refs/heads/" + branch, "beforeOid": from, "afterOid": to, "force": true},
	}})
}

// DeleteBranch removes a branch as it was seen.
func (g *GitHub) DeleteBranch(ctx context.Context, branch, expect string) error {
	tip, err := g.tip(ctx, branch)
	switch {
	case err == nil && tip == "":
		return nil
	case err == nil && !sameCommit(tip, expect):
		err = ErrMoved
	case err == nil:
		err = g.point(ctx, branch, tip, "")
	}
	return g.fail(ctx, "delete "+branch, err)
}
