package pullrequest

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/google/go-github/v89/github"
)

// githubNeeds is what to do about most of what Doctor finds.
const githubNeeds = "a fine-grained token or an App needs the repository permissions Contents (read and write) and Pull requests (read and write); a classic token needs the scope repo"

// Doctor looks at the repository with the eyes of the token.
func (g *GitHub) Doctor(ctx context.Context) []Symptom {
	found, response, err := g.api.Repositories.Get(ctx, g.owner, g.name)
	if err != nil {
		return []Symptom{{Need: "see the repository", Text: g.fail(ctx, "look at it", err).Error() + "; " + githubNeeds}}
	}
	symptoms := []Symptom{{Need: "see the repository", OK: true, Text: found.GetFullName()}}
	if found.GetArchived() || found.GetDisabled() {
		symptoms[0] = Symptom{Need: "see the repository", Text: "it is archived: nothing can be pushed; unarchive it or name another"}
	}
	return append(symptoms, g.baseSymptom(ctx), g.pushSymptom(found, response), g.ruleSymptom(ctx), g.pullSymptom(ctx))
}

func (g *GitHub) baseSymptom(ctx context.Context) Symptom {
	commit, err := g.baseCommit(ctx)
	if err != nil {
		return Symptom{Need: "read the base branch", Text: g.fail(ctx, "read it", err).Error() + "; name a branch that is there as base; " + githubNeeds}
	}
	return Symptom{Need: "read the base branch", OK: true, Text: "at " + commit.GetSHA()}
}

// pushSymptom tells by what GitHub says of the token: the permissions of an
// App's, the scopes of a classic one, the role of its owner.
func (g *GitHub) pushSymptom(found *github.Repository, response *github.Response) Symptom {
	s := Symptom{Need: "push branches", Text: githubNeeds}
	scopes, classic := response.Header["X-Oauth-Scopes"]
	switch {
	case g.app != nil:
		s.OK = g.app.permissions()["contents"] == "write"
	case !found.GetPermissions().GetPush():
		s.Text = "the owner of the token may not push to this repository: give them the role Write; " + githubNeeds
	case classic && len(scopes) > 0 && scopes[0] != "":
		held := strings.Split(strings.ReplaceAll(scopes[0], " ", ""), ",")
		s.OK = slices.Contains(held, "repo") || !found.GetPrivate() && slices.Contains(held, "public_repo")
	default:
		s.OK = true
	}
	if s.OK {
		s.Text = "the token may, as far as GitHub tells"
	}
	return s
}

// ruleSymptom looks for rules that forbid what is done with our branches.
func (g *GitHub) ruleSymptom(ctx context.Context) Symptom {
	s := Symptom{Need: "make, replace and delete branches below shapewatch/", OK: true, Text: "no rule forbids it"}
	var rules []struct {
		Type string `json:"type"`
	}
	request, err := g.api.NewRequest(ctx, http.MethodGet, "repos/"+g.owner+"/"+g.name+"/rules/branches/shapewatch/doctor", nil)
	if err == nil {
		_, err = g.api.Do(request, &rules)
	}
	if err != nil { // older servers have no rules
		s.Text = "not known: " + g.fail(ctx, "read the rules", err).Error()
		return s
	}
	var hit []string
	for _, rule := range rules {
		if slices.Contains([]string{"creation", "update", "deletion", "non_fast_forward", "commit_message_pattern"}, rule.Type) {
			hit = append(hit, rule.Type)
		}
	}
	if len(hit) > 0 {
		s.OK, s.Text = false, "rules for these branches may forbid it: "+g.guard.plain(strings.Join(hit, ", "))+"; let them leave out shapewatch/**, or let the token's owner bypass them"
	}
	return s
}

func (g *GitHub) pullSymptom(ctx context.Context) Symptom {
	s := Symptom{Need: "open pull requests", Text: githubNeeds}
	if _, err := g.Standing(ctx, "shapewatch/"); err != nil {
		s.Text = err.Error() + "; " + githubNeeds
		return s
	}
	switch {
	case g.app != nil && g.app.permissions()["pull_requests"] != "write":
		return s
	case strings.HasPrefix(g.token, "ghs_"):
		s.OK, s.Text = true, "as a workflow's own token: no workflow will run for these pull requests, and Actions must be allowed to create them (Settings, Actions, Workflow permissions); another token or an App has neither limit"
		return s
	}
	s.OK, s.Text = true, "they can be read; whether the token may open one shows with the first"
	if g.app != nil {
		s.Text = "the App may"
	}
	return s
}
