package pullrequest

import (
	"context"
	"net/http"
	"slices"
	"strconv"
)

// label sets the labels of a pull request. Gitea knows them by number: those
// that the repository does not have are made first.
func (g *Gitea) label(ctx context.Context, id string, names []string) error {
	at := g.repo + "/issues/" + id + "/labels"
	if len(names) == 0 {
		return g.ask.json(ctx, http.MethodDelete, at, nil, nil)
	}
	known, err := g.labels(ctx)
	if err != nil {
		return err
	}
	var numbers []int64
	for _, name := range names {
		i := slices.IndexFunc(known, func(l giteaName) bool { return l.Name == name })
		if i < 0 {
			var made giteaName
			if err := g.ask.json(ctx, http.MethodPost, g.repo+"/labels", map[string]string{"name": name, "color": "#8a8a8a"}, &made); err != nil {
				return err
			}
			known, i = append(known, made), len(known)
		}
		numbers = append(numbers, known[i].ID)
	}
	return g.ask.json(ctx, http.MethodPut, at, map[string]any{"labels": numbers}, nil)
}

func (g *Gitea) labels(ctx context.Context) (all []giteaName, err error) {
	for page := 1; page <= maxPages; page++ {
		var some []giteaName
		if err := g.ask.json(ctx, http.MethodGet, g.repo+"/labels?limit=50&page="+strconv.Itoa(page), nil, &some); err != nil {
			return nil, err
		}
		if len(some) == 0 {
			break
		}
		all = append(all, some...)
	}
	return all, nil
}

// Close closes a pull request.
func (g *Gitea) Close(ctx context.Context, r Request) error {
	_, err := g.patch(ctx, r.ID, map[string]any{"state": "closed"})
	return g.guard.fail(ctx, "close pull request "+r.ID, err)
}

// Reopen puts the branch back if it is gone, and opens the request again.
func (g *Gitea) Reopen(ctx context.Context, r Request) error {
	return g.guard.fail(ctx, "reopen pull request "+r.ID, g.reopen(ctx, r))
}

func (g *Gitea) reopen(ctx context.Context, r Request) error {
	tip, err := g.tipOf(ctx, r.Branch)
	if err == nil && tip.id == "" {
		err = g.ask.json(ctx, http.MethodPost, g.repo+"/branches", map[string]string{"new_branch_name": r.Branch, "old_ref_name": r.Tip}, nil)
	}
	if err != nil {
		return err
	}
	pull, err := g.patch(ctx, r.ID, map[string]any{"state": "open"})
	if err == nil && pull.request().State != Standing {
		return g.guard.refusal(0, "it stays closed", true)
	}
	return err
}

// Comment adds a remark, unless it is there.
func (g *Gitea) Comment(ctx context.Context, r Request, text string) error {
	return g.guard.fail(ctx, "comment on pull request "+r.ID, g.comment(ctx, r, text))
}

func (g *Gitea) comment(ctx context.Context, r Request, text string) error {
	if _, err := strconv.Atoi(r.ID); err != nil {
		return g.guard.refusal(0, "there is no pull request "+strconv.Quote(r.ID), true)
	}
	var said []struct {
		Body string `json:"body"`
	}
	at := g.repo + "/issues/" + r.ID + "/comments"
	if err := g.ask.json(ctx, http.MethodGet, at, nil, &said); err != nil {
		return err
	}
	for _, one := range said {
		if sameText(one.Body, text) {
			return nil
		}
	}
	return g.ask.json(ctx, http.MethodPost, at, map[string]string{"body": text}, nil)
}

const giteaNeeds = "the token needs the scopes write:repository and write:issue, and its owner the permission to write to the repository"

// Doctor looks at the repository with the eyes of the token.
func (g *Gitea) Doctor(ctx context.Context) []Symptom {
	var found giteaRepository
	if err := g.ask.json(ctx, http.MethodGet, g.repo, nil, &found); err != nil {
		return []Symptom{{Need: "see the repository", Text: g.guard.fail(ctx, "look at it", err).Error() + "; " + giteaNeeds}}
	}
	see := Symptom{Need: "see the repository", OK: !found.Archived, Text: g.guard.plain(found.FullName)}
	if found.Archived {
		see.Text = "it is archived: nothing can be pushed; unarchive it or name another"
	}
	push := Symptom{Need: "push branches", OK: found.Permissions.Push, Text: "the owner of the token may; whether the token has the scope shows with the first"}
	if !push.OK {
		push.Text = "the owner of the token may not: give them write access; " + giteaNeeds
	}
	base := Symptom{Need: "read the base branch", OK: true}
	tip, err := g.Tip(ctx, "")
	if base.Text = "at " + tip.ID; err != nil {
		base.OK, base.Text = false, err.Error()+"; name a branch that is there as base; "+giteaNeeds
	}
	return []Symptom{see, base, push, g.pullSymptom(ctx, found.HasPullRequests)}
}

func (g *Gitea) pullSymptom(ctx context.Context, enabled bool) Symptom {
	s := Symptom{Need: "open and label pull requests", Text: "they are switched off in this repository: enable them (Settings, Units)"}
	if !enabled {
		return s
	}
	_, err := g.Standing(ctx, "shapewatch/")
	if err == nil {
		_, err = g.labels(ctx)
		err = g.guard.fail(ctx, "list labels", err)
	}
	if err != nil {
		s.Text = err.Error() + "; " + giteaNeeds
		return s
	}
	return Symptom{Need: s.Need, OK: true, Text: "they can be read; whether the token may open one shows with the first"}
}
