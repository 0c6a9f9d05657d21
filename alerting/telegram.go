package alerting

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// TelegramOptions say which bot writes to whom.
type TelegramOptions struct {
	Name       string // of the channel in routes
	Token      string // of the bot; a secret
	Chat       string // id of a chat, or @name of a public channel
	URL        string // of the Bot API; empty means Telegram's own
	Template   string // of the message's text, in Telegram's HTML; empty for the usual words
	HTTPClient *http.Client
}

// Telegram posts one message per incident, edits it in place and replies to it
// when the incident turns. What a vendor sent is escaped, and set as code where
// Telegram would make a link, a mention or a command of it.
type Telegram struct {
	options TelegramOptions
	courier courier
	words   *Template
}

// maxTelegram is the characters of a message, markup not counted.
const maxTelegram = 4096

// NewTelegram returns a notifier, or an error about its template.
func NewTelegram(o TelegramOptions) (*Telegram, error) {
	o.URL = strings.TrimRight(cmp.Or(o.URL, "https://api.telegram.org"), "/")
	words, err := newTemplate(o.Template, telegramMark, maxTelegram-500) // what stands above it is shorter
	_, key, _ := strings.Cut(o.Token, ":")
	return &Telegram{o, newCourier(o.Name, o.HTTPClient, o.Token, key), words}, err
}

// Channel is the name used in routes and on the page.
func (t *Telegram) Channel() string { return t.options.Name }

// Pace keeps below the 20 messages a minute that a group takes.
func (t *Telegram) Pace() time.Duration { return 3 * time.Second }

// telegramMark makes foreign text literal.
func telegramMark(text string) string {
	escaped := html.EscapeString(text)
	if strings.ContainsAny(text, "@/#.:$") {
		return "<code>" + strings.ReplaceAll(escaped, "\n", "</code>\n<code>") + "</code>"
	}
	return escaped
}

// Notify tells one step.
func (t *Telegram) Notify(ctx context.Context, n Notice) (Receipt, error) {
	text, err := t.words.body(t.Channel(), n)
	if err != nil {
		return Receipt{}, err
	}
	message := t.message(n, text)
	id, err := t.place(ctx, n, message)
	if err != nil {
		return Receipt{}, err
	}
	if ref := strconv.FormatInt(id, 10); ref == n.Receipt.Ref && threaded(n.Transition.Kind) {
		l := letterOf(n, telegramMark)
		reply := map[string]any{
			"chat_id": t.options.Chat, "parse_mode": "HTML", "text": "<b>" + l.Icon + " " + l.Word + "</b>\n" + l.Title + "\n" + l.Reason,
			"link_preview_options": noPreview, "reply_parameters": map[string]any{"message_id": id, "allow_sending_without_reply": true},
		}
		if _, err := t.call(ctx, "sendMessage", reply); err != nil {
			return Receipt{}, err
		}
	}
	return receipt(t.Channel(), n, strconv.FormatInt(id, 10)), nil
}

var noPreview = map[string]bool{"is_disabled": true}

func (t *Telegram) message(n Notice, text string) map[string]any {
	l := letterOf(n, telegramMark)
	icon, word := state(n.Incident)
	m := map[string]any{
		"chat_id": t.options.Chat, "parse_mode": "HTML", "link_preview_options": noPreview,
		"text": icon + " <b>" + word + "</b> " + l.API + "\n" + l.Title + "\n" + whole(text),
	}
	if l.Link != "" && !strings.Contains(l.Link, "://127.") && !strings.Contains(l.Link, "://localhost") { // Telegram refuses buttons to these
		m["reply_markup"] = map[string]any{"inline_keyboard": [][]map[string]string{{{"text": "Open the incident", "url": l.Link}}}}
	}
	return m
}

var telegramTags = regexp.MustCompile(`</?([a-z-]+)[^<>]*>`)

// whole takes the markup out of a text in which a cut has torn it: Telegram
// refuses what is opened and not closed.
func whole(text string) string {
	open := map[string]int{}
	for _, tag := range telegramTags.FindAllStringSubmatch(text, -1) {
		if strings.HasPrefix(tag[0], "</") {
			open[tag[1]]--
		} else {
			open[tag[1]]++
		}
	}
	for _, n := range open {
		if n != 0 {
			return telegramMark(clip(html.UnescapeString(telegramTags.ReplaceAllString(text, "")), maxTelegram-500))
		}
	}
	return text
}

// place edits the message of the incident, or posts it where there is none
// (any more).
func (t *Telegram) place(ctx context.Context, n Notice, message map[string]any) (int64, error) {
	if id, err := strconv.ParseInt(n.Receipt.Ref, 10, 64); err == nil {
		message["message_id"] = id
		_, err := t.call(ctx, "editMessageText", message)
		switch {
		case err == nil, refusedWith(err, "message is not modified"):
			return id, nil
		case !refusedWith(err, "message to edit not found") && !refusedWith(err, "message can't be edited"):
			return 0, err
		}
		delete(message, "message_id")
	}
	return t.call(ctx, "sendMessage", message)
}

func refusedWith(err error, words string) bool {
	return err != nil && answered(err, http.StatusBadRequest) && strings.Contains(err.Error(), words)
}

// call asks one method of the Bot API and returns the message's id. Telegram
// says in the body how long to wait.
func (t *Telegram) call(ctx context.Context, method string, body any) (int64, error) {
	text, err := marshal(body)
	if err != nil {
		return 0, t.courier.fail(err, true, 0)
	}
	got, err := t.courier.raw(ctx, http.MethodPost, t.options.URL+"/bot"+t.options.Token+"/"+method, nil, text)
	var failure *DeliveryError
	if errors.As(err, &failure) {
		failure.RetryAfter = max(failure.RetryAfter, telegramWait(err))
	}
	if err != nil {
		return 0, err
	}
	var answer struct {
		OK     bool `json:"ok"`
		Result struct {
			ID int64 `json:"message_id"`
		} `json:"result"`
	}
	if err := json.Unmarshal(got, &answer); err != nil || !answer.OK {
		return 0, t.courier.fail(fmt.Errorf("%s: an answer that is not Telegram's", method), false, 0)
	}
	return answer.Result.ID, nil
}

// telegramWait is the retry_after of an answer, which the courier kept as
// words.
func telegramWait(err error) time.Duration {
	var status *statusError
	if !errors.As(err, &status) || status.code != http.StatusTooManyRequests {
		return 0
	}
	_, after, _ := strings.Cut(status.words, `"retry_after":`)
	var seconds int
	if _, err := fmt.Sscanf(strings.TrimSpace(after), "%d", &seconds); err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}
