package pullrequest_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"

	"shapewatch/alerting/pullrequest"
	"shapewatch/alerting/pullrequest/forgetest"
)

func routeOf(doc *openapi3.T, template string, item *openapi3.PathItem, method string) *routers.Route {
	return &routers.Route{Spec: doc, Path: template, PathItem: item, Method: method, Operation: item.GetOperation(method)}
}

const githubRepo = forgetest.Owner + "/" + forgetest.Name

// githubPaths are those of GitHub's description that are used here.
var githubPaths = []string{
	"/repos/{owner}/{repo}", "/repos/{owner}/{repo}/contents/{path}", "/repos/{owner}/{repo}/git/ref/{ref}", "/repos/{owner}/{repo}/git/refs",
	"/repos/{owner}/{repo}/git/trees", "/repos/{owner}/{repo}/git/blobs", "/repos/{owner}/{repo}/git/blobs/{file_sha}",
	"/repos/{owner}/{repo}/git/commits", "/repos/{owner}/{repo}/git/commits/{commit_sha}", "/repos/{owner}/{repo}/pulls",
	"/repos/{owner}/{repo}/pulls/{pull_number}", "/repos/{owner}/{repo}/issues/{issue_number}/labels",
	"/repos/{owner}/{repo}/issues/{issue_number}/comments", "/repos/{owner}/{repo}/installation",
	"/app/installations/{installation_id}/access_tokens", "/repos/{owner}/{repo}/rules/branches/{branch}",
}

// githubKey is a key for the tests' App.
var githubKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func pemOf(key *rsa.PrivateKey) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}

// githubStage is a forge before the fake; wrap may put something between.
func githubStage(tb testing.TB, o pullrequest.GitHubOptions, wrap func(http.Handler) http.Handler) (*forgetest.Stage, *forgetest.GitHub) {
	tb.Helper()
	hub := forgetest.NewHub()
	fake := forgetest.NewGitHub(hub)
	trouble := forgetest.NewTrouble(wrap(fake))
	server := httptest.NewServer(trouble)
	tb.Cleanup(server.Close)
	o.Repo, o.URL = githubRepo, server.URL
	secrets := []string{forgetest.GitHubToken}
	if o.App != "" {
		fake.App, o.Key = &githubKey().PublicKey, pemOf(githubKey())
		secrets = []string{strings.Split(o.Key, "\n")[1]}
	} else {
		o.Token = forgetest.GitHubToken
	}
	forge, err := pullrequest.NewGitHub(o)
	if err != nil {
		tb.Fatal(err)
	}
	return &forgetest.Stage{Forge: forge, Repo: hub, Hub: hub, Trouble: trouble, Secrets: secrets}, fake
}

func plain(h http.Handler) http.Handler { return h }

// TestGitHub_KeepsToGitHubsOwnDescription runs the suite against a fake that
// takes and gives nothing but what GitHub publishes of its interface.
func TestGitHub_KeepsToGitHubsOwnDescription(t *testing.T) {
	described := newDescription(t, published(t, "@octokit/openapi/generated/api.github.com.json"), githubPaths...)
	described.younger = []string{"status"} // told by every refusal, described of some
	mutations := newGraph(t, published(t, "@octokit/graphql-schema/schema.json"))
	forgetest.Run(t, func(tb testing.TB) *forgetest.Stage {
		stage, _ := githubStage(tb, pullrequest.GitHubOptions{}, func(fake http.Handler) http.Handler {
			return described.guarding(tb, mutations.guarding(tb, fake), "/api/v3")
		})
		return stage
	}, forgetest.Branches, forgetest.Requests, forgetest.Network)
}

// TestGitHub_AsAnApp_KeepsThePromises runs the suite where the description is not at
// hand, as an App.
func TestGitHub_AsAnApp_KeepsThePromises(t *testing.T) {
	forgetest.Run(t, func(tb testing.TB) *forgetest.Stage {
		stage, _ := githubStage(tb, pullrequest.GitHubOptions{App: "7"}, plain)
		return stage
	}, forgetest.Branches, forgetest.Requests, forgetest.Network)
}

// TestGitHub_AnAppsTokenIsUsedWhileItIsGood counts the tokens that are asked
// for.
func TestGitHub_AnAppsTokenIsUsedWhileItIsGood(t *testing.T) {
	stage, fake := githubStage(t, pullrequest.GitHubOptions{App: "7"}, plain)
	read := func() {
		t.Helper()
		if _, err := stage.Forge.Read(t.Context(), "", "README.md"); err != nil {
			t.Fatal(err)
		}
	}
	read()
	read()
	if n := fake.Issued.Load(); n != 1 {
		t.Errorf("%d tokens for two reads", n)
	}
	fake.Issued.Add(1) // the first is taken back
	if _, err := stage.Forge.Read(t.Context(), "", "README.md"); err == nil {
		t.Error("a token that was taken back is good")
	}
	read()
	fake.Expires = 30 * time.Second // less than the minute that is kept free
	fake.Issued.Add(1)
	_, _ = stage.Forge.Read(t.Context(), "", "README.md")
	before := fake.Issued.Load()
	read()
	read()
	if n := fake.Issued.Load() - before; n != 2 {
		t.Errorf("%d tokens where each is at its end", n)
	}
}

// TestGitHub_SaysLaterInItsOwnWay reads the two ways GitHub limits with 403.
func TestGitHub_SaysLaterInItsOwnWay(t *testing.T) {
	stage, _ := githubStage(t, pullrequest.GitHubOptions{}, plain)
	reset := time.Now().Add(time.Minute).Unix()
	for _, header := range []map[string]string{
		{"Retry-After": "60"},
		{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": strconv.FormatInt(reset, 10)},
	} {
		stage.Trouble.Instead(forgetest.Answer(403, header, `{"message":"You have exceeded a secondary rate limit"}`))
		_, err := stage.Forge.Tip(t.Context(), "")
		r := refusal(t, err)
		if r.Permanent || r.RetryAfter < 50*time.Second || r.RetryAfter > time.Minute {
			t.Errorf("%v: %+v", header, r)
		}
	}
}

// TestGitHub_WithoutDrafts_TheTitleSaysSo opens in a plan without drafts.
func TestGitHub_WithoutDrafts_TheTitleSaysSo(t *testing.T) {
	stage, fake := githubStage(t, pullrequest.GitHubOptions{}, plain)
	fake.NoDraft = true
	stage.Repo.Push("shapewatch/x", "README.md", "x")
	r := pullrequest.Request{Branch: "shapewatch/x", Title: "T", Body: "b", Draft: true}
	for range 2 {
		opened, err := stage.Forge.Open(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		if latest, err := stage.Forge.Latest(t.Context(), r.Branch); err != nil || !latest.Draft || latest.Title != "T" || !opened.Draft {
			t.Errorf("%v %+v", err, latest)
		}
	}
	if !strings.Contains(stage.Hub.State(), "Draft: T") {
		t.Error(stage.Hub.State())
	}
}

// TestGitHub_ReadsBigFiles reads one that GitHub's contents leave out.
func TestGitHub_ReadsBigFiles(t *testing.T) {
	stage, _ := githubStage(t, pullrequest.GitHubOptions{}, plain)
	big := strings.Repeat("x: 12345\n", 1<<18)
	stage.Repo.Push(forgetest.Base, "contracts/big.yaml", big)
	got, err := stage.Forge.Read(t.Context(), "", "contracts/big.yaml")
	if err != nil || string(got) != big {
		t.Errorf("%v, %d bytes", err, len(got))
	}
}

// TestGitHub_TheServerComparesTheTip lets somebody push in the moment between
// our look and our write: theirs stays.
func TestGitHub_TheServerComparesTheTip(t *testing.T) {
	var stage *forgetest.Stage
	between := func(fake http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/graphql") || r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/git/refs") {
				stage.Repo.Push("shapewatch/x", "README.md", "by hand")
			}
			fake.ServeHTTP(w, r)
		})
	}
	stage, _ = githubStage(t, pullrequest.GitHubOptions{}, between)
	for _, expect := range []string{"", stage.Repo.Push("shapewatch/x", "README.md", "x")} {
		if expect == "" {
			stage.Repo.Drop("shapewatch/x")
		}
		_, err := stage.Forge.Commit(t.Context(), pullrequest.Commit{
			Branch: "shapewatch/x", Expect: expect, Message: "m", Files: []pullrequest.File{{Path: "README.md", Content: []byte("ours")}},
		})
		if err == nil || !strings.Contains(err.Error(), pullrequest.ErrMoved.Error()) {
			t.Errorf("error %v", err)
		}
		same(t, "by hand", stage.Hub.Content("shapewatch/x", "README.md"))
	}
}

// TestGitHub_WithoutAnAddress_AsksGitHubCom looks at where requests would go.
func TestGitHub_WithoutAnAddress_AsksGitHubCom(t *testing.T) {
	var asked []string
	client := &http.Client{Transport: carry(func(r *http.Request) (*http.Response, error) {
		asked = append(asked, r.Method+" "+r.URL.String()+" "+r.Header.Get("Authorization"))
		return nil, errors.New("no network here")
	})}
	forge, err := pullrequest.NewGitHub(pullrequest.GitHubOptions{Repo: githubRepo, Base: "main", Token: "secret-token", HTTPClient: client})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := forge.Tip(t.Context(), ""); err == nil {
		t.Error("no error")
	}
	same(t, "GET https://api.github.com/repos/acme/contracts/git/ref/heads/main Bearer secret-token", strings.Join(asked, "\n"))
}

type carry func(*http.Request) (*http.Response, error)

func (c carry) RoundTrip(r *http.Request) (*http.Response, error) { return c(r) }

func TestGitHub_DoctorNamesWhatIsMissing(t *testing.T) {
	stage, fake := githubStage(t, pullrequest.GitHubOptions{App: "7"}, plain)
	fake.Rights = map[string]string{"contents": "read", "metadata": "read"}
	fake.Rules = []string{"non_fast_forward"}
	var bad []string
	for _, s := range stage.Forge.Doctor(t.Context()) {
		if !s.OK {
			bad = append(bad, s.Need)
		}
	}
	same(t, "push branches; make, replace and delete branches below shapewatch/; open pull requests", strings.Join(bad, "; "))
}

func TestGitHub_RefusesWrongOptions(t *testing.T) {
	for _, o := range []pullrequest.GitHubOptions{
		{}, {Repo: "acme", Token: "t"}, {Repo: "acme/a/b", Token: "t"}, {Repo: githubRepo}, {Repo: githubRepo, Token: "t", App: "7"},
		{Repo: githubRepo, App: "7", Key: "hunter2"}, {Repo: githubRepo, Token: "t", URL: "::"},
	} {
		if _, err := pullrequest.NewGitHub(o); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

func refusal(t *testing.T, err error) *pullrequest.Refusal {
	t.Helper()
	var r *pullrequest.Refusal
	if !errors.As(err, &r) {
		t.Fatalf("error %v, want a refusal", err)
	}
	return r
}
