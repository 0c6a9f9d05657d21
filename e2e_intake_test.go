package main

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shapewatch/store"
	"shapewatch/webhooks"
)

const intakeConfig = `
defaults: { max_body: 2KB }
apis:
  - name: vendors
    probes:
      - webhook: { name: standard, signed: standard, secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_Y2FuYXJ5LW5ldw=="] }
      - webhook: { name: github, signed: github, secrets: ["It's a Secret to Everybody", canary-new] }
      - webhook: { name: stripe, signed: stripe, secrets: [canary-old, canary-new] }
      - webhook: { name: slack, signed: slack, secrets: [8f742231b10e8888abcd99yyyzzz85a5, canary-new] }
      - webhook: { name: shopify, signed: shopify, secrets: [canary-old, canary-new] }
      - webhook: { name: hmac, signed: hmac, secrets: [canary-old, canary-new], header: X-Acme-Signature, prefix: "sha256=" }
      - webhook: { name: rhythm, signed: stripe, secrets: [canary-old] }
`

// A signing is how a vendor sends: the headers of a body that is sent at a time.
type signing struct {
	secrets []string // both while they are rotated
	sign    func(secret, body string, at time.Time) map[string]string
	timed   bool // the time is signed
}

func macOf(secret, text string) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

func hexOf(secret, text string) string { return hex.EncodeToString(macOf(secret, text)) }
func textOf(secret, text string) string {
	return base64.StdEncoding.EncodeToString(macOf(secret, text))
}

// idIn is the id that stands in a body of these tests.
func idIn(body string) string {
	var said struct{ ID string }
	_ = json.Unmarshal([]byte(body), &said)
	return cmp.Or(said.ID, "none") // of no JSON
}

var signings = map[string]signing{
	"standard": {[]string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_Y2FuYXJ5LW5ldw=="}, func(secret, body string, at time.Time) map[string]string {
		key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		id, stamp := idIn(body), fmt.Sprint(at.Unix())
		return map[string]string{"webhook-id": id, "webhook-timestamp": stamp, "webhook-signature": "v1a,bm90IG91cnM= v1," + textOf(string(key), id+"."+stamp+"."+body)}
	}, true},
	"github": {[]string{"It's a Secret to Everybody", "canary-new"}, func(secret, body string, _ time.Time) map[string]string {
		return map[string]string{"X-Hub-Signature-256": "sha256=" + hexOf(secret, body), "X-GitHub-Delivery": idIn(body), "X-GitHub-Event": "push"}
	}, false},
	"stripe": {[]string{"canary-old", "canary-new"}, func(secret, body string, at time.Time) map[string]string {
		stamp := fmt.Sprint(at.Unix())
		return map[string]string{"Stripe-Signature": "t=" + stamp + ",v1=" + hexOf("not ours", stamp) + ",v1=" + hexOf(secret, stamp+"."+body)}
	}, true},
	"slack": {[]string{"8f742231b10e8888abcd99yyyzzz85a5", "canary-new"}, func(secret, body string, at time.Time) map[string]string {
		stamp := fmt.Sprint(at.Unix())
		return map[string]string{"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": "v0=" + hexOf(secret, "v0:"+stamp+":"+body)}
	}, true},
	"shopify": {[]string{"canary-old", "canary-new"}, func(secret, body string, _ time.Time) map[string]string {
		return map[string]string{"X-Shopify-Hmac-Sha256": textOf(secret, body), "X-Shopify-Webhook-Id": idIn(body), "X-Shopify-Topic": "orders/paid"}
	}, false},
	"hmac": {[]string{"canary-old", "canary-new"}, func(secret, body string, _ time.Time) map[string]string {
		return map[string]string{"X-Acme-Signature": "sha256=" + hexOf(secret, body)}
	}, false},
}

// published are requests as vendors print them. Their time is long past, and
// GitHub's body is no JSON: that this is what they are refused for says that
// the signature is right.
var published = map[string]struct {
	body   string
	header map[string]string
	status int
	says   string
}{
	"github": {
		"Hello, World!",
		map[string]string{"X-Hub-Signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17", "X-GitHub-Delivery": "72d3162e", "X-GitHub-Event": "ping"},
		http.StatusBadRequest, "it is not JSON",
	},
	"slack": {
		"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
		map[string]string{"X-Slack-Signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503", "X-Slack-Request-Timestamp": "1531420618"},
		http.StatusUnauthorized, "it is older than five minutes",
	},
	"standard": {
		`{"test": 2432232314}`,
		map[string]string{"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330", "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
		http.StatusUnauthorized, "it is older than five minutes",
	},
}

// TestEndToEnd_KeepsTheDoor sends to one running program in all six ways of
// signing, with both secrets, twice, too late, too large, forged, unsigned and
// to nobody; then in a flood, and late. What is refused is counted, shown and
// never learned.
func TestEndToEnd_KeepsTheDoor(t *testing.T) {
	t.Parallel()
	bin, dir := builtBinary(t), t.TempDir()
	writeFile(t, dir, "shapewatch.yaml", intakeConfig)
	waitOverTheHour(t)
	nineDays(t, dir, "vendors/webhook rhythm", "flooding", "usual")
	s := startServer(t, bin, dir)
	in := func(name string) string { return "http://" + s.addr + "/in/" + name }
	for name, v := range signings {
		t.Run(name, func(t *testing.T) { keepsTheDoor(t, in(name), v) })
	}
	for name, p := range published {
		if status, says := postHeard(t, in(name), p.body, p.header); status != p.status || !strings.Contains(says, p.says) {
			t.Errorf("%s, as published: %d %s", name, status, says)
		}
	}
	for range 2 {
		if status, says := postHeard(t, in("nobody"), `{}`, nil); status != http.StatusNotFound || !strings.Contains(says, "no such source") {
			t.Errorf("nobody: %d %s", status, says)
		}
	}
	countsTheDoor(t, s)
	hearsFloodAndDelay(t, s, in("rhythm"))
	within(t, 60*time.Second, "accepted events learned", func() bool {
		return strings.Contains(string(fetched(s, "/apis/vendors?operation="+url.QueryEscape("webhook hmac"))), "paid.here")
	})
	if page := string(fetched(s, "/apis/vendors?operation="+url.QueryEscape("webhook hmac"))); strings.Contains(page, "canary_refused") {
		t.Error("what was refused is learned")
	}
	s.stop()
	if strings.Contains(s.log(), "canary-") {
		t.Errorf("a secret is in the log:\n%s", s.log())
	}
}

// waitOverTheHour waits for the next hour when this one is about to end: what
// comes before and after its turn are not counted together.
func waitOverTheHour(t *testing.T) {
	t.Helper()
	turn := time.Now().Truncate(time.Hour).Add(time.Hour)
	if left := time.Until(turn); left < 2*time.Minute {
		t.Logf("waiting %v for the next hour", left)
		time.Sleep(left + time.Second)
	}
}

// nineDays leaves a store in which an event of these types came every three
// hours for nine days.
func nineDays(t *testing.T, dir, source string, types ...string) {
	t.Helper()
	state, err := store.OpenBolt(store.Options{Path: filepath.Join(dir, "shapewatch.db")})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for at := now.Add(-9 * 24 * time.Hour); at.Before(now); at = at.Add(3 * time.Hour) {
		for _, kind := range types {
			a := webhooks.Arrival{Type: kind, At: at, Event: at.Add(-2 * time.Second), Body: []byte(`{"type":"` + kind + `"}`)}
			if _, err := state.KeepArrival(context.Background(), source, a); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := state.Close(); err != nil {
		t.Fatal(err)
	}
}

// keepsTheDoor sends one way of signing: six requests that are accepted, and
// what must not be.
func keepsTheDoor(t *testing.T, to string, v signing) {
	body := func(id string) string {
		return fmt.Sprintf(`{"id":%q,"event_id":%[1]q,"type":"paid.here","amount":5}`, id)
	}
	wants := func(what string, status int, says string, body string, header map[string]string) {
		t.Helper()
		if got, heard := postHeard(t, to, body, header); got != status || !strings.Contains(heard, says) {
			t.Errorf("%s: %d %s, want %d %s", what, got, heard, status, says)
		}
	}
	now := time.Now()
	for i, secret := range v.secrets {
		wants("accepted", 200, "OK", body(fmt.Sprint("e", i)), v.sign(secret, body(fmt.Sprint("e", i)), now))
	}
	wants("the same id again", 200, "OK", body("e0"), v.sign(v.secrets[1], body("e0"), now))
	bad := `{"id":"x","type":"paid.here","canary_refused":1}`
	wants("another secret", 401, "the signature is wrong", bad, v.sign("whsec_b3RoZXI=", bad, now))
	wants("another body", 401, "the signature is wrong", bad+" ", v.sign(v.secrets[0], bad, now))
	wants("no signature", 401, "not signed as agreed", bad, nil)
	large := bad + strings.Repeat(" ", 2<<10)
	wants("too large", 413, "larger than max_body", large, v.sign(v.secrets[0], large, now))
	wants("no JSON", 400, "not JSON", "{", v.sign(v.secrets[0], "{", now))
	if v.timed {
		wants("replayed", 401, "older than five minutes", bad, v.sign(v.secrets[0], bad, now.Add(-6*time.Minute)))
		wants("from the future", 401, "from the future", bad, v.sign(v.secrets[0], bad, now.Add(6*time.Minute)))
	}
}

// countsTheDoor wants all of that in JSON, in the metrics and on the pages.
func countsTheDoor(t *testing.T, s *server) {
	t.Helper()
	var reply struct {
		Unknown uint64
		Sources []struct {
			Source          string
			Accepted, Again uint64
			Refused         map[string]uint64
		}
	}
	if err := json.Unmarshal(fetched(s, "/api/v1/webhooks"), &reply); err != nil {
		t.Fatal(err)
	}
	if reply.Unknown != 2 || len(reply.Sources) != 7 {
		t.Errorf("%+v", reply)
	}
	metrics := string(fetched(s, "/metrics"))
	for _, r := range reply.Sources {
		v, sends := signings[r.Source]
		if !sends {
			continue
		}
		want := map[string]uint64{"signature": 2, "unsigned": 1, "too_large": 1, "not_json": 1}
		if v.timed {
			want["stale"] = 2
		}
		switch _, printed := published[r.Source]; {
		case r.Source == "github":
			want["not_json"]++
		case printed:
			want["stale"]++
		}
		again := uint64(1)
		if r.Accepted != 2 || r.Again != again || fmt.Sprint(r.Refused) != fmt.Sprint(want) {
			t.Errorf("%s: %+v, want %v", r.Source, r, want)
		}
		for why, n := range want {
			line := fmt.Sprintf(`shapewatch_webhook_requests_total{api="vendors",operation="webhook %s",outcome="%s"} %d`, r.Source, why, n)
			if !strings.Contains(metrics, line) {
				t.Errorf("no %s", line)
			}
		}
	}
	if !strings.Contains(metrics, "shapewatch_webhook_unknown_requests_total 2") {
		t.Error("requests to nobody are not in the metrics")
	}
	if page := string(fetched(s, "/apis/vendors?operation="+url.QueryEscape("webhook stripe"))); !strings.Contains(page, "2 accepted, 1 came again; refused and never learned from: 2 too old, or from the future, 2 wrong signature") {
		t.Error("the page does not say what was refused")
	}
	if page := string(fetched(s, "/about")); !strings.Contains(page, "Requests to no webhook</dt><dd>2</dd>") {
		t.Error("the page about us does not count requests to nobody")
	}
}

// hearsFloodAndDelay sends a type that came once an hour by the dozen, and
// events that say themselves that they happened an hour ago, though they are
// signed now. It sends on until both are told.
func hearsFloodAndDelay(t *testing.T, s *server, to string) {
	t.Helper()
	n := 0
	send := func(body string) {
		n++
		stamp := fmt.Sprint(time.Now().Unix())
		if status, says := postHeard(t, to, body, map[string]string{"Stripe-Signature": "t=" + stamp + ",v1=" + hexOf("canary-old", stamp+"."+body)}); status != http.StatusOK {
			t.Fatalf("%d %s", status, says)
		}
	}
	within(t, 60*time.Second, "flood and delay told", func() bool {
		for range 40 {
			send(fmt.Sprintf(`{"id":"f%d","type":"flooding"}`, n))
		}
		for range 3 {
			send(fmt.Sprintf(`{"id":"u%d","type":"usual","created":%d}`, n, time.Now().Add(-time.Hour).Unix()))
		}
		text := incidentsOf(t, s)
		return strings.Contains(text, "webhook-flood") && strings.Contains(text, "at most 1 in an hour") &&
			strings.Contains(text, "webhook-delayed") && strings.Contains(text, "at most 2s late") && strings.Contains(text, "1h0m0s late")
	})
	if text := incidentsOf(t, s); strings.Contains(text, "webhook-silent") {
		t.Errorf("nothing is silent: %s", text)
	}
	reply := string(fetched(s, "/api/v1/webhooks"))
	for _, want := range []string{`"type":"flooding"`, `"late_seconds":3600`} {
		if !strings.Contains(reply, want) {
			t.Errorf("no %s in %s", want, reply)
		}
	}
}
