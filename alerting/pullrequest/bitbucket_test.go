package pullrequest_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"shapewatch/alerting/pullrequest"
	"shapewatch/alerting/pullrequest/forgetest"
)

func bitbucketStage(tb testing.TB, o pullrequest.BitbucketOptions) (*forgetest.Stage, *forgetest.Bitbucket) {
	tb.Helper()
	hub, bare := forgetest.NewHub(), forgetest.NewBare(tb)
	fake := forgetest.NewBitbucket(hub, bare)
	trouble := forgetest.NewTrouble(fake)
	server := httptest.NewServer(trouble)
	tb.Cleanup(server.Close)
	o.Repo, o.URL, o.Token = githubRepo, server.URL, forgetest.BitbucketToken
	forge, err := pullrequest.NewBitbucket(o)
	if err != nil {
		tb.Fatal(err)
	}
	return &forgetest.Stage{Forge: forge, Repo: bare, Hub: hub, Trouble: trouble, Secrets: []string{forgetest.BitbucketToken}}, fake
}

func TestBitbucket_KeepsThePromises(t *testing.T) {
	forgetest.Run(t, func(tb testing.TB) *forgetest.Stage {
		stage, _ := bitbucketStage(tb, pullrequest.BitbucketOptions{})
		return stage
	}, forgetest.Branches, forgetest.Requests, forgetest.Network)
}

// TestBitbucket_TakesAnAPIToken opens a request as a person.
func TestBitbucket_TakesAnAPIToken(t *testing.T) {
	stage, _ := bitbucketStage(t, pullrequest.BitbucketOptions{User: "ana@example.com", Base: forgetest.Base})
	stage.Repo.Push("shapewatch/x", "README.md", "x")
	opened, err := stage.Forge.Open(t.Context(), pullrequest.Request{Branch: "shapewatch/x", Title: "T", Body: "b"})
	if err != nil || opened.ID != "1" {
		t.Errorf("%v %+v", err, opened)
	}
}

func TestBitbucket_DoctorNamesWhatIsMissing(t *testing.T) {
	stage, fake := bitbucketStage(t, pullrequest.BitbucketOptions{})
	fake.Scopes = "repository:write, pullrequest"
	same(t, "open pull requests", missing(t, stage.Forge))
}

func TestBitbucket_RefusesWrongOptions(t *testing.T) {
	for _, o := range []pullrequest.BitbucketOptions{{}, {Repo: "acme", Token: "t"}, {Repo: githubRepo}, {Repo: githubRepo, Token: "hunter2", URL: "::"}} {
		if _, err := pullrequest.NewBitbucket(o); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
