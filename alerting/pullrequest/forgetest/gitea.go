package forgetest

import (
	"encoding/base64"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// GiteaToken is one that the fake takes.
const GiteaToken = "gta_ThisIsTheSecretOfTheTests"

// A Gitea is a hub behind the interface of Gitea or, where they differ, of
// Forgejo.
type Gitea struct {
	Hub     *Hub
	Forgejo bool // replaces a branch by another word
	Push    bool // the token's owner may write
	Limit   int  // of a page, whatever is asked for
	labels  []string
	mux     *http.ServeMux
}

// NewGitea returns the fake.
func NewGitea(hub *Hub) *Gitea {
	f := &Gitea{Hub: hub, Push: true, Limit: 50, mux: http.NewServeMux()}
	at := "/api/v1/repos/" + Owner + "/" + Name
	for pattern, answer := range map[string]func(*http.Request, object) (int, any){
		"GET " + at:                                f.repository,
		"GET " + at + "/contents/{path...}":        f.contents,
		"POST " + at + "/contents":                 f.change,
		"GET " + at + "/branches/{branch...}":      f.branch,
		"POST " + at + "/branches":                 f.makeBranch,
		"DELETE " + at + "/branches/{branch...}":   f.deleteBranch,
		"GET " + at + "/git/commits/{id}":          f.commit,
		"GET " + at + "/pulls":                     f.pulls,
		"POST " + at + "/pulls":                    f.open,
		"PATCH " + at + "/pulls/{number}":          f.edit,
		"GET " + at + "/labels":                    f.allLabels,
		"POST " + at + "/labels":                   f.makeLabel,
		"PUT " + at + "/issues/{number}/labels":    f.setLabels,
		"DELETE " + at + "/issues/{number}/labels": f.setLabels,
		"GET " + at + "/issues/{number}/comments":  f.remarks,
		"POST " + at + "/issues/{number}/comments": f.remark,
	} {
		f.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			f.Hub.mu.Lock()
			defer f.Hub.mu.Unlock()
			status, value := answer(r, body(r))
			say(w, status, value)
		})
	}
	f.mux.HandleFunc("GET "+at+"/raw/{path...}", f.raw)
	return f
}

func (f *Gitea) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	if r.Header.Get("Authorization") != "token "+GiteaToken {
		say(w, http.StatusUnauthorized, object{"message": "user does not exist [uid: 0, name: ]", "url": "https://gitea.example/api/swagger"})
		return
	}
	f.mux.ServeHTTP(w, r)
}

func giteaNo(status int, text string) (int, any) {
	return status, object{"message": text, "url": "https://gitea.example/api/swagger"}
}

func (f *Gitea) repository(*http.Request, object) (int, any) {
	return http.StatusOK, object{
		"id": 1, "name": Name, "full_name": Owner + "/" + Name, "default_branch": Base, "archived": false, "has_pull_requests": true,
		"permissions": object{"admin": false, "pull": true, "push": f.Push},
	}
}

func (f *Gitea) contents(r *http.Request, _ object) (int, any) {
	path := r.PathValue("path")
	files := f.Hub.files(f.Hub.at(r.URL.Query().Get("ref")).ID)
	content, is := files[path]
	if is {
		o := object{"type": "file", "name": path, "path": path, "sha": name("blob", content), "size": len(content), "encoding": "base64"}
		if o["content"] = base64.StdEncoding.EncodeToString([]byte(content)); len(content) > bigFile {
			o["content"], o["encoding"] = nil, nil
		}
		return http.StatusOK, o
	}
	for file := range files {
		if strings.HasPrefix(file, path+"/") {
			return http.StatusOK, []object{{"type": "file", "path": file, "sha": name("blob", files[file])}}
		}
	}
	return giteaNo(http.StatusNotFound, "object does not exist")
}

func (f *Gitea) raw(w http.ResponseWriter, r *http.Request) {
	f.Hub.mu.Lock()
	defer f.Hub.mu.Unlock()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(f.Hub.files(f.Hub.at(r.URL.Query().Get("ref")).ID)[r.PathValue("path")]))
}

func (f *Gitea) change(_ *http.Request, in object) (int, any) {
	base, branch := f.Hub.branches[in.text("branch")], in.text("new_branch")
	force, _ := in[map[bool]string{true: "force_overwrite_new_branch", false: "force_push"}[f.Forgejo]].(bool)
	if _, is := f.Hub.branches[branch]; is && !force {
		return giteaNo(http.StatusUnprocessableEntity, "branch already exists [name: "+branch+"]")
	}
	if base == "" {
		return giteaNo(http.StatusNotFound, "branch does not exist")
	}
	files := maps.Clone(f.Hub.files(base))
	given, _ := in["files"].([]any)
	for _, one := range given {
		o := object(one.(map[string]any))
		was, there := files[o.text("path")]
		content, err := base64.StdEncoding.DecodeString(o.text("content"))
		switch {
		case err != nil:
			return giteaNo(http.StatusUnprocessableEntity, "content is not base64")
		case o.text("operation") == "create" && there:
			return giteaNo(http.StatusUnprocessableEntity, "repository file already exists [path: "+o.text("path")+"]")
		case o.text("operation") == "update" && (!there || o.text("sha") != name("blob", was)):
			return giteaNo(http.StatusUnprocessableEntity, "sha does not match [given: "+o.text("sha")+"]")
		}
		files[o.text("path")] = string(content)
	}
	id := f.Hub.commit(f.Hub.tree(files), in.text("message"), []string{base})
	f.Hub.branches[branch] = id
	return http.StatusCreated, object{"commit": object{"sha": id, "message": in.text("message")}, "files": []object{}}
}

func (f *Gitea) branch(r *http.Request, _ object) (int, any) {
	tip, is := f.Hub.branches[r.PathValue("branch")]
	if !is {
		return giteaNo(http.StatusNotFound, "branch does not exist [name: "+r.PathValue("branch")+"]")
	}
	return http.StatusOK, object{"name": r.PathValue("branch"), "protected": false, "commit": object{"id": tip, "message": f.Hub.commits[tip].Message}}
}

func (f *Gitea) makeBranch(_ *http.Request, in object) (int, any) {
	branch, ref := in.text("new_branch_name"), f.Hub.at(in.text("old_ref_name"))
	if _, is := f.Hub.branches[branch]; is || ref.ID == "" {
		return giteaNo(http.StatusConflict, "The branch already exists.")
	}
	f.Hub.branches[branch] = ref.ID
	return http.StatusCreated, object{"name": branch, "commit": object{"id": ref.ID, "message": ref.Message}}
}

func (f *Gitea) deleteBranch(r *http.Request, _ object) (int, any) {
	if _, is := f.Hub.branches[r.PathValue("branch")]; !is {
		return giteaNo(http.StatusNotFound, "branch does not exist")
	}
	delete(f.Hub.branches, r.PathValue("branch"))
	return http.StatusNoContent, nil
}

func (f *Gitea) commit(r *http.Request, _ object) (int, any) {
	c := f.Hub.commits[r.PathValue("id")]
	if c.ID == "" {
		return giteaNo(http.StatusNotFound, "commit does not exist")
	}
	parents, files := []object{}, []object{}
	for _, id := range c.Parents {
		parents = append(parents, object{"sha": id})
	}
	for _, path := range f.Hub.changed(c) {
		files = append(files, object{"filename": path, "status": "modified"})
	}
	return http.StatusOK, object{
		"sha": c.ID, "parents": parents, "files": files, "created": c.At.Format(time.RFC3339),
		"commit": object{"message": c.Message, "tree": object{"sha": c.Tree}},
	}
}

func (f *Gitea) pull(r *request) object {
	head := Owner + "/" + Name
	if r.Fork != "" {
		head = r.Fork + "/" + Name
	}
	ref := r.Branch
	if _, is := f.Hub.branches[r.Branch]; !is {
		ref = "refs/pull/" + strconv.Itoa(r.Number) + "/head"
	}
	o := object{
		"id": r.Number, "number": r.Number, "title": r.Title, "body": r.Body, "draft": strings.HasPrefix(r.Title, "WIP: "), "state": "open", "merged": r.State == "merged",
		"html_url": "https://gitea.example/" + Owner + "/" + Name + "/pulls/" + strconv.Itoa(r.Number), "labels": f.named(r.Labels),
		"head":       object{"label": r.Branch, "ref": ref, "sha": f.Hub.tip(r), "repo": object{"full_name": head}},
		"base":       object{"label": r.Base, "ref": r.Base, "repo": object{"full_name": Owner + "/" + Name}},
		"created_at": r.Created.Format(time.RFC3339), "closed_at": nil, "merged_at": nil,
	}
	if r.State != "open" {
		o["state"], o["closed_at"] = "closed", r.Ended.Format(time.RFC3339)
	}
	if r.State == "merged" {
		o["merged_at"] = o["closed_at"]
	}
	return o
}

// named are labels with their numbers.
func (f *Gitea) named(labels []string) []object {
	all := []object{}
	for _, label := range labels {
		all = append(all, object{"id": slices.Index(f.labels, label) + 1, "name": label, "color": "8a8a8a"})
	}
	return all
}

func (f *Gitea) pulls(r *http.Request, _ object) (int, any) {
	query, found := r.URL.Query(), []object{}
	for _, one := range f.Hub.requests {
		if state := query.Get("state"); state == "all" || (state == "closed") == (one.State != "open") {
			found = append(found, f.pull(one))
		}
	}
	slices.Reverse(found)
	return http.StatusOK, page(found, query.Get("page"), strconv.Itoa(f.Limit), 30)
}

func (f *Gitea) open(_ *http.Request, in object) (int, any) {
	branch, base := in.text("head"), in.text("base")
	if f.Hub.standing(branch, base) != nil {
		return giteaNo(http.StatusConflict, "pull request already exists for these targets [id: 1, issue_id: 1]")
	}
	if f.Hub.branches[branch] == "" || f.Hub.branches[base] == "" || in.text("title") == "" {
		return giteaNo(http.StatusNotFound, "branch does not exist")
	}
	return http.StatusCreated, f.pull(f.Hub.open(request{Branch: branch, Base: base, Title: in.text("title"), Body: in.text("body")}))
}

func (f *Gitea) one(r *http.Request) *request {
	number, _ := strconv.Atoi(r.PathValue("number"))
	return f.Hub.numbered(number)
}

func (f *Gitea) edit(r *http.Request, in object) (int, any) {
	one := f.one(r)
	switch {
	case one == nil:
		return giteaNo(http.StatusNotFound, "pull request does not exist")
	case in["state"] != nil && one.State == "merged":
		return giteaNo(http.StatusPreconditionFailed, "cannot change state of this pull request, it was already merged")
	case in.text("state") == "open" && !f.Hub.reopen(one):
		return giteaNo(http.StatusUnprocessableEntity, "cannot be reopened")
	case in.text("state") == "closed":
		f.Hub.end(one, "closed")
	}
	if in["title"] != nil {
		one.Title = in.text("title")
	}
	if in["body"] != nil {
		one.Body = in.text("body")
	}
	return http.StatusCreated, f.pull(one)
}

func (f *Gitea) allLabels(r *http.Request, _ object) (int, any) {
	return http.StatusOK, page(f.named(f.labels), r.URL.Query().Get("page"), strconv.Itoa(f.Limit), 30)
}

func (f *Gitea) makeLabel(_ *http.Request, in object) (int, any) {
	f.labels = append(f.labels, in.text("name"))
	return http.StatusCreated, f.named([]string{in.text("name")})[0]
}

func (f *Gitea) setLabels(r *http.Request, in object) (int, any) {
	one, given := f.one(r), in["labels"]
	if one == nil {
		return giteaNo(http.StatusNotFound, "issue does not exist")
	}
	one.Labels = nil
	numbers, _ := given.([]any)
	for _, number := range numbers {
		at, _ := number.(float64)
		if int(at) < 1 || int(at) > len(f.labels) {
			return giteaNo(http.StatusNotFound, "label does not exist")
		}
		one.Labels = append(one.Labels, f.labels[int(at)-1])
	}
	if r.Method == http.MethodDelete {
		return http.StatusNoContent, nil
	}
	return http.StatusOK, f.named(one.Labels)
}

func (f *Gitea) remarks(r *http.Request, _ object) (int, any) {
	all := []object{}
	if one := f.one(r); one != nil {
		for _, remark := range one.Remarks {
			all = append(all, object{"id": remark.ID, "body": remark.Text})
		}
	}
	return http.StatusOK, all
}

func (f *Gitea) remark(r *http.Request, in object) (int, any) {
	one := f.one(r)
	if one == nil {
		return giteaNo(http.StatusNotFound, "issue does not exist")
	}
	said := f.Hub.say(one, in.text("body"))
	return http.StatusCreated, object{"id": said.ID, "body": said.Text}
}
