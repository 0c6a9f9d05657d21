package pullrequest

import (
	"context"
	"regexp"
	"slices"
	"strings"

	gitlab "gitlab.com/gitlab-org/api/client-go/v2"
)

const gitlabNeeds = "the token needs the scope api and the role Developer in the project"

// Doctor looks at the project with the eyes of the token.
func (g *GitLab) Doctor(ctx context.Context) []Symptom {
	project, _, err := g.api.Projects.GetProject(g.repo, nil, gitlab.WithContext(ctx))
	if err != nil || project == nil {
		return []Symptom{{Need: "see the project", Text: g.guard.fail(ctx, "look at it", firstOf(err, g.guard.refusal(0, "no project", true))).Error() + "; " + gitlabNeeds}}
	}
	see := Symptom{Need: "see the project", OK: true, Text: g.guard.plain(project.PathWithNamespace)}
	if project.Archived {
		see = Symptom{Need: "see the project", Text: "it is archived: nothing can be pushed; unarchive it or name another"}
	}
	return []Symptom{see, g.baseSymptom(ctx), g.scopeSymptom(ctx), roleSymptom(project), g.protectedSymptom(ctx), requestSymptom(project)}
}

func (g *GitLab) baseSymptom(ctx context.Context) Symptom {
	tip, err := g.Tip(ctx, "")
	if err != nil {
		return Symptom{Need: "read the base branch", Text: err.Error() + "; name a branch that is there as base; " + gitlabNeeds}
	}
	return Symptom{Need: "read the base branch", OK: true, Text: "at " + tip.ID}
}

// scopeSymptom asks for the token's own scopes. A token that may not even ask
// this says so by its answer.
func (g *GitLab) scopeSymptom(ctx context.Context) Symptom {
	s := Symptom{Need: "use the interface", Text: gitlabNeeds}
	token, _, err := g.api.PersonalAccessTokens.GetSinglePersonalAccessToken(gitlab.WithContext(ctx))
	switch {
	case err != nil:
		s.Text = g.guard.fail(ctx, "ask for the token's scopes", err).Error() + "; " + gitlabNeeds
	case token != nil && slices.Contains(token.Scopes, "api"):
		s.OK, s.Text = true, "scope api"
		if token.ExpiresAt != nil {
			s.Text += ", until " + token.ExpiresAt.String()
		}
	}
	return s
}

func roleSymptom(p *gitlab.Project) Symptom {
	s := Symptom{Need: "push branches", Text: "the token's role is below Developer: give it that role"}
	if p.Permissions != nil {
		at := p.Permissions
		s.OK = at.ProjectAccess != nil && at.ProjectAccess.AccessLevel >= gitlab.DeveloperPermissions ||
			at.GroupAccess != nil && at.GroupAccess.AccessLevel >= gitlab.DeveloperPermissions
	}
	if s.OK {
		s.Text = "the token's role is Developer or above"
	}
	return s
}

// protectedSymptom looks for protected branches that ours would be among.
func (g *GitLab) protectedSymptom(ctx context.Context) Symptom {
	s := Symptom{Need: "replace and delete branches below shapewatch/", OK: true, Text: "they are not protected"}
	all, _, err := g.api.ProtectedBranches.ListProtectedBranches(g.repo, nil, gitlab.WithContext(ctx))
	if err != nil { // whoever may not ask sees it when it happens
		s.Text = "not known: " + g.guard.fail(ctx, "list protected branches", err).Error()
	}
	for _, one := range all {
		if one != nil && !one.AllowForcePush && wildcard(one.Name, "shapewatch/x") {
			s.OK, s.Text = false, "the protected branches "+g.guard.plain(one.Name)+" hold them: allow force push there, or protect others"
		}
	}
	return s
}

// wildcard reports whether a name is one that a pattern with * stands for.
func wildcard(pattern, name string) bool {
	expression := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, `.*`)
	matched, err := regexp.MatchString("^"+expression+"$", name)
	return err == nil && matched
}

func requestSymptom(p *gitlab.Project) Symptom {
	if p.MergeRequestsAccessLevel == gitlab.DisabledAccessControl {
		return Symptom{Need: "open merge requests", Text: "they are disabled in this project: enable them (Settings, General, Visibility)"}
	}
	return Symptom{Need: "open merge requests", OK: true, Text: "they are enabled"}
}
