package pullrequest_test

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"shapewatch/alerting/pullrequest"
	"shapewatch/alerting/pullrequest/forgetest"
)

// TestForges_WithABase_SayThatTheTokenMayNotSee commits to a repository that is
// hidden from the token: with a base that is named, it is never asked for
// itself.
func TestForges_WithABase_SayThatTheTokenMayNotSee(t *testing.T) {
	server := httptest.NewServer(forgetest.Answer(404, map[string]string{"Content-Type": "application/json"}, `{"message":"404 Not Found"}`))
	t.Cleanup(server.Close)
	hub, err := pullrequest.NewGitHub(pullrequest.GitHubOptions{Repo: githubRepo, URL: server.URL, Token: "secret", Base: forgetest.Base})
	lab, other := pullrequest.NewGitLab(pullrequest.GitLabOptions{Repo: githubRepo, URL: server.URL, Token: "secret", Base: forgetest.Base})
	tea, third := pullrequest.NewGitea(pullrequest.GiteaOptions{Repo: githubRepo, URL: server.URL, Token: "secret", Base: forgetest.Base})
	if err := errors.Join(err, other, third); err != nil {
		t.Fatal(err)
	}
	for _, f := range []pullrequest.Forge{hub, lab, tea} {
		_, err := f.Commit(t.Context(), pullrequest.Commit{Branch: "shapewatch/x", Message: "x", Files: []pullrequest.File{{Path: "a.yaml"}}})
		var refusal *pullrequest.Refusal
		if !errors.As(err, &refusal) || !refusal.Permanent || !strings.Contains(refusal.Text, "or the token may not see it") {
			t.Errorf("%s: %v", f.Name(), err)
		}
	}
}
