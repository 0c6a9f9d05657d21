package pullrequest

import (
	"context"
	"encoding/base64"
	"errors"
	"io/fs"
	"net/http"
)

// Commit makes branch and commit in one call. Gitea cannot be told to replace
// a branch only if it is as it was: we look just before.
func (g *Gitea) Commit(ctx context.Context, c Commit) (string, error) {
	id, err := g.commit(ctx, c)
	return id, g.guard.fail(ctx, "commit to "+c.Branch, err)
}

func (g *Gitea) commit(ctx context.Context, c Commit) (string, error) {
	base, err := g.branch(ctx, "")
	if err != nil {
		return "", err
	}
	_, was, done, err := made(ctx, g, base, c)
	if err != nil || done {
		return was.id, err
	}
	operations, err := g.operations(ctx, base, c.Files)
	if err != nil {
		return "", err
	}
	change := map[string]any{"branch": base, "new_branch": c.Branch, "message": c.Message, "files": operations}
	if was.id != "" { // without force, a branch that is there meanwhile is refused
		change["force_push"] = true
	}
	id, err := g.change(ctx, change)
	if was.id != "" && status(err) == http.StatusUnprocessableEntity { // Forgejo's word for it
		change["force_overwrite_new_branch"] = true
		delete(change, "force_push")
		id, err = g.change(ctx, change)
	}
	return id, settle(ctx, g, c.Branch, was, err)
}

func (g *Gitea) change(ctx context.Context, change map[string]any) (string, error) {
	var answer struct {
		Commit struct {
			SHA string `json:"sha"`
		} `json:"commit"`
	}
	err := g.ask.json(ctx, http.MethodPost, g.repo+"/contents", change, &answer)
	if err == nil && answer.Commit.SHA == "" {
		err = g.guard.refusal(0, "a commit without its ID", false)
	}
	return answer.Commit.SHA, err
}

// operations say of each file whether it is new, or which content it replaces:
// Gitea wants to know, and refuses when the base has moved since.
func (g *Gitea) operations(ctx context.Context, base string, files []File) (operations []map[string]string, err error) {
	for _, f := range files {
		o := map[string]string{"operation": "update", "path": f.Path, "content": base64.StdEncoding.EncodeToString(f.Content)}
		was, err := g.file(ctx, base, f.Path)
		if errors.Is(err, fs.ErrNotExist) {
			o["operation"] = "create"
		} else if err != nil {
			return nil, err
		} else {
			o["sha"] = was.SHA
		}
		operations = append(operations, o)
	}
	return operations, nil
}
