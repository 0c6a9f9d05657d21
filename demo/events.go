package demo

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (v *Vendor) serveEvents() {
	v.mux.HandleFunc("GET /v1/webhook-endpoint", func(w http.ResponseWriter, _ *http.Request) {
		status := "enabled"
		if v.has("mute") {
			status = "partly disabled"
		}
		answer(w, http.StatusOK, object{"status": status, "events": []string{"order.paid", "payout.paid"}})
	})
}

// Deliver sends an event order.paid again and again until ctx is done, signed
// as Standard Webhooks are; secret is "whsec_" and a key in base64. There is no
// payout.paid among them: see [Payouts].
func (v *Vendor) Deliver(ctx context.Context, address, secret string, every time.Duration) {
	key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_")) // another key signs wrongly, and is told
	random := rand.New(rand.NewPCG(v.seed, 1))
	for n := 1; ; n++ {
		id, at := fmt.Sprintf("msg_%06d", n), strconv.FormatInt(time.Now().Unix(), 10)
		body := event("order.paid", id, random)
		mac := hmac.New(sha256.New, key)
		fmt.Fprintf(mac, "%s.%s.%s", id, at, body)
		call(ctx, address, body, http.Header{
			"Content-Type": {"application/json"}, "Webhook-Id": {id}, "Webhook-Timestamp": {at},
			"Webhook-Signature": {"v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))},
		})
		if sleep(ctx, every); ctx.Err() != nil {
			return
		}
	}
}

func event(kind, id string, random *rand.Rand) string {
	text, _ := json.Marshal(object{ // always marshals
		"type": kind, "id": id, "amount": 100 + random.IntN(90_000), "currency": "EUR", "livemode": true,
	})
	return string(text)
}

// A Payout is an event payout.paid that was delivered before anybody watched.
type Payout struct {
	ID, Body string
	At       time.Time
}

// How payouts come: every hour or less by day, and never by night.
const (
	payoutDays = 10
	payoutDay  = 16 * time.Hour
	// PayoutNight is the longest that no payout comes.
	PayoutNight = 8 * time.Hour
)

// Payouts are ten days of them, oldest first. The last came at a time; none
// has come since.
func Payouts(seed uint64, last time.Time) (all []Payout) {
	random := rand.New(rand.NewPCG(seed, 2))
	at := last
	for range payoutDays {
		for dusk := at; dusk.Sub(at) < payoutDay; at = at.Add(-time.Duration(35+random.IntN(25)) * time.Minute) {
			id := fmt.Sprintf("msg_p%04d", len(all))
			all = append(all, Payout{id, event("payout.paid", id, random), at})
		}
		at = all[len(all)-1].At.Add(-PayoutNight)
	}
	slices.Reverse(all)
	return all
}
