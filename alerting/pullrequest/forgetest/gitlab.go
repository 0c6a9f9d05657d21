package forgetest

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// GitLabToken is one that the fake takes.
const GitLabToken = "glpat-ThisIsTheSecretOfTheTests"

// A GitLab is a hub behind GitLab's REST interface, as its documentation tells
// it.
type GitLab struct {
	Hub       *Hub
	Scopes    []string // of the token
	Role      int      // of its owner
	Protected []string // branches
	mux       *http.ServeMux
}

// NewGitLab returns the fake.
func NewGitLab(hub *Hub) *GitLab {
	f := &GitLab{Hub: hub, Scopes: []string{"api"}, Role: 30, mux: http.NewServeMux()}
	at := "/api/v4/projects/" + Owner + "%2F" + Name
	for pattern, answer := range map[string]func(*http.Request, object) (int, any){
		"GET " + at:                                      f.project,
		"GET " + at + "/repository/files/{path}":         f.file,
		"GET " + at + "/repository/branches/{branch}":    f.branch,
		"POST " + at + "/repository/branches":            f.makeBranch,
		"DELETE " + at + "/repository/branches/{branch}": f.deleteBranch,
		"POST " + at + "/repository/commits":             f.makeCommit,
		"GET " + at + "/repository/commits/{id}/diff":    f.diff,
		"GET " + at + "/protected_branches":              f.protected,
		"GET " + at + "/merge_requests":                  f.list,
		"POST " + at + "/merge_requests":                 f.open,
		"PUT " + at + "/merge_requests/{number}":         f.edit,
		"GET " + at + "/merge_requests/{number}/notes":   f.notes,
		"POST " + at + "/merge_requests/{number}/notes":  f.note,
		"GET /api/v4/personal_access_tokens/self":        f.self,
	} {
		f.mux.HandleFunc(strings.ReplaceAll(pattern, "%2F", "/"), func(w http.ResponseWriter, r *http.Request) {
			f.Hub.mu.Lock()
			defer f.Hub.mu.Unlock()
			status, value := answer(r, body(r))
			say(w, status, value)
		})
	}
	return f
}

// ServeHTTP lets paths through whose parts hold escaped slashes: the project,
// a file, a branch.
func (f *GitLab) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.Header.Get("Private-Token") != GitLabToken {
		say(w, http.StatusUnauthorized, object{"message": "401 Unauthorized"})
		return
	}
	r = r.Clone(r.Context())
	path, ok := strings.CutPrefix(r.URL.EscapedPath(), "/api/v4/projects/"+Owner+"%2F"+Name)
	if ok {
		r.URL.RawPath = "/api/v4/projects/" + Owner + "/" + Name + path
	}
	f.mux.ServeHTTP(w, r)
}

func gitlabNo(status int, text string) (int, any) { return status, object{"message": text} }

func (f *GitLab) project(*http.Request, object) (int, any) {
	return http.StatusOK, object{
		"id": 1, "path_with_namespace": Owner + "/" + Name, "default_branch": Base, "archived": false, "merge_requests_access_level": "enabled",
		"permissions": object{"project_access": object{"access_level": f.Role, "notification_level": 3}, "group_access": nil},
	}
}

func (f *GitLab) self(*http.Request, object) (int, any) {
	return http.StatusOK, object{"id": 1, "name": "shapewatch", "active": true, "scopes": f.Scopes, "expires_at": "2027-11-01"}
}

func (f *GitLab) protected(*http.Request, object) (int, any) {
	all := []object{}
	for i, name := range append([]string{Base}, f.Protected...) {
		all = append(all, object{"id": i + 1, "name": name, "allow_force_push": false})
	}
	return http.StatusOK, all
}

// at is the commit that a branch or an ID names.
func (h *Hub) at(ref string) commit {
	return h.commits[cmp.Or(h.branches[ref], ref)]
}

func (f *GitLab) file(r *http.Request, _ object) (int, any) {
	ref, path := r.URL.Query().Get("ref"), r.PathValue("path")
	c := f.Hub.at(ref)
	content, is := f.Hub.files(c.ID)[path]
	if c.ID == "" || !is {
		return gitlabNo(http.StatusNotFound, "404 File Not Found")
	}
	return http.StatusOK, object{
		"file_name": path[strings.LastIndexByte(path, '/')+1:], "file_path": path, "size": len(content), "encoding": "base64",
		"content": base64.StdEncoding.EncodeToString([]byte(content)), "ref": ref, "blob_id": name("blob", content),
		"commit_id": c.ID, "last_commit_id": c.ID, "execute_filemode": false,
	}
}

func gitlabCommit(c commit) object {
	title, _, _ := strings.Cut(c.Message, "\n")
	return object{"id": c.ID, "short_id": c.ID[:8], "title": title, "message": c.Message, "parent_ids": c.Parents, "created_at": c.At.Format(time.RFC3339)}
}

func (f *GitLab) branch(r *http.Request, _ object) (int, any) {
	tip, is := f.Hub.branches[r.PathValue("branch")]
	if !is {
		return gitlabNo(http.StatusNotFound, "404 Branch Not Found")
	}
	return http.StatusOK, object{"name": r.PathValue("branch"), "protected": false, "commit": gitlabCommit(f.Hub.commits[tip])}
}

func (f *GitLab) makeBranch(r *http.Request, in object) (int, any) {
	branch, ref := in.text("branch"), f.Hub.at(in.text("ref"))
	if _, is := f.Hub.branches[branch]; is || ref.ID == "" {
		return gitlabNo(http.StatusBadRequest, "Branch already exists")
	}
	f.Hub.branches[branch] = ref.ID
	return http.StatusCreated, object{"name": branch, "commit": gitlabCommit(ref)}
}

func (f *GitLab) deleteBranch(r *http.Request, _ object) (int, any) {
	if _, is := f.Hub.branches[r.PathValue("branch")]; !is {
		return gitlabNo(http.StatusNotFound, "404 Branch Not Found")
	}
	delete(f.Hub.branches, r.PathValue("branch"))
	return http.StatusNoContent, nil
}

func (f *GitLab) makeCommit(_ *http.Request, in object) (int, any) {
	branch, start := in.text("branch"), f.Hub.at(cmp.Or(in.text("start_sha"), in.text("start_branch")))
	force, _ := in["force"].(bool)
	if _, is := f.Hub.branches[branch]; is && !force {
		return gitlabNo(http.StatusBadRequest, "A branch called '"+branch+"' already exists. Switch to that branch in order to make changes")
	}
	files := maps.Clone(f.Hub.files(start.ID))
	if files == nil || in.text("commit_message") == "" {
		return gitlabNo(http.StatusBadRequest, "You can only create or edit files when you are on a branch")
	}
	actions, _ := in["actions"].([]any)
	for _, one := range actions {
		action := object(one.(map[string]any))
		path, content := action.text("file_path"), []byte(action.text("content"))
		if action.text("encoding") == "base64" {
			content, _ = base64.StdEncoding.DecodeString(action.text("content"))
		}
		_, there := files[path]
		switch {
		case action.text("action") == "create" && there:
			return gitlabNo(http.StatusBadRequest, "A file with this name already exists")
		case action.text("action") == "update" && !there:
			return gitlabNo(http.StatusBadRequest, "A file with this name doesn't exist")
		}
		files[path] = string(content)
	}
	f.Hub.branches[branch] = f.Hub.commit(f.Hub.tree(files), in.text("commit_message"), []string{start.ID})
	return http.StatusCreated, gitlabCommit(f.Hub.commits[f.Hub.branches[branch]])
}

// changed are the files in which a commit differs from its first parent.
func (h *Hub) changed(c commit) (paths []string) {
	before := map[string]string{}
	if len(c.Parents) > 0 {
		before = h.files(c.Parents[0])
	}
	for path, content := range h.files(c.ID) {
		if was, is := before[path]; !is || was != content {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

func (f *GitLab) diff(r *http.Request, _ object) (int, any) {
	all := []object{}
	for _, path := range f.Hub.changed(f.Hub.commits[r.PathValue("id")]) {
		all = append(all, object{"new_path": path, "old_path": path, "diff": "", "new_file": false})
	}
	return http.StatusOK, page(all, r.URL.Query().Get("page"), r.URL.Query().Get("per_page"), 20)
}

func gitlabRequest(h *Hub, r *request) object {
	o := object{
		"id": 1000 + r.Number, "iid": r.Number, "project_id": 1, "source_project_id": 1, "target_project_id": 1, "title": r.Title, "description": r.Body,
		"source_branch": r.Branch, "target_branch": r.Base, "sha": h.tip(r), "draft": strings.HasPrefix(r.Title, "Draft: "), "labels": append([]string{}, r.Labels...),
		"state": map[string]string{"open": "opened"}[r.State], "created_at": r.Created.Format(time.RFC3339), "closed_at": nil, "merged_at": nil,
		"web_url": fmt.Sprintf("https://gitlab.com/%s/%s/-/merge_requests/%d", Owner, Name, r.Number),
	}
	if r.Fork != "" {
		o["source_project_id"] = 2
	}
	if r.State != "open" {
		o["state"], o[r.State+"_at"] = r.State, r.Ended.Format(time.RFC3339)
	}
	return o
}

func (f *GitLab) list(r *http.Request, _ object) (int, any) {
	query, found := r.URL.Query(), []object{}
	for _, one := range f.Hub.requests {
		state := map[string]string{"open": "opened"}[one.State]
		asked := cmp.Or(query.Get("state"), "all")
		if (asked == "all" || asked == cmp.Or(state, one.State)) && cmp.Or(query.Get("source_branch"), one.Branch) == one.Branch &&
			cmp.Or(query.Get("target_branch"), one.Base) == one.Base {
			found = append(found, gitlabRequest(f.Hub, one))
		}
	}
	if cmp.Or(query.Get("sort"), "desc") == "desc" {
		slices.Reverse(found)
	}
	return http.StatusOK, page(found, query.Get("page"), query.Get("per_page"), 20)
}

func (f *GitLab) open(_ *http.Request, in object) (int, any) {
	branch, base := in.text("source_branch"), in.text("target_branch")
	if one := f.Hub.standing(branch, base); one != nil {
		return http.StatusConflict, object{"message": []string{fmt.Sprintf("Another open merge request already exists for this source branch: !%d", one.Number)}}
	}
	if f.Hub.branches[branch] == "" || f.Hub.branches[base] == "" || in.text("title") == "" {
		return http.StatusUnprocessableEntity, object{"message": []string{"Source branch does not exist"}}
	}
	made := f.Hub.open(request{Branch: branch, Base: base, Title: in.text("title"), Body: in.text("description"), Labels: commas(in)})
	return http.StatusCreated, gitlabRequest(f.Hub, made)
}

func commas(in object) (labels []string) {
	return strings.FieldsFunc(in.text("labels"), func(r rune) bool { return r == ',' })
}

func (f *GitLab) one(r *http.Request) *request {
	number, _ := strconv.Atoi(r.PathValue("number"))
	return f.Hub.numbered(number)
}

func (f *GitLab) edit(r *http.Request, in object) (int, any) {
	one := f.one(r)
	if one == nil {
		return gitlabNo(http.StatusNotFound, "404 Not found")
	}
	if in["title"] != nil {
		one.Title = in.text("title")
	}
	if in["description"] != nil {
		one.Body = in.text("description")
	}
	if in["labels"] != nil {
		one.Labels = commas(in)
	}
	switch in.text("state_event") {
	case "close":
		f.Hub.end(one, "closed")
	case "reopen":
		f.Hub.reopen(one)
	}
	return http.StatusOK, gitlabRequest(f.Hub, one)
}

func (f *GitLab) notes(r *http.Request, _ object) (int, any) {
	all := []object{}
	if one := f.one(r); one != nil {
		for _, remark := range one.Remarks {
			all = append(all, object{"id": remark.ID, "body": remark.Text, "system": false})
		}
	}
	slices.Reverse(all)
	return http.StatusOK, page(all, r.URL.Query().Get("page"), r.URL.Query().Get("per_page"), 20)
}

func (f *GitLab) note(r *http.Request, in object) (int, any) {
	one := f.one(r)
	if one == nil {
		return gitlabNo(http.StatusNotFound, "404 Not found")
	}
	said := f.Hub.say(one, in.text("body"))
	return http.StatusCreated, object{"id": said.ID, "body": said.Text}
}
