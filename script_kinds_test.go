package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/coder/websocket"
	"github.com/rogpeppe/go-internal/testscript"
)

// A kindVendor answers in every way that is more than one GET with one JSON
// body, and breaks each when it is told to.
type kindVendor struct {
	*httptest.Server
	mu     sync.Mutex
	spoilt map[string]bool
	tokens int
}

var kindVendors sync.Map // script → *kindVendor

// scriptKinds starts the vendor; $KINDS is its address, $SOCKETS that of its WebSockets.
func scriptKinds(ts *testscript.TestScript, _ bool, _ []string) {
	v := newKindVendor()
	ts.Defer(v.Close)
	ts.Setenv("KINDS", v.URL)
	ts.Setenv("SOCKETS", "ws"+strings.TrimPrefix(v.URL, "http"))
	kindVendors.Store(ts.Name(), v)
}

// scriptSpoil breaks one way of answering; ! spoil mends it.
func scriptSpoil(ts *testscript.TestScript, neg bool, args []string) {
	v, _ := kindVendors.Load(ts.Name())
	v.(*kindVendor).spoil(args[0], !neg)
}

func newKindVendor() *kindVendor {
	v := &kindVendor{spoilt: map[string]bool{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /list", v.list)
	mux.HandleFunc("POST /graphql", v.graphql)
	mux.HandleFunc("POST /login", v.login)
	mux.HandleFunc("GET /behind/{what}", v.behind)
	mux.HandleFunc("GET /socket", v.socket)
	v.Server = httptest.NewServer(mux)
	return v
}

func (v *kindVendor) spoil(what string, how bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.spoilt[what] = how
}

func (v *kindVendor) is(what string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.spoilt[what]
}

func answerJSON(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body) // the client may have gone
}

// list is 25 things in pages of 10, by page number and by Link header.
func (v *kindVendor) list(w http.ResponseWriter, r *http.Request) {
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	page = max(page, 1)
	shown := page
	if v.is("page") {
		shown = 1
	}
	things := []any{}
	for i := (shown-1)*10 + 1; i <= min(25, shown*10); i++ {
		things = append(things, map[string]any{"id": i, "name": fmt.Sprint("thing ", i)})
	}
	if page < 3 {
		w.Header().Set("Link", fmt.Sprintf(`</list?page=%d&limit=10>; rel="next"`, page+1))
	}
	total := 25
	if v.is("total") {
		total = 40
	}
	answerJSON(w, map[string]any{"data": things, "total": total})
}

// graphql answers one order, with an error beside it when it is told to, and
// its schema, which loses what is spoilt.
func (v *kindVendor) graphql(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Query, OperationName string
		Variables            struct{ ID string }
	}
	switch err := json.NewDecoder(r.Body).Decode(&request); {
	case err != nil:
		w.WriteHeader(http.StatusBadRequest)
	case request.OperationName == "IntrospectionQuery":
		v.schema(w)
	case v.is("graphql"):
		answerJSON(w, map[string]any{"data": map[string]any{"order": map[string]any{"id": request.Variables.ID, "total": nil}},
			"errors": []any{map[string]any{"message": "timeout", "path": []any{"order", "total"}, "extensions": map[string]any{"code": "UPSTREAM"}}}})
	case v.is("denied"):
		answerJSON(w, map[string]any{"data": nil, "errors": []any{map[string]any{"message": "no"}}})
	default:
		answerJSON(w, map[string]any{"data": map[string]any{"order": map[string]any{"id": request.Variables.ID, "total": "9.50"}}})
	}
}

func (v *kindVendor) schema(w http.ResponseWriter) {
	text, err := os.ReadFile("graphql/testdata/schema.json")
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	if v.is("schema") {
		text = bytes.ReplaceAll(text, []byte(`"name": "total"`), []byte(`"name": "amount"`))
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text) // the client may have gone
}

// login gives a token to who knows the password.
func (v *kindVendor) login(w http.ResponseWriter, r *http.Request) {
	var who struct{ User, Password string }
	if json.NewDecoder(r.Body).Decode(&who) != nil || who.Password != "canary-password" || v.is("login") {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.tokens++
	answerJSON(w, map[string]any{"data": map[string]any{"token": fmt.Sprint("canary-token-", v.tokens)}, "expires_in": 3600})
}

// behind answers who brings the first token, and echoes it; every login after
// the first is one too many.
func (v *kindVendor) behind(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Session") != "canary-token-1" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	answerJSON(w, map[string]any{"you": r.Header.Get("X-Session"), "what": r.PathValue("what")})
}

// socket speaks WebSocket: it greets, wants a subscription with the key, and
// then tells prices and trades.
func (v *kindVendor) socket(w http.ResponseWriter, r *http.Request) {
	if v.is("handshake") {
		w.WriteHeader(http.StatusUnauthorized)
		answerJSON(w, map[string]any{"error": "invalid_token"})
		return
	}
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // the client tells
	}
	defer c.CloseNow()
	say := func(text string) { _ = c.Write(r.Context(), websocket.MessageText, []byte(text)) }
	say(`{"type":"hello"}`)
	var asked struct{ Op, Key string }
	if _, text, err := c.Read(r.Context()); err != nil || json.Unmarshal(text, &asked) != nil || asked.Op != "subscribe" || asked.Key != "k-socket-4711" || v.is("subscription") {
		_ = c.Close(4401, "no such key "+asked.Key)
		return
	}
	for i := range 6 {
		say([]string{`{"type":"price","amount":` + strconv.Itoa(i) + `}`, `{"type":"trade","id":"t` + strconv.Itoa(i) + `"}`}[i%2])
	}
	<-c.CloseRead(r.Context()).Done()
}
