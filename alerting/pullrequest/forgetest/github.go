package forgetest

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// GitHubToken is one that the fake takes, and hands out to an App with an end.
const GitHubToken = "ghp_ThisIsTheSecretOfTheTests"

// A GitHub is a hub behind GitHub's REST interface and the three mutations
// that are only in GraphQL. It answers the fields that are looked at; a test
// that has GitHub's own description adds the others.
type GitHub struct {
	Hub     *Hub
	App     *rsa.PublicKey // of an App with the ID 7; nil when only the token is taken
	Expires time.Duration  // of an App's tokens; 0 means an hour
	Issued  atomic.Int64   // tokens to the App
	NoDraft bool           // drafts are not part of the plan
	Rules   []string       // kinds of rules for branches: "non_fast_forward"
	Rights  map[string]string
	mux     *http.ServeMux
}

// NewGitHub returns the fake; it answers at / and, as an Enterprise Server
// does, at /api/v3.
func NewGitHub(hub *Hub) *GitHub {
	f := &GitHub{Hub: hub, mux: http.NewServeMux(), Rights: map[string]string{"contents": "write", "pull_requests": "write", "metadata": "read"}}
	at := "/repos/" + Owner + "/" + Name
	for pattern, answer := range map[string]func(*http.Request, object) (int, any){
		"GET " + at:                                 f.repository,
		"GET " + at + "/contents/{path...}":         f.contents,
		"GET " + at + "/git/ref/{ref...}":           f.ref,
		"POST " + at + "/git/refs":                  f.makeRef,
		"GET " + at + "/git/commits/{id}":           f.commit,
		"POST " + at + "/git/commits":               f.makeCommit,
		"POST " + at + "/git/trees":                 f.makeTree,
		"GET " + at + "/git/blobs/{id}":             f.blob,
		"POST " + at + "/git/blobs":                 f.makeBlob,
		"GET " + at + "/pulls":                      f.pulls,
		"POST " + at + "/pulls":                     f.makePull,
		"GET " + at + "/pulls/{number}":             f.pull,
		"PATCH " + at + "/pulls/{number}":           f.editPull,
		"PUT " + at + "/issues/{number}/labels":     f.labels,
		"DELETE " + at + "/issues/{number}/labels":  f.labels,
		"GET " + at + "/issues/{number}/comments":   f.remarks,
		"POST " + at + "/issues/{number}/comments":  f.remark,
		"GET " + at + "/rules/branches/{branch...}": f.rules,
		"GET " + at + "/installation":               f.installation,
		"POST /app/installations/7/access_tokens":   f.accessToken,
		"POST /graphql":                             f.graphql,
	} {
		f.mux.HandleFunc(pattern, f.wrap(answer))
	}
	return f
}

// object is one in JSON.
type object map[string]any

func (o object) text(key string) string {
	text, _ := o[key].(string)
	return text
}

func (f *GitHub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r = r.Clone(r.Context())
	for _, prefix := range []string{"/api/v3", "/api"} {
		r.URL.Path = strings.TrimPrefix(r.URL.Path, prefix)
		r.URL.RawPath = strings.TrimPrefix(r.URL.RawPath, prefix)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if !f.known(r) {
		say(w, http.StatusUnauthorized, object{"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest"})
		return
	}
	f.mux.ServeHTTP(w, r)
}

// wrap reads a JSON body and writes a JSON answer, one request at a time.
func (f *GitHub) wrap(answer func(*http.Request, object) (int, any)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		f.Hub.mu.Lock()
		defer f.Hub.mu.Unlock()
		status, value := answer(r, body(r))
		w.Header().Set("X-Oauth-Scopes", "repo")
		say(w, status, value)
	}
}

// body is the JSON object that a request holds; an array is at "".
func body(r *http.Request) object {
	var value any
	if json.NewDecoder(r.Body).Decode(&value) != nil {
		return object{}
	}
	if o, is := value.(map[string]any); is {
		return o
	}
	return object{"": value}
}

func say(w http.ResponseWriter, status int, value any) {
	w.WriteHeader(status)
	if value != nil {
		_ = json.NewEncoder(w).Encode(value)
	}
}

func githubNo(status int, text string) (int, any) {
	return status, object{"message": text, "documentation_url": "https://docs.github.com/rest", "status": fmt.Sprint(status)}
}

// known reports whether a request says who it is: with the token, or with a
// signed claim to be the App where only that is asked for.
func (f *GitHub) known(r *http.Request) bool {
	token, is := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !is {
		return false
	}
	if strings.HasSuffix(r.URL.Path, "/installation") || strings.HasPrefix(r.URL.Path, "/app/") {
		return f.App != nil && signed(token, f.App)
	}
	return token == GitHubToken || f.App != nil && token == fmt.Sprintf("ghs_installation%d", f.Issued.Load())
}

// signed reports whether a JWT is the App's, and for now.
func signed(token string, key *rsa.PublicKey) bool {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return false
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) != nil {
		return false
	}
	var claims struct {
		Iss      string
		Iat, Exp int64
	}
	text, _ := base64.RawURLEncoding.DecodeString(parts[1])
	now := time.Now().Unix()
	return json.Unmarshal(text, &claims) == nil && claims.Iss == "7" && claims.Iat <= now && claims.Exp > now && claims.Exp-claims.Iat <= 600
}

func (f *GitHub) installation(*http.Request, object) (int, any) {
	return http.StatusOK, object{"id": 7, "app_id": 7, "permissions": f.Rights}
}

func (f *GitHub) accessToken(*http.Request, object) (int, any) {
	lasts := time.Hour
	if f.Expires != 0 {
		lasts = f.Expires
	}
	return http.StatusCreated, object{
		"token": fmt.Sprintf("ghs_installation%d", f.Issued.Add(1)), "expires_at": time.Now().Add(lasts).UTC().Format(time.RFC3339), "permissions": f.Rights,
	}
}

func (f *GitHub) rules(*http.Request, object) (int, any) {
	rules := []object{}
	for _, kind := range f.Rules {
		rules = append(rules, object{"type": kind, "ruleset_id": 1, "ruleset_source": Owner + "/" + Name, "ruleset_source_type": "Repository"})
	}
	return http.StatusOK, rules
}

func (f *GitHub) repository(*http.Request, object) (int, any) {
	return http.StatusOK, object{
		"id": 1, "node_id": "R_1", "name": Name, "full_name": Owner + "/" + Name, "default_branch": Base, "archived": false,
		"permissions": object{"admin": false, "pull": true, "push": f.Rights["contents"] == "write"},
	}
}
