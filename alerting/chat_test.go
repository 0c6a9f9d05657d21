package alerting_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/alerting"
)

// checkTeams holds a message to what a Teams workflow takes: an adaptive card
// of at most 28 KB whose text cannot be markup.
func checkTeams(_ *http.Request, body []byte) (any, error) {
	var m struct {
		Type        string `json:"type"`
		Attachments []struct {
			ContentType string  `json:"contentType"`
			ContentURL  *string `json:"contentUrl"`
			Content     struct {
				Schema   string           `json:"$schema"`
				Type     string           `json:"type"`
				Version  string           `json:"version"`
				Fallback string           `json:"fallbackText"`
				Body     []map[string]any `json:"body"`
				Actions  []struct{ Type, Title, URL string }
				Teams    map[string]any `json:"msteams"`
			} `json:"content"`
		} `json:"attachments"`
	}
	if err := strictly(body, &m); err != nil {
		return nil, err
	}
	if len(body) > 28<<10 {
		return nil, fmt.Errorf("%d bytes, at most 28 KB", len(body))
	}
	if m.Type != "message" || len(m.Attachments) != 1 || m.Attachments[0].ContentType != "application/vnd.microsoft.card.adaptive" || m.Attachments[0].Content.Version > "1.5" {
		return nil, errors.New("no adaptive card")
	}
	for _, b := range m.Attachments[0].Content.Body {
		if b["type"] != "RichTextBlock" || b["inlines"] == nil {
			return nil, fmt.Errorf("a block whose text is markup: %v", b)
		}
	}
	return nil, nil
}

func TestTeams_PostsACardForEachStep(t *testing.T) {
	v := newVendor(t, http.StatusAccepted, checkTeams)
	n, err := alerting.NewTeams(alerting.TeamsOptions{Name: "teams", URL: v.URL + "/workflows/teams-secret", HTTPClient: v.Client()})
	if err != nil {
		t.Fatal(err)
	}
	lifeOf(t, n, alerting.Opened, alerting.Closed)
	calls := v.take()
	if len(calls) != 2 || !strings.Contains(calls[0].Body, "Action.OpenUrl") || !strings.Contains(calls[1].Body, "Resolved") {
		t.Errorf("calls: %v", calls)
	}
	v.answer(fault{http.StatusRequestEntityTooLarge, "", ""})
	lifeOf(t, n, alerting.Opened)
	if calls := v.take(); len(calls) != 2 || strings.Contains(calls[1].Body, "was:") {
		t.Errorf("what is too large does not go without details: %v", calls)
	}
	tellsAnything(t, n)
	classes(t, v, n, "teams-secret")
}

// checkDiscord holds a message to Discord's limits, and to mention nobody.
func checkDiscord(r *http.Request, body []byte) (any, error) {
	var m struct {
		Content string
		Embeds  []struct {
			Title, Description, URL, Timestamp string
			Color                              int
		}
		Mentions *struct{ Parse []string } `json:"allowed_mentions"`
	}
	if err := strictly(body, &m); err != nil {
		return nil, err
	}
	if m.Mentions == nil || m.Mentions.Parse == nil || len(m.Mentions.Parse) > 0 {
		return nil, errors.New("somebody may be mentioned")
	}
	if m.Content == "" && len(m.Embeds) == 0 || len(m.Embeds) > 10 {
		return nil, errors.New("Cannot send an empty message")
	}
	total, texts := 0, map[string]int{m.Content: 2000}
	for _, e := range m.Embeds {
		texts[e.Title], texts[e.Description] = 256, 4096
		total += len([]rune(e.Title)) + len([]rune(e.Description))
		if strings.Contains(e.Description, "](http") || e.Color < 0 || e.Color > 0xffffff {
			return nil, errors.New("a link in foreign text, or a colour")
		}
	}
	if total > 6000 {
		return nil, errors.New("embeds exceed 6000")
	}
	if r.Method == http.MethodPost && r.URL.Query().Get("wait") != "true" && len(m.Embeds) > 0 {
		return nil, errors.New("the id of the message would not be known")
	}
	return map[string]string{"id": "1001"}, within(texts)
}

func TestDiscord_EditsInPlaceAndSaysWhenItTurns(t *testing.T) {
	v := newVendor(t, http.StatusOK, checkDiscord)
	n, err := alerting.NewDiscord(alerting.DiscordOptions{Name: "discord", URL: v.URL + "/api/webhooks/1/discord-secret?thread_id=7", HTTPClient: v.Client()})
	if err != nil {
		t.Fatal(err)
	}
	lifeOf(t, n, alerting.Opened, alerting.Updated, alerting.Closed)
	const hook = "/api/webhooks/1/discord-secret"
	want := []string{
		"POST " + hook + "?thread_id=7&wait=true", "PATCH " + hook + "/messages/1001?thread_id=7",
		"PATCH " + hook + "/messages/1001?thread_id=7", "POST " + hook + "?thread_id=7",
	}
	if diff := cmp.Diff(want, lines(v.take())); diff != "" {
		t.Error(diff)
	}
	deleted := stories(t)["one"]
	deleted.Receipt.Ref, deleted.Transition.Kind = "999", alerting.Updated
	v.answer(fault{http.StatusNotFound, "", `{"message":"Unknown Message","code":10008}`})
	if receipt, err := n.Notify(t.Context(), deleted); err != nil || receipt.Ref != "1001" {
		t.Errorf("a deleted message: %+v %v", receipt, err)
	}
	tellsAnything(t, n)
	classes(t, v, n, "discord-secret")
}

var telegramTag = regexp.MustCompile(`</?(b|i|code|pre)>`)

// checkTelegram holds a call to the Bot API: known tags, closed in order, and
// at most 4,096 characters without them.
func checkTelegram(r *http.Request, body []byte) (any, error) {
	var m struct {
		Chat    any    `json:"chat_id"`
		Text    string `json:"text"`
		Mode    string `json:"parse_mode"`
		ID      int64  `json:"message_id"`
		Preview any    `json:"link_preview_options"`
		Reply   any    `json:"reply_parameters"`
		Markup  any    `json:"reply_markup"`
	}
	if err := strictly(body, &m); err != nil {
		return nil, err
	}
	method, known := strings.CutPrefix(r.URL.Path, "/bot12:telegram-secret/")
	if !known || !slices.Contains([]string{"sendMessage", "editMessageText"}, method) || (method == "editMessageText") != (m.ID != 0) {
		return nil, errors.New("method " + r.URL.Path)
	}
	var open []string
	plain := telegramTag.ReplaceAllStringFunc(m.Text, func(tag string) string {
		if name, ends := strings.CutPrefix(tag, "</"); ends {
			if len(open) == 0 || open[len(open)-1] != name {
				open = append(open, "can't parse entities")
			} else {
				open = open[:len(open)-1]
			}
		} else {
			open = append(open, tag[1:])
		}
		return ""
	})
	switch {
	case m.Mode != "HTML" || len(open) > 0 || strings.ContainsAny(plain, "<>"):
		return nil, errors.New("can't parse entities")
	case plain == "" || len([]rune(plain)) > 4096:
		return nil, errors.New("message is too long")
	}
	outside := regexp.MustCompile(`<code>[^<]*</code>`).ReplaceAllString(m.Text, "")
	if strings.Contains(outside, "://") || strings.Contains(outside, "@") {
		return nil, errors.New("a link or a mention of a vendor's: " + outside)
	}
	return map[string]any{"ok": true, "result": map[string]any{"message_id": 42}}, nil
}

func TestTelegram_EditsInPlaceAndReplies(t *testing.T) {
	v := newVendor(t, http.StatusOK, checkTelegram)
	n, err := alerting.NewTelegram(alerting.TelegramOptions{Name: "tg", Token: "12:telegram-secret", Chat: "-100", URL: v.URL, HTTPClient: v.Client()})
	if err != nil {
		t.Fatal(err)
	}
	lifeOf(t, n, alerting.Opened, alerting.Updated, alerting.Closed)
	var methods []string
	for _, c := range v.take() {
		methods = append(methods, c.Path[strings.LastIndexByte(c.Path, '/')+1:])
	}
	if diff := cmp.Diff([]string{"sendMessage", "editMessageText", "editMessageText", "sendMessage"}, methods); diff != "" {
		t.Error(diff)
	}
	same := stories(t)["one"]
	same.Receipt.Ref, same.Transition.Kind = "42", alerting.Updated
	v.answer(fault{http.StatusBadRequest, "", `{"ok":false,"error_code":400,"description":"Bad Request: message is not modified: specified new message content and reply markup are exactly the same"}`})
	if _, err := n.Notify(t.Context(), same); err != nil {
		t.Errorf("nothing to change: %v", err)
	}
	v.answer(fault{http.StatusBadRequest, "", `{"ok":false,"error_code":400,"description":"Bad Request: message to edit not found"}`})
	if receipt, err := n.Notify(t.Context(), same); err != nil || receipt.Ref != "42" {
		t.Errorf("a deleted message: %+v %v", receipt, err)
	}
	v.answer(fault{http.StatusTooManyRequests, "", `{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 17","parameters":{"retry_after":17}}`})
	wantClass(t, "in the body", n, alerting.DeliveryError{RetryAfter: 17 * time.Second}, nil)
	tellsAnything(t, n)
	classes(t, v, n, "telegram-secret")
}

// checkIssues holds requests to a tracker's API; key is that of an issue's
// text.
func checkIssues(issues, key string, list *[]map[string]any) func(*http.Request, []byte) (any, error) {
	return func(r *http.Request, body []byte) (any, error) {
		path, known := strings.CutPrefix(r.URL.EscapedPath(), issues)
		if !known {
			return nil, errors.New("no such project: " + r.URL.EscapedPath())
		}
		if r.Method == http.MethodGet {
			return *list, nil
		}
		var issue map[string]any
		if err := json.Unmarshal(body, &issue); err != nil {
			return nil, err
		}
		text, _ := issue[key].(string)
		if strings.HasSuffix(path, "/comments") || strings.HasSuffix(path, "/notes") {
			text, _ = issue["body"].(string)
		} else if title, _ := issue["title"].(string); title == "" || len([]rune(title)) > 255 {
			return nil, errors.New("title")
		}
		if text == "" || len(text) > 65536 {
			return nil, errors.New("text")
		}
		outside := regexp.MustCompile("(?s)```.*?```|`[^`\n]*`").ReplaceAllString(text, "")
		if strings.Contains(outside, "<!channel>") || strings.Contains(outside, "@everyone") {
			return nil, errors.New("a vendor's text is markup: " + outside)
		}
		issue["number"], issue["iid"] = 7, 7
		if r.Method == http.MethodPost && path == "" {
			*list = append(*list, issue)
		}
		return issue, nil
	}
}

func TestTracker_KeepsOneIssue(t *testing.T) {
	for name, c := range map[string]struct {
		make                               func(alerting.TrackerOptions) (*alerting.Tracker, error)
		issues, text, update, notes, close string
	}{
		"github": {alerting.NewGitHubIssues, "/repos/acme/contracts/issues", "body", "PATCH", "comments", `"state":"closed"`},
		"gitlab": {alerting.NewGitLabIssues, "/projects/acme%2Fcontracts/issues", "description", "PUT", "notes", `"state_event":"close"`},
	} {
		t.Run(name, func(t *testing.T) {
			var list []map[string]any
			v := newVendor(t, http.StatusCreated, checkIssues(c.issues, c.text, &list))
			n, err := c.make(alerting.TrackerOptions{Name: "issues", Project: "acme/contracts", Token: "issue-secret", URL: v.URL, Labels: []string{"drift"}, HTTPClient: v.Client()})
			if err != nil {
				t.Fatal(err)
			}
			lifeOf(t, n, alerting.Opened, alerting.Updated, alerting.Closed)
			calls := v.take()
			want := []string{"POST " + c.issues, c.update + " " + c.issues + "/7", c.update + " " + c.issues + "/7", "POST " + c.issues + "/7/" + c.notes}
			if diff := cmp.Diff(want, lines(calls)); diff != "" {
				t.Fatal(diff)
			}
			if !strings.Contains(calls[2].Body, c.close) || strings.Contains(calls[1].Body, c.close) || !strings.Contains(calls[0].Body, "drift") {
				t.Errorf("bodies: %v", calls)
			}
			if receipt, found, err := n.Adopt(t.Context(), stories(t)["one"]); err != nil || !found || receipt.Ref != "7" {
				t.Errorf("adopt: %+v %v %v", receipt, found, err)
			}
			if _, found, err := n.Adopt(t.Context(), stories(t)["rename"]); err != nil || found {
				t.Errorf("adopted what was never told: %v %v", found, err)
			}
			tellsAnything(t, n)
			classes(t, v, n, "issue-secret")
		})
	}
}
