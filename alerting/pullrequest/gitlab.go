package pullrequest

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"sync"

	gitlab "gitlab.com/gitlab-org/api/client-go/v2"
)

// GitLabOptions say which project on GitLab holds the contracts. The token (of
// a person, a project or a group) needs the scope api and the role Developer.
type GitLabOptions struct {
	Repo       string // "acme/apis/contracts"
	Base       string // branch to build on; empty for the project's default
	URL        string // of a server of your own: "https://gitlab.acme.dev"; empty for gitlab.com
	Token      string // a secret
	HTTPClient *http.Client
}

// A GitLab is a project on GitLab; its pull requests are merge requests, and
// drafts are told by their title.
type GitLab struct {
	guard *guard
	api   *gitlab.Client
	repo  string
	mu    sync.Mutex
	base  string // once known
}

// NewGitLab returns a forge, or what is wrong with its options.
func NewGitLab(o GitLabOptions) (*GitLab, error) {
	if !strings.Contains(strings.Trim(o.Repo, "/"), "/") {
		return nil, fmt.Errorf("gitlab: the project %q is not written as group/project", o.Repo)
	}
	if o.Token == "" {
		return nil, errors.New("gitlab: a token is needed, with the scope api")
	}
	g := &GitLab{guard: newGuard("gitlab "+o.Repo, maxAnswer, o.Token), repo: strings.Trim(o.Repo, "/"), base: o.Base}
	api, err := gitlab.NewClient(o.Token,
		gitlab.WithHTTPClient(g.guard.client(o.HTTPClient)), gitlab.WithBaseURL(cmp.Or(o.URL, "https://gitlab.com")),
		gitlab.WithCustomRetryMax(0), gitlab.WithCustomLimiter(atOnce{}), gitlab.WithUserAgent("shapewatch"),
		gitlab.WithURLWarningLogger(slog.New(slog.DiscardHandler)))
	g.api = api
	if err != nil {
		return nil, errors.New("gitlab: its url is no address of a server")
	}
	return g, nil
}

// atOnce lets requests go: who waits, and how long, is decided elsewhere.
type atOnce struct{}

func (atOnce) Wait(context.Context) error { return nil }

// Name is told in messages and on the page.
func (g *GitLab) Name() string { return g.guard.forge }

// Traits are those of GitLab; it takes a million characters.
func (g *GitLab) Traits() Traits {
	return Traits{Requests: true, Drafts: true, Labels: true, MaxBody: 500_000}
}

// branch is a branch's name, "" for the base, which is asked for once.
func (g *GitLab) branch(ctx context.Context, name string) (string, error) {
	if name != "" {
		return name, nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.base == "" {
		project, _, err := g.api.Projects.GetProject(g.repo, nil, gitlab.WithContext(ctx))
		if err != nil {
			return "", err
		}
		if project == nil || project.DefaultBranch == "" {
			return "", g.guard.refusal(0, "a project without a default branch: push a first commit with the contracts", true)
		}
		g.base = project.DefaultBranch
	}
	return g.base, nil
}

// Read returns a file at the tip of a branch.
func (g *GitLab) Read(ctx context.Context, branch, path string) ([]byte, error) {
	branch, err := g.branch(ctx, branch)
	var content []byte
	if err == nil {
		content, err = g.at(ctx, branch, path)
	}
	return content, g.guard.fail(ctx, "read "+path, err)
}

func (g *GitLab) at(ctx context.Context, ref, path string) ([]byte, error) {
	file, _, err := g.api.RepositoryFiles.GetFile(g.repo, path, &gitlab.GetFileOptions{Ref: &ref}, gitlab.WithContext(ctx))
	switch {
	case status(err) == http.StatusNotFound:
		return nil, fmt.Errorf("%s: %w", path, fs.ErrNotExist)
	case err != nil:
		return nil, err
	case file == nil || file.Encoding != "base64":
		return nil, g.guard.refusal(0, "a file that is not in base64", true)
	}
	return base64.StdEncoding.DecodeString(file.Content)
}

// Tip is the last commit of a branch.
func (g *GitLab) Tip(ctx context.Context, branch string) (Tip, error) {
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

func (g *GitLab) tipOf(ctx context.Context, branch string) (written, error) {
	found, _, err := g.api.Branches.GetBranch(g.repo, branch, gitlab.WithContext(ctx))
	if status(err) == http.StatusNotFound {
		return written{}, nil
	}
	if err == nil && (found == nil || found.Name != branch || found.Commit == nil || found.Commit.ID == "") {
		err = g.guard.refusal(0, "a branch without its commit", false)
	}
	if err != nil {
		return written{}, err
	}
	return written{found.Commit.ID, found.Commit.Message, found.Commit.ParentIDs}, nil
}

// changed are the files that a commit changed, as far as they fit on one page:
// more were not ours.
func (g *GitLab) changed(ctx context.Context, id string) (paths []string, err error) {
	o := &gitlab.GetCommitDiffOptions{ListOptions: gitlab.ListOptions{PerPage: 100}}
	diffs, _, err := g.api.Commits.GetCommitDiff(g.repo, id, o, gitlab.WithContext(ctx))
	for _, diff := range diffs {
		if diff != nil {
			paths = append(paths, diff.NewPath, diff.OldPath)
		}
	}
	return paths, err
}

// Commit makes branch and commit in one call. GitLab cannot be told to replace
// a branch only if it is as it was: we look just before.
func (g *GitLab) Commit(ctx context.Context, c Commit) (string, error) {
	id, err := g.commit(ctx, c)
	return id, g.guard.fail(ctx, "commit to "+c.Branch, err)
}

func (g *GitLab) commit(ctx context.Context, c Commit) (string, error) {
	base, err := g.branch(ctx, "")
	if err != nil {
		return "", err
	}
	on, was, done, err := made(ctx, g, base, c)
	if err != nil || done {
		return was.id, err
	}
	actions, err := g.actions(ctx, on.id, c.Files)
	if err != nil {
		return "", err
	}
	o := &gitlab.CreateCommitOptions{Branch: &c.Branch, CommitMessage: &c.Message, StartSHA: &on.id, Actions: actions}
	if was.id != "" { // without force, a branch that is there meanwhile is refused
		o.Force = gitlab.Ptr(true)
	}
	commit, _, err := g.api.Commits.CreateCommit(g.repo, o, gitlab.WithContext(ctx))
	if err != nil {
		return "", settle(ctx, g, c.Branch, was, err)
	}
	if commit == nil || commit.ID == "" {
		return "", g.guard.refusal(0, "a commit without its ID", false)
	}
	return commit.ID, nil
}

// actions say of each file whether it is new: GitLab wants to know.
func (g *GitLab) actions(ctx context.Context, on string, files []File) (actions []*gitlab.CommitActionOptions, err error) {
	for _, f := range files {
		action := gitlab.FileUpdate
		if _, err := g.at(ctx, on, f.Path); errors.Is(err, fs.ErrNotExist) {
			action = gitlab.FileCreate
		} else if err != nil {
			return nil, err
		}
		actions = append(actions, &gitlab.CommitActionOptions{
			Action: &action, FilePath: gitlab.Ptr(f.Path), Encoding: gitlab.Ptr("base64"),
			Content: gitlab.Ptr(base64.StdEncoding.EncodeToString(f.Content)),
		})
	}
	return actions, nil
}

// DeleteBranch removes a branch as it was seen just before.
func (g *GitLab) DeleteBranch(ctx context.Context, branch, expect string) error {
	tip, err := g.tipOf(ctx, branch)
	switch {
	case err == nil && tip.id == "":
		return nil
	case err == nil && !sameCommit(tip.id, expect):
		err = ErrMoved
	case err == nil:
		_, err = g.api.Branches.DeleteBranch(g.repo, branch, gitlab.WithContext(ctx))
		if status(err) == http.StatusNotFound {
			return nil
		}
	}
	return g.guard.fail(ctx, "delete "+branch, err)
}
