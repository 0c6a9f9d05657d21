package storetest

import (
	"testing"
	"time"

	"shapewatch/alerting"
)

var outbox = map[string]func(*testing.T, Store){
	"Outbox_TellsInOrderPerChannelAndIncident":   outboxOrder,
	"Outbox_LeasesEndByThemselves":               outboxLease,
	"Outbox_WaitsUntilNotBefore":                 outboxPostpone,
	"Outbox_DeadDeliveriesAreKeptAndBlockNobody": outboxDead,
	"Outbox_KeepsWhereAnIncidentWasTold":         outboxReceipt,
	"Outbox_RefusesWhatDoesNotWait":              outboxNotFound,
	"Outbox_HealthCountsWhatWaits":               outboxHealth,
}

// told commits deliveries, given as channel and incident.
func told(t *testing.T, s Store, at time.Time, rows ...[2]string) {
	t.Helper()
	checked(t, s, at, func(o *alerting.Outcome) {
		seen := map[string]bool{}
		for _, row := range rows {
			o.Deliveries = append(o.Deliveries, delivery(row[0], row[1], at))
			if !seen[row[1]] {
				o.Incidents = append(o.Incidents, incident(row[1], "a", at))
			}
			seen[row[1]] = true
		}
	})
}

func take(t *testing.T, s Store, now time.Time, max int) []alerting.Delivery {
	t.Helper()
	taken, err := s.TakeDeliveries(t.Context(), now, max, lease)
	must(t, err)
	return taken
}

func deliveryIDs(ds []alerting.Delivery) (out []uint64) {
	for _, d := range ds {
		out = append(out, d.ID)
	}
	return out
}

func outboxOrder(t *testing.T, s Store) {
	at := start()
	told(t, s, at, [2]string{"slack", "inc_1"}, [2]string{"slack", "inc_1"}, [2]string{"mail", "inc_1"}, [2]string{"slack", "inc_2"})
	first := take(t, s, at, 2)
	same(t, []uint64{1, 3}, deliveryIDs(first))
	same(t, []uint64{4}, deliveryIDs(take(t, s, at, 9)))
	same(t, 0, len(take(t, s, at, 9)))
	must(t, s.SettleDelivery(t.Context(), first[0], alerting.Receipt{Ref: "1"}))
	same(t, []uint64{2}, deliveryIDs(take(t, s, at, 9)))
}

func outboxLease(t *testing.T, s Store) {
	at := start()
	told(t, s, at, [2]string{"slack", "inc_1"}, [2]string{"slack", "inc_1"})
	take(t, s, at, 9)
	same(t, 0, len(take(t, s, at.Add(lease-1), 9)))
	same(t, []uint64{1}, deliveryIDs(take(t, s, at.Add(lease), 9)))
}

func outboxPostpone(t *testing.T, s Store) {
	at := start()
	told(t, s, at, [2]string{"slack", "inc_1"}, [2]string{"slack", "inc_1"})
	d := take(t, s, at, 9)[0]
	d.Attempts, d.LastError, d.NotBefore = 1, "429", at.Add(time.Hour)
	must(t, s.PostponeDelivery(t.Context(), d))
	same(t, 0, len(take(t, s, at.Add(time.Hour-1), 9)))
	same(t, []alerting.Delivery{d}, take(t, s, at.Add(time.Hour), 9))
}

func outboxDead(t *testing.T, s Store) {
	at := start()
	told(t, s, at, [2]string{"slack", "inc_1"}, [2]string{"slack", "inc_1"})
	d := take(t, s, at, 9)[0]
	d.Attempts, d.LastError, d.Dead = 9, "channel_not_found", true
	must(t, s.PostponeDelivery(t.Context(), d))
	same(t, []uint64{2}, deliveryIDs(take(t, s, at, 9)))
	health, err := s.OutboxHealth(t.Context())
	must(t, err)
	same(t, alerting.OutboxHealth{Waiting: 1, Dead: 1, Oldest: at, LastError: "channel_not_found"}, health)
}

func outboxReceipt(t *testing.T, s Store) {
	at := start()
	told(t, s, at, [2]string{"slack", "inc_1"}, [2]string{"slack", "inc_1"}, [2]string{"mail", "inc_1"})
	d := take(t, s, at, 1)[0]
	notice, err := s.Notice(t.Context(), d)
	must(t, err)
	same(t, alerting.Notice{Incident: incident("inc_1", "a", at), Transition: d.Transition}, notice)
	must(t, s.SettleDelivery(t.Context(), d, alerting.Receipt{Ref: "C1/7", Version: 1}))
	d = take(t, s, at, 1)[0]
	notice, err = s.Notice(t.Context(), d)
	must(t, err)
	same(t, alerting.Receipt{Channel: "slack", Incident: "inc_1", Ref: "C1/7", Version: 1}, notice.Receipt)
	must(t, s.SettleDelivery(t.Context(), d, alerting.Receipt{Version: 2}))
	notice, err = s.Notice(t.Context(), d)
	must(t, err)
	same(t, alerting.Receipt{Channel: "slack", Incident: "inc_1", Ref: "C1/7", Version: 2}, notice.Receipt)
	notice, err = s.Notice(t.Context(), take(t, s, at, 1)[0])
	must(t, err)
	same(t, alerting.Receipt{}, notice.Receipt)
}

func outboxNotFound(t *testing.T, s Store) {
	at := start()
	told(t, s, at, [2]string{"slack", "inc_1"})
	d := take(t, s, at, 1)[0]
	must(t, s.SettleDelivery(t.Context(), d, alerting.Receipt{Ref: "1"}))
	same(t, alerting.ErrNotFound, s.SettleDelivery(t.Context(), d, alerting.Receipt{Ref: "2"}))
	same(t, alerting.ErrNotFound, s.PostponeDelivery(t.Context(), d))
	_, err := s.Notice(t.Context(), alerting.Delivery{Channel: "slack", Incident: "inc_none"})
	same(t, alerting.ErrNotFound, err)
}

func outboxHealth(t *testing.T, s Store) {
	at := start()
	told(t, s, at, [2]string{"slack", "inc_1"}, [2]string{"mail", "inc_1"})
	health, err := s.OutboxHealth(t.Context())
	must(t, err)
	same(t, alerting.OutboxHealth{Waiting: 2, Oldest: at}, health)
	for _, d := range take(t, s, at, 9) {
		must(t, s.SettleDelivery(t.Context(), d, alerting.Receipt{Ref: "1"}))
	}
	health, err = s.OutboxHealth(t.Context())
	must(t, err)
	same(t, alerting.OutboxHealth{}, health)
}
