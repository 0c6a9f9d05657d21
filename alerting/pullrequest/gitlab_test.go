package pullrequest_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"shapewatch/alerting/pullrequest"
	"shapewatch/alerting/pullrequest/forgetest"
)

func gitlabStage(tb testing.TB) (*forgetest.Stage, *forgetest.GitLab) {
	tb.Helper()
	hub := forgetest.NewHub()
	fake := forgetest.NewGitLab(hub)
	trouble := forgetest.NewTrouble(gitlabGuarding(tb, fake))
	server := httptest.NewServer(trouble)
	tb.Cleanup(server.Close)
	forge, err := pullrequest.NewGitLab(pullrequest.GitLabOptions{Repo: githubRepo, URL: server.URL, Token: forgetest.GitLabToken})
	if err != nil {
		tb.Fatal(err)
	}
	return &forgetest.Stage{Forge: forge, Repo: hub, Hub: hub, Trouble: trouble, Secrets: []string{forgetest.GitLabToken}}, fake
}

// TestGitLab_KeepsToGitLabsOwnTypes runs the suite against a fake that takes and
// gives nothing but what GitLab's own client knows.
func TestGitLab_KeepsToGitLabsOwnTypes(t *testing.T) {
	forgetest.Run(t, func(tb testing.TB) *forgetest.Stage {
		stage, _ := gitlabStage(tb)
		return stage
	}, forgetest.Branches, forgetest.Requests, forgetest.Network)
}

// TestGitLab_DoctorNamesWhatIsMissing takes the scope and the role, and
// protects the branches.
func TestGitLab_DoctorNamesWhatIsMissing(t *testing.T) {
	stage, fake := gitlabStage(t)
	fake.Scopes, fake.Role, fake.Protected = []string{"read_api"}, 20, []string{"shapewatch/*"}
	same(t, "use the interface; push branches; replace and delete branches below shapewatch/", missing(t, stage.Forge))
}

// missing are the needs that Doctor finds unmet.
func missing(t *testing.T, f pullrequest.Forge) string {
	t.Helper()
	var needs []string
	for _, s := range f.Doctor(t.Context()) {
		if !s.OK {
			needs = append(needs, s.Need)
		}
		if s.Text == "" {
			t.Errorf("%s: nothing is said", s.Need)
		}
	}
	return strings.Join(needs, "; ")
}

func TestGitLab_RefusesWrongOptions(t *testing.T) {
	for _, o := range []pullrequest.GitLabOptions{{}, {Repo: "acme", Token: "t"}, {Repo: githubRepo}, {Repo: githubRepo, Token: "hunter2", URL: "::"}} {
		if _, err := pullrequest.NewGitLab(o); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
