package alerting

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"shapewatch/contracts"
)

// DiscordOptions say where messages go.
type DiscordOptions struct {
	Name       string // of the channel in routes
	URL        string // of a channel's webhook; a secret
	Template   string // of the message's text, in Markdown; empty for the usual words
	HTTPClient *http.Client
}

// Discord posts one message per incident through a webhook and edits it in
// place; since editing rings no bell, a short message follows when the
// incident turns. No message can mention anybody.
type Discord struct {
	options DiscordOptions
	courier courier
	words   *Template
}

// Discord's limits, in characters; 6,000 in all embeds together.
const (
	discordContent     = 2000
	discordTitle       = 256
	discordDescription = 4096
)

// NewDiscord returns a notifier, or an error about its template.
func NewDiscord(o DiscordOptions) (*Discord, error) {
	words, err := newTemplate(o.Template, discordMark, discordDescription)
	return &Discord{o, newCourier(o.Name, o.HTTPClient, urlSecrets(o.URL)...), words}, err
}

// Channel is the name used in routes and on the page.
func (d *Discord) Channel() string { return d.options.Name }

// Pace keeps below the 30 messages a minute that a webhook may send.
func (d *Discord) Pace() time.Duration { return 2 * time.Second }

var discordEscapes = strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "~", `\~`, "`", "\\`", "|", `\|`,
	">", `\>`, "<", `\<`, "[", `\[`, "]", `\]`, "(", `\(`, ")", `\)`, "#", `\#`, "@", `\@`, "://", `:\/\/`)

// discordMark makes foreign text literal in Discord's Markdown.
func discordMark(text string) string { return discordEscapes.Replace(text) }

// A discordMessage is what a webhook posts. AllowedMentions is always there,
// and empty: whatever a text says, it calls nobody.
type discordMessage struct {
	Content         string         `json:"content,omitempty"`
	Embeds          []discordEmbed `json:"embeds,omitempty"`
	AllowedMentions struct {
		Parse []string `json:"parse"`
	} `json:"allowed_mentions"`
}

type discordEmbed struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	URL         string `json:"url,omitempty"`
	Color       int    `json:"color"`
	Timestamp   string `json:"timestamp"`
}

// Notify tells one step.
func (d *Discord) Notify(ctx context.Context, n Notice) (Receipt, error) {
	text, err := d.words.body(d.Channel(), n)
	if err != nil {
		return Receipt{}, err
	}
	id, err := d.place(ctx, n, discordMessageOf(n, text))
	if err != nil {
		return Receipt{}, err
	}
	if n.Receipt.Ref == id && threaded(n.Transition.Kind) {
		l := letterOf(n, discordMark)
		line := discordMessage{Content: clip("**"+l.Icon+" "+l.Word+"** "+l.API+": "+l.Title+"\n"+l.Reason, discordContent)}
		line.AllowedMentions.Parse = []string{}
		if err := d.courier.send(ctx, http.MethodPost, d.address("", false), nil, line, nil); err != nil {
			return Receipt{}, err
		}
	}
	return receipt(d.Channel(), n, id), nil
}

// place edits the message of the incident, or posts it where there is none
// (any more).
func (d *Discord) place(ctx context.Context, n Notice, m discordMessage) (id string, err error) {
	if id = n.Receipt.Ref; id != "" {
		err = d.courier.send(ctx, http.MethodPatch, d.address("/messages/"+url.PathEscape(id), false), nil, m, nil)
		if !answered(err, http.StatusNotFound) {
			return id, err
		}
	}
	var made struct {
		ID string `json:"id"`
	}
	err = d.courier.send(ctx, http.MethodPost, d.address("", true), nil, m, &made)
	return made.ID, err
}

// address is the webhook's with more behind it; its query (a thread) stays.
func (d *Discord) address(more string, wait bool) string {
	base, query, _ := strings.Cut(d.options.URL, "?")
	values, _ := url.ParseQuery(query)
	if wait {
		values.Set("wait", "true") // else the answer does not say which message it made
	}
	if len(values) == 0 {
		return base + more
	}
	return base + more + "?" + values.Encode()
}

func discordMessageOf(n Notice, text string) discordMessage {
	l := letterOf(n, nil)
	icon, word := state(n.Incident)
	m := discordMessage{Embeds: []discordEmbed{{
		Title: clip(discordMark(clip(icon+" "+word+": "+l.API+": "+l.Title, discordTitle/2)), discordTitle), Description: text,
		URL: l.Link, Color: colour(n.Incident), Timestamp: l.Changed.Format(time.RFC3339),
	}}}
	m.AllowedMentions.Parse = []string{}
	return m
}

// colour is the colour of an incident as a number, 0xRRGGBB.
func colour(inc Incident) int {
	switch {
	case inc.Condition == Resolved:
		return 0x009e73
	case inc.Severity == contracts.Breaking:
		return 0xd55e00
	case inc.Severity == contracts.Warning:
		return 0xe69f00
	}
	return 0x0072b2
}
