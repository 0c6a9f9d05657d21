package pullrequest_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"

	"shapewatch/alerting/pullrequest"
	"shapewatch/alerting/pullrequest/forgetest"
)

// giteaPaths are those of Gitea's description that are used here.
var giteaPaths = []string{
	"/repos/{owner}/{repo}", "/repos/{owner}/{repo}/contents", "/repos/{owner}/{repo}/contents/{filepath}", "/repos/{owner}/{repo}/branches", "/repos/{owner}/{repo}/branches/{branch}",
	"/repos/{owner}/{repo}/git/commits/{sha}", "/repos/{owner}/{repo}/pulls", "/repos/{owner}/{repo}/pulls/{index}", "/repos/{owner}/{repo}/labels",
	"/repos/{owner}/{repo}/issues/{index}/labels", "/repos/{owner}/{repo}/issues/{index}/comments",
}

// giteaDescription is what Gitea ships of its interface: Swagger 2 in a
// template, which .ci/tools takes out of its module.
func giteaDescription(t *testing.T) *description {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skip(err)
	}
	path := filepath.Join(cache, "shapewatch-tools", "gitea.swagger.json")
	text, err := os.ReadFile(path)
	if err != nil {
		if os.Getenv("SHAPEWATCH_REQUIRE_ALL") == "1" {
			t.Fatalf("%s is missing: sh .ci/tools makes it", path)
		}
		t.Skipf("%s is missing (sh .ci/tools)", path)
	}
	text = regexp.MustCompile(`\{\{[^}]*\}\}`).ReplaceAll(text, []byte("x"))
	var old openapi2.T
	if err := json.Unmarshal(text, &old); err != nil {
		t.Fatal(err)
	}
	doc, err := openapi2conv.ToV3(&old)
	if err != nil {
		t.Fatal(err)
	}
	text, err = json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	// Swagger 2 has no word for null, which Gitea sends for a time that is not.
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

// TestForgejo_KeepsThePromises runs the suite where Forgejo differs.
func TestForgejo_KeepsThePromises(t *testing.T) {
	forgetest.Run(t, func(tb testing.TB) *forgetest.Stage {
		stage, fake := giteaStage(tb, plain)
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
