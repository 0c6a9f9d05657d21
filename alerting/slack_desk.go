package alerting

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"
)

// throughSlack is what the audit trail calls acts of this desk.
const throughSlack = "slack"

// SlackDeskOptions say whom to listen to and who carries it out.
type SlackDeskOptions struct {
	BotToken   string // xoxb-…, for answers
	AppToken   string // xapp-…, with scope connections:write
	APIURL     string // of the Web API, ending in "/"; empty means Slack's
	Template   string // of messages, as in [SlackOptions]
	Desk       Desk
	Incident   func(ctx context.Context, id string) (Incident, error) // ErrNotFound when there is none
	Open       func(ctx context.Context) ([]Incident, error)          // what is open
	PublicURL  func() string                                          // of the page; "" for none
	HTTPClient *http.Client
	Log        *slog.Logger
}

// A SlackDesk takes clicks on buttons and mentions of the app from Slack over
// Socket Mode: it connects to Slack, so that no port need be open. Slack tells
// a click to one of several processes, and may tell it twice.
type SlackDesk struct {
	options SlackDeskOptions
	api     *slack.Client
	words   *Slack // renders messages as the channel does
	seen    recent
}

// NewSlackDesk returns a desk; nothing happens before [SlackDesk.Run].
func NewSlackDesk(o SlackDeskOptions) (*SlackDesk, error) {
	if !strings.HasPrefix(o.AppToken, "xapp-") || o.BotToken == "" {
		return nil, errors.New("slack: buttons need a bot token and an app token (xapp-…)")
	}
	o.HTTPClient = cmp.Or(o.HTTPClient, http.DefaultClient)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	words, err := NewSlack(SlackOptions{BotToken: o.BotToken, Channel: "C0", Template: o.Template, Buttons: true})
	settings := []slack.Option{slack.OptionAppLevelToken(o.AppToken), slack.OptionHTTPClient(o.HTTPClient)}
	if o.APIURL != "" {
		settings = append(settings, slack.OptionAPIURL(o.APIURL))
	}
	return &SlackDesk{options: o, api: slack.New(o.BotToken, settings...), words: words, seen: recent{known: map[string]bool{}}}, err
}

// Run listens until ctx ends, connecting again whenever the connection is
// lost: after a second at first, after a minute at most.
func (d *SlackDesk) Run(ctx context.Context) error {
	for attempt := 1; ctx.Err() == nil; attempt++ {
		began := time.Now()
		err := d.listen(ctx)
		if ctx.Err() != nil {
			break
		}
		if time.Since(began) > time.Minute {
			attempt = 1
		}
		wait := min(backoff(0, attempt), maxPause)
		d.options.Log.Warn("Slack's buttons do not work: not connected", "err", d.clean(err), "wait", wait)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
	return nil
}

// listen is one life of a client; the client itself survives the reconnects
// that Slack asks for.
func (d *SlackDesk) listen(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	client := socketmode.New(d.api)
	ended := make(chan error, 1)
	go func() { ended <- client.RunContext(ctx) }()
	var hands sync.WaitGroup
	defer hands.Wait()
	for {
		select {
		case err := <-ended:
			return cmp.Or(err, errors.New("the connection ended"))
		case event := <-client.Events:
			if event.Request == nil || event.Type != socketmode.EventTypeInteractive && event.Type != socketmode.EventTypeEventsAPI {
				continue
			}
			if err := client.AckCtx(ctx, event.Request.EnvelopeID, nil); err != nil { // within 3 s, else Slack tells the person that it failed
				d.options.Log.Warn("Slack's click is not acknowledged", "err", d.clean(err))
			}
			hands.Go(func() { d.take(context.WithoutCancel(ctx), event) })
		}
	}
}

// take carries out one click or answers one mention.
func (d *SlackDesk) take(ctx context.Context, event socketmode.Event) {
	ctx, cancel := context.WithTimeout(ctx, 3*sendTimeout)
	defer cancel()
	switch told := event.Data.(type) {
	case slack.InteractionCallback:
		for _, action := range told.ActionCallback.BlockActions {
			if d.seen.first(action.ActionID + "|" + action.ActionTs + "|" + told.User.ID) {
				d.clicked(ctx, told, action)
			}
		}
	case slackevents.EventsAPIEvent:
		mention, ok := told.InnerEvent.Data.(*slackevents.AppMentionEvent)
		if ok && mention.BotID == "" && d.seen.first("mention|"+mention.Channel+"|"+mention.TimeStamp) {
			d.mentioned(ctx, mention)
		}
	}
}

// clicked carries out a click and says to the person who clicked what became
// of it.
func (d *SlackDesk) clicked(ctx context.Context, told slack.InteractionCallback, action *slack.BlockAction) {
	value := cmp.Or(action.Value, action.SelectedOption.Value)
	c, err := readClick(value)
	var answer message
	if err == nil {
		answer, err = d.act(ctx, told, action.ActionID, c)
	}
	if err != nil {
		answer = message{text: "⚠️ " + literal(err.Error(), maxStatement)}
	}
	options := []slack.MsgOption{slack.MsgOptionText(answer.text, false)}
	if len(answer.blocks) > 0 {
		options = append(options, slack.MsgOptionBlocks(answer.blocks...))
	}
	if stamp := told.Message.ThreadTimestamp; stamp != "" {
		options = append(options, slack.MsgOptionTS(stamp))
	}
	if _, err := d.api.PostEphemeralContext(ctx, told.Channel.ID, told.User.ID, options...); err != nil {
		d.options.Log.Warn("a click is not answered", "err", d.clean(err))
	}
}

func (d *SlackDesk) act(ctx context.Context, told slack.InteractionCallback, button string, c click) (message, error) {
	actor := actorOf(told.User)
	switch button {
	case buttonDetails:
		return d.details(ctx, c.incident)
	case buttonSilence:
		s, err := c.silence(actor, time.Now())
		if err == nil {
			s, err = d.options.Desk.Silence(ctx, s)
		}
		if err != nil {
			return message{}, explain(err)
		}
		words := "until it changes"
		if !s.UntilChange {
			words = "until " + date(s.Until)
		}
		return message{text: "🔕 Silenced " + words + ". `shapewatch unsilence " + literal(s.ID, 40) + "` ends it."}, nil
	case buttonAck, buttonAccept:
		kind, done := Acknowledge, "👀 Acknowledged: no more reminders."
		if button == buttonAccept {
			kind, done = Accept, "✅ Accepted: this is how the API answers from now on."
		}
		inc, err := d.options.Desk.Act(ctx, Act{Kind: kind, Incident: c.incident, Actor: actor, Through: throughSlack, At: time.Now()})
		if err != nil {
			return message{}, explain(err)
		}
		d.refresh(ctx, told, inc, string(kind)+" by "+actor)
		return message{text: done}, nil
	}
	return message{}, errors.New("a button of another version: open the incident on the page")
}

// actorOf is how the audit trail calls a person: the id is what counts, since
// names can be changed.
func actorOf(user slack.User) string {
	if name := line(user.Name, 60); name != "" {
		return name + " (" + line(user.ID, 20) + ")"
	}
	return line(user.ID, 20)
}

// explain says what an error of the desk means to who clicked.
func explain(err error) error {
	if errors.Is(err, ErrNotFound) {
		return errors.New("that incident is not known any more")
	}
	return err
}

// refresh shows the incident as it is now at once; the outbox does it again
// when it gets there.
func (d *SlackDesk) refresh(ctx context.Context, told slack.InteractionCallback, inc Incident, reason string) {
	n := Notice{Incident: inc, Link: d.link(inc.ID), Transition: Transition{Incident: inc.ID, Kind: Handled, Version: inc.Version, At: time.Now(), Reason: reason}}
	m, err := d.words.message(n)
	if err != nil || told.Message.Timestamp == "" {
		return
	}
	_, _, _, err = d.api.UpdateMessageContext(ctx, told.Channel.ID, told.Message.Timestamp,
		slack.MsgOptionText(m.text, false), slack.MsgOptionBlocks(m.blocks...), metadata(n))
	if err != nil {
		d.options.Log.Warn("a message is not refreshed", "err", d.clean(err))
	}
}

func (d *SlackDesk) link(id string) string {
	if base := d.options.PublicURL(); base != "" {
		return strings.TrimRight(base, "/") + "/incidents/" + id
	}
	return ""
}

// details is the whole incident, for one person: more changes than the message
// has, and what happened.
func (d *SlackDesk) details(ctx context.Context, id string) (message, error) {
	inc, err := d.options.Incident(ctx, id)
	if err != nil {
		return message{}, explain(err)
	}
	blocks := []slack.Block{header(inc), fields(inc)}
	var foot []slack.Block
	var lines []string
	for _, e := range inc.Timeline[max(0, len(inc.Timeline)-8):] {
		lines = append(lines, date(e.At)+" *"+literal(string(e.Kind), 20)+"* "+literal(e.Text, 150)+" _("+literal(e.Actor, 60)+")_")
	}
	if len(lines) > 0 {
		foot = append(foot, section(strings.Join(lines, "\n")))
	}
	if link := d.link(id); isLink(link) {
		foot = append(foot, section("<"+escape(link)+"|Open the incident>"))
	}
	const shown = 30
	for _, e := range worstFirst(inc.Entries)[:min(len(inc.Entries), shown)] {
		blocks = append(blocks, section(change(e)))
	}
	return message{text: fallback(Notice{Incident: inc, Transition: Transition{Kind: Updated}}), blocks: fit(blocks, foot)}, nil
}

// mentioned answers "@shapewatch status" in the thread of the question.
func (d *SlackDesk) mentioned(ctx context.Context, m *slackevents.AppMentionEvent) {
	text := "I answer `status`."
	if words := strings.Fields(m.Text); slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, "status") }) {
		text = d.status(ctx)
	}
	_, _, err := d.api.PostMessageContext(ctx, m.Channel, slack.MsgOptionText(text, false), slack.MsgOptionTS(cmp.Or(m.ThreadTimeStamp, m.TimeStamp)),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl())
	if err != nil {
		d.options.Log.Warn("a mention is not answered", "err", d.clean(err))
	}
}

// status is what is open, the worst first.
func (d *SlackDesk) status(ctx context.Context) string {
	open, err := d.options.Open(ctx)
	if err != nil {
		return "⚠️ I cannot read what is open: " + literal(err.Error(), maxStatement)
	}
	slices.SortStableFunc(open, func(a, b Incident) int { return int(b.Severity) - int(a.Severity) })
	if len(open) == 0 {
		return "✅ All is as agreed: no incident is open."
	}
	text := count(len(open), "incident") + " open:"
	const shown = 10
	for _, inc := range open[:min(len(open), shown)] {
		name := literal(inc.ID, 40)
		if link := d.link(inc.ID); isLink(link) {
			name = "<" + escape(link) + "|" + name + ">"
		}
		text += fmt.Sprintf("\n%s *%s* %s: %s (%s, since %s) %s", severityIcon(inc.Severity), inc.Severity,
			literal(inc.API, 60), literal(inc.Title, 120), inc.Handling, date(inc.Opened), name)
	}
	if more := len(open) - shown; more > 0 {
		text += fmt.Sprintf("\nand %d more", more)
	}
	return text
}

// clean is an error without tokens and addresses.
func (d *SlackDesk) clean(err error) string {
	if err == nil {
		return ""
	}
	text := cause(err).Error()
	for _, token := range []string{d.options.AppToken, d.options.BotToken} {
		text = strings.ReplaceAll(text, token, "****")
	}
	return line(text, maxStatement)
}

// recent remembers what was taken lately.
type recent struct {
	mu    sync.Mutex
	known map[string]bool
	order []string
}

// first reports whether a key is new, and remembers it.
func (r *recent) first(key string) bool {
	const remembered = 1000
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known[key] {
		return false
	}
	r.known[key] = true
	if r.order = append(r.order, key); len(r.order) > remembered {
		delete(r.known, r.order[0])
		r.order = r.order[1:]
	}
	return true
}
