package alerting_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

const botToken = "xoxb-1234-secret"

// A fakeSlack speaks the wire format of chat.postMessage, chat.update and an
// incoming webhook, and refuses what Slack's documentation says it refuses.
type fakeSlack struct {
	*httptest.Server
	mu       sync.Mutex
	answers  []string // of the next calls, instead of the usual: an error code, or an HTTP status
	calls    []slackCall
	messages map[string]bool // by ts
}

// A slackCall is one request as Slack reads it.
type slackCall struct {
	Method, Channel, TS, Thread, Broadcast, Text, Blocks, Metadata, UnfurlLinks, UnfurlMedia string
}

func newFakeSlack(t *testing.T) *fakeSlack {
	f := &fakeSlack{messages: map[string]bool{}}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

// answer makes the next calls fail.
func (f *fakeSlack) answer(codes ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answers = codes
}

// take returns the calls so far and forgets them.
func (f *fakeSlack) take() []slackCall {
	f.mu.Lock()
	defer f.mu.Unlock()
	calls := f.calls
	f.calls = nil
	return calls
}

func (f *fakeSlack) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	webhook := strings.HasPrefix(r.URL.Path, "/services/")
	call, fault := readCall(r, webhook)
	f.calls = append(f.calls, call)
	if len(f.answers) > 0 {
		fault, f.answers = f.answers[0], f.answers[1:]
	}
	if fault == "" && call.Method == "chat.update" && !f.messages[call.TS] {
		fault = "message_not_found"
	}
	switch {
	case fault == "429":
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTooManyRequests)
	case len(fault) == 3:
		w.WriteHeader(int(fault[0]-'0')*100 + int(fault[1]-'0')*10 + int(fault[2]-'0'))
	case webhook && fault != "":
		http.Error(w, fault, http.StatusBadRequest)
	case webhook:
		fmt.Fprint(w, "ok")
	case fault != "":
		fmt.Fprintf(w, `{"ok":false,"error":%q}`, fault)
	default:
		ts := call.TS
		if call.Method == "chat.postMessage" {
			ts = fmt.Sprintf("1712.%04d", len(f.messages)+1)
			f.messages[ts] = true
		}
		fmt.Fprintf(w, `{"ok":true,"channel":"C042","ts":%q,"message":{"text":"","ts":%q}}`, ts, ts)
	}
}

// readCall reads a request and says what Slack would find wrong with it.
func readCall(r *http.Request, webhook bool) (call slackCall, fault string) {
	if webhook {
		var body struct {
			Text        string          `json:"text"`
			Blocks      json.RawMessage `json:"blocks"`
			UnfurlLinks *bool           `json:"unfurl_links"`
		}
		if json.NewDecoder(r.Body).Decode(&body) != nil {
			return call, "invalid_payload"
		}
		call = slackCall{Method: "webhook", Text: body.Text, Blocks: string(body.Blocks), UnfurlLinks: fmt.Sprint(body.UnfurlLinks != nil && *body.UnfurlLinks)}
		return call, checkMessage(call)
	}
	if r.ParseForm() != nil {
		return call, "invalid_form_data"
	}
	get := r.Form.Get
	call = slackCall{
		strings.TrimPrefix(r.URL.Path, "/api/"), get("channel"), get("ts"), get("thread_ts"), get("reply_broadcast"),
		get("text"), get("blocks"), get("metadata"), get("unfurl_links"), get("unfurl_media"),
	}
	switch {
	case get("token") != botToken && r.Header.Get("Authorization") != "Bearer "+botToken:
		return call, "invalid_auth"
	case call.Method == "chat.update" && call.Channel != "C042":
		return call, "channel_not_found" // updating wants the id, not the name
	}
	return call, checkMessage(call)
}

type blockText struct{ Type, Text string }

// checkMessage holds a message to the limits that Slack documents, and to the
// one of about 13,200 characters in all that it does not.
func checkMessage(call slackCall) string {
	var blocks []struct {
		Type     string
		Text     *blockText
		Fields   []blockText
		Elements []blockText
	}
	if call.Blocks != "" && call.Blocks != "null" && json.Unmarshal([]byte(call.Blocks), &blocks) != nil {
		return "invalid_blocks_format"
	}
	if call.Text == "" && len(blocks) == 0 {
		return "no_text"
	}
	total := 0
	bad := len(blocks) > 50
	within := func(text blockText, limit int) {
		n := utf8.RuneCountInString(text.Text)
		total += n
		bad = bad || n == 0 || n > limit
	}
	for _, b := range blocks {
		limit := 3000
		if b.Type == "header" {
			limit = 150
			bad = bad || b.Text.Type != "plain_text"
		}
		if b.Text != nil {
			within(*b.Text, limit)
		}
		for _, field := range b.Fields {
			within(field, 2000)
		}
		for _, element := range b.Elements {
			within(element, 3000)
		}
		bad = bad || len(b.Fields) > 10 || len(b.Elements) > 10 || b.Text == nil && len(b.Fields)+len(b.Elements) == 0
	}
	switch {
	case bad:
		return "invalid_blocks"
	case total > 13200:
		return "msg_blocks_too_long"
	case utf8.RuneCountInString(call.Text) > 40000:
		return "msg_too_long"
	}
	return ""
}
