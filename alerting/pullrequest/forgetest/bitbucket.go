package forgetest

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// BitbucketToken is one that the fake takes.
const BitbucketToken = "ATCTT-ThisIsTheSecretOfTheTests"

// A Bitbucket is a real bare repository with git's own http-backend, and the
// requests of a hub behind Bitbucket's interface, as its documentation tells
// it.
type Bitbucket struct {
	Hub    *Hub
	Bare   *Bare
	Scopes string
	git    http.Handler
	mux    *http.ServeMux
}

// NewBitbucket returns the fake.
func NewBitbucket(hub *Hub, bare *Bare) *Bitbucket {
	f := &Bitbucket{Hub: hub, Bare: bare, Scopes: "repository:write, pullrequest:write", git: bare.Serve(BitbucketToken), mux: http.NewServeMux()}
	at := "/2.0/repositories/" + Owner + "/" + Name + "/pullrequests"
	for pattern, answer := range map[string]func(*http.Request, object) (int, any){
		"GET " + at:                         f.pulls,
		"POST " + at:                        f.open,
		"GET " + at + "/{number}":           f.pull,
		"PUT " + at + "/{number}":           f.edit,
		"POST " + at + "/{number}/decline":  f.decline,
		"GET " + at + "/{number}/comments":  f.remarks,
		"POST " + at + "/{number}/comments": f.remark,
	} {
		f.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			f.Hub.mu.Lock()
			defer f.Hub.mu.Unlock()
			f.sync()
			status, value := answer(r, body(r))
			w.Header().Set("X-Oauth-Scopes", f.Scopes)
			say(w, status, value)
		})
	}
	return f
}

// sync tells the hub which branches there are.
func (f *Bitbucket) sync() {
	f.Hub.branches = map[string]string{}
	for line := range strings.Lines(f.Bare.Git("for-each-ref", "--format=%(objectname) %(refname:lstrip=2)", "refs/heads")) {
		id, branch, _ := strings.Cut(strings.TrimSpace(line), " ")
		f.Hub.branches[branch] = id
	}
}

func (f *Bitbucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/"+Owner+"/"+Name+".git/") {
		r = r.Clone(r.Context())
		r.URL.Path = strings.TrimPrefix(r.URL.Path, "/"+Owner)
		f.git.ServeHTTP(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if _, password, _ := r.BasicAuth(); r.Header.Get("Authorization") != "Bearer "+BitbucketToken && password != BitbucketToken {
		say(w, http.StatusUnauthorized, object{"type": "error", "error": object{"message": "Token is invalid, expired, or not supported for this endpoint."}})
		return
	}
	f.mux.ServeHTTP(w, r)
}

func bitbucketNo(status int, text string) (int, any) {
	return status, object{"type": "error", "error": object{"message": text}}
}

func (f *Bitbucket) told(r *request) object {
	hash := f.Hub.tip(r)
	repository := object{"full_name": cmp.Or(r.Fork, Owner) + "/" + Name}
	o := object{
		"type": "pullrequest", "id": r.Number, "title": r.Title, "description": r.Body, "summary": object{"raw": r.Body}, "draft": r.Draft, "state": "OPEN",
		"created_on": r.Created.Format("2006-01-02T15:04:05.000000-07:00"), "updated_on": r.Created.Format(time.RFC3339),
		"source":      object{"branch": object{"name": r.Branch}, "commit": object{"hash": hash[:min(12, len(hash))]}, "repository": repository},
		"destination": object{"branch": object{"name": r.Base}, "repository": object{"full_name": Owner + "/" + Name}},
		"links":       object{"html": object{"href": fmt.Sprintf("https://bitbucket.org/%s/%s/pull-requests/%d", Owner, Name, r.Number)}},
	}
	if r.State != "open" {
		o["state"] = map[string]string{"closed": "DECLINED", "merged": "MERGED"}[r.State]
		o["updated_on"] = r.Ended.Format(time.RFC3339)
	}
	return o
}

var branchQuery = regexp.MustCompile(`^source\.branch\.name="([^"\\]*)"$`)

func (f *Bitbucket) pulls(r *http.Request, _ object) (int, any) {
	query, found := r.URL.Query(), []object{}
	branch := branchQuery.FindStringSubmatch(query.Get("q"))
	if query.Get("q") != "" && branch == nil {
		return bitbucketNo(http.StatusBadRequest, "Invalid query")
	}
	states := query["state"]
	if len(states) == 0 {
		states = []string{"OPEN"}
	}
	for _, one := range f.Hub.requests {
		told := f.told(one)
		if slices.Contains(states, told.text("state")) && (branch == nil || branch[1] == one.Branch) {
			found = append(found, told)
		}
	}
	if query.Get("sort") == "-created_on" {
		slices.Reverse(found)
	}
	return http.StatusOK, listed(r, found, 10)
}

// listed is a page of a list, with the address of the next one if there is
// more.
func listed(r *http.Request, all []object, usual int) object {
	number := cmp.Or(r.URL.Query().Get("page"), "1")
	values := page(all, number, cmp.Or(r.URL.Query().Get("pagelen"), strconv.Itoa(usual)), usual)
	at, _ := strconv.Atoi(number)
	o := object{"values": values, "page": at, "size": len(all)}
	if len(values) > 0 && fmt.Sprint(values[len(values)-1]) != fmt.Sprint(all[len(all)-1]) {
		o["next"] = "https://elsewhere.example/next"
	}
	return o
}

func nameOf(in object, end string) string {
	at, _ := in[end].(map[string]any)
	branch, _ := at["branch"].(map[string]any)
	return object(branch).text("name")
}

func (f *Bitbucket) open(_ *http.Request, in object) (int, any) {
	branch, base := nameOf(in, "source"), nameOf(in, "destination")
	draft, _ := in["draft"].(bool)
	if f.Hub.branches[branch] == "" || f.Hub.branches[base] == "" || in.text("title") == "" {
		return bitbucketNo(http.StatusBadRequest, "source: branch not found")
	}
	if one := f.Hub.standing(branch, base); one != nil { // taken for an edit
		one.Title, one.Body, one.Draft = in.text("title"), in.text("description"), draft
		return http.StatusCreated, f.told(one)
	}
	return http.StatusCreated, f.told(f.Hub.open(request{Branch: branch, Base: base, Title: in.text("title"), Body: in.text("description"), Draft: draft}))
}

// one is the request that a path names; it is nil when there is none.
func (f *Bitbucket) one(r *http.Request) *request {
	number, _ := strconv.Atoi(r.PathValue("number"))
	return f.Hub.numbered(number)
}

func (f *Bitbucket) pull(r *http.Request, _ object) (int, any) {
	one := f.one(r)
	if one == nil {
		return bitbucketNo(http.StatusNotFound, "Pull request not found")
	}
	return http.StatusOK, f.told(one)
}

func (f *Bitbucket) edit(r *http.Request, in object) (int, any) {
	one := f.one(r)
	if one == nil || one.State != "open" {
		return bitbucketNo(http.StatusBadRequest, "This pull request is already closed.")
	}
	one.Title, one.Body = in.text("title"), in.text("description")
	one.Draft, _ = in["draft"].(bool)
	return http.StatusOK, f.told(one)
}

func (f *Bitbucket) decline(r *http.Request, _ object) (int, any) {
	one := f.one(r)
	if one == nil || one.State != "open" {
		return bitbucketNo(http.StatusBadRequest, "This pull request is already closed.")
	}
	f.Hub.end(one, "closed")
	return http.StatusOK, f.told(one)
}

func (f *Bitbucket) remarks(r *http.Request, _ object) (int, any) {
	all := []object{}
	if one := f.one(r); one != nil {
		for _, remark := range one.Remarks {
			all = append(all, object{"id": remark.ID, "content": object{"raw": remark.Text}, "deleted": false})
		}
	}
	return http.StatusOK, listed(r, all, 10)
}

func (f *Bitbucket) remark(r *http.Request, in object) (int, any) {
	one := f.one(r)
	content, _ := in["content"].(map[string]any)
	if one == nil || object(content).text("raw") == "" {
		return bitbucketNo(http.StatusNotFound, "Pull request not found")
	}
	said := f.Hub.say(one, object(content).text("raw"))
	return http.StatusCreated, object{"id": said.ID, "content": object{"raw": said.Text}}
}
