package pullrequest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"shapewatch/alerting/pullrequest"
	"shapewatch/alerting/pullrequest/forgetest"
)

// giteaPaths are those of Gitea's description that are used here.
var giteaPaths = []string{
	"/repos/{owner}/{repo}", "/repos/{owner}/{repo}/contents", "/repos/{owner}/{repo}/contents/{filepath}", "/repos/{owner}/{repo}/branches", "/repos/{owner}/{repo}/branches/{branch}",
	"/repos/{owner}/{repo}/git/commits/{sha}", "/repos/{owner}/{repo}/pulls", "/repos/{owner}/{repo}/pulls/{index}", "/repos/{owner}/{repo}/labels",
	"/repos/{owner}/{repo}/issues/{index}/labels", "/repos/{owner}/{repo}/issues/{index}/comments",
}

// giteaDescription is what Gitea ships of its interface.
func giteaDescription(t *testing.T) *description {
	t.Helper()
	return teaDescription(t, "gitea.swagger.json")
}

// forgejoDescription is what Forgejo does. Its client asks in Gitea's words
// first; and force_overwrite_new_branch is younger than the copy that can be
// had.
func forgejoDescription(t *testing.T) *description {
	t.Helper()
	d := teaDescription(t, "forgejo.swagger.json")
	d.younger = []string{"force_push", "force_overwrite_new_branch"}
	return d
}

// teaDescription reads Swagger 2 in a template, which .ci/tools takes out of a
// module.
func teaDescription(t *testing.T, name string) *description {
	t.Helper()
	text := regexp.MustCompile(`\{\{[^}]*\}\}`).ReplaceAll(cached(t, name), []byte("x"))
	text = fromSwagger2(t, text)
	// Swagger 2 has no word for null, which both send for a time that is not.
	text = regexp.MustCompile(`"format":"date-time"`).ReplaceAll(text, []byte(`"nullable":true,"format":"date-time"`))
	d := describe(t, text, giteaPaths...)
	d.wrong = func(r *http.Request, answer []byte) bool { // of a folder, the answer is a list
		return strings.Contains(r.URL.Path, "/contents/") && strings.HasPrefix(string(answer), "[")
	}
	return d
}

func giteaStage(tb testing.TB, wrap func(http.Handler) http.Handler) (*forgetest.Stage, *forgetest.Gitea) {
	tb.Helper()
	hub := forgetest.NewHub()
	fake := forgetest.NewGitea(hub)
	trouble := forgetest.NewTrouble(wrap(fake))
	server := httptest.NewServer(trouble)
	tb.Cleanup(server.Close)
	forge, err := pullrequest.NewGitea(pullrequest.GiteaOptions{Repo: githubRepo, URL: server.URL, Token: forgetest.GiteaToken})
	if err != nil {
		tb.Fatal(err)
	}
	return &forgetest.Stage{Forge: forge, Repo: hub, Hub: hub, Trouble: trouble, Secrets: []string{forgetest.GiteaToken}}, fake
}

// TestGitea_KeepsToGiteasOwnDescription runs the suite against a fake that
// takes and gives nothing but what Gitea publishes of its interface.
func TestGitea_KeepsToGiteasOwnDescription(t *testing.T) {
	described := giteaDescription(t)
	forgetest.Run(t, func(tb testing.TB) *forgetest.Stage {
		stage, _ := giteaStage(tb, func(fake http.Handler) http.Handler { return described.guarding(tb, fake, "/api/v1") })
		return stage
	}, forgetest.Branches, forgetest.Requests, forgetest.Network)
}

// TestForgejo_KeepsToForgejosOwnDescription runs the suite where Forgejo
// differs.
func TestForgejo_KeepsToForgejosOwnDescription(t *testing.T) {
	described := forgejoDescription(t)
	forgetest.Run(t, func(tb testing.TB) *forgetest.Stage {
		stage, fake := giteaStage(tb, func(fake http.Handler) http.Handler { return described.guarding(tb, fake, "/api/v1") })
		fake.Forgejo, fake.Limit = true, 20
		return stage
	}, forgetest.Branches, forgetest.Requests, forgetest.Network)
}

func TestGitea_ReadsBigFiles(t *testing.T) {
	stage, _ := giteaStage(t, plain)
	readsBig(t, stage)
}

// readsBig reads a file that is too big to come with other things.
func readsBig(t *testing.T, stage *forgetest.Stage) {
	t.Helper()
	big := strings.Repeat("x: 12345\n", 1<<18)
	stage.Repo.Push(forgetest.Base, "contracts/big file.yaml", big)
	got, err := stage.Forge.Read(context.Background(), "", "contracts/big file.yaml")
	if err != nil || string(got) != big {
		t.Errorf("%v, %d bytes", err, len(got))
	}
}

func TestGitea_DoctorNamesWhatIsMissing(t *testing.T) {
	stage, fake := giteaStage(t, plain)
	fake.Push = false
	same(t, "push branches", missing(t, stage.Forge))
}

func TestGitea_RefusesWrongOptions(t *testing.T) {
	for _, o := range []pullrequest.GiteaOptions{
		{}, {Repo: githubRepo, Token: "t"}, {Repo: "acme", Token: "t", URL: "https://x.example"}, {Repo: githubRepo, URL: "https://x.example"},
		{Repo: githubRepo, Token: "hunter2", URL: "::"},
	} {
		if _, err := pullrequest.NewGitea(o); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
