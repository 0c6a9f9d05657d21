package web

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"shapewatch/webhooks"
)

// A Receiver is one address that a vendor sends events to.
type Receiver struct {
	Probe   string
	Scheme  webhooks.Scheme
	Secrets []string
	MaxBody int64 // bytes
}

// InOptions say who may send, and what becomes of it.
type InOptions struct {
	// Known finds the receiver by the key and the name in the address; false
	// for one that is not configured, or has another key.
	Known   func(key, name string) (Receiver, bool)
	Receive func(ctx context.Context, probe string, d webhooks.Delivery, header http.Header, body []byte) (fresh bool, err error)
	Refuse  func(probe string, err error)
	Stray   func()           // told of a request that no receiver is known for; nil tells nobody
	Now     func() time.Time // by which signed times are judged; nil means the time that it is
	Log     *slog.Logger     // nil means slog.Default()
}

// In returns the handler of /in/: the addresses that vendors send events to,
// /in/NAME or /in/KEY/NAME. An answer of 200 means that the event is on disk.
func In(o InOptions) http.Handler {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Stray == nil {
		o.Stray = func() {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			http.Error(w, "POST", http.StatusMethodNotAllowed)
			return
		}
		key, name, _ := strings.Cut(strings.Trim(strings.TrimPrefix(r.URL.Path, "/in/"), "/"), "/")
		if name == "" {
			key, name = "", key
		}
		receiver, known := o.Known(key, name)
		if !known {
			o.Stray()
			http.Error(w, "not found: no such source, or another key", http.StatusNotFound)
			return
		}
		o.receive(w, r, receiver)
	})
}

func (o InOptions) receive(w http.ResponseWriter, r *http.Request, to Receiver) {
	d, body, err := accept(r, to, o.Now())
	if err != nil {
		o.Refuse(to.Probe, err)
		status := http.StatusUnauthorized
		switch {
		case errors.Is(err, webhooks.ErrTooLarge):
			status = http.StatusRequestEntityTooLarge
		case errors.Is(err, webhooks.ErrNotJSON):
			status = http.StatusBadRequest
		}
		http.Error(w, "refused: "+err.Error(), status)
		return
	}
	if text := challenge(to, d, body); text != "" {
		_, _ = io.WriteString(w, text) // who asks hears it or asks again
		return
	}
	_, err = o.Receive(r.Context(), to.Probe, d, r.Header, body)
	switch {
	case errors.Is(err, webhooks.ErrBacklog):
		o.Refuse(to.Probe, err)
		http.Error(w, "not kept: "+webhooks.ErrBacklog.Error()+": send it again later", http.StatusServiceUnavailable)
		return
	case err != nil:
		o.Log.Error("an event was not kept", "probe", to.Probe, "err", err)
		http.Error(w, "not kept: send it again", http.StatusServiceUnavailable)
		return
	}
	_, _ = io.WriteString(w, "OK\n") // the vendor does not wait for more
}

// accept reads and verifies a request.
func accept(r *http.Request, to Receiver, now time.Time) (d webhooks.Delivery, body []byte, err error) {
	body, err = io.ReadAll(io.LimitReader(r.Body, to.MaxBody+1))
	switch {
	case err != nil:
		return d, nil, webhooks.ErrBrokenOff
	case int64(len(body)) > to.MaxBody:
		return d, nil, webhooks.ErrTooLarge
	}
	if d, err = to.Scheme.Verify(r.Header, body, to.Secrets, now); err != nil {
		return d, nil, err
	}
	if !json.Valid(body) {
		return d, nil, webhooks.ErrNotJSON
	}
	return d, body, nil
}

// challenge is what Slack wants to hear once, when an address is entered.
func challenge(to Receiver, d webhooks.Delivery, body []byte) string {
	if to.Scheme.Name != "slack" || d.Type != "url_verification" {
		return ""
	}
	var asked struct {
		Challenge string `json:"challenge"`
	}
	_ = json.Unmarshal(body, &asked) // it is valid JSON; another shape has no challenge
	return asked.Challenge
}
