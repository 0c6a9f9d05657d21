package detectors_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"slices"
	"testing"

	"shapewatch/contracts"
	"shapewatch/probes"
)

var seeds = flag.Int("seeds", 2, "noisy worlds of each style to watch; a night can take hundreds")

// TestWeigh_StaysSilentWhileOnlyContentVaries is the promise of a calm watch:
// three hundred checks of noisy, stable answers and not one alarm.
func TestWeigh_StaysSilentWhileOnlyContentVaries(t *testing.T) {
	const checks = 300
	for _, name := range slices.Sorted(maps.Keys(styles)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			alarms, reprobes := 0, 0
			for seed := range uint64(*seeds) {
				w, watch := newWorld(seed), newWatch()
				told := map[string]bool{}
				for i := range checks {
					v := watch.check(w.answer(styles[name]), false)
					for _, f := range v.Confirmed {
						if f.Severity > contracts.Info && !told[f.Fingerprint()] {
							told[f.Fingerprint()] = true
							alarms++
							t.Errorf("seed %d, check %d: %s %s %s: was %s, now %s", seed, i, f.Severity, f.Kind, f.Path, f.Was, f.Now)
						}
					}
					if len(v.Suspected) > 0 && i%2 == 0 {
						reprobes++
						watch.check(w.answer(styles[name]), true)
					}
				}
			}
			t.Logf("%d false alarms in %d checks; %d made it ask again", alarms, *seeds*checks, reprobes)
		})
	}
}

// A breach is what a vendor does, and how it must be told.
type breach struct {
	kind, path string
	severity   contracts.Severity
	do         func(answer object, s *probes.Sample)
}

func things(o object) (items []object) {
	list, _ := o["data"].([]any)
	for _, item := range list {
		items = append(items, item.(object))
	}
	return items
}

func onItems(change func(i int, item object)) func(object, *probes.Sample) {
	return func(o object, _ *probes.Sample) {
		for i, item := range things(o) {
			change(i, item)
		}
	}
}

var breaches = map[string]breach{
	"field gone":          {"field-removed", "/data/[]/uuid", contracts.Breaking, onItems(func(_ int, o object) { delete(o, "uuid") })},
	"nested field gone":   {"field-removed", "/data/[]/owner/login", contracts.Breaking, onItems(func(_ int, o object) { delete(o["owner"].(object), "login") })},
	"renamed":             {"field-removed", "/data/[]/created", contracts.Breaking, onItems(func(_ int, o object) { o["created_at"] = o["created"]; delete(o, "created") })},
	"gone in a third":     {"field-optional", "/data/[]/score", contracts.Breaking, onItems(func(i int, o object) { dropThird(i, o, "score") })},
	"int becomes string":  {"kind-changed", "/data/[]/id", contracts.Breaking, onItems(func(_ int, o object) { o["id"] = fmt.Sprint(o["id"]) })},
	"object becomes text": {"kind-changed", "/data/[]/owner", contracts.Breaking, onItems(func(_ int, o object) { o["owner"] = "ada" })},
	"null in a third":     {"null-new", "/data/[]/uuid", contracts.Breaking, onItems(func(i int, o object) { nullThird(i, o, "uuid") })},
	"ISO becomes words":   {"format-changed", "/data/[]/created", contracts.Breaking, onItems(func(_ int, o object) { o["created"] = "yesterday" })},
	"new state":           {"enum-new", "/data/[]/seen_by", contracts.Warning, onItems(func(i int, o object) { setFourth(i, o, "seen_by", "guests") })},
	"field new":           {"field-new", "/data/[]/colour", contracts.Info, onItems(func(_ int, o object) { o["colour"] = "red" })},
	"limit cut":           {"rate-limit", "header:x-ratelimit-limit", contracts.Breaking, func(_ object, s *probes.Sample) { s.Header.Set("X-RateLimit-Limit", "500") }},
	"limit not stated":    {"rate-limit", "header:x-ratelimit-limit", contracts.Warning, func(_ object, s *probes.Sample) { s.Header.Del("X-RateLimit-Limit") }},
	"limit raised":        {"rate-limit-raised", "header:x-ratelimit-limit", contracts.Info, func(_ object, s *probes.Sample) { s.Header.Set("X-RateLimit-Limit", "9000") }},
	"page of thousands":   {"volume", "/data", contracts.Breaking, func(o object, _ *probes.Sample) { swell(o, 4000) }},
	"page empty":          {"volume", "/data", contracts.Warning, func(o object, _ *probes.Sample) { o["data"] = []any{} }},
	"sunset":              {"provider-says", "header:sunset", contracts.Breaking, func(_ object, s *probes.Sample) { s.Header.Set("Sunset", "Sun, 08 Mar 2026 00:00:00 GMT") }},
	"status 404":          {"status-changed", "", contracts.Breaking, func(_ object, s *probes.Sample) { s.Status = 404 }},
	"login wall":          {"not-json", "", contracts.Breaking, func(_ object, s *probes.Sample) { s.Body = []byte("<html>sign in") }},
	"cut off":             {"invalid-json", "", contracts.Breaking, func(_ object, s *probes.Sample) { s.Body = s.Body[:len(s.Body)/2] }},
	"error in disguise":   {"error-envelope", "", contracts.Breaking, func(_ object, s *probes.Sample) { s.Body = []byte(`{"error":{"code":9,"message":"no"}}`) }},
	"all different":       {"degraded-response", "", contracts.Breaking, func(o object, _ *probes.Sample) { wreck(o) }},
}

func dropThird(i int, o object, key string) {
	if i%3 == 0 {
		delete(o, key)
	}
}

func nullThird(i int, o object, key string) {
	if i%3 == 0 {
		o[key] = nil
	}
}

func setFourth(i int, o object, key, value string) {
	if i%4 == 0 {
		o[key] = value
	}
}

func swell(o object, n int) {
	list := o["data"].([]any)
	for len(list) < n {
		list = append(list, list...)
	}
	o["data"] = list[:n]
}

func wreck(o object) {
	for _, item := range things(o) {
		for _, key := range []string{"id", "uuid", "state", "title", "created", "owner", "price", "score"} {
			delete(item, key)
		}
	}
}

// broken is a world's next answer after a breach.
func (w *world) broken(b breach) probes.Sample {
	s := w.answer((*world).feed)
	var o object
	if err := json.Unmarshal(s.Body, &o); err != nil {
		panic(err)
	}
	before := string(s.Body)
	b.do(o, &s)
	if string(s.Body) == before {
		s.Body, _ = json.Marshal(o)
	}
	s.Bytes = int64(len(s.Body))
	return s
}

// TestWeigh_ConfirmsABreachWithinTenSeconds is the other half of the promise:
// one check a second, twenty clean ones, quick re-probes, told within ten.
func TestWeigh_ConfirmsABreachWithinTenSeconds(t *testing.T) {
	for name, b := range breaches {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(3) {
				w, watch := newWorld(seed+40), newWatch()
				for range 21 {
					watch.check(w.answer((*world).feed), false)
				}
				checks, asked, f := watch.until(w, b)
				if f.Severity != b.severity || checks > 10 {
					t.Errorf("seed %d: %s after %d checks and %d samples, want %s within 10 checks", seed, f.Severity, checks, asked, b.severity)
				}
				t.Logf("seed %d: after %d checks, %d samples: was %s, now %s", seed, checks, asked, f.Was, f.Now)
			}
		})
	}
}

// until checks and re-probes until the breach is confirmed, 40 checks at most.
func (w *watch) until(v *world, b breach) (checks, asked int, f contracts.Finding) {
	for checks = 1; checks <= 40; checks++ {
		asked++
		verdict := w.check(v.broken(b), false)
		for reprobes := 0; ; reprobes++ {
			if f, ok := pick(verdict.Confirmed, b); ok {
				return checks, asked, f
			}
			if len(verdict.Suspected) == 0 || reprobes == 1 {
				break
			}
			asked++
			verdict = w.check(v.broken(b), true)
		}
	}
	return checks, asked, f
}

func pick(fs []contracts.Finding, b breach) (contracts.Finding, bool) {
	i := slices.IndexFunc(fs, func(f contracts.Finding) bool {
		return f.Kind == b.kind && f.Path == b.path && f.Severity >= b.severity
	})
	if i < 0 {
		return contracts.Finding{}, false
	}
	return fs[i], true
}
