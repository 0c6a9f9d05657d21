package contracts_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/contracts"
)

func TestSignals_TheNewestTimesOfAnAnswer(t *testing.T) {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	stamp := func(path, when string) contracts.Stamp {
		t.Helper()
		x, err := time.Parse(time.RFC3339, when)
		if err != nil {
			t.Fatal(err)
		}
		return contracts.Stamp{Path: path, At: x.Unix()}
	}
	for name, c := range map[string]struct {
		body string
		want []contracts.Stamp
	}{
		"newest of a list": {`{"data":[{"created_at":"2026-03-01T10:00:00Z"},{"created_at" : "2026-03-02T09:00:00.5Z"},{"created_at":"2026-02-01T10:00:00Z"}]}`, []contracts.Stamp{stamp("/data/[]/created_at", "2026-03-02T09:00:00Z")}},
		"another zone":     {`{"at":"2026-03-02T13:00:00+05:00"}`, []contracts.Stamp{stamp("/at", "2026-03-02T08:00:00Z")}},
		"no zone":          {`{"at":"2026-03-02T10:00:00"}`, []contracts.Stamp{stamp("/at", "2026-03-02T10:00:00Z")}},
		"epoch":            {`{"updated":1772445600}`, []contracts.Stamp{stamp("/updated", "2026-03-02T10:00:00Z")}},
		"to come":          {`{"at":"2026-03-02T13:00:00Z"}`, nil},
		"expiry":           {`{"expires_at":"2026-03-02T10:00:00Z"}`, nil},
		"in a text":        {`{"note":"seen 2026-03-02T10:00:00Z and so on"}`, nil},
		"cut off":          {`{"T":"2026-03-02T`, nil},
	} {
		if diff := cmp.Diff(c.want, contracts.Observe(answered(c.body, at), nil).Signals.Stamps); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
