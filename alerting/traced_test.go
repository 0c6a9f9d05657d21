package alerting_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/tracing/tracingtest"
)

// TestDispatcher_TracesNoWordsOfAChannel has channels answer with what was sent
// to them.
func TestDispatcher_TracesNoWordsOfAChannel(t *testing.T) {
	collector := tracingtest.New(t)
	channel := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "canary", http.StatusUnprocessableEntity) }))
	defer channel.Close()
	hook, err := alerting.NewWebhook(alerting.WebhookOptions{Name: "hook", URL: channel.URL})
	if err != nil {
		t.Fatal(err)
	}
	mute := &mouth{channel: "mute", fail: func(int) error { return &alerting.DeliveryError{Err: errors.New("canary"), Permanent: true} }}
	outbox := newOutbox()
	outbox.step("a", alerting.Opened, contracts.Breaking, "hook", "mute")
	untilDead(collector.Tracer.Carry(t.Context()), t, outbox, 2, hook, mute)
	collector.Holds(t, map[string]bool{"canary": false, "status 422": true, "not told; the log says why": true})
}

// untilDead runs a dispatcher until so many deliveries are given up.
func untilDead(ctx context.Context, t *testing.T, outbox *memoryOutbox, most int, channels ...alerting.Notifier) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		ended <- alerting.NewDispatcher(alerting.DispatcherOptions{Outbox: outbox, Notifiers: channels}).Run(ctx)
	}()
	for ctx.Err() == nil {
		if _, dead := outbox.waiting(); len(dead) >= most {
			cancel()
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
