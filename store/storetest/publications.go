package storetest

import (
	"testing"
	"time"

	"shapewatch/alerting"
	"shapewatch/probes"
)

// publications are the promises to published documents.
var publications = map[string]func(*testing.T, Store){
	"what is known of a document comes with an outcome and stays": func(t *testing.T, s Store) {
		due := start()
		register(t, s, due, "shop/spec")
		known := probes.Publication{
			Tag: `"1"`, Hash: "aa", For: "bb", Known: []probes.Excerpt{{Of: []string{"GET /orders"}, Text: []byte{1, 2, 3}}},
			Announced: []probes.Announced{{Operation: "GET /orders", Path: "/note", Rule: "gone", Level: 2, Since: due}},
		}
		same(t, probes.Publication{}, published(t, s, "shop/spec"))
		for _, outcome := range []alerting.Outcome{{Published: &known}, {}} { // one that knows nothing leaves it
			claims, _ := claim(t, s, due, 1)
			outcome.Claim, outcome.Next = claims[0], due
			must(t, s.Commit(t.Context(), outcome))
			same(t, known, published(t, s, "shop/spec"))
		}
		same(t, probes.Publication{}, published(t, s, "shop/orders"))
	},
	"what is known of a document goes with its probe": func(t *testing.T, s Store) {
		due := start()
		register(t, s, due, "shop/spec")
		claims, _ := claim(t, s, due, 1)
		must(t, s.Commit(t.Context(), alerting.Outcome{Claim: claims[0], Next: due.Add(lease), Published: &probes.Publication{Hash: "aa"}}))
		register(t, s, due)
		must(t, s.Sweep(t.Context(), time.Now().Add(Keep.Hours+time.Hour)))
		same(t, probes.Publication{}, published(t, s, "shop/spec"))
	},
}

func published(t *testing.T, s Store, probe string) probes.Publication {
	t.Helper()
	p, err := s.Publication(t.Context(), probe)
	must(t, err)
	return p
}
