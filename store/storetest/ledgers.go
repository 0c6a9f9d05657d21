package storetest

import (
	"testing"
	"time"

	"shapewatch/alerting"
)

// ledgers are the promises to reconciliations.
var ledgers = map[string]func(*testing.T, Store){
	"a ledger is kept with an outcome, and left by one without": func(t *testing.T, s Store) {
		due := start()
		register(t, s, due, "shop/orders")
		read := func() string {
			ledger, err := s.Ledger(t.Context(), "shop/orders")
			must(t, err)
			return string(ledger)
		}
		same(t, "", read())
		for i, step := range []struct{ kept, then string }{{"first", "first"}, {"", "first"}, {"second", "second"}} {
			now := due.Add(time.Duration(i) * time.Minute)
			claims, _ := claim(t, s, now, 1)
			o := alerting.Outcome{Claim: claims[0], Next: now.Add(time.Minute)}
			if step.kept != "" {
				o.Ledger = []byte(step.kept)
			}
			must(t, s.Commit(t.Context(), o))
			same(t, step.then, read())
		}
		must(t, s.Register(t.Context(), nil))
		must(t, s.Sweep(t.Context(), time.Now().Add(Keep.Hours+time.Hour)))
		same(t, "", read())
	},
}
