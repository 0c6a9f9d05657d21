package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// A fakeSlack speaks the wire format of Slack's chat.postMessage and
// chat.update, enforces its documented limits, and answers 429 to the first
// call of all.
type fakeSlack struct {
	*httptest.Server
	mu      sync.Mutex
	calls   int
	limited int
	faults  []string // what real Slack would have refused
	posts   []slackPost
}

// A slackPost is one accepted call.
type slackPost struct {
	channel  string // as asked for
	method   string // "chat.postMessage" or "chat.update"
	ts       string
	thread   string
	text     string
	blocks   string
	incident string // from the message's metadata; "" for thread replies
}

func newFakeSlack(t *testing.T) *fakeSlack {
	f := &fakeSlack{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/chat.postMessage", f.handle)
	mux.HandleFunc("POST /api/chat.update", f.handle)
	f.Server = httptest.NewServer(mux)
	t.Cleanup(f.Close)
	return f
}

func (f *fakeSlack) handle(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if f.calls == 1 {
		f.limited++
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
		fmt.Fprint(w, `{"ok":false,"error":"ratelimited"}`)
		return
	}
	post, fault := readPost(r, f.calls)
	if fault != "" {
		f.faults = append(f.faults, fault)
		fmt.Fprintf(w, `{"ok":false,"error":%q}`, fault)
		return
	}
	f.posts = append(f.posts, post)
	fmt.Fprintf(w, `{"ok":true,"channel":"C0DRIFT","ts":%q,"message":{"text":""}}`, post.ts)
}

// readPost checks a call as Slack does; fault is the error it would answer.
func readPost(r *http.Request, n int) (post slackPost, fault string) {
	if err := r.ParseForm(); err != nil {
		return post, "invalid_form_data"
	}
	if r.Header.Get("Authorization") != "Bearer xoxb-canary" && r.Form.Get("token") != "xoxb-canary" {
		return post, "invalid_auth"
	}
	post = slackPost{
		method: strings.TrimPrefix(r.URL.Path, "/api/"), ts: fmt.Sprintf("1700000000.%06d", n),
		channel: r.Form.Get("channel"),
		thread:  r.Form.Get("thread_ts"), text: r.Form.Get("text"), blocks: r.Form.Get("blocks"),
	}
	if post.method == "chat.update" {
		post.ts = r.Form.Get("ts")
	}
	var blocks []struct {
		Type string `json:"type"`
		Text struct {
			Text string `json:"text"`
		} `json:"text"`
	}
	if post.blocks != "" && json.Unmarshal([]byte(post.blocks), &blocks) != nil {
		return post, "invalid_blocks_format"
	}
	for _, b := range blocks {
		if len([]rune(b.Text.Text)) > 3000 || b.Type == "header" && len([]rune(b.Text.Text)) > 150 {
			return post, "invalid_blocks"
		}
	}
	switch {
	case post.text == "" && len(blocks) == 0:
		return post, "no_text"
	case len(blocks) > 50, len(post.blocks) > 13200:
		return post, "msg_blocks_too_long"
	}
	var metadata struct {
		Payload struct {
			ID string `json:"id"`
		} `json:"event_payload"`
	}
	if json.Unmarshal([]byte(r.Form.Get("metadata")), &metadata) == nil {
		post.incident = metadata.Payload.ID
	}
	return post, ""
}

// opened returns the first message of each incident, and how often each was
// posted anew.
func (f *fakeSlack) opened() (messages map[string]slackPost, times map[string]int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	messages, times = map[string]slackPost{}, map[string]int{}
	for _, p := range f.posts {
		if p.method == "chat.postMessage" && p.thread == "" {
			times[p.incident]++
			if times[p.incident] == 1 {
				messages[p.incident] = p
			}
		}
	}
	return messages, times
}

// latest returns each incident's message as it stands after all updates.
func (f *fakeSlack) latest() map[string]slackPost {
	f.mu.Lock()
	defer f.mu.Unlock()
	byTS, latest := map[string]string{}, map[string]slackPost{}
	for _, p := range f.posts {
		if p.thread != "" {
			continue
		}
		if p.method == "chat.postMessage" {
			byTS[p.ts] = p.incident
		}
		latest[byTS[p.ts]] = p
	}
	return latest
}

// channels returns the first messages by the channel they were meant for.
func (f *fakeSlack) channels() map[string][]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	texts := map[string][]string{}
	for _, p := range f.posts {
		if p.method == "chat.postMessage" && p.thread == "" {
			texts[p.channel] = append(texts[p.channel], p.text)
		}
	}
	return texts
}
