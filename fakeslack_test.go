package main

import (
	"encoding/json"
	"testing"

	"shapewatch/alerting/slacktest"
)

// A fakeSlack is a [slacktest.Slack] as these tests read it: it answers 429 to
// the first call, and to more than one post a second.
type fakeSlack struct{ *slacktest.Slack }

// A slackPost is a message as it stands now.
type slackPost struct{ channel, text, blocks string }

func newFakeSlack(t *testing.T) fakeSlack {
	f := fakeSlack{slacktest.New(t)}
	f.Answer("429")
	f.KeepPace()
	return f
}

// incidentOf is the incident that a message's metadata names.
func incidentOf(m slacktest.Message) string {
	var metadata struct {
		Payload struct {
			ID string `json:"id"`
		} `json:"event_payload"`
	}
	if json.Unmarshal([]byte(m.Metadata), &metadata) != nil {
		return ""
	}
	return metadata.Payload.ID
}

// opened returns each incident's message as it stands, and how many it has.
func (f fakeSlack) opened() (messages map[string]slackPost, times map[string]int) {
	messages, times = map[string]slackPost{}, map[string]int{}
	for _, m := range f.Messages() {
		if id := incidentOf(m); m.Thread == "" {
			times[id]++
			messages[id] = slackPost{m.Channel, m.Text, m.Blocks}
		}
	}
	return messages, times
}

// channels returns the texts of messages by the channel they stand in.
func (f fakeSlack) channels() map[string][]string {
	names := map[string]string{"C042": "#api-drift", "C043": "#oncall"}
	texts := map[string][]string{}
	for _, m := range f.Messages() {
		if m.Thread == "" {
			texts[names[m.Channel]] = append(texts[names[m.Channel]], m.Text)
		}
	}
	return texts
}
