package alerting_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"shapewatch/alerting"
)

var hookKey = []byte("0123456789abcdef0123456789abcdef")

// checkStandardWebhook verifies a delivery as the specification's libraries
// do.
func checkStandardWebhook(r *http.Request, body []byte) error {
	id, stamp := r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || time.Since(time.Unix(seconds, 0)).Abs() > 5*time.Minute || id == "" || strings.Contains(id, " ") {
		return errors.New("webhook-id or webhook-timestamp")
	}
	mac := hmac.New(sha256.New, hookKey)
	fmt.Fprintf(mac, "%s.%s.", id, stamp)
	mac.Write(body)
	if r.Header.Get("webhook-signature") != "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)) {
		return errors.New("webhook-signature")
	}
	return nil
}

// checkCloudEvent holds an event to CloudEvents 1.0 in structured mode.
func checkCloudEvent(body []byte) (map[string]any, error) {
	var event map[string]any
	if err := json.Unmarshal(body, &event); err != nil {
		return nil, err
	}
	for _, name := range []string{"id", "source", "type"} {
		if text, _ := event[name].(string); text == "" {
			return nil, errors.New("no " + name)
		}
	}
	at, _ := event["time"].(string)
	if _, err := time.Parse(time.RFC3339, at); err != nil || event["specversion"] != "1.0" {
		return nil, fmt.Errorf("time %q, specversion %v", at, event["specversion"])
	}
	for name := range event {
		if strings.ToLower(name) != name || strings.ContainsAny(name, "_-") {
			return nil, errors.New("an attribute name: " + name)
		}
	}
	return event, nil
}

func newHookVendor(t *testing.T) (*vendor, *alerting.Webhook) {
	t.Helper()
	v := newVendor(t, http.StatusNoContent, func(r *http.Request, body []byte) (any, error) {
		if kind := r.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/cloudevents+json") {
			return nil, errors.New("content type " + kind)
		}
		_, err := checkCloudEvent(body)
		return nil, errors.Join(err, checkStandardWebhook(r, body))
	})
	n, err := alerting.NewWebhook(alerting.WebhookOptions{
		Name: "hook", URL: v.URL + "/in/hook-secret", Secret: "whsec_" + base64.StdEncoding.EncodeToString(hookKey), HTTPClient: v.Client(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return v, n
}

func TestWebhook_PostsSignedCloudEvents(t *testing.T) {
	v, n := newHookVendor(t)
	receipts := lifeOf(t, n, alerting.Opened, alerting.Updated, alerting.Closed)
	calls := v.take()
	if len(calls) != 3 || !strings.HasPrefix(receipts[2].Ref, "inc_") {
		t.Fatalf("calls %d, receipts %v", len(calls), receipts)
	}
	event, err := checkCloudEvent([]byte(calls[0].Body))
	data, _ := event["data"].(map[string]any)
	if err != nil || event["type"] != "shapewatch.incident.opened" || data["api"] != "shop" || data["severity"] != "breaking" || data["over"] != false {
		t.Errorf("event: %v", event)
	}
	if strings.Contains(calls[2].Body, `"over":false,"handling"`) || !strings.Contains(calls[2].Body, "shapewatch.incident.resolved") {
		t.Errorf("the end: %s", calls[2].Body)
	}
	tellsAnything(t, n)
}

func TestWebhook_GivesAStepTheSameIDEachTime(t *testing.T) {
	v, n := newHookVendor(t)
	lifeOf(t, n, alerting.Opened)
	lifeOf(t, n, alerting.Opened)
	lifeOf(t, n, alerting.Closed)
	calls := v.take()
	id := func(i int) string { return calls[i].Header.Get("webhook-id") }
	if id(0) != id(1) || id(0) == id(2) {
		t.Errorf("ids %q %q %q", id(0), id(1), id(2))
	}
}

func TestWebhook_SaysWhatAFailureMeans(t *testing.T) {
	v, n := newHookVendor(t)
	v.answer(fault{http.StatusGone, "", ""})
	wantClass(t, "410", n, alerting.DeliveryError{Permanent: true}, nil)
	classes(t, v, n, "hook-secret", base64.StdEncoding.EncodeToString(hookKey))
}

func TestNewWebhook_RefusesABrokenSecret(t *testing.T) {
	if _, err := alerting.NewWebhook(alerting.WebhookOptions{URL: "https://x", Secret: "whsec_~~~"}); err == nil || strings.Contains(err.Error(), "~~~") {
		t.Errorf("error %v", err)
	}
}
