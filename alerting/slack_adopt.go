package alerting

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"
)

// The metadata events that mark our messages.
const (
	incidentEvent = "shapewatch_incident" // one message per incident, updated in place
	stepEvent     = "shapewatch_step"     // a reply in its thread
)

// The bounds of looking back in a channel.
const (
	sightPages = 5
	sightSize  = 200         // messages a page
	sightLasts = time.Minute // one look serves all that is waiting after a crash
)

// A sighting is what a look at the channel found: our messages by incident.
type sighting struct {
	mu      sync.Mutex
	at      time.Time
	since   time.Time
	channel string // its id
	found   map[string]Receipt
}

// Adopt looks through the channel for the message about an incident that an
// earlier process posted and could not note. It needs the scope
// channels:history (groups:history in a private channel), and channels:read
// when the channel is configured by its name.
func (s *Slack) Adopt(ctx context.Context, n Notice) (Receipt, bool, error) {
	if s.options.Webhook != "" {
		return Receipt{}, false, nil // a webhook cannot read
	}
	s.seen.mu.Lock()
	defer s.seen.mu.Unlock()
	since := n.Transition.At.Add(-time.Minute)
	if s.seen.found == nil || time.Since(s.seen.at) > sightLasts || since.Before(s.seen.since) {
		if err := s.look(ctx, since); err != nil {
			return Receipt{}, false, s.classify(err)
		}
	}
	r, found := s.seen.found[n.Incident.ID]
	return r, found, nil
}

// look reads the channel's messages since a time.
func (s *Slack) look(ctx context.Context, since time.Time) error {
	if s.seen.channel == "" {
		id, err := s.channelID(ctx)
		if err != nil {
			return err
		}
		s.seen.channel = id
	}
	found, cursor := map[string]Receipt{}, ""
	for range sightPages {
		page, err := s.api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
			ChannelID: s.seen.channel, Oldest: fmt.Sprintf("%d.000000", since.Unix()), Limit: sightSize, Cursor: cursor, IncludeAllMetadata: true,
		})
		if err != nil {
			return err
		}
		for _, m := range page.Messages {
			id, version, ours := markOf(m.Metadata, incidentEvent)
			if _, newer := found[id]; ours && !newer { // newest first
				found[id] = Receipt{Channel: s.Channel(), Incident: id, Ref: s.seen.channel + "/" + m.Timestamp, Version: version}
			}
		}
		if cursor = page.ResponseMetaData.NextCursor; cursor == "" {
			break
		}
	}
	s.seen.found, s.seen.at, s.seen.since = found, time.Now(), since
	return nil
}

// markOf reads the mark of a message.
func markOf(m slack.SlackMetadata, event string) (id string, version uint64, ours bool) {
	if m.EventType != event {
		return "", 0, false
	}
	id, _ = m.EventPayload["id"].(string)
	number, _ := m.EventPayload["version"].(float64)
	return id, uint64(number), id != ""
}

// channelID is the id of the channel, looked up when it is configured by name.
func (s *Slack) channelID(ctx context.Context) (string, error) {
	name, byName := strings.CutPrefix(s.options.Channel, "#")
	if !byName {
		return name, nil
	}
	cursor := ""
	for range 2 * sightPages {
		channels, next, err := s.api.GetConversationsContext(ctx, &slack.GetConversationsParameters{
			Cursor: cursor, Limit: sightSize, ExcludeArchived: true, Types: []string{"public_channel", "private_channel"},
		})
		if err != nil {
			return "", err
		}
		for _, c := range channels {
			if c.Name == name {
				return c.ID, nil
			}
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	return "", errors.New("the channel is not among those that the app sees: configure it by its id")
}

// replied reports whether an earlier process has told a step in the thread
// already. A step of this process's own time is not looked for.
func (s *Slack) replied(ctx context.Context, channel, stamp string, step Transition) bool {
	if !step.At.Before(s.began) {
		return false
	}
	replies, _, _, err := s.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{
		ChannelID: channel, Timestamp: stamp, Limit: sightSize, IncludeAllMetadata: true,
	})
	if err != nil {
		return false // without the scope: told again
	}
	for _, m := range replies {
		if _, version, ours := markOf(m.Metadata, stepEvent); ours && version == step.Version && m.Metadata.EventPayload["step"] == string(step.Kind) {
			return true
		}
	}
	return false
}

// replyMetadata marks a reply with the step that it tells.
func replyMetadata(n Notice) slack.MsgOption {
	return slack.MsgOptionMetadata(slack.SlackMetadata{EventType: stepEvent, EventPayload: map[string]any{
		"id": n.Incident.ID, "version": n.Transition.Version, "step": string(n.Transition.Kind),
	}})
}
