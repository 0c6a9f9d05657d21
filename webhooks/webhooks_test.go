package webhooks_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"testing"
	"time"

	"shapewatch/webhooks"
)

func scheme(t *testing.T, name string) webhooks.Scheme {
	t.Helper()
	for _, s := range webhooks.Schemes() {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("no scheme %s", name)
	return webhooks.Scheme{}
}

func sum(key, text string) []byte {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// TestSchemes_VerifyPublishedVectors uses what the vendors publish: GitHub's
// and Slack's documentation and the Standard Webhooks reference.
func TestSchemes_VerifyPublishedVectors(t *testing.T) {
	for name, test := range map[string]struct {
		scheme, secret, body string
		header               map[string]string
		now                  int64
		id, kind             string
	}{
		"GitHub documentation": {
			"github", "It's a Secret to Everybody", "Hello, World!",
			map[string]string{"X-Hub-Signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17", "X-GitHub-Delivery": "72d3162e", "X-GitHub-Event": "ping"},
			0, "72d3162e", "ping",
		},
		"Slack documentation": {
			"slack", "8f742231b10e8888abcd99yyyzzz85a5",
			"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
			map[string]string{"X-Slack-Signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503", "X-Slack-Request-Timestamp": "1531420618"},
			1531420618, "", "",
		},
		"Standard Webhooks reference": {
			"standard", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", `{"test": 2432232314}`,
			map[string]string{"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330", "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
			1614265330, "msg_p5jXN8AQM9LWM0D4loKWxJek", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := http.Header{}
			for k, v := range test.header {
				h.Set(k, v)
			}
			s, now := scheme(t, test.scheme), time.Unix(test.now, 0)
			d, err := s.Verify(h, []byte(test.body), []string{"old secret", test.secret}, now)
			if err != nil || d.ID != test.id || d.Type != test.kind {
				t.Fatalf("%+v, %v", d, err)
			}
			if _, err := s.Verify(h, []byte(test.body+" "), []string{test.secret}, now); !errors.Is(err, webhooks.ErrSignature) {
				t.Errorf("another body: %v", err)
			}
			if _, err := s.Verify(h, []byte(test.body), []string{"another"}, now); err == nil {
				t.Error("another secret is accepted")
			}
			if _, err := s.Verify(http.Header{}, []byte(test.body), []string{test.secret}, now); !errors.Is(err, webhooks.ErrUnsigned) {
				t.Errorf("no headers: %v", err)
			}
			if test.now != 0 {
				if _, err := s.Verify(h, []byte(test.body), []string{test.secret}, now.Add(6*time.Minute)); !errors.Is(err, webhooks.ErrStale) {
					t.Errorf("a replay: %v", err)
				}
			}
		})
	}
}

// TestSchemes_VerifyWhatTheyDescribe signs as Stripe, Shopify and vendors with
// a header of their own describe it.
func TestSchemes_VerifyWhatTheyDescribe(t *testing.T) {
	body, now := `{"id":"evt_1","type":"charge.refunded"}`, time.Unix(1700000000, 0)
	stripe, shopify, own := http.Header{}, http.Header{}, http.Header{}
	stripe.Set("Stripe-Signature", "t=1700000000,v1=00,v1="+hex.EncodeToString(sum("whsec_canary", "1700000000."+body))+",v0=ff")
	shopify.Set("X-Shopify-Hmac-Sha256", base64.StdEncoding.EncodeToString(sum("whsec_canary", body)))
	shopify.Set("X-Shopify-Webhook-Id", "evt_1")
	shopify.Set("X-Shopify-Topic", "charge.refunded")
	own.Set("X-Acme-Signature", "sha256="+hex.EncodeToString(sum("whsec_canary", body)))
	for name, test := range map[string]struct {
		scheme webhooks.Scheme
		header http.Header
	}{
		"stripe": {scheme(t, "stripe"), stripe}, "shopify": {scheme(t, "shopify"), shopify},
		"own": {webhooks.HMAC("X-Acme-Signature", "sha256=", "", ""), own},
	} {
		d, err := test.scheme.Verify(test.header, []byte(body), []string{"whsec_canary"}, now)
		if err != nil || d.ID != "evt_1" || d.Type != "charge.refunded" {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
		if _, err := test.scheme.Verify(test.header, []byte(body), []string{"other"}, now); !errors.Is(err, webhooks.ErrSignature) {
			t.Errorf("%s, another secret: %v", name, err)
		}
	}
}
