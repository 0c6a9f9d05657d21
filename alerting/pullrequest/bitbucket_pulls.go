package pullrequest

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// bitbucketPull is what is looked at of a pull request.
type bitbucketPull struct {
	ID          int64        `json:"id"`
	Title       string       `json:"title"`
	Description string       `json:"description"`
	State       string       `json:"state"` // OPEN, MERGED, DECLINED, SUPERSEDED
	Draft       bool         `json:"draft"`
	CreatedOn   *time.Time   `json:"created_on"`
	UpdatedOn   *time.Time   `json:"updated_on"`
	Source      bitbucketEnd `json:"source"`
	Destination bitbucketEnd `json:"destination"`
	Links       struct {
		HTML struct {
			Href string `json:"href"`
		} `json:"html"`
	} `json:"links"`
}

// bitbucketEnd is where a pull request comes from or goes to. The hash is
// abbreviated to twelve digits.
type bitbucketEnd struct {
	Branch struct {
		Name string `json:"name"`
	} `json:"branch"`
	Commit struct {
		Hash string `json:"hash"`
	} `json:"commit"`
	Repository *struct {
		FullName string `json:"full_name"`
	} `json:"repository"`
}

func (p bitbucketPull) request() Request {
	r := Request{
		ID: strconv.FormatInt(p.ID, 10), URL: p.Links.HTML.Href, Branch: p.Source.Branch.Name, Tip: p.Source.Commit.Hash,
		Title: p.Title, Body: p.Description, Draft: p.Draft, State: Standing, Created: moment(p.CreatedOn),
	}
	switch p.State {
	case "MERGED":
		r.State, r.Ended = Merged, moment(p.UpdatedOn)
	case "DECLINED", "SUPERSEDED":
		r.State, r.Ended = Closed, moment(p.UpdatedOn)
	}
	return r
}

// own reports whether a pull request comes from a branch of this repository.
func (p bitbucketPull) own(base string) bool {
	from, to := p.Source.Repository, p.Destination.Repository
	return p.Destination.Branch.Name == base && from != nil && to != nil && from.FullName == to.FullName
}

// Latest is the newest pull request from a branch into the base.
func (b *Bitbucket) Latest(ctx context.Context, branch string) (latest Request, err error) {
	err = b.each(ctx, `source.branch.name="`+quoted(branch)+`"`, []string{"OPEN", "MERGED", "DECLINED", "SUPERSEDED"}, func(r Request) bool {
		if r.Branch == branch {
			latest = r
		}
		return latest.ID == ""
	})
	return latest, b.guard.fail(ctx, "look for a pull request of "+branch, err)
}

// Standing are the open pull requests from branches that start with prefix.
func (b *Bitbucket) Standing(ctx context.Context, prefix string) (found []Request, err error) {
	err = b.each(ctx, "", []string{"OPEN"}, func(r Request) bool {
		if strings.HasPrefix(r.Branch, prefix) {
			found = append(found, r)
		}
		return true
	})
	return found, b.guard.fail(ctx, "list pull requests", err)
}

// quoted is a text inside quotes in a query.
func quoted(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, `\`, `\\`), `"`, `\"`)
}

// each goes through pull requests of this repository into the base, the newest
// first, as long as more are wanted.
func (b *Bitbucket) each(ctx context.Context, query string, states []string, more func(Request) bool) error {
	base, err := b.target(ctx)
	if err != nil {
		return err
	}
	values := url.Values{"state": states, "sort": {"-created_on"}, "pagelen": {"50"}}
	if query != "" {
		values.Set("q", query)
	}
	for page := 1; page <= 2*maxPages; page++ {
		var answer struct {
			Values []bitbucketPull `json:"values"`
			Next   string          `json:"next"` // only whether: its address is not ours to follow
		}
		values.Set("page", strconv.Itoa(page))
		if err := b.ask.json(ctx, http.MethodGet, b.repo+"/pullrequests?"+values.Encode(), nil, &answer); err != nil {
			return err
		}
		for _, pull := range answer.Values {
			if pull.own(base) && !more(pull.request()) {
				return nil
			}
		}
		if answer.Next == "" {
			return nil
		}
	}
	return nil
}

// Open opens a pull request, or adopts and edits the one that is open.
func (b *Bitbucket) Open(ctx context.Context, r Request) (Request, error) {
	opened, err := b.open(ctx, r)
	return opened, b.guard.fail(ctx, "open a pull request", err)
}

// open looks first: Bitbucket would take a second one for an edit of the first
// and say nothing of it.
func (b *Bitbucket) open(ctx context.Context, r Request) (Request, error) {
	var standing Request
	err := b.each(ctx, `source.branch.name="`+quoted(r.Branch)+`"`, []string{"OPEN"}, func(one Request) bool {
		if one.Branch == r.Branch {
			standing = one
		}
		return standing.ID == ""
	})
	if err != nil {
		return Request{}, err
	}
	if standing.ID != "" {
		return b.send(ctx, http.MethodPut, "/"+standing.ID, b.text(r))
	}
	base, err := b.target(ctx)
	if err != nil {
		return Request{}, err
	}
	body := b.text(r)
	body["source"] = map[string]any{"branch": map[string]string{"name": r.Branch}}
	body["destination"] = map[string]any{"branch": map[string]string{"name": base}}
	return b.send(ctx, http.MethodPost, "", body)
}

// text is what a request says. Bitbucket's description wants each object to
// name its type.
func (b *Bitbucket) text(r Request) map[string]any {
	return map[string]any{"type": "pullrequest", "title": r.Title, "description": r.Body, "draft": r.Draft}
}

// send asks for something of a pull request and reads it as it is then.
func (b *Bitbucket) send(ctx context.Context, method, path string, body any) (Request, error) {
	var pull bitbucketPull
	if err := b.ask.json(ctx, method, b.repo+"/pullrequests"+path, body, &pull); err != nil {
		return Request{}, err
	}
	if pull.ID == 0 {
		return Request{}, b.guard.refusal(0, "a pull request without its number", false)
	}
	return pull.request(), nil
}

// one is the path of a pull request.
func (b *Bitbucket) one(id string) (string, error) {
	if _, err := strconv.Atoi(id); err != nil {
		return "", b.guard.refusal(0, "there is no pull request "+strconv.Quote(id), true)
	}
	return "/" + id, nil
}

// Edit sets title, body and draft.
func (b *Bitbucket) Edit(ctx context.Context, r Request) error {
	path, err := b.one(r.ID)
	if err == nil {
		_, err = b.send(ctx, http.MethodPut, path, b.text(r))
	}
	return b.guard.fail(ctx, "edit pull request "+r.ID, err)
}

// Close declines a pull request, unless it is over.
func (b *Bitbucket) Close(ctx context.Context, r Request) error {
	path, err := b.one(r.ID)
	var now Request
	if err == nil {
		now, err = b.send(ctx, http.MethodGet, path, nil)
	}
	if err == nil && now.State == Standing {
		_, err = b.send(ctx, http.MethodPost, path+"/decline", nil)
	}
	return b.guard.fail(ctx, "decline pull request "+r.ID, err)
}

// Reopen is refused: what is declined on Bitbucket stays so.
func (b *Bitbucket) Reopen(ctx context.Context, r Request) error {
	path, err := b.one(r.ID)
	var now Request
	if err == nil {
		now, err = b.send(ctx, http.MethodGet, path, nil)
	}
	if err == nil && now.State != Standing {
		err = b.guard.refusal(0, "Bitbucket opens no declined pull request again", true)
	}
	return b.guard.fail(ctx, "reopen pull request "+r.ID, err)
}

// Comment adds a remark, unless it is there.
func (b *Bitbucket) Comment(ctx context.Context, r Request, text string) error {
	path, err := b.one(r.ID)
	if err == nil {
		err = b.comment(ctx, b.repo+"/pullrequests"+path+"/comments", text)
	}
	return b.guard.fail(ctx, "comment on pull request "+r.ID, err)
}

func (b *Bitbucket) comment(ctx context.Context, at, text string) error {
	type remark struct {
		Type    string `json:"type"`
		Content struct {
			Raw string `json:"raw"`
		} `json:"content"`
	}
	for page := 1; page <= maxPages; page++ {
		var said struct {
			Values []remark `json:"values"`
			Next   string   `json:"next"`
		}
		if err := b.ask.json(ctx, http.MethodGet, at+"?pagelen=100&page="+strconv.Itoa(page), nil, &said); err != nil {
			return err
		}
		for _, one := range said.Values {
			if sameText(one.Content.Raw, text) {
				return nil
			}
		}
		if said.Next == "" {
			break
		}
	}
	mine := remark{Type: "pullrequest_comment"}
	mine.Content.Raw = text
	return b.ask.json(ctx, http.MethodPost, at, mine, nil)
}
