package pullrequest

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// workInProgress begins the title of a draft on Gitea.
const workInProgress = "WIP: "

// giteaPages bounds the search for the newest request of a branch, in pages of
// fifty: Gitea cannot be asked for those of a branch.
const giteaPages = 10

// giteaPull is what is looked at of a pull request. Once its branch is gone,
// only the label still names it.
type giteaPull struct {
	Number  int64       `json:"number"`
	HTMLURL string      `json:"html_url"`
	Title   string      `json:"title"`
	Body    string      `json:"body"`
	State   string      `json:"state"`
	Merged  bool        `json:"merged"`
	Labels  []giteaName `json:"labels"`
	Head    struct {
		Label string `json:"label"`
		SHA   string `json:"sha"`
		Repo  *struct {
			FullName string `json:"full_name"`
		} `json:"repo"`
	} `json:"head"`
	Base struct {
		Ref  string `json:"ref"`
		Repo *struct {
			FullName string `json:"full_name"`
		} `json:"repo"`
	} `json:"base"`
	CreatedAt *time.Time `json:"created_at"`
	ClosedAt  *time.Time `json:"closed_at"`
	MergedAt  *time.Time `json:"merged_at"`
}

// giteaName is a label.
type giteaName struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

func (p giteaPull) request() Request {
	r := Request{
		ID: strconv.FormatInt(p.Number, 10), URL: p.HTMLURL, Branch: p.Head.Label, Tip: p.Head.SHA, Body: p.Body, State: Standing, Created: moment(p.CreatedAt),
	}
	r.Title, r.Draft = strings.CutPrefix(p.Title, workInProgress)
	for _, label := range p.Labels {
		r.Labels = append(r.Labels, label.Name)
	}
	switch {
	case p.Merged:
		r.State, r.Ended = Merged, moment(p.MergedAt)
	case p.State == "closed":
		r.State, r.Ended = Closed, moment(p.ClosedAt)
	}
	return r
}

// own reports whether a pull request comes from a branch of this repository.
func (p giteaPull) own(base string) bool {
	return p.Base.Ref == base && p.Head.Repo != nil && p.Base.Repo != nil && p.Head.Repo.FullName == p.Base.Repo.FullName
}

// Latest is the newest pull request from a branch into the base, among the
// five hundred newest.
func (g *Gitea) Latest(ctx context.Context, branch string) (latest Request, err error) {
	err = g.each(ctx, "all", giteaPages, func(r Request) bool {
		if r.Branch == branch {
			latest = r
		}
		return latest.ID == ""
	})
	return latest, g.guard.fail(ctx, "look for a pull request of "+branch, err)
}

// Standing are the open pull requests from branches that start with prefix.
func (g *Gitea) Standing(ctx context.Context, prefix string) (found []Request, err error) {
	err = g.each(ctx, "open", 2*maxPages, func(r Request) bool {
		if strings.HasPrefix(r.Branch, prefix) {
			found = append(found, r)
		}
		return true
	})
	return found, g.guard.fail(ctx, "list pull requests", err)
}

// each goes through pull requests of this repository into the base, the newest
// first, as long as more are wanted. A server may give shorter pages than it
// is asked for: the list ends with an empty one.
func (g *Gitea) each(ctx context.Context, state string, pages int, more func(Request) bool) error {
	base, err := g.branch(ctx, "")
	if err != nil {
		return err
	}
	for page := 1; page <= pages; page++ {
		var pulls []giteaPull
		query := url.Values{"state": {state}, "page": {strconv.Itoa(page)}, "limit": {"50"}}
		if err := g.ask.json(ctx, http.MethodGet, g.repo+"/pulls?"+query.Encode(), nil, &pulls); err != nil {
			return err
		}
		for _, pull := range pulls {
			if pull.own(base) && !more(pull.request()) {
				return nil
			}
		}
		if len(pulls) == 0 {
			return nil
		}
	}
	return nil
}

// Open opens a pull request, or adopts and edits the one that is open.
func (g *Gitea) Open(ctx context.Context, r Request) (Request, error) {
	opened, err := g.open(ctx, r)
	return opened, g.guard.fail(ctx, "open a pull request", err)
}

func (g *Gitea) open(ctx context.Context, r Request) (Request, error) {
	base, err := g.branch(ctx, "")
	if err != nil {
		return Request{}, err
	}
	var pull giteaPull
	body := map[string]any{"title": titled(workInProgress, r.Title, r.Draft), "body": r.Body, "head": r.Branch, "base": base}
	err = g.ask.json(ctx, http.MethodPost, g.repo+"/pulls", body, &pull)
	if status(err) == http.StatusConflict {
		var standing Request
		other := g.each(ctx, "open", 2*maxPages, func(one Request) bool {
			if one.Branch == r.Branch {
				standing = one
			}
			return standing.ID == ""
		})
		if other != nil || standing.ID == "" {
			return Request{}, firstOf(other, err)
		}
		r.ID = standing.ID
		return g.edit(ctx, r)
	}
	if err != nil {
		return Request{}, err
	}
	return g.told(ctx, pull, r.Labels)
}

// told is a pull request with its labels set.
func (g *Gitea) told(ctx context.Context, pull giteaPull, labels []string) (Request, error) {
	if pull.Number == 0 {
		return Request{}, g.guard.refusal(0, "a pull request without its number", false)
	}
	now := pull.request()
	was, want := slices.Sorted(slices.Values(now.Labels)), slices.Sorted(slices.Values(labels))
	if slices.Equal(was, want) {
		return now, nil
	}
	now.Labels = labels
	return now, g.label(ctx, now.ID, want)
}

// Edit sets title, body, draft and labels.
func (g *Gitea) Edit(ctx context.Context, r Request) error {
	_, err := g.edit(ctx, r)
	return g.guard.fail(ctx, "edit pull request "+r.ID, err)
}

func (g *Gitea) edit(ctx context.Context, r Request) (Request, error) {
	pull, err := g.patch(ctx, r.ID, map[string]any{"title": titled(workInProgress, r.Title, r.Draft), "body": r.Body})
	if err != nil {
		return Request{}, err
	}
	return g.told(ctx, pull, r.Labels)
}

func (g *Gitea) patch(ctx context.Context, id string, to map[string]any) (pull giteaPull, err error) {
	if _, err := strconv.Atoi(id); err != nil {
		return pull, g.guard.refusal(0, "there is no pull request "+strconv.Quote(id), true)
	}
	return pull, g.ask.json(ctx, http.MethodPatch, g.repo+"/pulls/"+id, to, &pull)
}
