package alerting

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/slack-go/slack"
)

// SlackOptions says where and as whom to post. Either BotToken and Channel, or
// Webhook.
type SlackOptions struct {
	Name       string // of the channel in routes; empty means "slack:" + Channel, or "slack"
	BotToken   string // xoxb-…, with scope chat:write
	Channel    string // "#api-drift" or an id
	Webhook    string // incoming webhook URL; a secret
	APIURL     string // of the Web API, ending in "/"; empty means Slack's
	Template   string // of what messages say between header and links, in mrkdwn; empty for the list of changes
	Broadcast  bool   // show the thread's reply in the channel too when an incident gets worse or comes back
	Buttons    bool   // somebody listens to them: see [SlackDesk]; only with BotToken
	HTTPClient *http.Client
}

// Slack tells incidents in a Slack channel.
//
// With a bot token there is one message per incident, updated in place, and a
// reply in its thread when the incident turns; if asked, the reply is also
// shown in the channel when it worsens or comes back. An incoming webhook can neither
// update nor reply: there, each step is a message of its own.
type Slack struct {
	options SlackOptions
	api     *slack.Client
	words   *Template // nil for the list of changes
	began   time.Time
	seen    sighting
}

// NewSlack returns a notifier, or an error that says which option is missing.
func NewSlack(options SlackOptions) (*Slack, error) {
	bot := options.BotToken != ""
	switch {
	case bot == (options.Webhook != ""):
		return nil, errors.New("slack: want either a bot token with a channel, or an incoming webhook")
	case bot && options.Channel == "":
		return nil, errors.New("slack: a bot token needs a channel to post in")
	}
	if options.HTTPClient == nil {
		options.HTTPClient = http.DefaultClient
	}
	if options.Name == "" {
		options.Name = strings.TrimSuffix("slack:"+options.Channel, ":")
	}
	settings := []slack.Option{slack.OptionHTTPClient(options.HTTPClient)}
	if options.APIURL != "" {
		settings = append(settings, slack.OptionAPIURL(options.APIURL))
	}
	options.Buttons = options.Buttons && bot
	s := &Slack{options: options, api: slack.New(options.BotToken, settings...), began: time.Now()}
	if options.Template == "" {
		return s, nil
	}
	var err error
	s.words, err = newTemplate(options.Template, slackMark, maxSection)
	return s, err
}

// Channel is the name used in routes and on the page.
func (s *Slack) Channel() string { return s.options.Name }

// Pace is the least distance of two steps: Slack takes about one message a
// second and channel, and 50 updates a minute.
func (s *Slack) Pace() time.Duration {
	if s.options.Webhook != "" {
		return time.Second
	}
	return 1200 * time.Millisecond
}

// Notify tells one step.
func (s *Slack) Notify(ctx context.Context, notice Notice) (Receipt, error) {
	receipt := Receipt{Channel: s.Channel(), Incident: notice.Incident.ID, Version: notice.Incident.Version}
	m, err := s.message(notice)
	if err != nil {
		return Receipt{}, err
	}
	if s.options.Webhook != "" {
		err = s.postWebhook(ctx, m)
	} else {
		receipt.Ref, err = s.tell(ctx, notice, m)
	}
	if err != nil {
		return Receipt{}, s.classify(err)
	}
	return receipt, nil
}

// message renders an incident as this channel is to show it.
func (s *Slack) message(n Notice) (message, error) {
	style := style{buttons: s.options.Buttons, webhook: s.options.Webhook != ""}
	if s.words != nil {
		var err error
		if style.text, err = s.words.body(s.Channel(), n); err != nil {
			return message{}, err
		}
	}
	return styled(n, style), nil
}

// tell updates the message of the incident and replies in its thread, or posts
// it where there is none (any more). Updating comes first: repeated after a
// failed reply, it changes nothing.
func (s *Slack) tell(ctx context.Context, notice Notice, m message) (ref string, err error) {
	channel, stamp, found := strings.Cut(notice.Receipt.Ref, "/")
	if !found {
		return s.post(ctx, notice, m)
	}
	_, _, err = s.send(ctx, channel, m, slack.MsgOptionUpdate(stamp), metadata(notice))
	if gone(err) {
		return s.post(ctx, notice, m)
	}
	if err != nil || !threaded(notice.Transition.Kind) || s.replied(ctx, channel, stamp, notice.Transition) {
		return notice.Receipt.Ref, err
	}
	options := []slack.MsgOption{slack.MsgOptionTS(stamp), replyMetadata(notice)}
	if kind := notice.Transition.Kind; s.options.Broadcast && (kind == Worsened || kind == Reopened) {
		options = append(options, slack.MsgOptionBroadcast())
	}
	_, _, err = s.send(ctx, channel, replyOf(notice), options...)
	return notice.Receipt.Ref, err
}

func (s *Slack) post(ctx context.Context, notice Notice, m message) (ref string, err error) {
	channel, stamp, err := s.send(ctx, s.options.Channel, m, metadata(notice))
	return channel + "/" + stamp, err
}

// send sends a message, and its text alone if Slack does not take the blocks:
// a plain alert is better than none.
func (s *Slack) send(ctx context.Context, channel string, m message, options ...slack.MsgOption) (id, stamp string, err error) {
	options = append(options,
		slack.MsgOptionText(m.text, false),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl())
	full := options
	if len(m.blocks) > 0 {
		full = append(options[:len(options):len(options)], slack.MsgOptionBlocks(m.blocks...))
	}
	id, stamp, _, err = s.api.SendMessageContext(ctx, channel, full...)
	if len(m.blocks) > 0 && refused(err) {
		id, stamp, _, err = s.api.SendMessageContext(ctx, channel, options...)
	}
	return id, stamp, err
}

// metadata marks a message so that a restarted program can recognise it.
func metadata(notice Notice) slack.MsgOption {
	return slack.MsgOptionMetadata(slack.SlackMetadata{
		EventType:    incidentEvent,
		EventPayload: map[string]any{"id": notice.Incident.ID, "version": notice.Incident.Version},
	})
}

// threaded reports whether a step gets a reply in the thread.
func threaded(kind TransitionKind) bool {
	switch kind {
	case Worsened, Closed, Reopened, Flapped, Steadied, Reminded, Unmuted:
		return true
	}
	return false
}

func (s *Slack) postWebhook(ctx context.Context, m message) error {
	unfurl := false
	post := slack.WebhookMessage{
		Text: m.text, Blocks: &slack.Blocks{BlockSet: m.blocks},
		UnfurlLinks: &unfurl, UnfurlMedia: &unfurl,
	}
	err := slack.PostWebhookCustomHTTPContext(ctx, s.options.Webhook, s.options.HTTPClient, &post)
	var status slack.StatusCodeError
	if errors.As(err, &status) && status.Code == http.StatusBadRequest {
		post.Blocks = nil
		err = slack.PostWebhookCustomHTTPContext(ctx, s.options.Webhook, s.options.HTTPClient, &post)
	}
	return err
}

// cause unwraps an error of the HTTP client, whose text holds the URL: that of
// a webhook is a secret.
func cause(err error) error {
	var request *url.Error
	for errors.As(err, &request) {
		err = request.Err
	}
	return err
}
