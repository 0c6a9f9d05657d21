package monitor_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/monitor"
	"shapewatch/probes"
	"shapewatch/store"
)

// everywhere tells one channel of everything.
func everywhere() monitor.Alerts {
	return monitor.Alerts{Routes: alerting.Routes{{Channels: []string{"slack"}}}, Reminders: alerting.DefaultReminders}
}

// deskWith is a desk whose store holds one open incident of the API shop, told
// to slack.
func deskWith(t *testing.T, inc alerting.Incident) (*monitor.Desk, *store.Memory) {
	t.Helper()
	s := store.NewMemory(store.Retention{})
	if err := s.Register(t.Context(), []probes.Plan{{Probe: "shop/p", Due: time.Now(), Every: time.Minute}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Rule(t.Context(), alerting.Ruling{Incidents: []alerting.Incident{inc}}); err != nil {
		t.Fatal(err)
	}
	return monitor.NewDesk(monitor.DeskOptions{Store: s, Alerts: everywhere}), s
}

func openIncident(id string) alerting.Incident {
	return alerting.Incident{
		ID: id, API: "shop", Title: "`a` is gone", Severity: contracts.Breaking, Version: 1,
		Condition: alerting.Firing, Handling: alerting.New, Opened: time.Now(), Alarmed: time.Now(), Channels: []string{"slack"},
		Heard: alerting.Heard{As: alerting.HeardOpen, Severity: contracts.Breaking},
		Entries: []alerting.Entry{{Probe: "shop/p", Since: time.Now(), Finding: contracts.Finding{
			API: "shop", Operation: "GET /p", Path: "/a", Kind: "field-removed", Severity: contracts.Breaking}}},
	}
}

func ada(kind alerting.ActKind, incident string) alerting.Act {
	return alerting.Act{Kind: kind, Incident: incident, Actor: "ada", Through: "page", Reason: "known"}
}

func rows(t *testing.T, s *store.Memory) (kinds []alerting.TransitionKind) {
	t.Helper()
	taken, err := s.TakeDeliveries(t.Context(), time.Now().Add(time.Hour), 99, time.Nanosecond)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range taken {
		kinds = append(kinds, d.Transition.Kind)
		if err := s.SettleDelivery(t.Context(), d, alerting.Receipt{Ref: "1"}); err != nil {
			t.Fatal(err)
		}
	}
	return kinds
}

func TestDesk_KeepsWhoWhenAndThroughWhat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		desk, s := deskWith(t, openIncident("inc_1"))
		inc, err := desk.Act(t.Context(), ada(alerting.Acknowledge, "inc_1"))
		if err != nil || inc.Handling != alerting.Acknowledged || !inc.Due.IsZero() {
			t.Fatalf("%+v, %v", inc, err)
		}
		acts, err := desk.Audit(t.Context(), "inc_1", 9)
		want := ada(alerting.Acknowledge, "inc_1")
		want.At = time.Now().UTC()
		if err != nil || len(acts) != 1 || acts[0] != want {
			t.Errorf("trail %+v, %v; want %+v", acts, err, want)
		}
		if kinds := rows(t, s); len(kinds) != 1 || kinds[0] != alerting.Handled {
			t.Errorf("told %v", kinds)
		}
		last := inc.Timeline[len(inc.Timeline)-1]
		if last.Actor != "ada" || last.Text != "acknowledged by ada (page): known" {
			t.Errorf("timeline %+v", last)
		}
	})
}

func TestDesk_RefusesWhatMakesNoSense(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		desk, _ := deskWith(t, openIncident("inc_1"))
		if _, err := desk.Act(t.Context(), ada(alerting.Resolve, "inc_1")); err != nil {
			t.Fatal(err)
		}
		for name, do := range map[string]func() error{
			"accept what is over": func() error { _, err := desk.Act(t.Context(), ada(alerting.Accept, "inc_1")); return err },
			"nobody acts": func() error {
				_, err := desk.Act(t.Context(), alerting.Act{Kind: alerting.Accept, Incident: "inc_1"})
				return err
			},
			"silence of everything": func() error {
				_, err := desk.Silence(t.Context(), alerting.Silence{Actor: "ada", UntilChange: true})
				return err
			},
			"silence without end": func() error {
				_, err := desk.Silence(t.Context(), alerting.Silence{Actor: "ada", Matcher: alerting.Matcher{API: "shop"}})
				return err
			},
			"silence of a year": func() error {
				_, err := desk.Silence(t.Context(), alerting.Silence{Actor: "ada", Matcher: alerting.Matcher{API: "shop"}, Until: time.Now().Add(365 * 24 * time.Hour)})
				return err
			},
			"silence in the past": func() error {
				_, err := desk.Silence(t.Context(), alerting.Silence{Actor: "ada", Matcher: alerting.Matcher{API: "shop"}, Until: time.Now().Add(-time.Hour)})
				return err
			},
			"silence of what is over": func() error {
				_, err := desk.Silence(t.Context(), alerting.Silence{Actor: "ada", Matcher: alerting.Matcher{Incident: "inc_1"}, UntilChange: true})
				return err
			},
		} {
			if err := do(); !errors.Is(err, alerting.ErrUnfit) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := desk.Act(t.Context(), ada(alerting.Accept, "inc_none")); !errors.Is(err, alerting.ErrNotFound) {
			t.Errorf("no such incident: %v", err)
		}
		if err := desk.Unsilence(t.Context(), "sil_none", ada("", "")); !errors.Is(err, alerting.ErrNotFound) {
			t.Errorf("no such silence: %v", err)
		}
	})
}

func TestDesk_SilenceHushesWhatIsOpenAndEndsAloud(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		desk, s := deskWith(t, openIncident("inc_1"))
		hush, err := desk.Silence(t.Context(), alerting.Silence{Matcher: alerting.Matcher{API: "sh?p"}, Until: time.Now().Add(time.Hour), Actor: "ada", Through: "slack", Reason: "known"})
		if err != nil || hush.ID == "" || hush.From.IsZero() {
			t.Fatalf("%+v, %v", hush, err)
		}
		inc, err := s.Incident(t.Context(), "inc_1")
		if err != nil || inc.Muted.Mute != alerting.Silenced || inc.Muted.By != hush.ID || len(rows(t, s)) != 0 {
			t.Fatalf("%+v, %v", inc.Muted, err)
		}
		if err := desk.Unsilence(t.Context(), hush.ID, alerting.Act{Actor: "bo", Through: "command"}); err != nil {
			t.Fatal(err)
		}
		if kinds := rows(t, s); len(kinds) != 1 || kinds[0] != alerting.Unmuted {
			t.Errorf("told %v", kinds)
		}
		silences, err := desk.Silences(t.Context())
		if err != nil || len(silences) != 1 || silences[0].Ended.IsZero() {
			t.Errorf("%+v, %v", silences, err)
		}
		acts, err := desk.Audit(t.Context(), "", 9)
		if err != nil || len(acts) != 2 || acts[0].Kind != alerting.Unhush || acts[0].Actor != "bo" || acts[1].Kind != alerting.Hush {
			t.Errorf("trail %+v, %v", acts, err)
		}
	})
}
