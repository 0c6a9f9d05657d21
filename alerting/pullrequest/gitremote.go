package pullrequest

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/capability"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/sideband"
	"github.com/go-git/go-git/v5/plumbing/storer"
	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/plumbing/transport/client"
	githttp "github.com/go-git/go-git/v5/plumbing/transport/http"
	"github.com/go-git/go-git/v5/plumbing/transport/ssh"
	"github.com/go-git/go-git/v5/storage/memory"
)

// GitOptions say where a repository without pull requests is.
type GitOptions struct {
	URL        string // https, http, ssh or file, or git@host:path; or a folder of this machine: a checkout or a bare repository
	Base       string // branch to build on; empty for the repository's default
	User       string // for https; empty for one that every forge takes with a token
	Token      string // or password, for https; a secret
	Key        string // private key in PEM, for ssh; a secret; empty asks the SSH agent
	Author     string // of commits; empty for "shapewatch"
	Email      string // of commits; empty for "shapewatch@localhost"
	HTTPClient *http.Client
}

// maxPack bounds a fetch, in bytes.
const maxPack = 512 << 20

// NewGit returns a forge for a repository without pull requests, or what is
// wrong with its options.
func NewGit(o GitOptions) (*Git, error) {
	g := &Git{base: o.Base, by: object.Signature{Name: cmp.Or(o.Author, "shapewatch"), Email: cmp.Or(o.Email, "shapewatch@localhost")}}
	if found, err := os.Stat(o.URL); err == nil && found.IsDir() {
		g.guard = newGuard("git "+o.URL, maxPack)
		g.place, err = newGitFolder(o.URL)
		return g, err
	}
	at, err := transport.NewEndpoint(o.URL)
	if err != nil || at.Protocol == "file" && !strings.HasPrefix(o.URL, "file://") {
		return nil, fmt.Errorf("git: no folder of this machine and no address of a repository: https://host/path, git@host:path or file:///path")
	}
	g.guard = newGuard("git "+at.Host+strings.TrimSuffix(at.Path, ".git"), maxPack, o.Token, at.Password, url.UserPassword("", at.Password).String())
	g.place, err = newGitRemote(o, at, g.guard)
	return g, err
}

// A gitRemote is a repository elsewhere. What was fetched last is kept in
// memory: mostly nothing has changed.
type gitRemote struct {
	at    *transport.Endpoint
	by    transport.Transport
	auth  transport.AuthMethod
	kept  *memory.Storage
	times int // that something was fetched into kept
}

func newGitRemote(o GitOptions, at *transport.Endpoint, g *guard) (*gitRemote, error) {
	r := &gitRemote{at: at, kept: memory.NewStorage()}
	var err error
	switch at.Protocol {
	case "http", "https":
		r.by = githttp.NewClient(g.client(o.HTTPClient))
		if password := cmp.Or(o.Token, at.Password); password != "" {
			r.auth = &githttp.BasicAuth{Username: cmp.Or(o.User, at.User, "x-access-token"), Password: password}
		}
		at.User, at.Password = "", ""
		return r, nil
	case "ssh":
		if o.Key != "" {
			r.auth, err = ssh.NewPublicKeys(cmp.Or(at.User, "git"), []byte(o.Key), "")
		}
	}
	if err != nil {
		return nil, fmt.Errorf("git: its key is no private key in PEM without a passphrase")
	}
	r.by, err = client.NewClient(at)
	return r, err
}

func (r *gitRemote) look(ctx context.Context, branches ...string) (gitView, error) {
	session, err := r.by.NewUploadPackSession(r.at, r.auth)
	if err != nil {
		return gitView{}, err
	}
	defer session.Close()
	refs, err := session.AdvertisedReferencesContext(ctx)
	if err != nil {
		return gitView{}, err
	}
	view := gitView{tips: tips(refs), head: head(refs)}
	var missing []plumbing.Hash
	for _, branch := range branches {
		id, err := view.tip(branch)
		if err == nil && r.kept.HasEncodedObject(id) != nil {
			missing = append(missing, id)
		}
	}
	if len(missing) > 0 {
		err = r.fetch(ctx, session, refs, missing)
	}
	view.store = r.kept
	return view, err
}

// fetch brings commits and the ones before them. Now and then it forgets the
// old ones.
func (r *gitRemote) fetch(ctx context.Context, session transport.UploadPackSession, refs *packp.AdvRefs, wants []plumbing.Hash) error {
	if r.times++; r.times%16 == 0 {
		r.kept = memory.NewStorage()
	}
	request := packp.NewUploadPackRequestFromCapabilities(refs.Capabilities)
	request.Wants = wants
	if refs.Capabilities.Supports(capability.Shallow) {
		request.Depth = packp.DepthCommits(2)
		if err := request.Capabilities.Set(capability.Shallow); err != nil {
			return err
		}
	}
	answer, err := session.UploadPack(ctx, request)
	if err != nil {
		return err
	}
	defer answer.Close()
	return packfile.UpdateObjectStorage(r.kept, demuxed(request.Capabilities, answer))
}

// demuxed takes the pack out of what else a server tells.
func demuxed(agreed *capability.List, from io.Reader) io.Reader {
	switch {
	case agreed.Supports(capability.Sideband64k):
		return sideband.NewDemuxer(sideband.Sideband64k, from)
	case agreed.Supports(capability.Sideband):
		return sideband.NewDemuxer(sideband.Sideband, from)
	}
	return from
}

// move pushes: the server compares from with what it has.
func (r *gitRemote) move(ctx context.Context, store storer.EncodedObjectStorer, made []plumbing.Hash, branch string, from, to plumbing.Hash) error {
	session, err := r.by.NewReceivePackSession(r.at, r.auth)
	if err != nil {
		return err
	}
	defer session.Close()
	refs, err := session.AdvertisedReferencesContext(ctx)
	if err != nil || branch == "" {
		return err
	}
	if tips(refs)[branch] != from {
		return ErrMoved
	}
	request := packp.NewReferenceUpdateRequestFromCapabilities(refs.Capabilities)
	request.Commands = []*packp.Command{{Name: plumbing.NewBranchReferenceName(branch), Old: from, New: to}}
	if to.IsZero() {
		err = request.Capabilities.Set(capability.DeleteRefs)
	} else {
		var pack bytes.Buffer
		_, err = packfile.NewEncoder(&pack, store, false).Encode(made, 0)
		request.Packfile = io.NopCloser(&pack)
	}
	if err != nil {
		return err
	}
	report, err := session.ReceivePack(ctx, request)
	if err == nil || report == nil {
		return err
	}
	return r.refused(ctx, branch, from, to, err)
}

// refused says why the server did not move a branch: because somebody else
// did meanwhile, or by a rule of its own.
func (r *gitRemote) refused(ctx context.Context, branch string, from, to plumbing.Hash, said error) error {
	now, err := r.look(ctx)
	switch {
	case err != nil:
		return err
	case now.tips[branch] == to:
		return nil
	case now.tips[branch] != from:
		return ErrMoved
	}
	return &Refusal{Text: said.Error(), Permanent: true}
}

// tips are the branches of a repository.
func tips(refs *packp.AdvRefs) map[string]plumbing.Hash {
	tips := map[string]plumbing.Hash{}
	for name, id := range refs.References {
		if branch, is := strings.CutPrefix(name, "refs/heads/"); is {
			tips[branch] = id
		}
	}
	return tips
}

// head is the default branch, where the server says so.
func head(refs *packp.AdvRefs) string {
	for _, link := range refs.Capabilities.Get(capability.SymRef) {
		if branch, is := strings.CutPrefix(link, "HEAD:refs/heads/"); is {
			return branch
		}
	}
	return ""
}
