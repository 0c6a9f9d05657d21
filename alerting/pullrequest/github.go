package pullrequest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/google/go-github/v89/github"
)

// GitHubOptions say which repository on GitHub holds the contracts. A Token or
// an App is needed: "Contents" and "Pull requests", both to read and write.
type GitHubOptions struct {
	Repo         string // "acme/contracts"
	Base         string // branch to build on; empty for the repository's default
	URL          string // of an Enterprise Server: "https://github.acme.dev"; empty for github.com
	Token        string // a secret
	App          string // ID or client ID of a GitHub App, in place of a token
	Key          string // private key of the App in PEM; a secret
	Installation int64  // of the App; 0 asks GitHub which one has the repository
	HTTPClient   *http.Client
}

// A GitHub is a repository on GitHub. Commits are made without a clone, and
// without an author: they are the token's or the App's, who signs them.
type GitHub struct {
	guard       *guard
	api         *github.Client
	owner, name string
	graphql     string // address
	app         *githubApp
	mu          sync.Mutex
	base, id    string // of the repository, once known; id is GraphQL's
	token       string
}

// NewGitHub returns a forge, or what is wrong with its options.
func NewGitHub(o GitHubOptions) (*GitHub, error) {
	owner, name, ok := strings.Cut(o.Repo, "/")
	if !ok || owner == "" || name == "" || strings.Contains(name, "/") {
		return nil, fmt.Errorf("github: the repository %q is not written as owner/name", o.Repo)
	}
	if (o.Token == "") == (o.App == "") {
		return nil, errors.New("github: either a token is needed or an App with its key")
	}
	g := &GitHub{guard: newGuard("github "+o.Repo, maxAnswer, o.Token, o.Key), owner: owner, name: name, base: o.Base, token: o.Token}
	client := g.guard.client(o.HTTPClient)
	options := []github.ClientOptionsFunc{github.WithDisableRateLimitCheck(), github.WithUserAgent("shapewatch"), github.WithHTTPClient(client)}
	root := "https://api.github.com/"
	if g.graphql = root + "graphql"; o.URL != "" {
		root = strings.TrimSuffix(strings.TrimRight(o.URL, "/"), "/api/v3")
		g.graphql = root + "/api/graphql"
		options = append(options, github.WithEnterpriseURLs(root, root))
		root += "/api/v3/"
	}
	var err error
	if o.App != "" {
		if g.app, err = newGitHubApp(o, root, g.guard); err != nil {
			return nil, err
		}
	}
	client.Transport = githubAuth{g}
	g.api, err = github.NewClient(options...)
	return g, err
}

// Name is told in messages and on the page.
func (g *GitHub) Name() string { return g.guard.forge }

// Traits are those of GitHub; it takes 65,536 characters.
func (g *GitHub) Traits() Traits {
	return Traits{Requests: true, Drafts: true, Labels: true, MaxBody: 60_000}
}

// githubAuth says in every request who we are.
type githubAuth struct{ *GitHub }

func (a githubAuth) RoundTrip(r *http.Request) (*http.Response, error) {
	token := a.token
	if a.app != nil {
		var err error
		if token, err = a.app.issue(r.Context(), a.owner+"/"+a.name); err != nil {
			return nil, err
		}
	}
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+token)
	response, err := a.guard.RoundTrip(r)
	if a.app != nil && status(err) == http.StatusUnauthorized {
		a.app.forget(token)
	}
	return response, err
}

// fail is err as callers may tell it.
func (g *GitHub) fail(ctx context.Context, doing string, err error) error {
	err = g.guard.fail(ctx, doing, err)
	var r *Refusal
	if errors.As(err, &r) && r.Status == http.StatusNotFound {
		r.Text += " (GitHub says so, too, of what the token may not see)"
	}
	return err
}

// repository asks what the default branch is and how GraphQL calls the
// repository, once.
func (g *GitHub) repository(ctx context.Context) (base, id string, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.base == "" || g.id == "" {
		found, _, err := g.api.Repositories.Get(ctx, g.owner, g.name)
		if err != nil {
			return "", "", err
		}
		g.base, g.id = cmp.Or(g.base, found.GetDefaultBranch()), found.GetNodeID()
	}
	if g.base == "" || g.id == "" {
		return "", "", g.guard.refusal(0, "a repository without its default branch or its ID", false)
	}
	return g.base, g.id, nil
}

// branch is a branch's name, "" for the base.
func (g *GitHub) branch(ctx context.Context, name string) (string, error) {
	g.mu.Lock()
	name = cmp.Or(name, g.base)
	g.mu.Unlock()
	if name != "" {
		return name, nil
	}
	base, _, err := g.repository(ctx)
	return base, err
}

// mutate runs a mutation of GraphQL, whose refusals come with status 200.
func (g *GitHub) mutate(ctx context.Context, mutation, kind string, input map[string]any) error {
	query := "mutation($input:" + kind + "!){" + mutation + "(input:$input){clientMutationId}}"
	request, err := g.api.NewRequest(ctx, http.MethodPost, g.graphql, map[string]any{"query": query, "variables": map[string]any{"input": input}})
	if err != nil {
		return err
	}
	var answer struct {
		Data   map[string]any `json:"data"`
		Errors []struct {
			Message string `json:"message"`
			Type    string `json:"type"`
		} `json:"errors"`
	}
	if _, err := g.api.Do(request, &answer); err != nil {
		return err
	}
	if len(answer.Errors) > 0 {
		return g.guard.refusal(http.StatusOK, answer.Errors[0].Message, answer.Errors[0].Type != "RATE_LIMITED")
	}
	if _, done := answer.Data[mutation]; !done {
		return g.guard.refusal(http.StatusOK, "a mutation without its answer", false)
	}
	return nil
}
