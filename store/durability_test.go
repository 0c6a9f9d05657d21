package store_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/probes"
	"shapewatch/store"
)

// childFile tells the test binary to be the victim of TestBolt_LosesNoAcknowledgedOutcomeWhenKilled.
const childFile = "SHAPEWATCH_STORE_CHILD"

func TestMain(m *testing.M) {
	if path := os.Getenv(childFile); path != "" {
		fmt.Fprintln(os.Stderr, commitForEver(path))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

const childProbes = 8

func childName(i int) string { return fmt.Sprintf("api/%d", i) }

// commitForEver commits outcomes of several probes at once and prints each
// one that was acknowledged: the probe and the number of the check.
func commitForEver(path string) error {
	b, err := store.OpenBolt(store.Options{Path: path})
	if err != nil {
		return err
	}
	ctx := context.Background()
	var plans []probes.Plan
	for i := range childProbes {
		plans = append(plans, probes.Plan{Probe: childName(i), Due: time.Unix(1, 0), Every: time.Second})
	}
	if err := b.Register(ctx, plans); err != nil {
		return err
	}
	failed := make(chan error, childProbes)
	for range childProbes {
		go func() { failed <- commitChild(ctx, b) }()
	}
	return <-failed
}

func commitChild(ctx context.Context, b *store.Bolt) error {
	for {
		claims, _, err := b.Claim(ctx, time.Now().Add(time.Hour), 1, time.Hour)
		if err != nil {
			return err
		}
		for _, c := range claims {
			memory, err := b.Recall(ctx, "api", c.Probe)
			if err != nil {
				return err
			}
			number := len(memory.Baseline) + 1
			id := fmt.Sprintf("inc_%s_%d", strings.TrimPrefix(c.Probe, "api/"), number)
			err = b.Commit(ctx, alerting.Outcome{
				Claim: c, Next: time.Now(), Baseline: bytes.Repeat([]byte{'x'}, number),
				Check:      contracts.Check{At: time.Now(), Class: probes.Valid, Items: int64(number)},
				Incidents:  []alerting.Incident{{ID: id, API: c.Probe, Version: 1, Condition: alerting.Firing}},
				Deliveries: []alerting.Delivery{{Channel: "slack", Incident: id}},
			})
			if err != nil {
				return err
			}
			fmt.Printf("%s %d\n", c.Probe, number)
		}
	}
}

func TestBolt_LosesNoAcknowledgedOutcomeWhenKilled(t *testing.T) {
	kills := 20
	if testing.Short() {
		kills = 3
	}
	path := filepath.Join(t.TempDir(), "s.db")
	acked := map[string]int{}
	for i := range kills {
		runAndKill(t, path, time.Duration(20+i*7)*time.Millisecond, acked)
		checkAcked(t, path, acked)
	}
	total := 0
	for _, n := range acked {
		total += n
	}
	if total < kills {
		t.Errorf("only %d outcomes were acknowledged in %d lives: nothing was tested", total, kills)
	}
	t.Logf("%d kills, %d acknowledged outcomes, 0 lost", kills, total)
}

func runAndKill(t *testing.T, path string, after time.Duration, acked map[string]int) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childFile+"="+path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var complaint bytes.Buffer
	child.Stderr = &complaint
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines, started := bufio.NewScanner(out), false
	for lines.Scan() {
		var probe string
		var number int
		if _, err := fmt.Sscanf(lines.Text(), "%s %d", &probe, &number); err != nil {
			continue // the kill cut it off
		}
		acked[probe] = max(acked[probe], number)
		if !started {
			started = true
			time.AfterFunc(after, func() { child.Process.Kill() })
		}
	}
	child.Wait()
	if !started {
		t.Fatalf("child: %s", complaint.String())
	}
}

// checkAcked reopens the file and demands that each probe is one whole
// outcome, never a part: what was acknowledged, or one of those after it that
// were on disk and whose committers were killed before they could say so.
func checkAcked(t *testing.T, path string, acked map[string]int) {
	t.Helper()
	b, err := store.OpenBolt(store.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	outcomes := 0
	for probe, number := range acked {
		memory, err := b.Recall(t.Context(), "api", probe)
		if err != nil {
			t.Fatal(err)
		}
		kept := len(memory.Baseline)
		outcomes += kept
		if kept < number || kept > number+childProbes {
			t.Errorf("probe %s: %d outcomes are kept, %d were acknowledged", probe, kept, number)
		}
		acked[probe] = kept // the next life goes on from here, whether or not this one lived to say so
		id := fmt.Sprintf("inc_%s_%d", strings.TrimPrefix(probe, "api/"), kept)
		if _, err := b.Incident(t.Context(), id); err != nil {
			t.Errorf("probe %s: a baseline without its incident: %v", probe, err)
		}
		checks, err := b.Checks(t.Context(), probe, time.Time{}, 1)
		if err != nil || len(checks) != 1 || checks[0].Items != int64(kept) {
			t.Errorf("probe %s: a baseline without its check: %v, %v", probe, checks, err)
		}
	}
	if rows := b.Rows(); rows.Waiting < outcomes {
		t.Errorf("%d deliveries wait after %d outcomes", rows.Waiting, outcomes)
	}
}

// TestBolt_NeverPanicsOnADamagedFile hurts every page in several ways. The
// store must open and answer, or say that the file is damaged; it may not
// panic or hang.
func TestBolt_NeverPanicsOnADamagedFile(t *testing.T) {
	sound := filledFile(t)
	const page = 4096
	damages := map[string]func(data []byte, at int) []byte{
		"zero":  func(data []byte, at int) []byte { clear(data[at : at+page]); return data },
		"noise": func(data []byte, at int) []byte { return scribble(data, at, page) },
		"flip":  func(data []byte, at int) []byte { data[at+at/page*37%page] ^= 0x40; return data },
		"head":  func(data []byte, at int) []byte { data[at+8+at/page%8] ^= 0x10; return data },
		"long":  func(data []byte, at int) []byte { data[at+15] ^= 0x10; return data }, // claims 268 million pages more
		"cut":   func(data []byte, at int) []byte { return data[:at+page/2] },
	}
	opened, refused := 0, 0
	path := filepath.Join(t.TempDir(), "s.db")
	for name, damage := range damages {
		for at := 0; at+page <= len(sound); at += page {
			if err := os.WriteFile(path, damage(bytes.Clone(sound), at), 0o600); err != nil {
				t.Fatal(err)
			}
			err := useAll(path)
			switch {
			case err == nil:
				opened++
			case !errors.Is(err, store.ErrDamaged) && !errors.Is(err, store.ErrSchema) && !errors.Is(err, alerting.ErrNotFound):
				t.Errorf("%s at page %d: %v", name, at/page, err)
			case errors.Is(err, store.ErrDamaged) && !strings.Contains(err.Error(), path):
				t.Errorf("%s at page %d: the error does not name the file: %v", name, at/page, err)
			default:
				refused++
			}
		}
	}
	t.Logf("%d pages × %d damages: %d still usable, %d refused", len(sound)/page, len(damages), opened, refused)
	if opened == 0 || refused == 0 {
		t.Error("the damage was all the same: nothing was tested")
	}
}

func scribble(data []byte, at, n int) []byte {
	x := uint32(at + 1)
	for i := at; i < at+n; i++ {
		x = x*1664525 + 1013904223
		data[i] = byte(x >> 24)
	}
	return data
}

// filledFile is a small store with something in every bucket.
func filledFile(t *testing.T) []byte {
	t.Helper()
	o := fresh(t)
	b, err := store.OpenBolt(o)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, b)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	return compact(t, o.Path)
}

// compact is a file's content without free pages, so that each page counts.
func compact(t *testing.T, path string) []byte {
	t.Helper()
	from, err1 := bbolt.Open(path, 0o600, nil)
	to, err2 := bbolt.Open(path+".compact", 0o600, nil)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(bbolt.Compact(to, from, 0), to.Close(), from.Close()); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path + ".compact")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

var filledAt = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func fill(t *testing.T, b *store.Bolt) {
	t.Helper()
	ctx := t.Context()
	var plans []probes.Plan
	for i := range 12 {
		plans = append(plans, probes.Plan{Probe: fmt.Sprintf("api/%d", i), Due: filledAt, Every: time.Hour})
	}
	if err := b.Register(ctx, plans); err != nil {
		t.Fatal(err)
	}
	claims, _, err := b.Claim(ctx, filledAt, 99, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i, c := range claims {
		id := fmt.Sprintf("inc_%d", i)
		all.Go(func() {
			err := b.Commit(ctx, alerting.Outcome{
				Claim: c, Next: filledAt.Add(time.Hour), Baseline: bytes.Repeat([]byte("base"), 300),
				Check:      contracts.Check{At: filledAt, Class: probes.Valid, Items: int64(i)},
				Incidents:  []alerting.Incident{{ID: id, API: "api", Version: 1, Condition: alerting.Firing, Opened: filledAt, Title: strings.Repeat("t", 300)}},
				Deliveries: []alerting.Delivery{{Channel: "slack", Incident: id, Created: filledAt}},
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	deliveries, err := b.TakeDeliveries(ctx, filledAt, 2, time.Hour)
	if err != nil || len(deliveries) != 2 {
		t.Fatal(deliveries, err)
	}
	deliveries[1].Dead = true
	if err := errors.Join(b.SettleDelivery(ctx, deliveries[0], alerting.Receipt{Ref: "C1/1"}), b.PostponeDelivery(ctx, deliveries[1])); err != nil {
		t.Fatal(err)
	}
}

// useAll does everything a program does with a store.
func useAll(path string) error {
	b, err := store.OpenBolt(store.Options{Path: path})
	if err != nil {
		return err
	}
	defer b.Close()
	ctx := context.Background()
	if _, err := b.Latest(ctx); err != nil {
		return err
	}
	if _, err := b.Checks(ctx, "api/7", time.Time{}, 99); err != nil {
		return err
	}
	if _, err := b.Hours(ctx, "api/7", time.Time{}); err != nil {
		return err
	}
	if _, err := b.Incidents(ctx, "", 99); err != nil {
		return err
	}
	if _, _, err := b.Size(ctx); err != nil {
		return err
	}
	claims, _, err := b.Claim(ctx, time.Now().Add(24*365*time.Hour), 9, time.Hour)
	if err != nil {
		return err
	}
	for _, c := range claims {
		if err := b.Commit(ctx, alerting.Outcome{Claim: c, Next: time.Now(), Check: contracts.Check{At: time.Now()}, Baseline: []byte("x")}); err != nil {
			return err
		}
	}
	return b.Sweep(ctx, time.Now().Add(24*365*time.Hour))
}
