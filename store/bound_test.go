package store_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"shapewatch/alerting"
	"shapewatch/probes"
	"shapewatch/store"
	"shapewatch/webhooks"
)

const boundSource = "shop/webhooks"

// TestOpenBolt_WeighsWhatOlderReleasesHold opens a store in which two events
// wait and one is dead, of a release that did not count their bytes.
func TestOpenBolt_WeighsWhatOlderReleasesHold(t *testing.T) {
	o := fresh(t)
	data, err := os.ReadFile("testdata/schema-12.db")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(o.Path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	const each = uint64(len("X-Id: e1\r\n\r\n") + len(`{"n":1}`))
	for range 2 { // once, and as it is kept
		b, err := store.OpenBolt(o)
		if err != nil {
			t.Fatal(err)
		}
		got, err := b.Onward(t.Context(), boundSource)
		if err != nil || got.Waiting != 2 || got.Dead != 1 || got.Bytes != 2*each || got.DeadBytes != each {
			t.Errorf("%+v, %v", got, err)
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestStores_CountWhatIsHeld: after any sequence of keeping, settling, sending
// again, dropping, forgetting and restarting, count and bytes are those of what
// lies there, the bound was never passed, and both stores agree.
func TestStores_CountWhatIsHeld(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(folder, "")
		if err != nil {
			rt.Fatal(err)
		}
		h := &holding{t: t, memory: store.NewMemory(shortKeep), options: store.Options{Path: filepath.Join(dir, "s.db"), Keep: shortKeep}, now: filledAt}
		h.most = webhooks.Bound{Events: rapid.Uint64Range(0, 6).Draw(rt, "most"), Bytes: rapid.Uint64Range(0, 200).Draw(rt, "most bytes")}
		h.Restart(rt)
		defer func() { h.bolt.Close(); os.RemoveAll(dir) }()
		plans := []probes.Plan{{Probe: boundSource, Due: h.now, Every: time.Hour}}
		h.agree(rt, nil, nil, h.bolt.Register(t.Context(), plans), h.memory.Register(t.Context(), plans))
		for range rapid.IntRange(1, 15).Draw(rt, "steps") {
			rapid.SampledFrom([]func(*rapid.T){h.Keep, h.Keep, h.Keep, h.Settle, h.Settle, h.Rule, h.Forget, h.Restart}).Draw(rt, "step")(rt)
			h.check(rt)
		}
	})
}

// A holding is what two stores hold of one source.
type holding struct {
	t       *testing.T
	bolt    *store.Bolt
	memory  *store.Memory
	options store.Options
	most    webhooks.Bound
	now     time.Time
	n       int
}

func (h *holding) agree(rt *rapid.T, bolt, memory any, err1, err2 error) {
	rt.Helper()
	if (err1 == nil) != (err2 == nil) || errors.Is(err1, webhooks.ErrBacklog) != errors.Is(err2, webhooks.ErrBacklog) {
		rt.Fatalf("bolt says %v, memory says %v", err1, err2)
	}
	if diff := cmp.Diff(memory, bolt); diff != "" {
		rt.Fatalf("memory -, bolt +:\n%s", diff)
	}
}

func (h *holding) Restart(rt *rapid.T) {
	if h.bolt != nil {
		if err := h.bolt.Close(); err != nil {
			rt.Fatal(err)
		}
	}
	var err error
	if h.bolt, err = store.OpenBolt(h.options); err != nil {
		rt.Fatal(err)
	}
	h.memory.Restart()
	h.now = h.now.Add(time.Hour) // a lease in memory of either is over
}

const boundHead = "X-Id: 1\r\n\r\n"

func (h *holding) Keep(rt *rapid.T) {
	h.n++
	f := webhooks.Forward{ID: fmt.Sprint("e", h.n), Type: "paid", At: h.now, Head: []byte(boundHead), Body: []byte(strings.Repeat("1", rapid.IntRange(1, 60).Draw(rt, "size")))}
	a := webhooks.Arrival{ID: f.ID, Type: f.Type, At: h.now, Body: []byte(`{}`), Onward: &f, Most: h.most}
	before, err := h.memory.Onward(h.t.Context(), boundSource)
	if err != nil {
		rt.Fatal(err)
	}
	one, err1 := h.bolt.KeepArrival(h.t.Context(), boundSource, a)
	two, err2 := h.memory.KeepArrival(h.t.Context(), boundSource, a)
	h.agree(rt, one, two, err1, err2)
	if before.Full(h.most, f.Weight()) != errors.Is(err1, webhooks.ErrBacklog) || one != (err1 == nil) {
		rt.Fatalf("%+v of %+v, and %d bytes more: %v, %v", before, h.most, f.Weight(), one, err1)
	}
}

func (h *holding) Settle(rt *rapid.T) {
	max, fate := rapid.IntRange(1, 3).Draw(rt, "max"), rapid.SampledFrom([]webhooks.Fate{webhooks.Untried, webhooks.Delivered, webhooks.Later, webhooks.GivenUp}).Draw(rt, "fate")
	one, _, err1 := h.bolt.TakeForwards(h.t.Context(), boundSource, h.now, time.Second, max, true)
	two, _, err2 := h.memory.TakeForwards(h.t.Context(), boundSource, h.now, time.Second, max, true)
	h.agree(rt, one, two, err1, err2)
	h.now = h.now.Add(time.Minute)
	var fated []webhooks.Fated
	for _, f := range one {
		if fate == webhooks.GivenUp {
			f.Dead = h.now
		}
		fated = append(fated, webhooks.Fated{Forward: f, Fate: fate})
	}
	times := 1
	if fate == webhooks.Delivered || fate == webhooks.GivenUp {
		times = rapid.IntRange(1, 2).Draw(rt, "times") // the second time there is nothing of it
	}
	for range times {
		h.agree(rt, nil, nil, h.bolt.SettleForwards(h.t.Context(), boundSource, h.now, fated), h.memory.SettleForwards(h.t.Context(), boundSource, h.now, fated))
	}
}

func (h *holding) Rule(rt *rapid.T) {
	chosen := webhooks.Chosen{Waiting: rapid.Bool().Draw(rt, "waiting")}
	if rapid.Bool().Draw(rt, "elsewhere") {
		chosen.To = "shop/other"
	}
	kind := rapid.SampledFrom([]alerting.ActKind{alerting.SendAgain, alerting.Discard}).Draw(rt, "kind")
	act := alerting.Act{Kind: kind, Source: "webhooks", Actor: "ada", Through: "command", At: h.now}
	one, err1 := h.bolt.RuleForwards(h.t.Context(), boundSource, chosen, act)
	two, err2 := h.memory.RuleForwards(h.t.Context(), boundSource, chosen, act)
	h.agree(rt, one, two, err1, err2)
}

func (h *holding) Forget(rt *rapid.T) {
	h.now = h.now.Add(time.Duration(rapid.IntRange(1, 40).Draw(rt, "days")) * 24 * time.Hour)
	h.agree(rt, nil, nil, h.bolt.Sweep(h.t.Context(), h.now), h.memory.Sweep(h.t.Context(), h.now))
}

// check compares what is counted with what lies there.
func (h *holding) check(rt *rapid.T) {
	for _, source := range []string{boundSource, "shop/other"} {
		one, err1 := h.bolt.Onward(h.t.Context(), source)
		two, err2 := h.memory.Onward(h.t.Context(), source)
		h.agree(rt, one, two, err1, err2)
		for dead, counted := range map[bool][2]uint64{false: {one.Waiting, one.Bytes}, true: {one.Dead, one.DeadBytes}} {
			rows, err := h.bolt.Forwards(h.t.Context(), source, dead, 1<<20)
			if err != nil {
				rt.Fatal(err)
			}
			lies := [2]uint64{uint64(len(rows)), uint64(len(rows) * len(boundHead))}
			for _, f := range rows {
				lies[1] += uint64(f.Size)
			}
			if counted != lies {
				rt.Fatalf("%s, dead %v: counted %v, there lie %v", source, dead, counted, lies)
			}
		}
	}
}
