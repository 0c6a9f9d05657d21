package store_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/probes"
	"shapewatch/store"
)

// olderSchemas are stores as older releases wrote them. They are never updated
// once their schema has been released; a new schema adds a file of its own:
// the twelfth wrote probes and hours as numbers, the thirteenth counts bytes that
// wait for receivers.
var olderSchemas = []string{"testdata/schema-1.db", "testdata/schema-11.db", "testdata/schema-12.db"}

func TestOpenBolt_ReadsOlderSchemas(t *testing.T) {
	for _, name := range olderSchemas {
		t.Run(name, func(t *testing.T) {
			o := fresh(t)
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(o.Path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			readsFilled(t, openBolt(t, o))
		})
	}
}

// readsFilled demands what fill wrote, and that it can be gone on with.
func readsFilled(t *testing.T, b *store.Bolt) {
	t.Helper()
	if got := b.Rows(); got != (store.Rows{Probes: 12, Checks: 12, Hours: 12, Incidents: 12, Waiting: 10, Dead: 1}) {
		t.Errorf("it reads as %+v", got)
	}
	memory, err := b.Recall(t.Context(), "api", "api/7")
	if err != nil || len(memory.Baseline) != 1200 || len(memory.Incidents) != 12 {
		t.Errorf("%d bytes of baseline, %d incidents, %v", len(memory.Baseline), len(memory.Incidents), err)
	}
	claims, _, err := b.Claim(t.Context(), filledAt.Add(time.Hour), 99, time.Minute)
	if err != nil || len(claims) != 12 {
		t.Fatalf("%d probes are due, %v", len(claims), err)
	}
	for _, c := range claims {
		o := alerting.Outcome{Claim: c, Next: filledAt.Add(2 * time.Hour), Check: contracts.Check{At: filledAt.Add(time.Minute), Class: probes.Valid, Items: 99}}
		if err := b.Commit(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	hours, err := b.Hours(t.Context(), "api/7", time.Time{})
	if err != nil || len(hours) != 1 || hours[0].Checks != 2 || hours[0].MaxItems != 99 || hours[0].MinItems == 99 {
		t.Errorf("hours: %+v, %v", hours, err)
	}
	latest, err := b.Latest(t.Context())
	if err != nil || len(latest) != 12 || latest[7].Items != 99 {
		t.Errorf("last checks: %+v, %v", latest, err)
	}
}

func TestOpenBolt_RefusesANewerSchemaWithoutWriting(t *testing.T) {
	o := fresh(t)
	if err := os.WriteFile(o.Path, filledFile(t), 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := bbolt.Open(o.Path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("meta")).Put([]byte("schema"), binary.BigEndian.AppendUint32(nil, 99))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(o.Path)
	_, err = store.OpenBolt(o)
	if !errors.Is(err, store.ErrSchema) || !strings.Contains(err.Error(), "schema 99") {
		t.Errorf("got %v", err)
	}
	if after, _ := os.ReadFile(o.Path); string(after) != string(before) {
		t.Error("the file was changed")
	}
}

func TestOpenBolt_SaysWhoHoldsTheFile(t *testing.T) {
	t.Parallel()
	o := fresh(t)
	openBolt(t, o)
	_, err := store.OpenBolt(o)
	if !errors.Is(err, store.ErrLocked) || !strings.Contains(err.Error(), "another process has it open") || !strings.Contains(err.Error(), o.Path) {
		t.Errorf("got %v", err)
	}
}

func TestOpenBolt_RefusesWhatIsNoStore(t *testing.T) {
	for name, content := range map[string]string{"empty": "", "text": strings.Repeat("not a database\n", 999)} {
		o := fresh(t)
		if err := os.WriteFile(o.Path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := store.OpenBolt(o); !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), "backup") {
			t.Errorf("%s: %v", name, err)
		}
		if after, _ := os.ReadFile(o.Path); string(after) != content {
			t.Errorf("%s: the file was changed", name)
		}
	}
}

func TestOpenBolt_CreatesAPrivateFileAndNothingElse(t *testing.T) {
	o := fresh(t)
	o.Path = filepath.Join(filepath.Dir(o.Path), "new", "folder", "s.db")
	openBolt(t, o)
	stat, err := os.Stat(o.Path)
	if err != nil || stat.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", stat.Mode(), err)
	}
	if entries, _ := os.ReadDir(filepath.Dir(o.Path)); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

// TestBolt_AnOpenReaderStopsNobody holds a reader open while the file grows
// far beyond what it was when the reader began.
func TestBolt_AnOpenReaderStopsNobody(t *testing.T) {
	b := openBolt(t, fresh(t))
	claims := registered(t, b, 200)
	reading, finish := make(chan struct{}), make(chan struct{})
	go b.View(func() error { close(reading); <-finish; return nil })
	<-reading
	defer close(finish)
	done := make(chan error, 1)
	go func() {
		for _, c := range claims {
			if err := b.Commit(t.Context(), bulky(c, 16<<10)); err != nil {
				done <- err
				return
			}
		}
		_, err := b.Latest(t.Context())
		done <- err
	}()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("a reader that is held open stops writers")
	}
}

func registered(tb testing.TB, b *store.Bolt, n int) []probes.Claim {
	tb.Helper()
	var plans []probes.Plan
	for i := range n {
		plans = append(plans, probes.Plan{Probe: fmt.Sprintf("api%d/get", i), Due: filledAt, Every: time.Minute})
	}
	if err := b.Register(tb.Context(), plans); err != nil {
		tb.Fatal(err)
	}
	claims, _, err := b.Claim(tb.Context(), filledAt, n, 10*365*24*time.Hour)
	if err != nil || len(claims) != n {
		tb.Fatalf("%d claims of %d, %v", len(claims), n, err)
	}
	return claims
}

// bulky is an outcome with a baseline of n bytes.
func bulky(c probes.Claim, n int) alerting.Outcome {
	return alerting.Outcome{
		Claim: c, Next: c.Due.Add(time.Second), Baseline: make([]byte, n),
		Check: contracts.Check{
			At: c.Due, Class: probes.Valid, Status: 200, Latency: 123456789, Bytes: 2048, Items: 10,
		},
	}
}

func TestBolt_AFullFileStillTakesIncidents(t *testing.T) {
	o := fresh(t)
	o.MaxSize = 16 << 20
	b := openBolt(t, o)
	claims := registered(t, b, 2600)
	var full error
	committed := 0
	for _, c := range claims {
		if full = b.Commit(t.Context(), bulky(c, 12<<10)); full != nil {
			break
		}
		committed++
	}
	if !errors.Is(full, store.ErrFull) || !strings.Contains(full.Error(), "16 MiB") {
		t.Fatalf("filled up: %v", full)
	}
	outcome := bulky(claims[2599], 10)
	outcome.Incidents = []alerting.Incident{{ID: "inc_1", API: "api", Version: 1, Condition: alerting.Firing, Title: strings.Repeat("x", 4000)}}
	outcome.Deliveries = []alerting.Delivery{{Channel: "slack", Incident: "inc_1"}}
	if err := b.Commit(t.Context(), outcome); err != nil {
		t.Errorf("an incident found no room: %v", err)
	}
	if err := b.Sweep(t.Context(), filledAt); err != nil {
		t.Errorf("sweeping a full store: %v", err)
	}
	if rows := b.Rows(); rows.Checks >= committed {
		t.Errorf("%d of %d outcomes kept their check row: none was shed", rows.Checks, committed)
	}
	if used, limit, err := b.Size(t.Context()); err != nil || limit != o.MaxSize || used < limit*80/100 {
		t.Errorf("full at %d of %d bytes, %v", used, limit, err)
	}
	if file, err := os.Stat(o.Path); err != nil || file.Size() > o.MaxSize {
		t.Errorf("the file has %d bytes, %v", file.Size(), err)
	}
}

// TestBolt_SweepsTheProbesAfterOneThatIsGone is what two sweeps at a time need.
func TestBolt_SweepsTheProbesAfterOneThatIsGone(t *testing.T) {
	b := openBolt(t, fresh(t))
	claim := registered(t, b, 1)[0]
	if err := b.Commit(t.Context(), bulky(claim, 10)); err != nil {
		t.Fatal(err)
	}
	if err := b.SweepProbes(t.Context(), []string{"a/gone", claim.Probe}, filledAt.Add(365*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if rows := b.Rows(); rows.Checks != 0 || rows.Hours != 0 {
		t.Errorf("what is old stays: %+v", rows)
	}
}

// TestBolt_StaysSmall is the size that the package doc states: 500 check rows
// and their hours, however long a probe has been checked.
func TestBolt_StaysSmall(t *testing.T) {
	b := openBolt(t, fresh(t))
	c := registered(t, b, 1)[0]
	for range 600 {
		if err := b.Commit(t.Context(), bulky(c, 4<<10)); err != nil {
			t.Fatal(err)
		}
		claims, _, err := b.Claim(t.Context(), c.Due.Add(time.Minute), 1, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		c = claims[0]
	}
	used, _, err := b.Size(t.Context())
	if rows := b.Rows(); err != nil || rows.Checks != 500 || used > 300<<10 {
		t.Errorf("%+v in %d bytes, %v", rows, used, err)
	}
}
