package main

import (
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"shapewatch/alerting/pullrequest"
	"shapewatch/alerting/pullrequest/forgetest"
)

// A hosting is a forge of the tests: what answers for it, the repository that
// is behind it, and how a person merges there.
type hosting struct {
	kind, token string
	fake        http.Handler
	hub         *forgetest.Hub
	repo        interface {
		Push(branch, path, content string) string
		Drop(branch string)
	}
	merge func(id string)
}

func onHub(kind, token string, hub *forgetest.Hub, fake http.Handler) hosting {
	return hosting{kind, token, fake, hub, hub, hub.Merge}
}

// hostings are the forges beside GitHub.
func hostings(t *testing.T) map[string]hosting {
	lab, tea, jo, bit := forgetest.NewHub(), forgetest.NewHub(), forgetest.NewHub(), forgetest.NewHub()
	forgejo := forgetest.NewGitea(jo)
	forgejo.Forgejo, forgejo.Limit = true, 20
	bare := forgetest.NewBare(t)
	return map[string]hosting{
		"gitlab":  onHub("gitlab", forgetest.GitLabToken, lab, forgetest.NewGitLab(lab)),
		"gitea":   onHub("gitea", forgetest.GiteaToken, tea, forgetest.NewGitea(tea)),
		"forgejo": onHub("gitea", forgetest.GiteaToken, jo, forgejo),
		"bitbucket": {"bitbucket", forgetest.BitbucketToken, forgetest.NewBitbucket(bit, bare), bit, bare, func(id string) {
			bit.Merge(id) // first: a base that has it beside a request that stands is no merge
			bare.Git("update-ref", "refs/heads/"+forgetest.Base, "refs/heads/"+shapewatchStripe)
		}},
	}
}

// A hosted is the binary at work beside a vendor and a forge.
type hosted struct {
	*life
	hosting
	forge pullrequest.Forge
}

func startHosted(t *testing.T, h hosting, more string) *hosted {
	t.Helper()
	h.hub.Clock(time.Now())
	h.repo.Push(forgetest.Base, "contracts/stripe.yaml", chargesContract)
	server := httptest.NewServer(h.fake)
	t.Cleanup(server.Close)
	forge, err := forgeOf(PRConfig{Forge: h.kind, Repository: "acme/contracts", URL: server.URL, Token: h.token}, &http.Client{Timeout: prCall})
	if err != nil {
		t.Fatal(err)
	}
	return &hosted{startLife(t, `pr: { forge: `+h.kind+`, repository: acme/contracts, url: "`+server.URL+`", token: `+h.token+`, contracts: forge, every: 2s, limits: { per_hour: 9 }`+more+` }`), h, forge}
}

// latest is the newest request from our branch.
func (h *hosted) latest() pullrequest.Request {
	h.t.Helper()
	r, err := h.forge.Latest(h.t.Context(), shapewatchStripe)
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

// contract is the contract on our branch, "" without one.
func (h *hosted) contract() string {
	h.t.Helper()
	text, err := h.forge.Read(h.t.Context(), shapewatchStripe, "contracts/stripe.yaml")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		h.t.Fatal(err)
	}
	return string(text)
}

func (h *hosted) learns() {
	h.t.Helper()
	h.within("the contract that lies at the forge", func() bool { return h.here() == chargesContract })
	h.within("enough answers", func() bool { return h.vendor.asked() > 25 })
}

// TestPullRequest_LifeOnEveryForge starts a binary for each forge beside
// GitHub; a request is opened, updated and merged, and the incident is over.
// They are at work at once, and each step waits for all of them.
func TestPullRequest_LifeOnEveryForge(t *testing.T) {
	t.Parallel()
	all := map[string]*hosted{}
	for name, h := range hostings(t) {
		all[name] = startHosted(t, h, "")
	}
	for _, step := range []func(h *hosted, name string){(*hosted).opens, (*hosted).updates, (*hosted).merges} {
		for name, h := range all {
			step(h, name)
		}
	}
}

func (h *hosted) opens(name string) {
	h.learns()
	h.vendor.do("retype", true)
	h.accept("`amount` changed from integer to string")
	h.within(name+": a request", func() bool { return h.latest().State == pullrequest.Standing })
	if h.forge.Traits().Labels { // by a call of their own
		h.within(name+": its label", func() bool { return slices.Contains(h.latest().Labels, "breaking") })
	}
	r := h.latest()
	if r.Title != "fix(contract): stripe GET /v1/charges: amount changed type" || !r.Draft {
		h.t.Errorf("%s: opened %+v", name, r)
	}
	if !strings.Contains(r.Body, "+                        amount: { type: string } # in cents") || !strings.Contains(h.contract(), "amount: { type: string } # in cents") {
		h.t.Errorf("%s: lacks the edit:\n%s", name, r.Body)
	}
}

func (h *hosted) updates(name string) {
	h.vendor.do("null", true)
	h.accept("`created` can be null")
	h.within(name+": the update", func() bool {
		return strings.Contains(h.contract(), "nullable: true") && strings.Contains(h.latest().Title, "(+1 more)")
	})
	if opened := h.hub.Opened(); opened != 1 {
		h.t.Errorf("%s: %d requests were opened, want 1", name, opened)
	}
}

func (h *hosted) merges(name string) {
	proposed := h.contract()
	h.merge(h.latest().ID)
	h.within(name+": the merged contract here", func() bool { return h.here() == proposed })
	h.within(name+": the end of all incidents", func() bool { return len(h.open()) == 0 })
	if r := h.latest(); r.State != pullrequest.Merged || h.hub.Opened() != 1 {
		h.t.Errorf("%s: after the merge %+v, %d were opened", name, r, h.hub.Opened())
	}
	if strings.Contains(h.log(), h.token) {
		h.t.Errorf("%s: the token is in the log", name)
	}
}
