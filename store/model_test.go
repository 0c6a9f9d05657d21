package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/probes"
	"shapewatch/store"
)

// TestBolt_DoesWhatMemoryDoes runs random lives of a store, restarts included,
// against both and compares all that can be seen. Time stands still in the
// bubble except where an action moves it.
func TestBolt_DoesWhatMemoryDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rapid.Check(undated{t}, func(rt *rapid.T) {
			folder, err := os.MkdirTemp(t.TempDir(), "")
			if err != nil {
				rt.Fatal(err)
			}
			m := &machine{ctx: t.Context(), memory: store.NewMemory(shortKeep)}
			m.options = store.Options{Path: filepath.Join(folder, "s.db"), Keep: shortKeep}
			m.Restart(rt)
			defer func() { m.bolt.Close() }()
			rt.Repeat(rapid.StateMachineActions(m))
		})
	})
}

// undated hides the deadline of a test, which cannot be asked in a bubble.
type undated struct{ rapid.TB }

// shortKeep makes retention bite within the day that rapid lets a test last.
var shortKeep = store.Retention{Checks: 3 * time.Minute, Hours: time.Hour, Incidents: 5 * time.Minute}

// A machine does everything twice.
type machine struct {
	ctx     context.Context
	options store.Options
	bolt    *store.Bolt
	memory  *store.Memory
	claims  [][2]probes.Claim // by Bolt and by Memory; spent and stale ones stay
	taken   []alerting.Delivery
	moves   map[string]uint64 // as recalled last
}

var (
	anyProbe    = rapid.SampledFrom([]string{"a/1", "a/2", "b/1", "b/2"})
	anyIncident = rapid.SampledFrom([]string{"inc_1", "inc_2", "inc_3"})
	anyChannel  = rapid.SampledFrom([]string{"slack", "mail"})
)

func (m *machine) agree(rt *rapid.T, bolt, memory any, errs ...error) {
	rt.Helper()
	if len(errs) == 2 && !sameKind(errs[0], errs[1]) {
		rt.Fatalf("bolt says %v, memory says %v", errs[0], errs[1])
	}
	noEpoch := cmpopts.IgnoreFields(probes.Claim{}, "Epoch")
	if diff := cmp.Diff(memory, bolt, cmpopts.EquateEmpty(), noEpoch); diff != "" {
		rt.Fatalf("memory -, bolt +:\n%s", diff)
	}
}

func sameKind(a, b error) bool {
	for _, kind := range []error{alerting.ErrConflict, alerting.ErrNotFound, store.ErrClosed} {
		if errors.Is(a, kind) != errors.Is(b, kind) {
			return false
		}
	}
	return (a == nil) == (b == nil)
}

func (m *machine) Restart(rt *rapid.T) {
	if m.bolt != nil {
		if err := m.bolt.Close(); err != nil {
			rt.Fatal(err)
		}
	}
	bolt, err := store.OpenBolt(m.options)
	if err != nil {
		rt.Fatal(err)
	}
	m.bolt = bolt
	m.memory.Restart()
}

func (m *machine) Wait(rt *rapid.T) {
	time.Sleep(time.Duration(rapid.SampledFrom([]int{1, 30, 60, 400}).Draw(rt, "seconds")) * time.Second)
}

func (m *machine) Register(rt *rapid.T) {
	var plans []probes.Plan
	for _, id := range rapid.SliceOfNDistinct(anyProbe, 0, 4, rapid.ID).Draw(rt, "probes") {
		every := rapid.SampledFrom([]time.Duration{time.Second, time.Minute, time.Hour}).Draw(rt, "every")
		plans = append(plans, probes.Plan{Probe: id, Due: time.Now().Add(every), Every: every})
	}
	m.agree(rt, nil, nil, m.bolt.Register(m.ctx, plans), m.memory.Register(m.ctx, plans))
}

func (m *machine) Claim(rt *rapid.T) {
	max, now := rapid.IntRange(0, 3).Draw(rt, "max"), time.Now()
	one, oneNext, err1 := m.bolt.Claim(m.ctx, now, max, time.Minute)
	two, twoNext, err2 := m.memory.Claim(m.ctx, now, max, time.Minute)
	m.agree(rt, one, two, err1, err2)
	m.agree(rt, oneNext, twoNext)
	for i := range one {
		m.claims = append(m.claims, [2]probes.Claim{one[i], two[i]})
	}
}

func (m *machine) draw(rt *rapid.T) [2]probes.Claim {
	if len(m.claims) == 0 {
		rt.Skip("no claim")
	}
	// The newest claims are the ones that are likely to be live.
	back := rapid.IntRange(1, min(4, len(m.claims))).Draw(rt, "claim")
	return m.claims[len(m.claims)-back]
}

func (m *machine) Defer(rt *rapid.T) {
	c := m.draw(rt)
	until := time.Now().Add(time.Minute)
	m.agree(rt, nil, nil, m.bolt.Defer(m.ctx, c[0], until), m.memory.Defer(m.ctx, c[1], until))
}

func (m *machine) Commit(rt *rapid.T) {
	c, now := m.draw(rt), time.Now()
	o := alerting.Outcome{Next: now.Add(time.Second), Check: contracts.Check{
		At: now, Class: probes.Valid, Items: rapid.Int64Range(-1, 9).Draw(rt, "items"),
		Latency: time.Duration(rapid.IntRange(1, 1000).Draw(rt, "latency")),
	}}
	if rapid.Bool().Draw(rt, "baseline") {
		o.Baseline = []byte(fmt.Sprint(now))
	} else {
		o.Lesson = []byte(fmt.Sprint("lesson of ", now))
	}
	if rapid.Bool().Draw(rt, "part") {
		o.Parts = []contracts.Part{{Key: rapid.SampledFrom([]string{"h1", "d1"}).Draw(rt, "key"), Bytes: []byte(fmt.Sprint(now))[:rapid.IntRange(0, 9).Draw(rt, "bytes")]}}
	}
	o.Moves = m.moves[c[0].Probe]
	for _, id := range rapid.SliceOfNDistinct(anyIncident, 0, 2, rapid.ID).Draw(rt, "incidents") {
		o.Incidents = append(o.Incidents, m.incident(rt, id, now))
		o.Deliveries = append(o.Deliveries, alerting.Delivery{
			Channel: anyChannel.Draw(rt, "channel"), Incident: id, Created: now,
			Transition: alerting.Transition{Incident: id, Kind: alerting.Updated, At: now},
		})
	}
	for range rapid.IntRange(1, 2).Draw(rt, "times") {
		one, two := o, o
		one.Claim, two.Claim = c[0], c[1]
		m.agree(rt, nil, nil, m.bolt.Commit(m.ctx, one), m.memory.Commit(m.ctx, two))
	}
}

// Move moves a baseline, or tries to when it was moved meanwhile.
func (m *machine) Move(rt *rapid.T) {
	id := anyProbe.Draw(rt, "probe")
	moves := m.moves[id] - min(m.moves[id], rapid.SampledFrom([]uint64{0, 0, 1}).Draw(rt, "stale"))
	one := m.bolt.MoveBaseline(m.ctx, id, moves, []byte("moved"), nil)
	two := m.memory.MoveBaseline(m.ctx, id, moves, []byte("moved"), nil)
	m.agree(rt, nil, nil, one, two)
	if one == nil && rapid.Bool().Draw(rt, "recalled") {
		if m.moves == nil {
			m.moves = map[string]uint64{}
		}
		m.moves[id] = moves + 1
	}
}

// incident is a next version, or now and then one that is stale.
func (m *machine) incident(rt *rapid.T, id string, now time.Time) alerting.Incident {
	stored, err := m.memory.Incident(m.ctx, id)
	if err != nil {
		stored = alerting.Incident{ID: id, API: id[4:], Opened: now}
	}
	stored.API = rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "api")
	stored.Version += rapid.SampledFrom([]uint64{1, 1, 1, 0, 2}).Draw(rt, "version")
	stored.Condition, stored.Resolved = alerting.Firing, time.Time{}
	if rapid.Bool().Draw(rt, "resolved") {
		stored.Condition, stored.Resolved = alerting.Resolved, now
	}
	return stored
}

func (m *machine) Take(rt *rapid.T) {
	max, now := rapid.IntRange(0, 3).Draw(rt, "max"), time.Now()
	one, err1 := m.bolt.TakeDeliveries(m.ctx, now, max, time.Minute)
	two, err2 := m.memory.TakeDeliveries(m.ctx, now, max, time.Minute)
	m.agree(rt, one, two, err1, err2)
	for _, d := range one {
		noticeOne, err1 := m.bolt.Notice(m.ctx, d)
		noticeTwo, err2 := m.memory.Notice(m.ctx, d)
		m.agree(rt, noticeOne, noticeTwo, err1, err2)
	}
	m.taken = append(m.taken, one...)
}

func (m *machine) GiveBack(rt *rapid.T) {
	if len(m.taken) == 0 {
		rt.Skip("no delivery")
	}
	d := rapid.SampledFrom(m.taken).Draw(rt, "delivery")
	if rapid.Bool().Draw(rt, "told") {
		r := alerting.Receipt{Ref: rapid.SampledFrom([]string{"", "1", "2"}).Draw(rt, "ref"), Version: d.ID}
		m.agree(rt, nil, nil, m.bolt.SettleDelivery(m.ctx, d, r), m.memory.SettleDelivery(m.ctx, d, r))
		return
	}
	d.Attempts++
	d.NotBefore = time.Now().Add(time.Second)
	d.LastError = "429"
	d.Dead = rapid.Bool().Draw(rt, "dead")
	m.agree(rt, nil, nil, m.bolt.PostponeDelivery(m.ctx, d), m.memory.PostponeDelivery(m.ctx, d))
}

func (m *machine) Sweep(rt *rapid.T) {
	m.agree(rt, nil, nil, m.bolt.Sweep(m.ctx, time.Now()), m.memory.Sweep(m.ctx, time.Now()))
}

// Check compares what can be read.
func (m *machine) Check(rt *rapid.T) {
	one, err1 := m.bolt.Latest(m.ctx)
	two, err2 := m.memory.Latest(m.ctx)
	m.agree(rt, one, two, err1, err2)
	for _, api := range []string{"", "a", "b"} {
		one, err1 := m.bolt.Incidents(m.ctx, api, 5)
		two, err2 := m.memory.Incidents(m.ctx, api, 5)
		m.agree(rt, one, two, err1, err2)
		past, err1 := m.bolt.Recall(m.ctx, api, api+"/1")
		also, err2 := m.memory.Recall(m.ctx, api, api+"/1")
		m.agree(rt, past, also, err1, err2)
	}
	m.checkProbes(rt)
	health, err1 := m.bolt.OutboxHealth(m.ctx)
	also, err2 := m.memory.OutboxHealth(m.ctx)
	m.agree(rt, health, also, err1, err2)
}

func (m *machine) checkProbes(rt *rapid.T) {
	for _, id := range []string{"a/1", "a/2", "b/1"} {
		checks, err1 := m.bolt.Checks(m.ctx, id, time.Time{}, 99)
		also, err2 := m.memory.Checks(m.ctx, id, time.Time{}, 99)
		m.agree(rt, checks, also, err1, err2)
		parts, err1 := m.bolt.Parts(m.ctx, id)
		these, err2 := m.memory.Parts(m.ctx, id)
		m.agree(rt, parts, these, err1, err2)
		hours, err1 := m.bolt.Hours(m.ctx, id, time.Now().Add(-time.Hour))
		too, err2 := m.memory.Hours(m.ctx, id, time.Now().Add(-time.Hour))
		m.agree(rt, hours, too, err1, err2)
	}
}
