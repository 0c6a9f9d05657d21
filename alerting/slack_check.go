package alerting

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"
)

// A scope of a bot and what is missing without it.
type scope struct{ name, without string }

// slackScopes are those that the manifest asks for. Only the first is needed.
var slackScopes = []scope{
	{"chat:write", "nothing can be posted"},
	{"chat:write.public", "the app must be invited to each public channel"},
	{"channels:history", "after a crash a message in a public channel may be posted twice"},
	{"groups:history", "after a crash a message in a private channel may be posted twice"},
	{"channels:read", "after a crash a public channel that is configured by name cannot be looked through"},
	{"groups:read", "after a crash a private channel that is configured by name cannot be looked through"},
	{"app_mentions:read", "the app does not answer when it is mentioned"},
}

// SlackManifest is the manifest of a Slack app that shapewatch can use, as
// JSON: create an app from it, install it, and create an app token with the
// scope connections:write.
func SlackManifest(name string) ([]byte, error) {
	var scopes []string
	for _, s := range slackScopes {
		scopes = append(scopes, s.name)
	}
	yes, no := true, false
	return json.MarshalIndent(map[string]any{
		"display_information": map[string]any{
			"name":             clip(name, 35),
			"description":      "Knows when an API you depend on is about to break you",
			"background_color": "#1b1f24",
		},
		"features": map[string]any{"bot_user": map[string]any{"display_name": clip(name, 80), "always_online": yes}},
		"oauth_config": map[string]any{
			"scopes": map[string]any{"bot": scopes},
		},
		"settings": map[string]any{
			"event_subscriptions":    map[string]any{"bot_events": []string{"app_mention"}},
			"interactivity":          map[string]any{"is_enabled": yes},
			"org_deploy_enabled":     no,
			"socket_mode_enabled":    yes,
			"token_rotation_enabled": no,
		},
	}, "", "  ")
}

// SlackMissing says what a bot token and an app token (which may be empty)
// cannot do, a line each; an error when Slack cannot be asked or does not know
// the bot.
func SlackMissing(ctx context.Context, o SlackDeskOptions) (missing []string, err error) {
	settings := []slack.Option{slack.OptionAppLevelToken(o.AppToken)}
	if o.APIURL != "" {
		settings = append(settings, slack.OptionAPIURL(o.APIURL))
	}
	if o.HTTPClient != nil {
		settings = append(settings, slack.OptionHTTPClient(o.HTTPClient))
	}
	api := slack.New(o.BotToken, settings...)
	classify := (&Slack{options: SlackOptions{Name: "slack"}}).classify
	who, err := api.AuthTestContext(ctx)
	if err != nil {
		return nil, classify(err)
	}
	missing = withoutScopes(who.Header)
	if o.AppToken == "" {
		return append(missing, "no app_token: messages have no buttons, and the app does not answer when it is mentioned"), nil
	}
	if _, _, err := api.StartSocketModeContext(ctx); err != nil {
		missing = append(missing, fmt.Sprintf("app_token: %s: messages have buttons that do nothing; it needs the scope connections:write, and Socket Mode must be enabled for the app", line(cause(err).Error(), 80)))
	}
	return missing, nil
}

// withoutScopes reads which scopes a token has from the header of an answer.
func withoutScopes(header http.Header) (missing []string) {
	given := strings.Split(header.Get("X-OAuth-Scopes"), ",")
	for i := range given {
		given[i] = strings.TrimSpace(given[i])
	}
	for _, s := range slackScopes {
		if !slices.Contains(given, s.name) {
			missing = append(missing, "scope "+s.name+": "+s.without)
		}
	}
	return missing
}

// Try tells a made-up incident and its end to a channel, as a person asked for.
// It returns where the channel put it.
func Try(ctx context.Context, n Notifier, notice Notice, end bool) (Receipt, error) {
	told, err := n.Notify(ctx, notice)
	if err != nil || !end {
		return told, err
	}
	if p, ok := n.(paced); ok {
		select {
		case <-ctx.Done():
			return told, ctx.Err()
		case <-time.After(p.Pace()):
		}
	}
	at := time.Now().UTC()
	notice.Receipt = told
	notice.Incident.Condition, notice.Incident.Resolved, notice.Incident.Changed = Resolved, at, at
	notice.Incident.Version++
	for i := range notice.Incident.Entries {
		notice.Incident.Entries[i].Ended = at
	}
	notice.Transition = Transition{Incident: notice.Incident.ID, Kind: Closed, Version: notice.Incident.Version, At: at, Reason: "the test is over"}
	return n.Notify(ctx, notice)
}
