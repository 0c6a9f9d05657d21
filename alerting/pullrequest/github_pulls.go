package pullrequest

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-github/v89/github"
)

// draftPrefix begins a title where the forge has no other way to say "not
// ready".
const draftPrefix = "Draft: "

// Latest is the newest pull request from a branch into the base.
func (g *GitHub) Latest(ctx context.Context, branch string) (Request, error) {
	found, err := g.list(ctx, &github.PullRequestListOptions{State: "all", Head: g.owner + ":" + branch}, 1, func(r Request) bool { return r.Branch == branch })
	if err != nil || len(found) == 0 {
		return Request{}, g.fail(ctx, "look for a pull request of "+branch, err)
	}
	return found[0], nil
}

// Standing are the open pull requests from branches that start with prefix.
func (g *GitHub) Standing(ctx context.Context, prefix string) ([]Request, error) {
	found, err := g.list(ctx, &github.PullRequestListOptions{State: "open"}, maxPages, func(r Request) bool { return strings.HasPrefix(r.Branch, prefix) })
	return found, g.fail(ctx, "list pull requests", err)
}

// maxPages bounds how much of a list is read, in pages of a hundred.
const maxPages = 50

// list reads pages of pull requests, the newest first, and keeps those from
// this repository into the base that match.
func (g *GitHub) list(ctx context.Context, o *github.PullRequestListOptions, pages int, match func(Request) bool) (found []Request, err error) {
	if o.Base, err = g.branch(ctx, ""); err != nil {
		return nil, err
	}
	o.Sort, o.Direction, o.PerPage = "created", "desc", 100
	for o.Page = 1; o.Page <= pages; o.Page++ {
		pulls, _, err := g.api.PullRequests.List(ctx, g.owner, g.name, o)
		if err != nil {
			return nil, err
		}
		for _, pull := range pulls {
			if r := githubRequest(pull); g.own(pull, o.Base) && match(r) {
				found = append(found, r)
			}
		}
		if len(pulls) < o.PerPage {
			break
		}
	}
	return found, nil
}

// own reports whether a pull request comes from a branch of this repository:
// in a fork, everybody may call a branch as they like.
func (g *GitHub) own(pull *github.PullRequest, base string) bool {
	return strings.EqualFold(pull.GetHead().GetRepo().GetFullName(), g.owner+"/"+g.name) && pull.GetBase().GetRef() == base
}

// githubRequest is a pull request in our words.
func githubRequest(pull *github.PullRequest) Request {
	r := Request{
		ID: strconv.Itoa(pull.GetNumber()), URL: pull.GetHTMLURL(), Branch: pull.GetHead().GetRef(), Tip: pull.GetHead().GetSHA(),
		Title: pull.GetTitle(), Body: pull.GetBody(), Draft: pull.GetDraft(), State: Standing, Created: pull.GetCreatedAt().Time,
	}
	for _, label := range pull.Labels {
		r.Labels = append(r.Labels, label.GetName())
	}
	if title, is := strings.CutPrefix(r.Title, draftPrefix); is {
		r.Title, r.Draft = title, true
	}
	switch {
	case pull.MergedAt != nil:
		r.State, r.Ended = Merged, pull.GetMergedAt().Time
	case pull.GetState() == "closed":
		r.State, r.Ended = Closed, pull.GetClosedAt().Time
	}
	return r
}

// Open opens a pull request, or adopts and edits the one that is open.
func (g *GitHub) Open(ctx context.Context, r Request) (Request, error) {
	opened, err := g.open(ctx, r)
	return opened, g.fail(ctx, "open a pull request", err)
}

func (g *GitHub) open(ctx context.Context, r Request) (Request, error) {
	pull, err := g.create(ctx, r)
	if status(err) == http.StatusUnprocessableEntity {
		standing, other := g.list(ctx, &github.PullRequestListOptions{State: "open", Head: g.owner + ":" + r.Branch}, 1, func(one Request) bool { return one.Branch == r.Branch })
		switch {
		case other != nil:
			return Request{}, other
		case len(standing) == 0:
			return Request{}, err
		}
		r.ID = standing[0].ID
		return g.edit(ctx, r)
	}
	if err == nil && pull.GetNumber() == 0 {
		err = g.guard.refusal(0, "a pull request without its number", false)
	}
	if err != nil {
		return Request{}, err
	}
	return g.label(ctx, pull, r.Labels)
}

// create opens a pull request; as a draft by title where the plan has none.
func (g *GitHub) create(ctx context.Context, r Request) (*github.PullRequest, error) {
	base, err := g.branch(ctx, "")
	if err != nil {
		return nil, err
	}
	ask := &github.NewPullRequest{Title: &r.Title, Head: &r.Branch, Base: &base, Body: &r.Body, Draft: &r.Draft}
	pull, _, err := g.api.PullRequests.Create(ctx, g.owner, g.name, ask)
	var refused *Refusal
	if r.Draft && errors.As(err, &refused) && refused.Status == http.StatusUnprocessableEntity && strings.Contains(refused.Text, "raft") {
		ask.Draft, ask.Title = github.Ptr(false), github.Ptr(draftPrefix+r.Title)
		pull, _, err = g.api.PullRequests.Create(ctx, g.owner, g.name, ask)
	}
	return pull, err
}

// label sets the labels of a pull request when they are others.
func (g *GitHub) label(ctx context.Context, pull *github.PullRequest, labels []string) (Request, error) {
	r := githubRequest(pull)
	was, want := slices.Sorted(slices.Values(r.Labels)), slices.Sorted(slices.Values(labels))
	if slices.Equal(was, want) {
		return r, nil
	}
	r.Labels = labels
	return r, g.setLabels(ctx, pull.GetNumber(), want)
}

// setLabels sends what GitHub's description wants: go-github's own call sends a
// bare list, and an empty one is not described.
func (g *GitHub) setLabels(ctx context.Context, number int, labels []string) error {
	if len(labels) == 0 {
		_, err := g.api.Issues.RemoveLabelsForIssue(ctx, g.owner, g.name, number)
		return err
	}
	path := "repos/" + g.owner + "/" + g.name + "/issues/" + strconv.Itoa(number) + "/labels"
	request, err := g.api.NewRequest(ctx, http.MethodPut, path, map[string][]string{"labels": labels})
	if err == nil {
		_, err = g.api.Do(request, nil)
	}
	return err
}

// Edit sets title, body, draft and labels.
func (g *GitHub) Edit(ctx context.Context, r Request) error {
	_, err := g.edit(ctx, r)
	return g.fail(ctx, "edit pull request "+r.ID, err)
}

func (g *GitHub) edit(ctx context.Context, r Request) (Request, error) {
	pull, err := g.change(ctx, r.ID, &github.PullRequest{Title: &r.Title, Body: &r.Body})
	if err != nil {
		return Request{}, err
	}
	if err := g.setDraft(ctx, pull, r); err != nil {
		return Request{}, err
	}
	edited, err := g.label(ctx, pull, r.Labels)
	edited.Draft = r.Draft
	return edited, err
}

// setDraft makes a draft ready or the other way round, which only GraphQL can;
// by title where the plan has no drafts.
func (g *GitHub) setDraft(ctx context.Context, pull *github.PullRequest, r Request) error {
	if pull.GetDraft() == r.Draft || pull.GetState() != "open" {
		return nil
	}
	mutation, kind := "markPullRequestReadyForReview", "MarkPullRequestReadyForReviewInput"
	if r.Draft {
		mutation, kind = "convertPullRequestToDraft", "ConvertPullRequestToDraftInput"
	}
	err := g.mutate(ctx, mutation, kind, map[string]any{"pullRequestId": pull.GetNodeID()})
	var refused *Refusal
	if r.Draft && errors.As(err, &refused) && refused.Status == http.StatusOK && refused.Permanent {
		_, err = g.change(ctx, r.ID, &github.PullRequest{Title: github.Ptr(draftPrefix + r.Title)})
	}
	return err
}

func (g *GitHub) change(ctx context.Context, id string, to *github.PullRequest) (*github.PullRequest, error) {
	number, err := strconv.Atoi(id)
	if err != nil {
		return nil, g.guard.refusal(0, "there is no pull request "+strconv.Quote(id), true)
	}
	pull, _, err := g.api.PullRequests.Edit(ctx, g.owner, g.name, number, to)
	if err == nil && pull.GetNumber() != number {
		err = g.guard.refusal(0, "a pull request without its number", false)
	}
	return pull, err
}

// Close closes a pull request.
func (g *GitHub) Close(ctx context.Context, r Request) error {
	_, err := g.change(ctx, r.ID, &github.PullRequest{State: github.Ptr("closed")})
	return g.fail(ctx, "close pull request "+r.ID, err)
}

// Reopen puts the branch back if it is gone, and opens the request again.
func (g *GitHub) Reopen(ctx context.Context, r Request) error {
	const doing = "reopen pull request "
	tip, err := g.tip(ctx, r.Branch)
	if err == nil && tip == "" {
		err = g.point(ctx, r.Branch, "", r.Tip)
	}
	if err == nil {
		_, err = g.change(ctx, r.ID, &github.PullRequest{State: github.Ptr("open")})
	}
	return g.fail(ctx, doing+r.ID, err)
}

// Comment adds a remark, unless it is there.
func (g *GitHub) Comment(ctx context.Context, r Request, text string) error {
	return g.fail(ctx, "comment on pull request "+r.ID, g.comment(ctx, r, text))
}

func (g *GitHub) comment(ctx context.Context, r Request, text string) error {
	number, err := strconv.Atoi(r.ID)
	if err != nil {
		return g.guard.refusal(0, "there is no pull request "+strconv.Quote(r.ID), true)
	}
	o := &github.IssueListCommentsOptions{ListOptions: github.ListOptions{PerPage: 100}}
	for o.Page = 1; o.Page <= maxPages; o.Page++ {
		said, _, err := g.api.Issues.ListComments(ctx, g.owner, g.name, number, o)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(said, func(c *github.IssueComment) bool { return sameText(c.GetBody(), text) }) {
			return nil
		}
		if len(said) < o.PerPage {
			break
		}
	}
	_, _, err = g.api.Issues.CreateComment(ctx, g.owner, g.name, number, &github.IssueComment{Body: &text})
	return err
}

// sameText compares texts as forges keep them: some change line ends.
func sameText(a, b string) bool {
	plain := func(text string) string { return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")) }
	return plain(a) == plain(b)
}
