package main

import (
	"fmt"
	"maps"
	"net/http"
	"slices"

	"shapewatch/alerting/pullrequest"
)

// forges make a forge of a configuration, by the name it has there.
var forges = map[string]func(p PRConfig, client *http.Client) (pullrequest.Forge, error){
	"bitbucket": func(p PRConfig, client *http.Client) (pullrequest.Forge, error) {
		return pullrequest.NewBitbucket(pullrequest.BitbucketOptions{Repo: p.Repository, Base: p.Base, URL: p.URL, User: p.User, Token: p.Token, HTTPClient: client})
	},
	"git": func(p PRConfig, client *http.Client) (pullrequest.Forge, error) {
		return pullrequest.NewGit(pullrequest.GitOptions{URL: p.Repository, Base: p.Base, User: p.User, Token: p.Token, Key: p.Key, HTTPClient: client})
	},
	"gitea": func(p PRConfig, client *http.Client) (pullrequest.Forge, error) {
		return pullrequest.NewGitea(pullrequest.GiteaOptions{Repo: p.Repository, Base: p.Base, URL: p.URL, Token: p.Token, HTTPClient: client})
	},
	"github": func(p PRConfig, client *http.Client) (pullrequest.Forge, error) {
		return pullrequest.NewGitHub(pullrequest.GitHubOptions{Repo: p.Repository, Base: p.Base, URL: p.URL,
			Token: p.Token, App: p.App, Key: p.Key, Installation: int64(p.Installation), HTTPClient: client})
	},
	"gitlab": func(p PRConfig, client *http.Client) (pullrequest.Forge, error) {
		return pullrequest.NewGitLab(pullrequest.GitLabOptions{Repo: p.Repository, Base: p.Base, URL: p.URL, Token: p.Token, HTTPClient: client})
	},
}

// forgeKinds are the names of the forges.
func forgeKinds() []string { return slices.Sorted(maps.Keys(forges)) }

// forgeOf makes the forge that a configuration names.
func forgeOf(p PRConfig, client *http.Client) (pullrequest.Forge, error) {
	f, err := forges[p.Forge](p, client)
	if err != nil {
		return nil, fmt.Errorf("pr: %w", err)
	}
	return f, nil
}
