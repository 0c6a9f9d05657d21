package alerting

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// WebhookOptions say where events go, and how they are signed.
type WebhookOptions struct {
	Name       string // of the channel in routes
	URL        string // a secret when it carries one
	Secret     string // "whsec_" + base64, or any text; empty leaves events unsigned
	Template   string // of the event's text; empty for the usual words
	HTTPClient *http.Client
}

// A Webhook posts each step as a CloudEvent (1.0, structured JSON), signed as
// Standard Webhooks say. A step that is told twice has the same id both times,
// so that the receiver can drop the second.
type Webhook struct {
	options WebhookOptions
	courier courier
	key     []byte
	words   *Template
}

// NewWebhook returns a notifier, or an error that says what is wrong with the
// options.
func NewWebhook(o WebhookOptions) (*Webhook, error) {
	words, err := newTemplate(o.Template, nil, maxTemplate)
	if err != nil {
		return nil, err
	}
	key, err := signingKey(o.Secret)
	if err != nil {
		return nil, err
	}
	return &Webhook{options: o, courier: newCourier(o.Name, o.HTTPClient, append(urlSecrets(o.URL), o.Secret, strings.TrimPrefix(o.Secret, "whsec_"))...), key: key, words: words}, nil
}

// signingKey reads a secret as Standard Webhooks write it; one without the
// prefix is used as it is.
func signingKey(secret string) ([]byte, error) {
	encoded, prefixed := strings.CutPrefix(secret, "whsec_")
	if !prefixed {
		return []byte(secret), nil
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, errors.New("the secret begins with whsec_ and goes on with what is not base64")
	}
	return key, nil
}

// Channel is the name used in routes and on the page.
func (w *Webhook) Channel() string { return w.options.Name }

// Notify posts one step.
func (w *Webhook) Notify(ctx context.Context, n Notice) (Receipt, error) {
	text, err := w.words.body(w.Channel(), n)
	if err != nil {
		return Receipt{}, err
	}
	event := cloudEventOf(n, text)
	body, err := marshal(event)
	if err != nil {
		return Receipt{}, w.courier.fail(err, true, 0)
	}
	header := http.Header{"Content-Type": {"application/cloudevents+json; charset=utf-8"}}
	w.sign(header, event.ID, time.Now(), body)
	_, err = w.courier.raw(ctx, http.MethodPost, w.options.URL, header, body)
	if answered(err, http.StatusGone) {
		err = w.courier.fail(errors.New("410 Gone: the receiver wants no more; remove the channel, or give it a new address"), true, 0)
	}
	if err != nil {
		return Receipt{}, err
	}
	return receipt(w.Channel(), n, event.ID), nil
}

// sign adds the headers of Standard Webhooks. Their names are lower case, as
// in the specification; HTTP does not care.
func (w *Webhook) sign(header http.Header, id string, at time.Time, body []byte) {
	stamp := strconv.FormatInt(at.Unix(), 10)
	header["Webhook-Id"] = []string{id}
	header["Webhook-Timestamp"] = []string{stamp}
	if len(w.key) == 0 {
		return
	}
	mac := hmac.New(sha256.New, w.key)
	fmt.Fprintf(mac, "%s.%s.%s", id, stamp, body)
	header["Webhook-Signature"] = []string{"v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))}
}

// A cloudEvent is a step as programs read it: the envelope of CloudEvents 1.0,
// a letter as its data.
type cloudEvent struct {
	SpecVersion     string    `json:"specversion"`
	ID              string    `json:"id"`
	Source          string    `json:"source"`
	Type            string    `json:"type"`
	Subject         string    `json:"subject"`
	Time            time.Time `json:"time"`
	DataContentType string    `json:"datacontenttype"`
	Data            eventData `json:"data"`
}

// eventData is a letter with its words.
type eventData struct {
	Letter
	Text string `json:"text"`
}

func cloudEventOf(n Notice, text string) cloudEvent {
	return cloudEvent{
		SpecVersion: "1.0", ID: stepID(n), Source: "urn:shapewatch", Type: "shapewatch.incident." + string(n.Transition.Kind),
		Subject: n.Incident.ID, Time: n.Transition.At.UTC(), DataContentType: "application/json",
		Data: eventData{letterOf(n, nil), text},
	}
}

// stepID is the same each time that a step is told.
func stepID(n Notice) string {
	return fmt.Sprintf("%s.%d.%s", n.Incident.ID, n.Transition.Version, n.Transition.Kind)
}
