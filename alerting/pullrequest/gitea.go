package pullrequest

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// GiteaOptions say which repository on Gitea or Forgejo holds the contracts.
// The token needs the scopes write:repository and write:issue.
type GiteaOptions struct {
	Repo       string // "acme/contracts"
	Base       string // branch to build on; empty for the repository's default
	URL        string // of the server: "https://codeberg.org"
	Token      string // a secret
	HTTPClient *http.Client
}

// A Gitea is a repository on Gitea or Forgejo. Drafts are told by their title.
type Gitea struct {
	guard *guard
	ask   asker
	repo  string
	mu    sync.Mutex
	base  string // once known
}

// NewGitea returns a forge, or what is wrong with its options.
func NewGitea(o GiteaOptions) (*Gitea, error) {
	at, err := url.Parse(o.URL)
	switch {
	case strings.Count(strings.Trim(o.Repo, "/"), "/") != 1 || strings.Trim(o.Repo, "/") != o.Repo:
		return nil, fmt.Errorf("gitea: the repository %q is not written as owner/name", o.Repo)
	case o.Token == "":
		return nil, errors.New("gitea: a token is needed, with the scopes write:repository and write:issue")
	case err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https":
		return nil, errors.New("gitea: its url is needed, as in https://codeberg.org")
	}
	g := &Gitea{guard: newGuard("gitea "+o.Repo, maxAnswer, o.Token), repo: "/repos/" + escaped(o.Repo), base: o.Base}
	root := strings.TrimSuffix(strings.TrimRight(o.URL, "/"), "/api/v1") + "/api/v1"
	g.ask = asker{g.guard, g.guard.client(o.HTTPClient), root, func(r *http.Request) { r.Header.Set("Authorization", "token "+o.Token) }}
	return g, nil
}

// Name is told in messages and on the page.
func (g *Gitea) Name() string { return g.guard.forge }

// Traits are those of Gitea; it takes about a million characters.
func (g *Gitea) Traits() Traits {
	return Traits{Requests: true, Drafts: true, Labels: true, MaxBody: 500_000}
}

// giteaRepository is what is looked at of a repository.
type giteaRepository struct {
	FullName        string `json:"full_name"`
	DefaultBranch   string `json:"default_branch"`
	Archived        bool   `json:"archived"`
	HasPullRequests bool   `json:"has_pull_requests"`
	Permissions     struct {
		Push bool `json:"push"`
	} `json:"permissions"`
}

// branch is a branch's name, "" for the base, which is asked for once.
func (g *Gitea) branch(ctx context.Context, name string) (string, error) {
	if name != "" {
		return name, nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.base == "" {
		var found giteaRepository
		if err := g.ask.json(ctx, http.MethodGet, g.repo, nil, &found); err != nil {
			return "", err
		}
		if found.DefaultBranch == "" {
			return "", g.guard.refusal(0, "a repository without a default branch: push a first commit with the contracts", true)
		}
		g.base = found.DefaultBranch
	}
	return g.base, nil
}

// giteaFile is what is looked at of a file.
type giteaFile struct {
	Type     string `json:"type"`
	SHA      string `json:"sha"`
	Size     int64  `json:"size"`
	Encoding string `json:"encoding"`
	Content  string `json:"content"`
}

// Read returns a file at the tip of a branch.
func (g *Gitea) Read(ctx context.Context, branch, path string) ([]byte, error) {
	branch, err := g.branch(ctx, branch)
	var content []byte
	if err == nil {
		content, err = g.at(ctx, branch, path)
	}
	return content, g.guard.fail(ctx, "read "+path, err)
}

func (g *Gitea) at(ctx context.Context, ref, path string) ([]byte, error) {
	file, err := g.file(ctx, ref, path)
	if err != nil {
		return nil, err
	}
	if file.Encoding == "base64" && (file.Content != "" || file.Size == 0) {
		return base64.StdEncoding.DecodeString(file.Content)
	}
	content, _, err := g.ask.raw(ctx, http.MethodGet, g.repo+"/raw/"+escaped(path)+"?ref="+url.QueryEscape(ref), "", nil) // too big for the other way
	return content, err
}

func (g *Gitea) file(ctx context.Context, ref, path string) (file giteaFile, err error) {
	err = g.ask.json(ctx, http.MethodGet, g.repo+"/contents/"+escaped(path)+"?ref="+url.QueryEscape(ref), nil, &file)
	switch {
	case status(err) == http.StatusNotFound:
		err = fmt.Errorf("%s: %w", path, fs.ErrNotExist)
	case err == nil && file.Type != "file":
		err = g.guard.refusal(0, "it is no file", true)
	}
	return file, err
}

// Tip is the last commit of a branch.
func (g *Gitea) Tip(ctx context.Context, branch string) (Tip, error) {
	branch, err := g.branch(ctx, branch)
	var tip written
	if err == nil {
		tip, err = g.tipOf(ctx, branch)
	}
	if err == nil && tip.id == "" {
		err = fmt.Errorf("branch %s: %w", branch, fs.ErrNotExist)
	}
	return Tip{ID: tip.id, Message: tip.message}, g.guard.fail(ctx, "find the last commit", err)
}

func (g *Gitea) tipOf(ctx context.Context, branch string) (written, error) {
	var found struct {
		Name   string `json:"name"`
		Commit struct {
			ID string `json:"id"`
		} `json:"commit"`
	}
	err := g.ask.json(ctx, http.MethodGet, g.repo+"/branches/"+escaped(branch), nil, &found)
	if status(err) == http.StatusNotFound {
		return written{}, nil
	}
	if err == nil && (found.Name != branch || found.Commit.ID == "") {
		err = g.guard.refusal(0, "a branch without its commit", false)
	}
	if err != nil {
		return written{}, err
	}
	commit, err := g.commitOf(ctx, found.Commit.ID)
	tip := written{id: found.Commit.ID, message: commit.Commit.Message}
	for _, parent := range commit.Parents {
		tip.parents = append(tip.parents, parent.SHA)
	}
	return tip, err
}

// giteaCommit is what is looked at of a commit.
type giteaCommit struct {
	Commit struct {
		Message string `json:"message"`
	} `json:"commit"`
	Parents []struct {
		SHA string `json:"sha"`
	} `json:"parents"`
	Files []struct {
		Filename string `json:"filename"`
	} `json:"files"`
}

func (g *Gitea) commitOf(ctx context.Context, id string) (commit giteaCommit, err error) {
	err = g.ask.json(ctx, http.MethodGet, g.repo+"/git/commits/"+url.PathEscape(id)+"?stat=false&verification=false", nil, &commit)
	return commit, err
}

func (g *Gitea) changed(ctx context.Context, id string) (paths []string, err error) {
	commit, err := g.commitOf(ctx, id)
	for _, f := range commit.Files {
		paths = append(paths, f.Filename)
	}
	return paths, err
}

// DeleteBranch removes a branch as it was seen just before.
func (g *Gitea) DeleteBranch(ctx context.Context, branch, expect string) error {
	tip, err := g.tipOf(ctx, branch)
	switch {
	case err == nil && tip.id == "":
		return nil
	case err == nil && !sameCommit(tip.id, expect):
		err = ErrMoved
	case err == nil:
		err = g.ask.json(ctx, http.MethodDelete, g.repo+"/branches/"+escaped(branch), nil, nil)
		if status(err) == http.StatusNotFound {
			return nil
		}
	}
	return g.guard.fail(ctx, "delete "+branch, err)
}
