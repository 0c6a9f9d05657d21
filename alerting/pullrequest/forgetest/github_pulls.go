package forgetest

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

func githubPull(h *Hub, r *request) object {
	owner := cmp.Or(r.Fork, Owner)
	o := object{
		"number": r.Number, "node_id": fmt.Sprintf("PR_%d", r.Number), "title": r.Title, "body": r.Body, "draft": r.Draft, "state": r.State,
		"html_url": fmt.Sprintf("https://github.com/%s/%s/pull/%d", Owner, Name, r.Number), "created_at": r.Created.Format(time.RFC3339),
		"head": object{"ref": r.Branch, "sha": h.tip(r), "label": owner + ":" + r.Branch, "repo": object{"full_name": owner + "/" + Name}},
		"base": object{"ref": r.Base, "label": Owner + ":" + r.Base}, "closed_at": nil, "merged_at": nil, "labels": githubLabels(r),
	}
	if r.State != "open" {
		o["state"], o["closed_at"] = "closed", r.Ended.Format(time.RFC3339)
	}
	if r.State == "merged" {
		o["merged_at"] = o["closed_at"]
	}
	return o
}

// githubWhole is a request asked for by itself: only then is merged told.
func githubWhole(h *Hub, r *request) object {
	o := githubPull(h, r)
	o["merged"] = r.State == "merged"
	return o
}

func githubLabels(r *request) []object {
	labels := []object{}
	for _, label := range r.Labels {
		labels = append(labels, object{"name": label})
	}
	return labels
}

func (f *GitHub) pulls(r *http.Request, _ object) (int, any) {
	query, found := r.URL.Query(), []object{}
	for _, one := range f.Hub.requests {
		state := query.Get("state")
		if state == "all" || (state == "open") == (one.State == "open") {
			head := query.Get("head")
			if (head == "" || head == cmp.Or(one.Fork, Owner)+":"+one.Branch) && cmp.Or(query.Get("base"), one.Base) == one.Base {
				found = append(found, githubPull(f.Hub, one))
			}
		}
	}
	if query.Get("direction") == "desc" {
		slices.Reverse(found)
	}
	return http.StatusOK, page(found, query.Get("page"), query.Get("per_page"), 30)
}

// page is a part of a list as these parameters ask for it.
func page[T any](all []T, page, size string, usual int) []T {
	number, _ := strconv.Atoi(cmp.Or(page, "1"))
	length, _ := strconv.Atoi(size)
	length = min(cmp.Or(length, usual), 100)
	from := min(max(number-1, 0)*length, len(all))
	return all[from:min(from+length, len(all))]
}

func (f *GitHub) makePull(_ *http.Request, in object) (int, any) {
	branch := strings.TrimPrefix(in.text("head"), Owner+":")
	if f.Hub.standing(branch, in.text("base")) != nil {
		return http.StatusUnprocessableEntity, object{"message": "Validation Failed", "documentation_url": "https://docs.github.com/rest", "errors": []object{{
			"resource": "PullRequest", "code": "custom", "message": "A pull request already exists for " + Owner + ":" + branch + ".",
		}}}
	}
	draft, _ := in["draft"].(bool)
	if draft && f.NoDraft {
		return githubNo(http.StatusUnprocessableEntity, "Draft pull requests are not supported in this repository.")
	}
	if f.Hub.branches[branch] == "" || f.Hub.branches[in.text("base")] == "" {
		return githubNo(http.StatusUnprocessableEntity, "Validation Failed")
	}
	return http.StatusCreated, githubWhole(f.Hub, f.Hub.open(request{Branch: branch, Base: in.text("base"), Title: in.text("title"), Body: in.text("body"), Draft: draft}))
}

func (f *GitHub) one(r *http.Request) *request {
	number, _ := strconv.Atoi(r.PathValue("number"))
	return f.Hub.numbered(number)
}

func (f *GitHub) pull(r *http.Request, _ object) (int, any) {
	one := f.one(r)
	if one == nil {
		return githubNo(http.StatusNotFound, "Not Found")
	}
	return http.StatusOK, githubWhole(f.Hub, one)
}

func (f *GitHub) editPull(r *http.Request, in object) (int, any) {
	one := f.one(r)
	if one == nil {
		return githubNo(http.StatusNotFound, "Not Found")
	}
	one.Title, one.Body = cmp.Or(in.text("title"), one.Title), cmp.Or(in.text("body"), one.Body)
	switch in.text("state") {
	case "closed":
		f.Hub.end(one, "closed")
	case "open":
		if !f.Hub.reopen(one) {
			return githubNo(http.StatusUnprocessableEntity, "state cannot be changed. The pull request cannot be reopened.")
		}
	}
	return http.StatusOK, githubWhole(f.Hub, one)
}

func (f *GitHub) labels(r *http.Request, in object) (int, any) {
	one := f.one(r)
	if one == nil {
		return githubNo(http.StatusNotFound, "Not Found")
	}
	given, _ := in["labels"].([]any)
	one.Labels = nil
	for _, label := range given {
		one.Labels = append(one.Labels, label.(string))
	}
	if len(given) == 0 {
		return http.StatusNoContent, nil
	}
	return http.StatusOK, githubLabels(one)
}

func (f *GitHub) remarks(r *http.Request, _ object) (int, any) {
	all := []object{}
	if one := f.one(r); one != nil {
		for _, remark := range one.Remarks {
			all = append(all, object{"id": remark.ID, "body": remark.Text})
		}
	}
	return http.StatusOK, page(all, r.URL.Query().Get("page"), r.URL.Query().Get("per_page"), 30)
}

func (f *GitHub) remark(r *http.Request, in object) (int, any) {
	one := f.one(r)
	if one == nil {
		return githubNo(http.StatusNotFound, "Not Found")
	}
	said := f.Hub.say(one, in.text("body"))
	return http.StatusCreated, object{"id": said.ID, "body": said.Text}
}
