package pullrequest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/plumbing/transport"
)

// BitbucketOptions say which repository on Bitbucket Cloud holds the
// contracts. A repository's or workspace's access token needs repository:write
// and pullrequest:write; an API token of a person needs their User.
type BitbucketOptions struct {
	Repo       string // "acme/contracts"
	Base       string // branch to build on; empty for the repository's main branch
	URL        string // of what stands in front of Bitbucket, its interface at /2.0; empty for bitbucket.org
	User       string // e-mail of whom an API token belongs to; empty for an access token
	Token      string // a secret
	HTTPClient *http.Client
}

// A Bitbucket is a repository on Bitbucket Cloud. Branches are read and
// written with git: its own interface can add to a branch, but not replace
// what is on it.
type Bitbucket struct {
	*Git
	ask  asker
	repo string
}

// NewBitbucket returns a forge, or what is wrong with its options.
func NewBitbucket(o BitbucketOptions) (*Bitbucket, error) {
	switch {
	case strings.Count(o.Repo, "/") != 1 || strings.Trim(o.Repo, "/") != o.Repo:
		return nil, fmt.Errorf("bitbucket: the repository %q is not written as workspace/name", o.Repo)
	case o.Token == "":
		return nil, errors.New("bitbucket: a token is needed, with repository:write and pullrequest:write")
	case o.URL != "" && !strings.HasPrefix(o.URL, "http"):
		return nil, errors.New("bitbucket: its url is no address of a server")
	}
	root := strings.TrimRight(o.URL, "/")
	at, err := transport.NewEndpoint(cmp.Or(root, "https://bitbucket.org") + "/" + o.Repo + ".git")
	if err != nil {
		return nil, errors.New("bitbucket: its url is no address of a server")
	}
	user, sign := "x-token-auth", func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+o.Token) }
	if o.User != "" {
		user, sign = "x-bitbucket-api-token-auth", func(r *http.Request) { r.SetBasicAuth(o.User, o.Token) }
	}
	guard := newGuard("bitbucket "+o.Repo, maxPack, o.Token)
	b := &Bitbucket{repo: "/repositories/" + escaped(o.Repo), Git: &Git{guard: guard, base: o.Base, by: object.Signature{Name: "shapewatch", Email: cmp.Or(o.User, "shapewatch@localhost")}}}
	b.place, err = newGitRemote(GitOptions{User: user, Token: o.Token, HTTPClient: o.HTTPClient}, at, guard)
	own := newGuard(guard.forge, maxAnswer, o.Token)
	b.ask = asker{own, own.client(o.HTTPClient), cmp.Or(root, "https://api.bitbucket.org") + "/2.0", sign}
	return b, err
}

// Traits are those of Bitbucket, which has no labels.
func (b *Bitbucket) Traits() Traits { return Traits{Requests: true, Drafts: true, MaxBody: 100_000} }

// target is the name of the base.
func (b *Bitbucket) target(ctx context.Context) (string, error) {
	if b.base != "" {
		return b.base, nil
	}
	defer b.lock()()
	view, err := b.place.look(ctx)
	if err == nil && view.head == "" {
		err = b.guard.refusal(0, "it does not say which branch is its main branch; name one as base", true)
	}
	return view.head, gitCause(err)
}

const bitbucketNeeds = "an access token needs repository:write and pullrequest:write; an API token needs write:repository:bitbucket and write:pullrequest:bitbucket, and its owner's e-mail as user"

// Doctor tries git as it will be used, and looks at the pull requests.
func (b *Bitbucket) Doctor(ctx context.Context) []Symptom {
	symptoms := b.Git.Doctor(ctx)
	for i := range symptoms {
		if !symptoms[i].OK {
			symptoms[i].Text += "; " + bitbucketNeeds
		}
	}
	s := Symptom{Need: "open pull requests", Text: bitbucketNeeds}
	_, header, err := b.ask.raw(ctx, http.MethodGet, b.repo+"/pullrequests?pagelen=1", "", nil)
	scopes := header.Get("X-Oauth-Scopes")
	switch {
	case err != nil:
		s.Text = b.guard.fail(ctx, "look at pull requests", err).Error() + "; " + bitbucketNeeds
	case scopes == "":
		s.OK, s.Text = true, "they can be read; whether the token may open one shows with the first"
	case strings.Contains(scopes, "pullrequest:write"), strings.Contains(scopes, "write:pullrequest"):
		s.OK, s.Text = true, "the token may"
	}
	return append(symptoms, s)
}
