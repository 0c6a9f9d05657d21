package pullrequest

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	gitlab "gitlab.com/gitlab-org/api/client-go/v2"
)

// Latest is the newest merge request from a branch into the base.
func (g *GitLab) Latest(ctx context.Context, branch string) (Request, error) {
	found, err := g.list(ctx, &gitlab.ListProjectMergeRequestsOptions{State: gitlab.Ptr("all"), SourceBranch: &branch}, 1)
	if err != nil || len(found) == 0 {
		return Request{}, g.guard.fail(ctx, "look for a merge request of "+branch, err)
	}
	return found[0], nil
}

// Standing are the open merge requests from branches that start with prefix.
func (g *GitLab) Standing(ctx context.Context, prefix string) ([]Request, error) {
	found, err := g.list(ctx, &gitlab.ListProjectMergeRequestsOptions{State: gitlab.Ptr("opened")}, maxPages)
	found = slices.DeleteFunc(found, func(r Request) bool { return !strings.HasPrefix(r.Branch, prefix) })
	return found, g.guard.fail(ctx, "list merge requests", err)
}

// list reads pages of merge requests into the base, the newest first, and
// leaves out those from forks.
func (g *GitLab) list(ctx context.Context, o *gitlab.ListProjectMergeRequestsOptions, pages int64) (found []Request, err error) {
	base, err := g.branch(ctx, "")
	if err != nil {
		return nil, err
	}
	o.TargetBranch, o.OrderBy, o.Sort, o.PerPage = &base, gitlab.Ptr("created_at"), gitlab.Ptr("desc"), 100
	for o.Page = 1; o.Page <= pages; o.Page++ {
		all, _, err := g.api.MergeRequests.ListProjectMergeRequests(g.repo, o, gitlab.WithContext(ctx))
		if err != nil {
			return nil, err
		}
		for _, one := range all {
			own := one != nil && one.SourceProjectID == one.TargetProjectID && one.TargetBranch == base
			if own && (o.SourceBranch == nil || one.SourceBranch == *o.SourceBranch) {
				found = append(found, gitlabRequest(one))
			}
		}
		if int64(len(all)) < o.PerPage {
			break
		}
	}
	return found, nil
}

// gitlabRequest is a merge request in our words.
func gitlabRequest(one *gitlab.BasicMergeRequest) Request {
	r := Request{
		ID: strconv.FormatInt(one.IID, 10), URL: one.WebURL, Branch: one.SourceBranch, Tip: one.SHA, Body: one.Description,
		Labels: one.Labels, State: Standing, Created: moment(one.CreatedAt),
	}
	r.Title, r.Draft = strings.CutPrefix(one.Title, draftPrefix)
	r.Draft = r.Draft || one.Draft
	switch one.State {
	case "merged":
		r.State, r.Ended = Merged, moment(one.MergedAt)
	case "closed":
		r.State, r.Ended = Closed, moment(one.ClosedAt)
	}
	return r
}

func moment(at *time.Time) time.Time {
	if at == nil {
		return time.Time{}
	}
	return *at
}

// titled is a title that says whether the request is ready.
func titled(prefix, title string, draft bool) *string {
	if draft {
		title = prefix + title
	}
	return &title
}

// Open opens a merge request, or adopts and edits the one that is open.
func (g *GitLab) Open(ctx context.Context, r Request) (Request, error) {
	opened, err := g.open(ctx, r)
	return opened, g.guard.fail(ctx, "open a merge request", err)
}

func (g *GitLab) open(ctx context.Context, r Request) (Request, error) {
	base, err := g.branch(ctx, "")
	if err != nil {
		return Request{}, err
	}
	one, _, err := g.api.MergeRequests.CreateMergeRequest(g.repo, &gitlab.CreateMergeRequestOptions{
		Title: titled(draftPrefix, r.Title, r.Draft), Description: &r.Body, SourceBranch: &r.Branch, TargetBranch: &base, Labels: labelsOf(r),
	}, gitlab.WithContext(ctx))
	if status(err) == http.StatusConflict {
		standing, other := g.list(ctx, &gitlab.ListProjectMergeRequestsOptions{State: gitlab.Ptr("opened"), SourceBranch: &r.Branch}, 1)
		if other != nil || len(standing) == 0 {
			return Request{}, firstOf(other, err)
		}
		return g.change(ctx, standing[0].ID, g.editing(r))
	}
	if err != nil {
		return Request{}, err
	}
	return g.told(one)
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (g *GitLab) told(one *gitlab.MergeRequest) (Request, error) {
	if one == nil || one.IID == 0 {
		return Request{}, g.guard.refusal(0, "a merge request without its number", false)
	}
	return gitlabRequest(&one.BasicMergeRequest), nil
}

// labelsOf are labels as GitLab takes them: none at all as an empty text.
func labelsOf(r Request) *gitlab.LabelOptions {
	labels := gitlab.LabelOptions{}
	labels = append(labels, r.Labels...)
	return &labels
}

func (g *GitLab) editing(r Request) *gitlab.UpdateMergeRequestOptions {
	return &gitlab.UpdateMergeRequestOptions{Title: titled(draftPrefix, r.Title, r.Draft), Description: &r.Body, Labels: labelsOf(r)}
}

// Edit sets title, body, draft and labels.
func (g *GitLab) Edit(ctx context.Context, r Request) error {
	_, err := g.change(ctx, r.ID, g.editing(r))
	return g.guard.fail(ctx, "edit merge request "+r.ID, err)
}

func (g *GitLab) change(ctx context.Context, id string, to *gitlab.UpdateMergeRequestOptions) (Request, error) {
	number, err := g.number(id)
	if err != nil {
		return Request{}, err
	}
	one, _, err := g.api.MergeRequests.UpdateMergeRequest(g.repo, number, to, gitlab.WithContext(ctx))
	if err != nil {
		return Request{}, err
	}
	return g.told(one)
}

func (g *GitLab) number(id string) (int64, error) {
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return 0, g.guard.refusal(0, "there is no merge request "+strconv.Quote(id), true)
	}
	return number, nil
}

// Close closes a merge request.
func (g *GitLab) Close(ctx context.Context, r Request) error {
	_, err := g.change(ctx, r.ID, &gitlab.UpdateMergeRequestOptions{StateEvent: gitlab.Ptr("close")})
	return g.guard.fail(ctx, "close merge request "+r.ID, err)
}

// Reopen puts the branch back if it is gone, and opens the request again.
func (g *GitLab) Reopen(ctx context.Context, r Request) error {
	return g.guard.fail(ctx, "reopen merge request "+r.ID, g.reopen(ctx, r))
}

func (g *GitLab) reopen(ctx context.Context, r Request) error {
	tip, err := g.tipOf(ctx, r.Branch)
	if err == nil && tip.id == "" {
		_, _, err = g.api.Branches.CreateBranch(g.repo, &gitlab.CreateBranchOptions{Branch: &r.Branch, Ref: &r.Tip}, gitlab.WithContext(ctx))
	}
	if err != nil {
		return err
	}
	now, err := g.change(ctx, r.ID, &gitlab.UpdateMergeRequestOptions{StateEvent: gitlab.Ptr("reopen")})
	if err == nil && now.State != Standing {
		return g.guard.refusal(0, "it stays "+string(now.State), true)
	}
	return err
}

// Comment adds a note, unless it is there.
func (g *GitLab) Comment(ctx context.Context, r Request, text string) error {
	return g.guard.fail(ctx, "comment on merge request "+r.ID, g.comment(ctx, r, text))
}

func (g *GitLab) comment(ctx context.Context, r Request, text string) error {
	number, err := g.number(r.ID)
	if err != nil {
		return err
	}
	o := &gitlab.ListMergeRequestNotesOptions{ListOptions: gitlab.ListOptions{PerPage: 100}}
	for o.Page = 1; o.Page <= maxPages; o.Page++ {
		notes, _, err := g.api.Notes.ListMergeRequestNotes(g.repo, number, o, gitlab.WithContext(ctx))
		if err != nil {
			return err
		}
		if slices.ContainsFunc(notes, func(n *gitlab.Note) bool { return n != nil && sameText(n.Body, text) }) {
			return nil
		}
		if int64(len(notes)) < o.PerPage {
			break
		}
	}
	_, _, err = g.api.Notes.CreateMergeRequestNote(g.repo, number, &gitlab.CreateMergeRequestNoteOptions{Body: &text}, gitlab.WithContext(ctx))
	return err
}
