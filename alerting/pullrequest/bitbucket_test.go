package pullrequest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"shapewatch/alerting/pullrequest"
	"shapewatch/alerting/pullrequest/forgetest"
)

// bitbucketPaths are those of Bitbucket's description that are used here.
var bitbucketPaths = []string{
	"/repositories/{workspace}/{repo_slug}/pullrequests", "/repositories/{workspace}/{repo_slug}/pullrequests/{pull_request_id}",
	"/repositories/{workspace}/{repo_slug}/pullrequests/{pull_request_id}/decline",
	"/repositories/{workspace}/{repo_slug}/pullrequests/{pull_request_id}/comments",
}

// bitbucketDescription is what Bitbucket publishes of its interface, as a
// directory of such documents keeps it. Its draft is younger than that copy, a
// description and what its lists take are told there in prose.
func bitbucketDescription(t *testing.T) *description {
	t.Helper()
	d := describe(t, cached(t, "bitbucket.openapi.json"), bitbucketPaths...)
	d.younger = []string{"draft", "description", "q", "sort", "page", "pagelen"}
	return d
}

func bitbucketStage(tb testing.TB, o pullrequest.BitbucketOptions, wrap func(http.Handler) http.Handler) (*forgetest.Stage, *forgetest.Bitbucket) {
	tb.Helper()
	hub, bare := forgetest.NewHub(), forgetest.NewBare(tb)
	fake := forgetest.NewBitbucket(hub, bare)
	trouble := forgetest.NewTrouble(wrap(fake))
	server := httptest.NewServer(trouble)
	tb.Cleanup(server.Close)
	o.Repo, o.URL, o.Token = githubRepo, server.URL, forgetest.BitbucketToken
	forge, err := pullrequest.NewBitbucket(o)
	if err != nil {
		tb.Fatal(err)
	}
	return &forgetest.Stage{Forge: forge, Repo: bare, Hub: hub, Trouble: trouble, Secrets: []string{forgetest.BitbucketToken}}, fake
}

// TestBitbucket_KeepsToBitbucketsOwnDescription runs the suite against a fake
// that takes and gives nothing but what Bitbucket publishes of its interface.
func TestBitbucket_KeepsToBitbucketsOwnDescription(t *testing.T) {
	described := bitbucketDescription(t)
	forgetest.Run(t, func(tb testing.TB) *forgetest.Stage {
		stage, _ := bitbucketStage(tb, pullrequest.BitbucketOptions{}, func(fake http.Handler) http.Handler {
			return described.guarding(tb, fake, "/2.0")
		})
		return stage
	}, forgetest.Branches, forgetest.Requests, forgetest.Network)
}

// TestBitbucket_TakesAnAPIToken opens a request as a person.
func TestBitbucket_TakesAnAPIToken(t *testing.T) {
	stage, _ := bitbucketStage(t, pullrequest.BitbucketOptions{User: "ana@example.com", Base: forgetest.Base}, plain)
	stage.Repo.Push("shapewatch/x", "README.md", "x")
	opened, err := stage.Forge.Open(t.Context(), pullrequest.Request{Branch: "shapewatch/x", Title: "T", Body: "b"})
	if err != nil || opened.ID != "1" {
		t.Errorf("%v %+v", err, opened)
	}
}

func TestBitbucket_DoctorNamesWhatIsMissing(t *testing.T) {
	stage, fake := bitbucketStage(t, pullrequest.BitbucketOptions{}, plain)
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
