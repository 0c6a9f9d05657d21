package slacktest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"
)

// Read reads a request and says what Slack would find wrong with it: one of
// Slack's error codes, "" for nothing.
func Read(r *http.Request, webhook bool) (call Call, fault string) {
	if webhook {
		return readWebhook(r)
	}
	if r.ParseForm() != nil {
		return call, "invalid_form_data"
	}
	get := r.Form.Get
	call = Call{
		strings.TrimPrefix(r.URL.Path, "/api/"), get("channel"), get("ts"), get("thread_ts"), get("reply_broadcast"),
		get("text"), get("blocks"), get("metadata"), get("unfurl_links"), get("unfurl_media"), get("user"),
	}
	token, want := r.Header.Get("Authorization"), "Bearer "+BotToken
	if token == "" {
		token = "Bearer " + get("token")
	}
	if call.Method == "apps.connections.open" {
		want = "Bearer " + AppToken
	}
	switch {
	case token != want:
		return call, "invalid_auth"
	case call.Method == "chat.update" && !strings.HasPrefix(call.Channel, "C"):
		return call, "channel_not_found" // updating wants the id, not the name
	case call.Method == "chat.postEphemeral" && !strings.HasPrefix(call.User, "U"):
		return call, "user_not_in_channel"
	case strings.HasPrefix(call.Method, "chat."):
		return call, checkMessage(call)
	}
	return call, ""
}

func readWebhook(r *http.Request) (call Call, fault string) {
	var body struct {
		Text        string          `json:"text"`
		Blocks      json.RawMessage `json:"blocks"`
		UnfurlLinks *bool           `json:"unfurl_links"`
	}
	if json.NewDecoder(r.Body).Decode(&body) != nil {
		return call, "invalid_payload"
	}
	call = Call{Method: "webhook", Text: body.Text, Blocks: string(body.Blocks), UnfurlLinks: fmt.Sprint(body.UnfurlLinks != nil && *body.UnfurlLinks)}
	return call, checkMessage(call)
}

// checkMessage holds a message to the limits that Slack documents, and to the
// one of about 13,200 characters in all that it does not.
func checkMessage(c Call) string {
	blocks, fault := decodeBlocks(c.Blocks)
	if fault != "" {
		return fault
	}
	if c.Text == "" && len(blocks) == 0 {
		return "no_text"
	}
	v := checker{actions: map[string]bool{}, ids: map[string]bool{}}
	for _, b := range blocks {
		v.block(b)
	}
	switch {
	case v.bad != "" || len(blocks) > 50:
		return "invalid_blocks"
	case v.total > 13200:
		return "msg_blocks_too_long"
	case utf8.RuneCountInString(c.Text) > 40000:
		return "msg_too_long"
	case c.Metadata != "" && !goodMetadata(c.Metadata):
		return "invalid_metadata_format"
	}
	return ""
}

func goodMetadata(text string) bool {
	var m struct {
		Type    string         `json:"event_type"`
		Payload map[string]any `json:"event_payload"`
	}
	return json.Unmarshal([]byte(text), &m) == nil && m.Type != "" && m.Payload != nil && len(text) < 16<<10
}

// A block is any of the blocks and elements that messages may have; a field
// that none of them has is refused.
type block struct {
	Type        string   `json:"type"`
	BlockID     string   `json:"block_id"`
	Text        *text    `json:"text"`
	Fields      []text   `json:"fields"`
	Elements    []block  `json:"elements"`
	Emoji       *bool    `json:"emoji"`
	Verbatim    *bool    `json:"verbatim"`
	ActionID    string   `json:"action_id"`
	Value       string   `json:"value"`
	Style       string   `json:"style"`
	Confirm     *confirm `json:"confirm"`
	Placeholder *text    `json:"placeholder"`
	Options     []option `json:"options"`
}

type text struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	Emoji    *bool  `json:"emoji"`
	Verbatim *bool  `json:"verbatim"`
}

// UnmarshalJSON takes a text object, and the bare text that a text element of
// a context block carries.
func (t *text) UnmarshalJSON(raw []byte) error {
	if raw[0] == '"' {
		return json.Unmarshal(raw, &t.Text)
	}
	type plain text
	return strict(raw, (*plain)(t))
}

type option struct {
	Text  text   `json:"text"`
	Value string `json:"value"`
}

type confirm struct {
	Title   text   `json:"title"`
	Text    text   `json:"text"`
	Confirm text   `json:"confirm"`
	Deny    text   `json:"deny"`
	Style   string `json:"style"`
}

func strict(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

func decodeBlocks(raw string) (blocks []block, fault string) {
	if raw == "" || raw == "null" {
		return nil, ""
	}
	if strict([]byte(raw), &blocks) != nil {
		return nil, "invalid_blocks_format"
	}
	return blocks, ""
}

// A checker counts characters and remembers the first thing that is wrong.
type checker struct {
	total        int
	bad          string
	actions, ids map[string]bool
}

func (v *checker) want(good bool, what string) {
	if !good && v.bad == "" {
		v.bad = what
	}
}

func (v *checker) text(t *text, limit int, kinds string) {
	if t == nil {
		v.want(false, "no text")
		return
	}
	n := utf8.RuneCountInString(t.Text)
	v.total += n
	v.want(n > 0 && n <= limit, "length of a text")
	v.want(strings.Contains(kinds, t.Type) && t.Type != "", "type of a text")
	v.want(t.Type != "mrkdwn" || t.Emoji == nil, "emoji in mrkdwn")
}

func (v *checker) block(b block) {
	v.want(len(b.BlockID) <= 255 && (b.BlockID == "" || !v.ids[b.BlockID]), "block_id")
	v.ids[b.BlockID] = true
	switch b.Type {
	case "header":
		v.text(b.Text, 150, "plain_text")
	case "section":
		v.want(b.Text != nil || len(b.Fields) > 0, "section without text")
		if b.Text != nil {
			v.text(b.Text, 3000, "plain_text mrkdwn")
		}
		v.want(len(b.Fields) <= 10, "fields")
		for _, f := range b.Fields {
			v.text(&f, 2000, "plain_text mrkdwn")
		}
	case "context":
		v.want(len(b.Elements) >= 1 && len(b.Elements) <= 10, "context elements")
		for _, e := range b.Elements {
			v.text(&text{Type: e.Type, Text: e.Text.Text, Verbatim: e.Verbatim, Emoji: e.Emoji}, 3000, "plain_text mrkdwn")
		}
	case "actions":
		v.want(len(b.Elements) >= 1 && len(b.Elements) <= 25, "action elements")
		for _, e := range b.Elements {
			v.element(e)
		}
	case "divider":
	default:
		v.want(false, "block type "+b.Type)
	}
}

func (v *checker) element(e block) {
	v.want(len(e.ActionID) <= 255 && !v.actions[e.ActionID], "action_id")
	v.actions[e.ActionID] = true
	v.want(e.Style == "" || e.Style == "primary" || e.Style == "danger", "style")
	if c := e.Confirm; c != nil {
		v.text(&c.Title, 100, "plain_text")
		v.text(&c.Text, 300, "plain_text mrkdwn")
		v.text(&c.Confirm, 30, "plain_text")
		v.text(&c.Deny, 30, "plain_text")
	}
	switch e.Type {
	case "button":
		v.text(e.Text, 75, "plain_text")
		v.want(len(e.Value) <= 2000, "value")
	case "static_select":
		v.text(e.Placeholder, 150, "plain_text")
		v.want(len(e.Options) >= 1 && len(e.Options) <= 100, "options")
		for _, o := range e.Options {
			v.text(&o.Text, 75, "plain_text")
			v.want(o.Value != "" && len(o.Value) <= 150, "option value")
		}
	default:
		v.want(false, "element "+e.Type)
	}
}
