package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"shapewatch/alerting"
	"shapewatch/alerting/pullrequest"
	"shapewatch/alerting/pullrequest/forgetest"
	"shapewatch/alerting/slacktest"
)

// TestPullRequest_IsToldAtTheIncident proves that each turn of a pull request
// is told where its incident is: on the page, in the JSON and in Slack, once,
// over a restart, calling nobody.
func TestPullRequest_IsToldAtTheIncident(t *testing.T) {
	t.Parallel()
	hub, slack := forgetest.NewHub(), slacktest.New(t)
	h := startHosted(t, onHub("github", forgetest.GitHubToken, hub, forgetest.NewGitHub(hub)),
		" }\nslack: { bot_token: \"${SLACK_TOKEN}\", channel: \"#api-drift\", api_url: \""+slack.API()+"\"")
	h.learns()
	h.vendor.do("retype", true)
	id := h.accept("`amount` changed from integer to string")
	h.turns(slack, id, "open", "opened")

	h.kill() // as a power cut would
	h.server = startServer(t, h.bin, h.dir)
	h.vendor.do("null", true)
	h.accept("`created` can be null")
	h.turns(slack, id, "open", "opened", "updated")

	h.merge(h.latest().ID)
	h.within("the end of all incidents", func() bool { return len(h.open()) == 0 })
	h.turns(slack, id, "merged", "opened", "updated", "merged")
	h.repo.Drop(shapewatchStripe)

	h.vendor.do("gone", true)
	gone := h.accept("`id` is gone")
	h.turns(slack, gone, "open", "opened")
	h.vendor.do("gone", false)
	h.turns(slack, gone, "closed", "opened", "closed")
	h.turns(slack, id, "merged", "opened", "updated", "merged")
	for _, m := range slack.Messages() {
		if strings.Contains(m.Text, "<@") || m.Thread != "" && strings.Contains(m.Text, "Pull request") {
			t.Errorf("called somebody, or rang a bell: %+v", m)
		}
	}
}

// turns waits until an incident tells that its newest request has come through
// these turns, each once, and is as told in all places.
func (h *hosted) turns(slack *slacktest.Slack, incident, state string, turns ...string) {
	h.t.Helper()
	h.within(incident+" tells "+strings.Join(turns, ", "), func() bool {
		inc := h.incident(incident)
		said := requestTurns(inc)
		if !slices.Contains(turns, "updated") { // as often as what it asks for moves on
			said = slices.DeleteFunc(said, func(turn string) bool { return turn == "updated" })
		}
		if said = slices.Compact(said); len(inc.Requests) == 0 || fmt.Sprint(said) != fmt.Sprint(turns) {
			return false
		}
		last := inc.Requests[len(inc.Requests)-1]
		return string(last.State) == state
	})
	if inc := h.incident(incident); len(inc.Requests) != 1 {
		h.t.Errorf("%d requests: %+v", len(inc.Requests), inc.Requests)
	} else if h.latest().State == pullrequest.Standing && inc.Requests[0].URL != h.latest().URL {
		h.t.Errorf("tells of %s, want %s", inc.Requests[0].URL, h.latest().URL)
	}
	link := h.incident(incident).Requests[0].URL
	h.within("Slack says "+state+" of "+link, func() bool {
		messages, times := fakeSlack{slack}.opened()
		return times[incident] == 1 && strings.Contains(messages[incident].blocks, `|shapewatch/stripe\u003e `+state) && strings.Contains(messages[incident].blocks, link)
	})
	page := h.get("/incidents/" + incident)
	if !strings.Contains(page, `<a href="`+link+`" rel="noopener noreferrer">shapewatch/stripe</a> `+state+` since`) {
		h.t.Errorf("the page does not say that %s is %s:\n%s", link, state, page)
	}
}

// requestTurns are what the timeline says of requests, oldest first.
func requestTurns(inc alerting.Incident) (said []string) {
	for _, e := range inc.Timeline {
		if words, ok := strings.CutPrefix(e.Text, "pull request "); ok && e.Kind == alerting.Requested {
			said = append(said, words[:strings.Index(words, ":")])
		}
	}
	return said
}

// incident is one as the JSON interface tells it.
func (l *life) incident(id string) (inc alerting.Incident) {
	l.t.Helper()
	if err := json.Unmarshal([]byte(l.get("/api/v1/incidents/"+id)), &inc); err != nil {
		l.t.Fatal(err)
	}
	return inc
}

// get is what the page answers at a path.
func (l *life) get(path string) string {
	l.t.Helper()
	response, err := http.Get("http://" + l.addr + path)
	if err != nil {
		l.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		l.t.Fatal(err)
	}
	return string(text)
}
