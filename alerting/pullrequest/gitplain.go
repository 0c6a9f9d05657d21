package pullrequest

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/transport"
)

// Latest finds none: there are no pull requests.
func (g *Git) Latest(context.Context, string) (Request, error) { return Request{}, nil }

// Standing finds none: there are no pull requests.
func (g *Git) Standing(context.Context, string) ([]Request, error) { return nil, nil }

// Open is refused: there are no pull requests.
func (g *Git) Open(ctx context.Context, _ Request) (Request, error) {
	return Request{}, g.none(ctx, "open a pull request")
}

// Edit is refused: there are no pull requests.
func (g *Git) Edit(ctx context.Context, _ Request) error { return g.none(ctx, "edit a pull request") }

// Close is refused: there are no pull requests.
func (g *Git) Close(ctx context.Context, _ Request) error {
	return g.none(ctx, "close a pull request")
}

// Reopen is refused: there are no pull requests.
func (g *Git) Reopen(ctx context.Context, _ Request) error {
	return g.none(ctx, "reopen a pull request")
}

// Comment is refused: there are no pull requests.
func (g *Git) Comment(ctx context.Context, _ Request, _ string) error {
	return g.none(ctx, "comment on a pull request")
}

func (g *Git) none(ctx context.Context, doing string) error {
	return g.fail(ctx, doing, g.guard.refusal(0, "a plain git repository has no pull requests", true))
}

// Doctor tries to read and to write, and stops before it writes.
func (g *Git) Doctor(ctx context.Context) []Symptom {
	defer g.lock()()
	read := Symptom{Need: "read the base branch", OK: true}
	view, tip, err := g.view(ctx, "")
	if err != nil {
		read.OK, read.Text = false, g.fail(ctx, "fetch", err).Error()+"; check the address, the base branch and the credentials (the Contents or repository permission to read)"
		return []Symptom{read}
	}
	read.Text = "at " + tip.String()[:12]
	push := Symptom{Need: "push branches", OK: true, Text: "takes pushes"}
	if err := g.place.move(ctx, view.store, nil, "", plumbing.ZeroHash, plumbing.ZeroHash); err != nil {
		push.OK, push.Text = false, g.fail(ctx, "push", err).Error()+"; the credentials need the permission to write to this repository"
	}
	return []Symptom{read, push}
}

// gitCause digs out what go-git wraps without saying so, and says what its
// short errors mean.
func gitCause(err error) error {
	for unexpected := (*plumbing.UnexpectedError)(nil); errors.As(err, &unexpected); {
		err = unexpected.Err
	}
	permanent := func(text string) error { return &Refusal{Text: text, Permanent: true} }
	switch {
	case errors.Is(err, transport.ErrRepositoryNotFound), errors.Is(err, os.ErrNotExist) && errors.As(err, new(*os.PathError)):
		return permanent("there is no repository at this address, or these credentials may not see it")
	case errors.Is(err, transport.ErrAuthenticationRequired), errors.Is(err, transport.ErrAuthorizationFailed):
		return permanent("it wants other credentials")
	case errors.Is(err, transport.ErrEmptyRemoteRepository):
		return permanent("it is empty: push a first commit with the contracts")
	case err != nil && strings.Contains(err.Error(), "knownhosts:"):
		return permanent("the key of the server is not the one in known_hosts, or not there: compare it with what its operator publishes, then add it (ssh-keyscan prints it)")
	case err != nil && strings.Contains(err.Error(), "ssh: unable to authenticate"):
		return permanent("the server does not take this key: add its public half there, with the right to write")
	}
	return err
}
