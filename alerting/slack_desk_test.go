package alerting_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"shapewatch/alerting"
	"shapewatch/alerting/slacktest"
)

// A desk notes what people do to one incident.
type desk struct {
	mu       sync.Mutex
	incident alerting.Incident
	acts     []alerting.Act
	silences []alerting.Silence
	refuse   error
}

func (d *desk) Act(_ context.Context, act alerting.Act) (alerting.Incident, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.refuse != nil {
		return alerting.Incident{}, d.refuse
	}
	d.acts = append(d.acts, act)
	d.incident.Handling = map[alerting.ActKind]alerting.Handling{alerting.Acknowledge: alerting.Acknowledged, alerting.Accept: alerting.Accepted}[act.Kind]
	d.incident.Version++
	return d.incident, nil
}

func (d *desk) Silence(_ context.Context, s alerting.Silence) (alerting.Silence, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s.ID = "sil_0000000000000001"
	d.silences = append(d.silences, s)
	return s, d.refuse
}

func (d *desk) Unsilence(context.Context, string, alerting.Act) error { return nil }

func (d *desk) Silences(context.Context) ([]alerting.Silence, error) { return nil, nil }

func (d *desk) Audit(context.Context, string, int) ([]alerting.Act, error) { return nil, nil }

// atDesk posts an incident with buttons and listens to them.
func atDesk(t *testing.T) (f *slacktest.Slack, d *desk, ts string) {
	t.Helper()
	f, d = slacktest.New(t), &desk{incident: stories(t)["fourteen"].Incident}
	notifier, err := alerting.NewSlack(alerting.SlackOptions{BotToken: botToken, Channel: "#api-drift", APIURL: f.API(), HTTPClient: f.Client(), Buttons: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := notifier.Notify(t.Context(), stories(t)["fourteen"]); err != nil {
		t.Fatal(err)
	}
	listener, err := alerting.NewSlackDesk(alerting.SlackDeskOptions{
		BotToken: botToken, AppToken: slacktest.AppToken, APIURL: f.API(), HTTPClient: f.Client(), Desk: d,
		Incident:  func(context.Context, string) (alerting.Incident, error) { return d.incident, nil },
		Open:      func(context.Context) ([]alerting.Incident, error) { return []alerting.Incident{d.incident}, nil },
		PublicURL: func() string { return "https://drift.example.com" },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- listener.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	f.Take()
	return f, d, f.Messages()[0].TS
}

// answers waits for a call of a method and returns it.
func answers(t *testing.T, f *slacktest.Slack, method string) slacktest.Call {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		for _, c := range f.Take() {
			if c.Method == method {
				return c
			}
		}
	}
	t.Fatalf("no %s", method)
	return slacktest.Call{}
}

func TestSlackDesk_AcknowledgesWithThePersonWhoClicked(t *testing.T) {
	f, d, ts := atDesk(t)
	if err := f.Click("U024BE7LH", ts, "shapewatch_ack", "", true); err != nil {
		t.Fatal(err)
	}
	if answer := answers(t, f, "chat.postEphemeral"); answer.User != "U024BE7LH" || !strings.Contains(answer.Text, "Acknowledged") {
		t.Errorf("answer: %+v", answer)
	}
	if err := f.Mention("U1", "C042", "status"); err != nil { // after it, the click that came twice has been seen twice
		t.Fatal(err)
	}
	answers(t, f, "chat.postMessage")
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.acts) != 1 {
		t.Fatalf("a click told twice made %d acts", len(d.acts))
	}
	act := d.acts[0]
	if act.Kind != alerting.Acknowledge || act.Actor != "ada (U024BE7LH)" || act.Through != "slack" || act.Incident != d.incident.ID {
		t.Errorf("act: %+v", act)
	}
	if shown := f.Messages()[0]; !strings.Contains(shown.Blocks, "acknowledged") || strings.Contains(shown.Blocks, "shapewatch_ack") {
		t.Errorf("the message still offers it: %s", shown.Blocks)
	}
}

func TestSlackDesk_AcceptsOnlyAfterAQuestion(t *testing.T) {
	f, d, ts := atDesk(t)
	if !strings.Contains(f.Messages()[0].Blocks, `"confirm":{"title"`) {
		t.Error("Accept asks nothing")
	}
	if err := f.Click("U1", ts, "shapewatch_accept", "", false); err != nil {
		t.Fatal(err)
	}
	answers(t, f, "chat.postEphemeral")
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.acts) != 1 || d.acts[0].Kind != alerting.Accept {
		t.Errorf("acts: %+v", d.acts)
	}
}

func TestSlackDesk_SilencesForTheTimeChosen(t *testing.T) {
	f, d, ts := atDesk(t)
	for _, choice := range []string{"8h", "change"} {
		if err := f.Click("U1", ts, "shapewatch_silence", choice, false); err != nil {
			t.Fatal(err)
		}
		answers(t, f, "chat.postEphemeral")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.silences) != 2 || d.silences[0].Matcher.Incident != d.incident.ID || !d.silences[1].UntilChange {
		t.Fatalf("silences: %+v", d.silences)
	}
	if left := time.Until(d.silences[0].Until); left < 7*time.Hour || left > 8*time.Hour || !d.silences[1].Until.IsZero() {
		t.Errorf("until: %v, %v", d.silences[0].Until, d.silences[1].Until)
	}
}

func TestSlackDesk_ShowsDetailsToOnePerson(t *testing.T) {
	f, _, ts := atDesk(t)
	if err := f.Click("U1", ts, "shapewatch_details", "", false); err != nil {
		t.Fatal(err)
	}
	answer := answers(t, f, "chat.postEphemeral")
	if n := strings.Count(answer.Blocks, "was:"); n != 14 {
		t.Errorf("%d changes, want 14: %s", n, answer.Blocks)
	}
}

func TestSlackDesk_SaysWhyAnActMakesNoSense(t *testing.T) {
	f, d, ts := atDesk(t)
	d.refuse = fmt.Errorf("%w: it is over since <!channel>", alerting.ErrUnfit)
	if err := f.Click("U1", ts, "shapewatch_ack", "", false); err != nil {
		t.Fatal(err)
	}
	if answer := answers(t, f, "chat.postEphemeral"); !strings.Contains(answer.Text, "it is over") || strings.Contains(answer.Text, "<!") {
		t.Errorf("answer: %q", answer.Text)
	}
}

func TestSlackDesk_AnswersStatus(t *testing.T) {
	f, d, _ := atDesk(t)
	d.incident.Title = "<!channel> went away"
	if err := f.Mention("U1", "C042", "Status, please? status"); err != nil {
		t.Fatal(err)
	}
	answer := answers(t, f, "chat.postMessage")
	if answer.Thread == "" || !strings.Contains(answer.Text, "1 incident open") || !strings.Contains(answer.Text, d.incident.ID) || strings.Contains(answer.Text, "<!channel>") {
		t.Errorf("answer: %+v", answer)
	}
	if err := f.Mention("U1", "C042", "hello"); err != nil {
		t.Fatal(err)
	}
	if answer := answers(t, f, "chat.postMessage"); !strings.Contains(answer.Text, "`status`") {
		t.Errorf("answer: %+v", answer)
	}
}

func TestSlackDesk_ConnectsAgain(t *testing.T) {
	f, _, ts := atDesk(t)
	click := func() {
		t.Helper()
		if err := f.Click("U1", ts, "shapewatch_details", "", false); err != nil {
			t.Fatal(err)
		}
		answers(t, f, "chat.postEphemeral")
	}
	click()
	f.Disconnect() // as Slack asks every few hours
	waitFor(t, func() bool { return f.Connections() == 2 })
	click()
	f.Drop() // and as networks do
	waitFor(t, func() bool { return f.Connections() == 3 })
	click()
}

func waitFor(t *testing.T, true func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !true(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("waited in vain")
		}
	}
}

func TestNewSlackDesk_WantsBothTokens(t *testing.T) {
	for _, o := range []alerting.SlackDeskOptions{{BotToken: "xoxb-1"}, {AppToken: "xapp-1"}, {BotToken: "xoxb-1", AppToken: "xoxb-2"}} {
		if _, err := alerting.NewSlackDesk(o); err == nil {
			t.Errorf("%+v: no error", o)
		}
	}
}

// TestSlack_AdoptsWhatACrashLeft posts, forgets the receipt as a crash does,
// and finds the message again: by the channel's name, too.
func TestSlack_AdoptsWhatACrashLeft(t *testing.T) {
	for _, channel := range []string{"#api-drift", "C042"} {
		f := slacktest.New(t)
		options := alerting.SlackOptions{BotToken: botToken, Channel: channel, APIURL: f.API(), HTTPClient: f.Client()}
		notice := stories(t)["one"]
		notice.Transition.At = time.Now()
		before, err := alerting.NewSlack(options)
		if err != nil {
			t.Fatal(err)
		}
		f.Answer("drop") // the post is made, its answer is lost
		if _, err := before.Notify(t.Context(), notice); err == nil {
			t.Fatal("the connection was not dropped")
		}
		after, err := alerting.NewSlack(options)
		if err != nil {
			t.Fatal(err)
		}
		receipt, found, err := after.Adopt(t.Context(), notice)
		if err != nil || !found || receipt.Ref != "C042/"+f.Messages()[0].TS || receipt.Version != notice.Incident.Version {
			t.Errorf("%s: %+v %v %v", channel, receipt, found, err)
		}
		other := stories(t)["rename"]
		other.Transition.At = notice.Transition.At
		if _, found, err := after.Adopt(t.Context(), other); found || err != nil {
			t.Errorf("%s: found what was never told, %v", channel, err)
		}
		f.Take()
	}
}

func TestSlack_CannotAdoptWithoutTheScope(t *testing.T) {
	f := slacktest.New(t)
	f.Grant("chat:write")
	s, err := alerting.NewSlack(alerting.SlackOptions{BotToken: botToken, Channel: "C042", APIURL: f.API(), HTTPClient: f.Client()})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Adopt(t.Context(), stories(t)["one"]); err == nil || !strings.Contains(err.Error(), "missing_scope") {
		t.Errorf("error %v", err)
	}
}

// TestSlack_RepliesOnceOverACrash tells the end, loses the answer of the reply
// and tells it again as a new process.
func TestSlack_RepliesOnceOverACrash(t *testing.T) {
	f := slacktest.New(t)
	options := alerting.SlackOptions{BotToken: botToken, Channel: "C042", APIURL: f.API(), HTTPClient: f.Client()}
	s, err := alerting.NewSlack(options)
	if err != nil {
		t.Fatal(err)
	}
	receipt, err := s.Notify(t.Context(), stories(t)["one"])
	if err != nil {
		t.Fatal(err)
	}
	end := stories(t)["resolved"]
	end.Receipt, end.Transition.At = receipt, time.Now()
	if _, err := s.Notify(t.Context(), end); err != nil {
		t.Fatal(err)
	}
	again, err := alerting.NewSlack(options)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.Notify(t.Context(), end); err != nil {
		t.Fatal(err)
	}
	if n := len(f.Messages()); n != 2 {
		t.Errorf("%d messages, want the incident and one reply", n)
	}
}

func TestSlackMissing_NamesScopes(t *testing.T) {
	f := slacktest.New(t)
	f.Grant("chat:write", "channels:history")
	o := alerting.SlackDeskOptions{BotToken: botToken, APIURL: f.API(), HTTPClient: f.Client()}
	missing, err := alerting.SlackMissing(t.Context(), o)
	text := strings.Join(missing, "\n")
	if err != nil || !strings.Contains(text, "scope app_mentions:read") || !strings.Contains(text, "no app_token") || strings.Contains(text, "scope chat:write:") {
		t.Errorf("%v\n%s", err, text)
	}
	f.Grant(slacktest.AllScopes...)
	o.AppToken = slacktest.AppToken
	if missing, err := alerting.SlackMissing(t.Context(), o); err != nil || len(missing) != 0 {
		t.Errorf("missing %v, %v", missing, err)
	}
	o.AppToken = "xapp-wrong"
	if missing, _ := alerting.SlackMissing(t.Context(), o); len(missing) != 1 || !strings.Contains(missing[0], "app_token") || strings.Contains(missing[0], "xapp-wrong") {
		t.Errorf("missing %v", missing)
	}
	o.BotToken = "xoxb-wrong"
	if _, err := alerting.SlackMissing(t.Context(), o); err == nil || strings.Contains(err.Error(), "xoxb-wrong") {
		t.Errorf("error %v", err)
	}
}

// TestSlack_ShowsProposalMentionAndTemplate holds what only some messages have
// to the same limits.
func TestSlack_ShowsProposalMentionAndTemplate(t *testing.T) {
	f := slacktest.New(t)
	notice := stories(t)["hostile"]
	notice.Mention, notice.Proposal = "<!subteam^S042>", "@@ -1 +1 @@\n-a: <!channel>\n+```\n"+strings.Repeat("+x: &&&&\n", 900)
	s, err := alerting.NewSlack(alerting.SlackOptions{BotToken: botToken, Channel: "C042", APIURL: f.API(), HTTPClient: f.Client(), Buttons: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Notify(t.Context(), notice); err != nil {
		t.Fatal(err)
	}
	shown := f.Messages()[0]
	if shown.Blocks == "" || strings.Contains(shown.Blocks, "<!channel>") || strings.Count(shown.Blocks, "```") != 2 || !strings.Contains(strings.Join(slackTexts(shown.Blocks), "\n"), "<!subteam^S042>") {
		t.Errorf("blocks: %s", shown.Blocks)
	}
	own, err := alerting.NewSlack(alerting.SlackOptions{
		BotToken: botToken, Channel: "C042", APIURL: f.API(), HTTPClient: f.Client(),
		Template: "*{{.API}}* {{range .Changes}}{{.Was}}{{end}}" + strings.Repeat("long ", 2000),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := own.Notify(t.Context(), notice); err != nil {
		t.Fatal(err)
	}
	if texts := strings.Join(slackTexts(f.Messages()[1].Blocks), "\n"); !strings.Contains(texts, "*shop*") || strings.Contains(texts, "<!channel>") || !strings.Contains(texts, "long long") {
		t.Errorf("texts: %s", texts)
	}
}
