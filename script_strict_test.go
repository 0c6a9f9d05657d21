package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptSetup tells scripts where the code is: $CODE.
func scriptSetup(env *testscript.Env) error {
	dir, err := os.Getwd()
	env.Setenv("CODE", dir)
	return err
}

// scriptStrict starts a vendor that answers 200 only to who asks exactly
// right, and 401 to everybody else.
func scriptStrict(ts *testscript.TestScript, _ bool, _ []string) {
	server := httptest.NewServer(strictVendor())
	ts.Defer(server.Close)
	ts.Setenv("STRICT", server.URL)
}

// strictKey is the secret that the strict vendor wants.
const strictKey = "s3cr3t_in_plain"

func strictVendor() http.Handler {
	mux := http.NewServeMux()
	only := func(pattern string, right func(r *http.Request) bool) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			if !right(r) {
				w.WriteHeader(http.StatusUnauthorized)
			}
			json.NewEncoder(w).Encode(map[string]any{"right": right(r)})
		})
	}
	bearer := func(token string) func(*http.Request) bool {
		return func(r *http.Request) bool { return r.Header.Get("Authorization") == "Bearer "+token }
	}
	only("GET /bearer", bearer("sk_live_51Habcdefghij"))
	only("GET /oauth2", bearer("token-of-"+strictKey))
	only("GET /header", func(r *http.Request) bool { return r.Header.Get("X-Api-Key") == strictKey })
	only("GET /query", func(r *http.Request) bool { return r.URL.Query().Get("api_key") == strictKey })
	only("GET /basic", func(r *http.Request) bool {
		user, password, _ := r.BasicAuth()
		return user == "me" && password == strictKey
	})
	mux.HandleFunc("POST /post", strictPost)
	mux.HandleFunc("POST /token", strictToken)
	mux.HandleFunc("GET /missing", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		io.WriteString(w, `{"error_code":404}`)
	})
	return mux
}

// strictPost wants a JSON body, a header and a query parameter.
func strictPost(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Q     string `json:"q"`
		Limit int    `json:"limit"`
	}
	w.Header().Set("Content-Type", "application/json")
	err := json.NewDecoder(r.Body).Decode(&body)
	if err != nil || body.Q != "lamps" || body.Limit != 3 || r.Header.Get("Content-Type") != "application/json" ||
		r.Header.Get("X-Wanted") != "yes" || r.URL.Query().Get("page") != "1" {
		w.WriteHeader(http.StatusBadRequest)
	}
	io.WriteString(w, `{"found":2}`)
}

// strictToken is an OAuth2 token endpoint for client credentials.
func strictToken(w http.ResponseWriter, r *http.Request) {
	user, secret, ok := r.BasicAuth()
	if !ok {
		user, secret = r.FormValue("client_id"), r.FormValue("client_secret")
	}
	w.Header().Set("Content-Type", "application/json")
	if user != "me" || secret != strictKey || r.FormValue("grant_type") != "client_credentials" {
		w.WriteHeader(http.StatusUnauthorized)
		io.WriteString(w, `{"error":"invalid_client"}`)
		return
	}
	io.WriteString(w, `{"access_token":"token-of-`+strictKey+`","token_type":"Bearer","expires_in":3600}`)
}
