package pullrequest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	gitlab "gitlab.com/gitlab-org/api/client-go/v2"
)

// GitLab's description of its REST interface is in no package that can be
// installed, but GitLab's own client is: its types say in GitLab's words which
// fields an answer may have and of which kind, and which a request may.
var gitlabTypes = []gitlabCall{
	{"GET", ``, nil, gitlab.Project{}},
	{"GET", `/repository/files/[^/]+`, gitlab.GetFileOptions{}, gitlab.File{}},
	{"GET", `/repository/branches/[^/]+`, nil, gitlab.Branch{}},
	{"POST", `/repository/branches`, gitlab.CreateBranchOptions{}, gitlab.Branch{}},
	{"DELETE", `/repository/branches/[^/]+`, nil, nil},
	{"POST", `/repository/commits`, gitlab.CreateCommitOptions{}, gitlab.Commit{}},
	{"GET", `/repository/commits/[^/]+/diff`, gitlab.GetCommitDiffOptions{}, []*gitlab.Diff{}},
	{"GET", `/protected_branches`, gitlab.ListProtectedBranchesOptions{}, []*gitlab.ProtectedBranch{}},
	{"GET", `/merge_requests`, gitlab.ListProjectMergeRequestsOptions{}, []*gitlab.BasicMergeRequest{}},
	{"POST", `/merge_requests`, gitlab.CreateMergeRequestOptions{}, gitlab.MergeRequest{}},
	{"PUT", `/merge_requests/\d+`, gitlab.UpdateMergeRequestOptions{}, gitlab.MergeRequest{}},
	{"GET", `/merge_requests/\d+/notes`, gitlab.ListMergeRequestNotesOptions{}, []*gitlab.Note{}},
	{"POST", `/merge_requests/\d+/notes`, gitlab.CreateMergeRequestNoteOptions{}, gitlab.Note{}},
	{"GET", `/personal_access_tokens/self`, nil, gitlab.PersonalAccessToken{}},
}

// A gitlabCall is one operation: asked with an object of one type (in a query,
// or as a body), answered with one of another.
type gitlabCall struct {
	method, path  string
	asked, answer any
}

const gitlabProject = "/api/v4(/projects/acme%2Fcontracts)?"

func gitlabCallOf(r *http.Request) (gitlabCall, bool) {
	i := slices.IndexFunc(gitlabTypes, func(c gitlabCall) bool {
		return c.method == r.Method && regexp.MustCompile("^"+gitlabProject+c.path+"$").MatchString(r.URL.EscapedPath())
	})
	if i < 0 {
		return gitlabCall{}, false
	}
	return gitlabTypes[i], true
}

// gitlabGuarding stands before a fake and fails on what GitLab's types do not
// hold.
func gitlabGuarding(t testing.TB, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(text))
		call, known := gitlabCallOf(r)
		if !known {
			t.Errorf("%s %s is no call of GitLab's", r.Method, r.URL)
		}
		for _, fault := range append(unasked(r, call.asked), unheld(call.asked, text)...) {
			t.Errorf("%s %s: a request that GitLab does not know: %s\n%.500s", r.Method, r.URL, fault, text)
		}
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		if answer.Code < http.StatusMultipleChoices {
			for _, fault := range unheld(call.answer, answer.Body.Bytes()) {
				t.Errorf("%s %s: an answer that GitLab does not give: %s\n%.800s", r.Method, r.URL, fault, answer.Body)
			}
		}
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	})
}

// unasked are parameters of a query that a type does not have.
func unasked(r *http.Request, of any) (found []string) {
	known := fieldsOf(reflect.TypeOf(of), "url")
	for name := range r.URL.Query() {
		if known[strings.TrimSuffix(name, "[]")] == nil {
			found = append(found, "parameter "+name)
		}
	}
	return found
}

// unheld says how a JSON text does not fit a type.
func unheld(of any, text []byte) []string {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil
	}
	if of == nil {
		return []string{"a body where there is none"}
	}
	if err := json.Unmarshal(text, reflect.New(reflect.TypeOf(of)).Interface()); err != nil {
		return []string{err.Error()}
	}
	var value any
	_ = json.Unmarshal(text, &value)
	return beside(reflect.TypeOf(of), value, "")
}

// beside are the places of fields that a type does not have.
func beside(of reflect.Type, value any, at string) (found []string) {
	for of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	switch v := value.(type) {
	case []any:
		if of.Kind() == reflect.Slice {
			for _, one := range v {
				found = append(found, beside(of.Elem(), one, at+"/[]")...)
			}
		}
	case map[string]any:
		known := fieldsOf(of, "json")
		for name, one := range v {
			switch field := known[name]; {
			case of.Kind() != reflect.Struct:
			case field == nil:
				found = append(found, "field "+at+"/"+name)
			default:
				found = append(found, beside(field, one, at+"/"+name)...)
			}
		}
	}
	return found
}

// fieldsOf are the types of a struct's fields, also of those embedded in it, by
// the name that a tag gives them.
func fieldsOf(of reflect.Type, tag string) map[string]reflect.Type {
	known := map[string]reflect.Type{}
	for of != nil && of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if of == nil || of.Kind() != reflect.Struct {
		return known
	}
	for i := range of.NumField() {
		field := of.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get(tag), ",")
		if field.Anonymous && name == "" {
			maps.Copy(known, fieldsOf(field.Type, tag))
		} else if name != "" && name != "-" {
			known[name] = field.Type
		}
	}
	return known
}

// TestGitLabTypes_FindFaults shows that the comparison can fail.
func TestGitLabTypes_FindFaults(t *testing.T) {
	for text, want := range map[string]string{
		`{"iid":1,"labels":["a"],"draft":true,"created_at":"2026-11-02T09:00:00Z"}`: "[]",
		`{"iid":1,"merged":true}`:        "[field /merged]",
		`{"author":{"id":1,"mail":"x"}}`: "[field /author/mail]",
		`{"iid":1} trailing`:             "[invalid character 't' after top-level value]",
	} {
		same(t, want, fmt.Sprint(unheld(gitlab.MergeRequest{}, []byte(text))))
	}
	for _, wrong := range []string{`{"iid":"1"}`, `[]`, `{"created_at":"yesterday"}`, `{"draft":"yes"}`} {
		if len(unheld(gitlab.MergeRequest{}, []byte(wrong))) == 0 {
			t.Errorf("%s is taken for a merge request", wrong)
		}
	}
	asked := httptest.NewRequest(http.MethodGet, "/x?state=all&per_page=3&source=b", http.NoBody)
	same(t, "[parameter source]", fmt.Sprint(unasked(asked, gitlab.ListProjectMergeRequestsOptions{})))
}
