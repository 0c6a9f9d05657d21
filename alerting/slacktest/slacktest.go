// Package slacktest is a Slack for tests: the wire formats of its Web API, of
// an incoming webhook and of Socket Mode, on 127.0.0.1. It refuses what Slack's
// documentation says that Slack refuses, with Slack's own words, and misbehaves
// as Slack does when asked to: 429, 5xx, dropped connections, clicks told
// twice. It never talks to Slack.
package slacktest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// The tokens that this Slack knows, and the one webhook it has.
const (
	BotToken    = "xoxb-1234-secret"
	AppToken    = "xapp-1-A111-secret"
	WebhookPath = "/services/T0/B0/hook-secret"
)

// A Slack is one workspace with the channels "#api-drift" (C042) and "#oncall"
// (C043).
type Slack struct {
	*httptest.Server

	mu       sync.Mutex
	answers  []string
	calls    []Call
	refused  []string // codes, other than those asked for with Answer
	limited  int      // posts that were answered 429
	messages []*Message
	scopes   []string
	pace     bool
	last     map[string]time.Time // of a post, by channel
	socket   socket
}

// A Call is one request as Slack reads it.
type Call struct {
	Method, Channel, TS, Thread, Broadcast, Text, Blocks, Metadata, UnfurlLinks, UnfurlMedia, User string
}

// A Message is what stands in a channel.
type Message struct {
	Channel, TS, Thread, Text, Blocks, Metadata string
	Broadcast                                   bool
	Deleted                                     bool
}

// channels are the ids by name.
var channels = map[string]string{"api-drift": "C042", "oncall": "C043"}

// AllScopes are those of a bot that may do everything shapewatch does.
var AllScopes = []string{
	"chat:write", "chat:write.public", "channels:history", "groups:history", "channels:read", "groups:read", "app_mentions:read",
}

// New starts a workspace that ends with the test.
func New(t testing.TB) *Slack {
	t.Helper()
	s := Start()
	t.Cleanup(s.Stop)
	return s
}

// Start starts a workspace; Stop ends it.
func Start() *Slack {
	s := &Slack{scopes: AllScopes, last: map[string]time.Time{}}
	s.socket.init()
	mux := http.NewServeMux()
	mux.HandleFunc("/socket", s.serveSocket)
	mux.HandleFunc("/", s.serveCall)
	s.Server = httptest.NewServer(mux)
	return s
}

// Stop ends the workspace and every connection to it.
func (s *Slack) Stop() {
	s.socket.drop()
	s.Server.CloseClientConnections()
	s.Server.Close()
}

// API is the address of the Web API.
func (s *Slack) API() string { return s.URL + "/api/" }

// Answer makes the next calls of the Web API and the webhook fail: each with
// one of Slack's error codes, an HTTP status ("429", "503"), or "drop" for a
// connection that breaks after the work is done.
func (s *Slack) Answer(codes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers = codes
}

// Grant says which scopes the bot has, instead of all.
func (s *Slack) Grant(scopes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scopes = scopes
}

// KeepPace makes Slack answer 429 to more than one post a second and channel.
func (s *Slack) KeepPace() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pace = true
}

// Refused are the calls that real Slack would have refused, with its codes, and
// how many it would have slowed down.
func (s *Slack) Refused() (calls []string, limited int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.refused), s.limited
}

// Take returns the calls so far and forgets them.
func (s *Slack) Take() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := s.calls
	s.calls = nil
	return calls
}

// Messages are what stands in all channels now, oldest first.
func (s *Slack) Messages() (standing []Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.messages {
		if !m.Deleted {
			standing = append(standing, *m)
		}
	}
	return standing
}

// Delete deletes a message, as a person may.
func (s *Slack) Delete(ts string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.find(ts); m != nil {
		m.Deleted = true
	}
}

func (s *Slack) find(ts string) *Message {
	i := slices.IndexFunc(s.messages, func(m *Message) bool { return m.TS == ts && !m.Deleted })
	if i < 0 {
		return nil
	}
	return s.messages[i]
}

func (s *Slack) serveCall(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	webhook := strings.HasPrefix(r.URL.Path, "/services/")
	call, fault := Read(r, webhook)
	if fault != "" {
		s.refused = append(s.refused, call.Method+": "+fault)
	}
	if webhook && r.URL.Path != WebhookPath {
		fault = "404"
	}
	s.calls = append(s.calls, call)
	dropped := false
	if len(s.answers) > 0 {
		if next := s.answers[0]; next == "drop" {
			dropped = true
		} else {
			fault = next
		}
		s.answers = s.answers[1:]
	}
	if fault == "" && s.tooFast(call) {
		fault = "429"
	}
	var answer map[string]any
	if fault == "" {
		if answer, fault = s.carryOut(call, r); fault != "" {
			s.refused = append(s.refused, call.Method+": "+fault)
		}
	}
	if fault == "429" {
		s.limited++
	}
	if dropped {
		panic(http.ErrAbortHandler)
	}
	s.reply(w, webhook, answer, fault)
}

func (s *Slack) reply(w http.ResponseWriter, webhook bool, answer map[string]any, fault string) {
	status := 0
	if len(fault) == 3 {
		_, _ = fmt.Sscanf(fault, "%d", &status)
	}
	switch {
	case status == http.StatusTooManyRequests:
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(status)
	case status != 0:
		w.WriteHeader(status)
	case webhook && fault != "":
		http.Error(w, fault, http.StatusBadRequest)
	case webhook:
		_, _ = w.Write([]byte("ok"))
	default:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("X-OAuth-Scopes", strings.Join(s.scopes, ","))
		if answer == nil {
			answer = map[string]any{}
		}
		if answer["ok"] = fault == ""; fault != "" {
			answer["error"] = fault
		}
		_ = json.NewEncoder(w).Encode(answer)
	}
}

// tooFast reports more than one post a second and channel.
func (s *Slack) tooFast(c Call) bool {
	if !s.pace || c.Method != "chat.postMessage" {
		return false
	}
	now := time.Now()
	fast := now.Sub(s.last[c.Channel]) < time.Second
	if !fast {
		s.last[c.Channel] = now
	}
	return fast
}

// needs is the scope that a method wants.
var needs = map[string]string{
	"chat.postMessage": "chat:write", "chat.update": "chat:write", "chat.postEphemeral": "chat:write",
	"conversations.history": "channels:history", "conversations.replies": "channels:history", "conversations.list": "channels:read",
}

// carryOut does what a good call asks for.
func (s *Slack) carryOut(c Call, r *http.Request) (answer map[string]any, fault string) {
	if scope := needs[c.Method]; scope != "" && !slices.Contains(s.scopes, scope) {
		return nil, "missing_scope"
	}
	channel, known := channelOf(c.Channel)
	if c.Method != "webhook" && needs[c.Method] != "" && c.Method != "conversations.list" && !known {
		return nil, "channel_not_found"
	}
	switch c.Method {
	case "webhook":
		s.messages = append(s.messages, &Message{Channel: "C042", TS: s.stamp(), Text: c.Text, Blocks: c.Blocks})
		return nil, ""
	case "auth.test":
		return map[string]any{"url": "https://acme.slack.com/", "team": "Acme", "user": "shapewatch", "team_id": "T0", "user_id": "U0BOT", "bot_id": "B0"}, ""
	case "chat.postMessage":
		m := &Message{Channel: channel, TS: s.stamp(), Thread: c.Thread, Text: c.Text, Blocks: c.Blocks, Metadata: c.Metadata, Broadcast: c.Broadcast == "true"}
		if c.Thread != "" && s.find(c.Thread) == nil {
			return nil, "thread_not_found"
		}
		s.messages = append(s.messages, m)
		return map[string]any{"channel": channel, "ts": m.TS, "message": map[string]any{"text": m.Text, "ts": m.TS}}, ""
	case "chat.update":
		m := s.find(c.TS)
		if m == nil || m.Channel != channel {
			return nil, "message_not_found"
		}
		m.Text, m.Blocks, m.Metadata = c.Text, c.Blocks, c.Metadata
		return map[string]any{"channel": channel, "ts": m.TS, "text": m.Text}, ""
	case "chat.postEphemeral":
		return map[string]any{"message_ts": s.stamp()}, ""
	case "conversations.list":
		return map[string]any{"channels": []map[string]any{{"id": "C042", "name": "api-drift"}, {"id": "C043", "name": "oncall"}}}, ""
	case "conversations.history", "conversations.replies":
		return map[string]any{"messages": s.history(channel, c.Method == "conversations.replies", r.FormValue("ts"), r.FormValue("oldest"))}, ""
	case "apps.connections.open":
		return s.openSocket(), ""
	}
	return nil, "unknown_method"
}

// history lists messages, newest first; of a thread, oldest first.
func (s *Slack) history(channel string, thread bool, ts, oldest string) []map[string]any {
	list := []map[string]any{}
	for _, m := range s.messages {
		switch {
		case m.Deleted || m.Channel != channel || m.TS < oldest:
		case thread && m.TS != ts && m.Thread != ts:
		case !thread && m.Thread != "" && !m.Broadcast:
		default:
			entry := map[string]any{"type": "message", "ts": m.TS, "text": m.Text, "thread_ts": m.Thread}
			if m.Metadata != "" {
				entry["metadata"] = json.RawMessage(m.Metadata)
			}
			list = append(list, entry)
		}
	}
	if !thread {
		slices.Reverse(list)
	}
	return list
}

// stamp is a new timestamp: after every other one.
func (s *Slack) stamp() string {
	return fmt.Sprintf("%d.%06d", time.Now().Unix(), len(s.messages)+len(s.calls)+1)
}

func channelOf(said string) (id string, known bool) {
	for name, id := range channels {
		if said == id || said == "#"+name || said == name {
			return id, true
		}
	}
	return "", false
}
