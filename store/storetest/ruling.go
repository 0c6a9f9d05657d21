package storetest

import (
	"fmt"
	"testing"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

var rulings = map[string]func(*testing.T, Store){
	"Ruling_IsKeptWhole":                        rulingWhole,
	"Ruling_IsRefusedWholeWhenAnythingIsStale":  rulingStale,
	"Ruling_ListsTheTrailNewestFirst":           rulingTrail,
	"Ruling_ListsSilencesAndRecallsThoseInUse":  rulingSilences,
	"Ruling_OffersIncidentsWhoseTimeHasCome":    rulingDue,
	"Ruling_KeepsBulletinsApartFromIncidents":   rulingBulletins,
	"Outbox_DigestRowsHoldUpNobody":             outboxDigest,
	"Retention_ForgetsEndedSilencesAndNoActs":   rulingRetention,
	"Ruling_MovesBaselinesWithTheirParts":       rulingShifts,
	"Ruling_TakesRowsOffAndPutsOthersOn":        rulingRows,
	"Ruling_OfABaselineMovedMeanwhileIsRefused": rulingShiftStale,
}

func act(kind alerting.ActKind, incident string, at time.Time) alerting.Act {
	return alerting.Act{Kind: kind, Incident: incident, Actor: "ada", Through: "page", At: at, Reason: "known"}
}

func silence(id string, from time.Time) alerting.Silence {
	return alerting.Silence{ID: id, Matcher: alerting.Matcher{API: "a"}, From: from, Until: from.Add(time.Hour), Actor: "ada", Through: "page"}
}

// opened commits one incident and returns its next version, as changed by edit.
func opened(t *testing.T, s Store, at time.Time, edit func(*alerting.Incident)) alerting.Incident {
	t.Helper()
	inc := incident("inc_1", "a", at)
	checked(t, s, at, func(o *alerting.Outcome) { o.Incidents = append(o.Incidents, inc) })
	inc.Version++
	edit(&inc)
	return inc
}

func acknowledge(inc *alerting.Incident) { inc.Handling = alerting.Acknowledged }

func rulingWhole(t *testing.T, s Store) {
	at := start()
	inc := opened(t, s, at, acknowledge)
	a := act(alerting.Acknowledge, "inc_1", at)
	must(t, s.Rule(t.Context(), alerting.Ruling{
		Incidents: []alerting.Incident{inc}, Acts: []alerting.Act{a},
		Silences: []alerting.Silence{silence("sil_1", at)}, Deliveries: []alerting.Delivery{delivery("slack", "inc_1", at)},
	}))
	got, err := s.Incident(t.Context(), "inc_1")
	must(t, err)
	same(t, inc, got)
	acts, err := s.Audit(t.Context(), "inc_1", 9)
	must(t, err)
	same(t, []alerting.Act{a}, acts)
	same(t, []uint64{1}, deliveryIDs(take(t, s, at, 9)))
}

func rulingStale(t *testing.T, s Store) {
	at := start()
	inc := opened(t, s, at, acknowledge)
	inc.Version = 7
	err := s.Rule(t.Context(), alerting.Ruling{
		Incidents: []alerting.Incident{inc}, Acts: []alerting.Act{act(alerting.Acknowledge, "inc_1", at)},
		Silences: []alerting.Silence{silence("sil_1", at)}, Deliveries: []alerting.Delivery{delivery("slack", "inc_1", at)},
	})
	same(t, alerting.ErrConflict, err)
	acts, err := s.Audit(t.Context(), "", 9)
	must(t, err)
	silences, err := s.Silences(t.Context())
	must(t, err)
	same(t, []int{0, 0, 0}, []int{len(acts), len(silences), len(take(t, s, at, 9))})
}

func rulingTrail(t *testing.T, s Store) {
	at := start()
	opened(t, s, at, acknowledge)
	for i := range 4 {
		a := act(alerting.Hush, fmt.Sprintf("inc_%d", i%2), at.Add(time.Duration(i)*time.Second))
		must(t, s.Rule(t.Context(), alerting.Ruling{Acts: []alerting.Act{a}}))
	}
	seconds := func(incident string, max int) (out []int) {
		acts, err := s.Audit(t.Context(), incident, max)
		must(t, err)
		for _, a := range acts {
			out = append(out, int(a.At.Sub(at)/time.Second))
		}
		return out
	}
	same(t, []int{3, 2, 1, 0}, seconds("", 9))
	same(t, []int{3, 2}, seconds("", 2))
	same(t, []int{2, 0}, seconds("inc_0", 9))
	same(t, []int(nil), seconds("inc", 9))
}

func rulingSilences(t *testing.T, s Store) {
	at := start()
	opened(t, s, at, acknowledge)
	one, two := silence("sil_1", at), silence("sil_2", at.Add(time.Minute))
	must(t, s.Rule(t.Context(), alerting.Ruling{Silences: []alerting.Silence{one, two}}))
	one.Ended = at.Add(time.Hour)
	must(t, s.Rule(t.Context(), alerting.Ruling{Silences: []alerting.Silence{one}}))
	all, err := s.Silences(t.Context())
	must(t, err)
	same(t, []alerting.Silence{two, one}, all)
	memory, err := s.Recall(t.Context(), "a", "a/1")
	must(t, err)
	same(t, []alerting.Silence{two}, memory.Silences)
}

func rulingDue(t *testing.T, s Store) {
	at := start()
	inc := opened(t, s, at, func(i *alerting.Incident) { i.Due = at.Add(time.Hour) })
	must(t, s.Rule(t.Context(), alerting.Ruling{Incidents: []alerting.Incident{inc}}))
	due, next, err := s.DueIncidents(t.Context(), at, 9)
	must(t, err)
	same(t, 0, len(due))
	same(t, at.Add(time.Hour), next)
	due, next, err = s.DueIncidents(t.Context(), at.Add(time.Hour), 9)
	must(t, err)
	same(t, []alerting.Incident{inc}, due)
	same(t, time.Time{}, next)
	inc = closed(inc, at)
	inc.Version++
	must(t, s.Rule(t.Context(), alerting.Ruling{Incidents: []alerting.Incident{inc}}))
	due, _, err = s.DueIncidents(t.Context(), at.Add(time.Hour), 9)
	must(t, err)
	same(t, 0, len(due))
}

func rulingBulletins(t *testing.T, s Store) {
	at := start()
	opened(t, s, at, acknowledge)
	bulletin := incident("sum_1", "shapewatch", at)
	must(t, s.Rule(t.Context(), alerting.Ruling{Bulletins: []alerting.Incident{bulletin}, Deliveries: []alerting.Delivery{delivery("slack", "sum_1", at)}}))
	notice, err := s.Notice(t.Context(), take(t, s, at, 9)[0])
	must(t, err)
	same(t, bulletin, notice.Incident)
	got, err := s.Incident(t.Context(), "sum_1")
	must(t, err)
	same(t, bulletin, got)
	all, err := s.Incidents(t.Context(), "", 9)
	must(t, err)
	same(t, 1, len(all))
	same(t, alerting.ErrConflict, s.Rule(t.Context(), alerting.Ruling{Bulletins: []alerting.Incident{bulletin}}))
}

func outboxDigest(t *testing.T, s Store) {
	at := start()
	opened(t, s, at, acknowledge)
	noted := delivery("slack", "inc_1", at)
	noted.Digest, noted.NotBefore = true, at.Add(time.Hour)
	must(t, s.Rule(t.Context(), alerting.Ruling{Deliveries: []alerting.Delivery{noted, delivery("slack", "inc_1", at)}}))
	same(t, []uint64{2}, deliveryIDs(take(t, s, at, 9)))
	same(t, []uint64{1}, deliveryIDs(take(t, s, at.Add(time.Hour), 1)))
}

func rulingRetention(t *testing.T, s Store) {
	at := start()
	opened(t, s, at, acknowledge)
	over := silence("sil_1", at)
	over.Ended = at
	must(t, s.Rule(t.Context(), alerting.Ruling{
		Silences: []alerting.Silence{over, silence("sil_2", at)}, Acts: []alerting.Act{act(alerting.Hush, "inc_1", at)},
		Bulletins: []alerting.Incident{incident("sum_1", "shapewatch", at)},
	}))
	must(t, s.Sweep(t.Context(), at.Add(Keep.Incidents+time.Hour)))
	silences, err := s.Silences(t.Context())
	must(t, err)
	same(t, []alerting.Silence{silence("sil_2", at)}, silences)
	acts, err := s.Audit(t.Context(), "inc_1", 9)
	must(t, err)
	same(t, 1, len(acts))
	_, err = s.Incident(t.Context(), "sum_1")
	same(t, alerting.ErrNotFound, err)
}

func rulingShifts(t *testing.T, s Store) {
	at := start()
	inc := opened(t, s, at, acknowledge)
	shift := alerting.Shift{Probe: "a/1", Whole: []byte("moved"), Parts: []contracts.Part{{Key: "h1", Bytes: []byte("x")}}}
	must(t, s.Rule(t.Context(), alerting.Ruling{Incidents: []alerting.Incident{inc}, Shifts: []alerting.Shift{shift}}))
	memory, err := s.Recall(t.Context(), "a", "a/1")
	must(t, err)
	same(t, "moved", string(memory.Baseline))
	same(t, uint64(1), memory.Moves)
	parts, err := s.Parts(t.Context(), "a/1")
	must(t, err)
	same(t, shift.Parts, parts)
}

func rulingShiftStale(t *testing.T, s Store) {
	at := start()
	inc := opened(t, s, at, acknowledge)
	shift := alerting.Shift{Probe: "a/1", Moves: 3, Whole: []byte("moved")}
	same(t, alerting.ErrConflict, s.Rule(t.Context(), alerting.Ruling{Incidents: []alerting.Incident{inc}, Shifts: []alerting.Shift{shift}}))
	got, err := s.Incident(t.Context(), "inc_1")
	must(t, err)
	same(t, uint64(1), got.Version)
}

func rulingRows(t *testing.T, s Store) {
	at := start()
	told(t, s, at, [2]string{"slack", "inc_1"}, [2]string{"slack", "inc_2"})
	rows := take(t, s, at, 9)
	rows[1].LastError = "is_archived"
	ruling := alerting.Ruling{
		Settled:    []alerting.Settled{{Delivery: rows[0], Receipt: alerting.Receipt{Bulletin: "sum_1", Version: 1}}},
		Dead:       rows[1:],
		Deliveries: []alerting.Delivery{delivery("mail", "inc_2", at)},
	}
	must(t, s.Rule(t.Context(), ruling))
	same(t, []uint64{3}, deliveryIDs(take(t, s, at, 9)))
	health, err := s.OutboxHealth(t.Context())
	must(t, err)
	same(t, alerting.OutboxHealth{Waiting: 1, Dead: 1, Oldest: at, LastError: "is_archived"}, health)
	notice, err := s.Notice(t.Context(), rows[0])
	must(t, err)
	same(t, alerting.Receipt{Channel: "slack", Incident: "inc_1", Bulletin: "sum_1", Version: 1}, notice.Receipt)
	same(t, alerting.ErrNotFound, s.Rule(t.Context(), ruling))
}
