package alerting

import (
	"context"
	"net/http"
	"strings"
	"time"

	"shapewatch/contracts"
)

// TeamsOptions say where cards go.
type TeamsOptions struct {
	Name       string // of the channel in routes
	URL        string // of a workflow "when a Teams webhook request is received"; a secret
	Template   string // of the card's text; empty for the usual words
	HTTPClient *http.Client
}

// Teams posts an adaptive card through a workflow. A workflow can neither
// update nor reply: each step is a card of its own. All text is in text runs,
// which Teams takes literally: nothing in it is a link or a mention.
type Teams struct {
	options TeamsOptions
	courier courier
	words   *Template
}

// maxTeams is the characters of a card's text. Teams refuses messages above
// 28 KB; a character is up to four bytes, and a line has some more around it.
const maxTeams = 5000

// NewTeams returns a notifier, or an error about its template.
func NewTeams(o TeamsOptions) (*Teams, error) {
	words, err := newTemplate(o.Template, nil, maxTeams)
	return &Teams{o, newCourier(o.Name, o.HTTPClient, urlSecrets(o.URL)...), words}, err
}

// Channel is the name used in routes and on the page.
func (t *Teams) Channel() string { return t.options.Name }

// Pace keeps below the four requests a second that Teams takes.
func (t *Teams) Pace() time.Duration { return time.Second }

// Notify posts one step; what Teams finds too large goes without its details.
func (t *Teams) Notify(ctx context.Context, n Notice) (Receipt, error) {
	text, err := t.words.body(t.Channel(), n)
	if err != nil {
		return Receipt{}, err
	}
	err = t.courier.send(ctx, http.MethodPost, t.options.URL, nil, cardOf(n, text), nil)
	if answered(err, http.StatusBadRequest, http.StatusRequestEntityTooLarge) {
		err = t.courier.send(ctx, http.MethodPost, t.options.URL, nil, cardOf(n, ""), nil)
	}
	if err != nil {
		return Receipt{}, err
	}
	return receipt(t.Channel(), n, ""), nil
}

// cardOf is the message that a workflow expects: an adaptive card, attached.
func cardOf(n Notice, text string) map[string]any {
	l := letterOf(n, nil)
	body := []map[string]any{textRuns(l.Headline(), cardColour(n.Incident), "Large", "Bolder")}
	if text != "" {
		body = append(body, cardLines(text)...)
	}
	card := map[string]any{
		"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4",
		"fallbackText": l.Headline(), "body": body, "msteams": map[string]any{"width": "Full"},
	}
	if l.Link != "" {
		card["actions"] = []map[string]any{{"type": "Action.OpenUrl", "title": "Open the incident", "url": l.Link}}
	}
	return map[string]any{"type": "message", "attachments": []map[string]any{
		{"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": nil, "content": card},
	}}
}

// maxCardLines bounds the blocks of a card.
const maxCardLines = 80

func cardLines(text string) (blocks []map[string]any) {
	for each := range strings.SplitSeq(text, "\n") {
		if strings.TrimSpace(each) == "" || len(blocks) == maxCardLines {
			continue
		}
		block := textRuns(each, "Default", "Default", "Default")
		block["spacing"] = "Small"
		blocks = append(blocks, block)
	}
	return blocks
}

func textRuns(text, colour, size, weight string) map[string]any {
	return map[string]any{"type": "RichTextBlock", "inlines": []map[string]any{
		{"type": "TextRun", "text": text, "color": colour, "size": size, "weight": weight},
	}}
}

func cardColour(inc Incident) string {
	switch {
	case inc.Condition == Resolved:
		return "Good"
	case inc.Severity == contracts.Breaking:
		return "Attention"
	case inc.Severity == contracts.Warning:
		return "Warning"
	}
	return "Accent"
}
