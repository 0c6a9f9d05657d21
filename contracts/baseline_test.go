package contracts_test

import (
	"bytes"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/contracts"
	"shapewatch/contracts/detectors"
)

// incidentDiary is a baseline with everything in it: learned, held, on the
// ledger, known.
func incidentDiary(t *testing.T) *diary {
	d := newDiary(t)
	d.contract = agreed(t, `{type: object, properties: {id: {type: string}}}`)
	d.answers(100, whole)
	d.answers(6, without)
	d.answer(`{"id":7,"name":9,"status":"open"}`)
	return d
}

func TestBaseline_SurvivesEncoding(t *testing.T) {
	d := incidentDiary(t)
	first, err := d.baseline.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var back contracts.Baseline
	if err := back.UnmarshalBinary(first); err != nil {
		t.Fatal(err)
	}
	second, err := back.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, second) {
		t.Error("encoding what was decoded gives other bytes")
	}
	want, copied := d.answer(without), *d
	copied.baseline, copied.at = &back, d.at.Add(-5*time.Minute)
	if diff := cmp.Diff(want, copied.answer(without)); diff != "" {
		t.Errorf("the decoded baseline judges otherwise (-want +got):\n%s", diff)
	}
}

func TestBaseline_RefusesWhatItDidNotWrite(t *testing.T) {
	good, err := incidentDiary(t).baseline.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	for name, encoded := range map[string][]byte{
		"nothing": nil, "another letter": []byte("X1"), "cut off": good[:len(good)/2], "a length too long": {'B', 1, 0xff, 0xff, 0xff, 0xff, 0x7f},
	} {
		b := contracts.NewBaseline()
		if err := b.UnmarshalBinary(encoded); err == nil {
			t.Errorf("%s: accepted", name)
		}
		if b.Answers() != 0 || b.Shape == nil {
			t.Errorf("%s: the baseline changed", name)
		}
	}
	newer := bytes.Clone(good)
	newer[1] = 9
	if err := contracts.NewBaseline().UnmarshalBinary(newer); err == nil || !strings.Contains(err.Error(), "version 9") {
		t.Errorf("a newer version: %v", err)
	}
}

func FuzzBaseline_UnmarshalNeverPanics(f *testing.F) {
	d := newDiary(&testing.T{})
	d.answers(20, whole)
	good, err := d.baseline.MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte{'B', 1, 0, 0, 2, '{', '}'})
	f.Fuzz(func(t *testing.T, encoded []byte) {
		var b contracts.Baseline
		if b.UnmarshalBinary(encoded) != nil {
			return
		}
		if _, err := b.MarshalBinary(); err != nil {
			t.Error(err)
		}
	})
}

func TestBaseline_KnowsHowManyAnswersCameSince(t *testing.T) {
	d := newDiary(t)
	start := d.at
	d.answers(1000, whole)
	for _, ago := range []int{1000, 600, 300, 50} {
		got := d.baseline.AnswersSince(start.Add(time.Duration(1000-ago) * 5 * time.Minute))
		if int(got) < ago || int(got) > ago+ago/5+40 {
			t.Errorf("%d answers since the last %d", got, ago)
		}
	}
}

func TestScale_MedianAndDistance(t *testing.T) {
	var s contracts.Scale
	for _, n := range []int64{90, 100, 110, 100, 95, 105, 100} {
		s.Add(n)
	}
	if m := s.Median(); m < 95 || m > 106 {
		t.Errorf("median %g, want about 100", m)
	}
	for n, far := range map[int64]bool{100: false, 130: false, 1000: true, 3: true, 0: true} {
		if got := s.Distance(n); (got > 6 || got < -6) != far {
			t.Errorf("distance of %d is %.1f", n, got)
		}
	}
}

func BenchmarkCheck300Paths(b *testing.B) {
	d := newDiary(&testing.T{})
	d.answers(50, wide(0))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		o := contracts.Observe(answered(wide(i), d.at), nil)
		b.StartTimer()
		d.observe(o)
	}
	encoded, err := d.baseline.MarshalBinary()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(len(encoded)), "bytes/baseline")
}

func BenchmarkEncodeBaseline(b *testing.B) {
	d := newDiary(&testing.T{})
	d.answers(50, wide(0))
	for b.Loop() {
		encoded, err := d.baseline.MarshalBinary()
		if err != nil {
			b.Fatal(err)
		}
		var back contracts.Baseline
		if err := back.UnmarshalBinary(encoded); err != nil {
			b.Fatal(err)
		}
	}
}

// wide is a body of 300 paths.
func wide(n int) string {
	var b strings.Builder
	b.WriteString(`{"data":[{"id":1`)
	for i := range 99 {
		fmt.Fprintf(&b, `,"s%d":"v%d","n%d":%d,"o%d":{"x":true}`, i, (n+i)%5, i, n*i, i)
	}
	b.WriteString(`}]}`)
	return b.String()
}

// BenchmarkDetectors300Paths is what all detectors cost for an answer of 300
// paths, learned by 200 answers. CPU time is what counts on a busy machine.
func BenchmarkDetectors300Paths(b *testing.B) {
	d := newDiary(&testing.T{})
	d.answers(200, wide(0))
	o := contracts.Observe(answered(wide(0), d.at), nil)
	before := cpuTime()
	for b.Loop() {
		contracts.Compare(&contracts.Comparison{Baseline: d.baseline, Observation: &o, Policy: d.policy}, detectors.All())
	}
	b.ReportMetric((cpuTime()-before).Seconds()*1000/float64(b.N), "cpu-ms/op")
}

// cpuTime is the time that this process has spent on CPUs.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
