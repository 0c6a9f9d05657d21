package main

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"shapewatch/alerting/pullrequest"
	"shapewatch/alerting/pullrequest/forgetest"
)

// TestPullRequest_LifeOnGitHub starts the binary against a vendor and a GitHub,
// and lives through all that docs/pull-requests.md promises of requests:
// opened, updated twice, left to a person, merged, taken up and over; another
// reverted and closed.
func TestPullRequest_LifeOnGitHub(t *testing.T) {
	t.Parallel()
	hub := forgetest.NewHub()
	hub.Push(forgetest.Base, "contracts/stripe.yaml", chargesContract)
	server := httptest.NewServer(forgetest.NewGitHub(hub))
	t.Cleanup(server.Close)
	forge, err := pullrequest.NewGitHub(pullrequest.GitHubOptions{Repo: "acme/contracts", URL: server.URL, Token: forgetest.GitHubToken})
	if err != nil {
		t.Fatal(err)
	}
	g := &onGitHub{startLife(t, `pr: { forge: github, repository: acme/contracts, url: "`+server.URL+`", token: `+forgetest.GitHubToken+`, contracts: forge, every: 2s, limits: { per_hour: 9 } }`), hub, forge}
	g.opensAndUpdates()
	g.yieldsAndMerges()
	g.closesByItself()
	if strings.Contains(g.log(), forgetest.GitHubToken) {
		t.Error("the token is in the log")
	}
}

type onGitHub struct {
	*life
	hub   *forgetest.Hub
	forge pullrequest.Forge
}

// latest is the newest request from our branch.
func (g *onGitHub) latest() pullrequest.Request {
	g.t.Helper()
	r, err := g.forge.Latest(g.t.Context(), shapewatchStripe)
	if err != nil {
		g.t.Fatal(err)
	}
	return r
}

func (g *onGitHub) contract() string { return g.hub.Content(shapewatchStripe, "contracts/stripe.yaml") }

func (g *onGitHub) opensAndUpdates() {
	g.within("the contract that lies at the forge", func() bool { return g.here() == chargesContract })
	g.within("enough answers", func() bool { return g.vendor.asked() > 25 })
	g.vendor.do("retype", true)
	g.accept("`amount` changed from integer to string")
	g.within("a request", func() bool { return g.latest().State == pullrequest.Standing })
	g.within("its labels", func() bool {
		return slices.Contains(g.latest().Labels, "breaking") && slices.Contains(g.latest().Labels, "api-drift")
	})
	r := g.latest()
	if r.Title != "fix(contract): stripe GET /v1/charges: amount changed type" || !r.Draft {
		g.t.Errorf("opened %+v", r)
	}
	for _, words := range []string{"Typed clients refuse the answer", "+                        amount: { type: string } # in cents", "shapewatch reject inc_"} {
		if !strings.Contains(r.Body, words) {
			g.t.Errorf("its text lacks %q:\n%s", words, r.Body)
		}
	}
	g.vendor.do("null", true)
	g.accept("`created` can be null")
	g.within("the first update", func() bool {
		return strings.Contains(g.contract(), "nullable: true") && strings.Contains(g.latest().Title, "(+1 more)")
	})
	g.vendor.do("fee", true)
	g.accept("`fee` changed from integer to string")
	g.within("the second update", func() bool {
		return strings.Contains(g.contract(), "fee: { type: string }") && strings.Contains(g.latest().Title, "(+2 more)")
	})
	if opened := g.hub.Opened(); opened != 1 {
		g.t.Errorf("%d requests were opened, want 1", opened)
	}
}

func (g *onGitHub) yieldsAndMerges() {
	mine := g.contract() + "# reviewed by Ada\n"
	g.hub.Push(shapewatchStripe, "contracts/stripe.yaml", mine)
	g.within("the label that says so", func() bool { return slices.Contains(g.latest().Labels, pullrequest.ManualLabel) })
	id := g.latest().ID
	g.within("a remark", func() bool { return len(g.hub.Remarks(id)) > 0 })
	if remarks := g.hub.Remarks(id); len(remarks) != 1 || g.contract() != mine {
		g.t.Errorf("remarks %q, branch\n%s", remarks, g.contract())
	}
	g.hub.Merge(id)
	g.within("the merged contract here", func() bool { return g.here() == mine })
	g.within("the end of all incidents", func() bool { return len(g.open()) == 0 })
	g.hub.Drop(shapewatchStripe)
}

func (g *onGitHub) closesByItself() {
	g.vendor.do("gone", true)
	g.accept("`id` is gone")
	g.within("another request", func() bool { return g.hub.Opened() == 2 && g.latest().State == pullrequest.Standing })
	if r := g.latest(); strings.Contains(r.Title, "more)") || strings.Contains(r.Body, "`/data/[]/fee`") {
		g.t.Errorf("it counts what is merged already: %s\n%s", r.Title, r.Body)
	}
	g.vendor.do("gone", false)
	g.within("that it closes when the vendor takes it back", func() bool {
		r := g.latest()
		return r.State == pullrequest.Closed && len(g.hub.Remarks(r.ID)) > 0
	})
	if r := g.latest(); !strings.HasSuffix(r.Title, " - resolved") || !strings.Contains(strings.Join(g.hub.Remarks(r.ID), "\n"), "The API answers as before") {
		g.t.Errorf("closed %+v, remarks %q", r, g.hub.Remarks(r.ID))
	}
	g.within("that its branch is removed", func() bool { return g.contract() == "" })
	if opened := g.hub.Opened(); opened != 2 {
		g.t.Errorf("%d requests were opened, want 2", opened)
	}
}
