package alerting_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

var update = flag.Bool("update", false, "rewrite golden files")

// story folds checks and returns what a notifier gets of the last step.
func story(t *testing.T, updates ...alerting.Update) alerting.Notice {
	t.Helper()
	w := &world{t: t}
	for _, u := range updates[:len(updates)-1] {
		w.fold(u)
	}
	changed, steps := alerting.Fold(w.incidents, updates[len(updates)-1])
	if len(changed) != 1 || len(steps) != 1 {
		t.Fatalf("want one step, got %+v", steps)
	}
	return alerting.Notice{Incident: changed[0], Transition: steps[0], Link: "https://drift.example.com/incidents/" + changed[0].ID}
}

func stories(t *testing.T) map[string]alerting.Notice {
	one := found("GET /orders", "/orders/[]/amount", "kind-changed", contracts.Breaking)
	gone, came := found("GET /orders", "/customer", "field-removed", contracts.Breaking), found("GET /orders", "/customer_id", "field-new", contracts.Info)
	gone.Cause = "`customer` was renamed `customer_id`"
	came.Cause, came.Was, came.Now = gone.Cause, "not there", "string"
	gone.Now = "gone in 3 of 3 answers"
	var many []contracts.Finding
	for i := range 14 {
		many = append(many, found("GET /orders", fmt.Sprintf("/f%02d", i), "field-removed", contracts.Severity(i%2+1)))
	}
	hostile := found("GET /<!channel>", "/`"+strings.Repeat("<&>", 1700)+"`", "kind-changed", contracts.Breaking)
	hostile.Was, hostile.Now = "<!channel> <@U123> & \u202egnp.exe\u202c 👩\u200d💻", "line\none\x1b[31m\u0007 <https://evil.example|click>"
	return map[string]alerting.Notice{
		"one":      story(t, checked("GET /orders", noon, one)),
		"rename":   story(t, checked("GET /orders", noon, gone, came)),
		"fourteen": story(t, checked("GET /orders", noon, many...)),
		"resolved": story(t, checked("GET /orders", noon, one), checked("GET /orders", minutes(130))),
		"noted":    story(t, checked("GET /orders", noon, found("GET /orders", "/nickname", "field-new", contracts.Info))),
		"hostile":  story(t, checked("GET /<!channel>", noon, hostile)),
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got; -update rewrites):\n%s", name, diff)
	}
}

func bot(t *testing.T, f *fakeSlack) *alerting.Slack {
	t.Helper()
	s, err := alerting.NewSlack(alerting.SlackOptions{BotToken: botToken, Channel: "#api-drift", APIURL: f.URL + "/api/", HTTPClient: f.Client()})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func hook(t *testing.T, f *fakeSlack) *alerting.Slack {
	t.Helper()
	s, err := alerting.NewSlack(alerting.SlackOptions{Webhook: f.URL + "/services/T0/B0/hook-secret", HTTPClient: f.Client()})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSlack_PostsBlocksAsGolden(t *testing.T) {
	for name, notice := range stories(t) {
		t.Run(name, func(t *testing.T) {
			f := newFakeSlack(t)
			if _, err := bot(t, f).Notify(t.Context(), notice); err != nil {
				t.Fatal(err)
			}
			call := f.take()[0]
			golden(t, "slack/"+name+".json", messageJSON(t, call))
			if call.Channel != "#api-drift" || call.UnfurlLinks != "false" || call.UnfurlMedia != "false" {
				t.Errorf("call: %+v", call)
			}
		})
	}
}

// TestSlack_PostsEveryPartAsGolden is a message with all that only some have:
// buttons, a proposal, a mention, a pull request.
func TestSlack_PostsEveryPartAsGolden(t *testing.T) {
	f := newFakeSlack(t)
	s, err := alerting.NewSlack(alerting.SlackOptions{BotToken: botToken, Channel: "#api-drift", APIURL: f.API(), HTTPClient: f.Client(), Buttons: true})
	if err != nil {
		t.Fatal(err)
	}
	notice := stories(t)["one"]
	notice.Mention, notice.Proposal = "<!subteam^S042>", "@@ -1,2 +1,2 @@\n amount:\n-  type: integer\n+  type: string"
	notice.Incident.Requests = []alerting.PullRequest{asked(one, alerting.RequestClosed, ""), asked(other, alerting.RequestOpen, "")}
	if _, err := s.Notify(t.Context(), notice); err != nil {
		t.Fatal(err)
	}
	golden(t, "slack/parts.json", messageJSON(t, f.take()[0]))
}

// messageJSON is a call as a golden file shows it.
func messageJSON(t *testing.T, call slackCall) []byte {
	t.Helper()
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(map[string]any{"text": call.Text, "blocks": json.RawMessage(call.Blocks), "metadata": json.RawMessage(call.Metadata)})
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// tells tells a step of an incident that was told before, and returns the calls.
func tells(t *testing.T, s *alerting.Slack, f *fakeSlack, kind alerting.TransitionKind) (alerting.Receipt, []slackCall) {
	t.Helper()
	notice := stories(t)["one"]
	receipt, err := s.Notify(t.Context(), notice)
	if err != nil {
		t.Fatal(err)
	}
	f.take()
	notice.Receipt, notice.Transition.Kind, notice.Transition.At = receipt, kind, time.Now().Add(time.Minute)
	receipt, err = s.Notify(t.Context(), notice)
	if err != nil {
		t.Fatal(err)
	}
	return receipt, f.take()
}

func TestSlack_UpdatesInPlaceAndRepliesWhenItTurns(t *testing.T) {
	for kind, want := range map[alerting.TransitionKind][]string{
		alerting.Updated:  {"chat.update TS  "},
		alerting.Closed:   {"chat.update TS  ", "chat.postMessage  TS "},
		alerting.Worsened: {"chat.update TS  ", "chat.postMessage  TS true"},
		alerting.Reopened: {"chat.update TS  ", "chat.postMessage  TS true"},
		alerting.Reminded: {"chat.update TS  ", "chat.postMessage  TS "},
	} {
		f := newFakeSlack(t)
		loud, err := alerting.NewSlack(alerting.SlackOptions{BotToken: botToken, Channel: "#api-drift", APIURL: f.API(), HTTPClient: f.Client(), Broadcast: true})
		if err != nil {
			t.Fatal(err)
		}
		receipt, calls := tells(t, loud, f, kind)
		stamp := f.Messages()[0].TS
		var got []string
		for _, c := range calls {
			got = append(got, strings.ReplaceAll(strings.Join([]string{c.Method, c.TS, c.Thread, c.Broadcast}, " "), stamp, "TS"))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
		if receipt.Ref != "C042/"+stamp {
			t.Errorf("%s: ref %q", kind, receipt.Ref)
		}
	}
}

func TestSlack_PostsAgainWhatWasDeleted(t *testing.T) {
	f := newFakeSlack(t)
	notice := stories(t)["resolved"]
	notice.Receipt = alerting.Receipt{Ref: "C042/1600.0001"}
	receipt, err := bot(t, f).Notify(t.Context(), notice)
	if err != nil || receipt.Ref != "C042/"+f.Messages()[0].TS {
		t.Fatalf("receipt %+v, err %v", receipt, err)
	}
	if calls := f.take(); len(calls) != 2 || calls[1].Method != "chat.postMessage" || calls[1].Thread != "" {
		t.Errorf("calls: %+v", calls)
	}
}

func TestSlack_DegradesToPlainText(t *testing.T) {
	for _, code := range []string{"invalid_blocks", "msg_blocks_too_long"} {
		f := newFakeSlack(t)
		f.answer(code)
		if _, err := bot(t, f).Notify(t.Context(), stories(t)["fourteen"]); err != nil {
			t.Fatal(err)
		}
		if calls := f.take(); len(calls) != 2 || calls[1].Blocks != "" || !strings.Contains(calls[1].Text, "`f01` is gone from GET /orders, and 13 more") {
			t.Errorf("%s: calls %+v", code, calls)
		}
	}
	f := newFakeSlack(t)
	f.answer("invalid_blocks")
	if _, err := hook(t, f).Notify(t.Context(), stories(t)["one"]); err != nil {
		t.Fatal(err)
	}
	if calls := f.take(); len(calls) != 2 || calls[1].Blocks != "" {
		t.Errorf("webhook calls %+v", calls)
	}
}

func TestSlack_SaysWhatAFailureMeans(t *testing.T) {
	for answer, want := range map[string]alerting.DeliveryError{
		"429":                 {RetryAfter: 7 * time.Second},
		"ratelimited":         {RetryAfter: 30 * time.Second},
		"503":                 {},
		"internal_error":      {},
		"invalid_auth":        {Permanent: true},
		"channel_not_found":   {Permanent: true},
		"is_archived":         {Permanent: true},
		"not_in_channel":      {Permanent: true},
		"something_brand_new": {},
	} {
		f := newFakeSlack(t)
		f.answer(answer)
		wantFailure(t, "bot "+answer, bot(t, f), stories(t)["one"], want)
	}
	for answer, want := range map[string]alerting.DeliveryError{
		"429": {RetryAfter: 7 * time.Second}, "500": {}, "403": {Permanent: true}, "404": {Permanent: true}, "410": {Permanent: true},
	} {
		f := newFakeSlack(t)
		f.answer(answer)
		wantFailure(t, "webhook "+answer, hook(t, f), stories(t)["one"], want)
	}
}

func wantFailure(t *testing.T, name string, s *alerting.Slack, notice alerting.Notice, want alerting.DeliveryError) {
	t.Helper()
	receipt, err := s.Notify(t.Context(), notice)
	var failure *alerting.DeliveryError
	if !errors.As(err, &failure) || receipt != (alerting.Receipt{}) {
		t.Fatalf("%s: receipt %+v, err %v", name, receipt, err)
	}
	if failure.Permanent != want.Permanent || failure.RetryAfter != want.RetryAfter {
		t.Errorf("%s: %+v, want %+v", name, failure, want)
	}
	for _, secret := range []string{botToken, "hook-secret"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error holds a secret: %v", name, err)
		}
	}
}

func TestSlack_KeepsSecretsOutOfNetworkErrors(t *testing.T) {
	f := newFakeSlack(t)
	b, h := bot(t, f), hook(t, f)
	f.Close()
	wantFailure(t, "bot", b, stories(t)["one"], alerting.DeliveryError{})
	wantFailure(t, "webhook", h, stories(t)["one"], alerting.DeliveryError{})
	broken, err := alerting.NewSlack(alerting.SlackOptions{Webhook: "http://127.0.0.1/hook-secret\x7f"})
	if err != nil {
		t.Fatal(err)
	}
	wantFailure(t, "malformed", broken, stories(t)["one"], alerting.DeliveryError{})
}

func TestSlack_WebhookPostsEachStep(t *testing.T) {
	f := newFakeSlack(t)
	receipt, calls := tells(t, hook(t, f), f, alerting.Closed)
	if receipt.Ref != "" || len(calls) != 1 || calls[0].UnfurlLinks != "false" || !strings.Contains(calls[0].Text, "Resolved") {
		t.Errorf("receipt %+v, calls %+v", receipt, calls)
	}
}

func TestNewSlack_WantsExactlyOneWay(t *testing.T) {
	for _, o := range []alerting.SlackOptions{{}, {BotToken: "x"}, {BotToken: "x", Channel: "#y", Webhook: "z"}, {Channel: "#y"}} {
		if _, err := alerting.NewSlack(o); err == nil {
			t.Errorf("%+v: no error", o)
		}
	}
}

// TestSlack_FitsWhateverAVendorSends throws arbitrary text at the message; the
// fake refuses what Slack would.
func TestSlack_FitsWhateverAVendorSends(t *testing.T) {
	var last slackCall
	client := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		call, fault := readCall(r, false)
		last = call
		return reply(fmt.Sprintf(`{"ok":%t,"error":%q,"channel":"C042","ts":"1"}`, fault == "", fault)), nil
	})}
	s, err := alerting.NewSlack(alerting.SlackOptions{BotToken: botToken, Channel: "#x", HTTPClient: client})
	if err != nil {
		t.Fatal(err)
	}
	nasty := rapid.OneOf(rapid.String(), rapid.StringMatching(`[<>&@!|#*_~\x60]{0,900}`),
		rapid.Just(strings.Repeat("&", 6000)), rapid.Just(strings.Repeat("👩\u200d💻", 3000)), rapid.Just("<!channel>\u202e"))
	rapid.Check(t, func(rt *rapid.T) {
		var findings []contracts.Finding
		for range rapid.IntRange(1, 12).Draw(rt, "findings") {
			f := found(nasty.Draw(rt, "operation"), nasty.Draw(rt, "path"), nasty.Draw(rt, "kind"), contracts.Breaking)
			f.Was, f.Now, f.Cause = nasty.Draw(rt, "was"), nasty.Draw(rt, "now"), nasty.Draw(rt, "cause")
			findings = append(findings, f)
		}
		u := checked("GET /x", noon, findings...)
		u.Owner = nasty.Draw(rt, "owner")
		changed, steps := alerting.Fold(nil, u)
		if _, err := s.Notify(rt.Context(), alerting.Notice{Incident: changed[0], Transition: steps[0], Link: nasty.Draw(rt, "link")}); err != nil {
			rt.Fatal(err)
		}
		if last.Blocks == "" {
			rt.Fatal("the blocks were refused")
		}
		for _, text := range append(slackTexts(last.Blocks), last.Text) {
			if rest := ours.ReplaceAllString(text, ""); strings.ContainsAny(rest, "<>\u202e\x00\x1b") {
				rt.Fatalf("a vendor's mark came through: %q", text)
			}
		}
	})
}
