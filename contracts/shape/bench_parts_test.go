package shape_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"shapewatch/contracts/shape"
)

// typical writes an answer of an API of 300 paths: a page of orders, each with
// a customer, addresses, payments of two kinds and lines, about 4 KB an order.
// As in answers to one question, the same two dozen come again and again.
func typical(answers *rand.Rand, orders int) []byte { return typicalOf(answers, orders, 24) }

// typicalOf does so with so many different orders.
func typicalOf(answers *rand.Rand, orders int, different uint64) []byte {
	var b bytes.Buffer
	b.WriteString(`{"object":"list","url":"/v1/orders","has_more":true,"data":[`)
	for i := range orders {
		if i > 0 {
			b.WriteByte(',')
		}
		random := rand.New(rand.NewPCG(answers.Uint64N(different), 6))
		n := random.IntN(1e6)
		fmt.Fprintf(&b, `{"id":"ord_%012x","object":"order","status":%q,"created":%d,"updated_at":"2026-0%d-1%dT0%d:00:00Z","currency":"EUR","amount":%d,"tax":"%d.%02d","paid":%t`,
			random.Uint64()>>16, pick(random, "open", "paid", "shipped"), 1_772_000_000+n, 1+n%9, n%10, n%10, 100*n, n%1000, n%100, n%2 == 0)
		for _, part := range []string{"customer", "shipping", "seller"} {
			fmt.Fprintf(&b, `,%q:{"id":"%s_%08x","object":%q,"name":"Name %d","email":"a%d@b.example","phone":null,"address":{"line1":"Street %d","line2":null,"city":"Bern","country":%q,"postal_code":"%d","geo":{"lat":%d.%03d,"lon":%d.%03d}},"created":%d,"livemode":true,"flags":{"a":%t,"b":false,"c":null},"locale":"de-CH","balance":%d,"rating":%d.%d,"level":%q}`,
				part, part[:3], random.Uint32(), part, n%500, n%500, n%90, pick(random, "CH", "DE"), 1000+n%9000, n%90, n%1000, n%90, n%1000, 1_771_000_000+n, n%3 == 0, n%50, n%5, n%10, pick(random, "gold", "silver", "none"))
		}
		if n%2 == 0 {
			fmt.Fprintf(&b, `,"payment":{"type":"card","card":{"brand":%q,"last4":"%04d","exp_month":%d,"exp_year":2030,"funding":"credit","checks":{"cvc":"pass","line1":null,"zip":"pass"}},"captured":true}`, pick(random, "visa", "amex"), n%10000, 1+n%12)
		} else {
			fmt.Fprintf(&b, `,"payment":{"type":"sepa_debit","sepa_debit":{"bank_code":"%08d","branch":null,"country":"DE","mandate":"mandate_%08x"},"captured":false}`, n, n)
		}
		b.WriteString(`,"lines":[`)
		for l := range 1 + random.IntN(3) {
			if l > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `{"id":"li_%010x","sku":"SKU-%d","quantity":%d,"price":{"amount":%d,"currency":"EUR","tax":{"rate":"19.0","included":true}},"discounts":[],"weight":%d.%d,"product":{"id":"prod_%08x","type":"good","name":"Product %d","images":["https://img.example.com/%d.png"],"active":true}}`,
				random.Uint64()>>24, n%900, 1+l, n%5000, n%20, n%10, n, n%300, n)
		}
		b.WriteString(`]`)
		b.WriteString(`,"settings":{"kind":"default"`)
		for f := range 60 {
			fmt.Fprintf(&b, `,"option_%d":%s`, f, []string{"true", "false", "null", `"auto"`, "0", "30"}[f%6])
		}
		b.WriteString(`}`)
		for f := range 110 {
			switch f % 4 {
			case 0:
				fmt.Fprintf(&b, `,"f%d":%d`, f, (n+f)%(1+f/8))
			case 1:
				fmt.Fprintf(&b, `,"f%d":%q`, f, pick(random, "alpha", "beta"))
			case 2:
				fmt.Fprintf(&b, `,"f%d":null`, f)
			default:
				fmt.Fprintf(&b, `,"f%d":%t`, f, n%2 == 0)
			}
		}
		b.WriteByte('}')
	}
	b.WriteString(`]}`)
	return b.Bytes()
}

func pick(random *rand.Rand, of ...string) string { return of[random.IntN(len(of))] }

// settled is a shape of 300 paths that has seen a good many answers.
func settled(tb testing.TB, seed uint64) *shape.Shape {
	tb.Helper()
	random, s := rand.New(rand.NewPCG(seed, 5)), shape.New(shape.Limits{})
	for range 60 {
		if err := s.Observe(typical(random, 4), noon); err != nil {
			tb.Fatal(err)
		}
	}
	return s
}

// TestSize_OfATypicalAPI: 300 paths stay under 1 MiB in memory and under 8 KiB
// on disk.
func TestSize_OfATypicalAPI(t *testing.T) {
	s := settled(t, 1)
	if n := len(s.Fields()); n < 300 || n > 330 {
		t.Fatalf("%d paths", n)
	}
	state := encoded(t, s)
	if len(state) > 8<<10 {
		t.Errorf("encoded in %d bytes", len(state))
	}
	const copies = 20
	kept := make([]*shape.Shape, copies)
	before := heldHeap()
	for i := range kept {
		kept[i] = new(shape.Shape)
		if err := kept[i].UnmarshalBinary(state); err != nil {
			t.Fatal(err)
		}
	}
	each := (heldHeap() - before) / copies
	if each > 1<<20 {
		t.Errorf("%d bytes in memory", each)
	}
	t.Logf("%d paths: %d bytes encoded, %d in memory", len(s.Fields()), len(state), each)
	runtime.KeepAlive(kept)
}

// TestSize_OfEverNewValues: the more values differ, the more hashes are kept,
// which no compressor makes smaller; where a hundred come again it is most. Then
// 8 KiB are passed, by less than one.
func TestSize_OfEverNewValues(t *testing.T) {
	for _, different := range []uint64{100, 1000, 100_000} {
		random, s := rand.New(rand.NewPCG(1, 5)), shape.New(shape.Limits{})
		for range 60 {
			if err := s.Observe(typicalOf(random, 4, different), noon); err != nil {
				t.Fatal(err)
			}
		}
		if size := len(encoded(t, s)); size > 9<<10 {
			t.Errorf("encoded in %d bytes with %d different orders", size, different)
		} else {
			t.Logf("%d different orders: %d bytes", different, size)
		}
	}
}

// BenchmarkMerge adds one shape of 300 paths to another.
func BenchmarkMerge(b *testing.B) {
	into, from := settled(b, 1), settled(b, 2)
	b.ReportAllocs()
	before := cpu()
	for b.Loop() {
		into.Merge(from)
	}
	b.ReportMetric(float64((cpu()-before).Microseconds())/float64(b.N), "cpu-µs/op")
}

// BenchmarkRoundTrip is what one check of a 20 KB answer does to a stored
// shape: decode, observe, encode. The best round and the best tenth, by the
// clock, are what other work on the machine disturbs least; the CPU time counts
// the collector, which has a heap of few megabytes to work in.
func BenchmarkRoundTrip(b *testing.B) {
	state, err := settled(b, 1).MarshalBinary()
	if err != nil {
		b.Fatal(err)
	}
	body := typical(rand.New(rand.NewPCG(9, 9)), 5)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	var decode, observe, encode, whole []time.Duration
	before := cpu()
	for b.Loop() {
		s, start := new(shape.Shape), time.Now()
		if err := s.UnmarshalBinary(state); err != nil {
			b.Fatal(err)
		}
		decoded := time.Now()
		if err := s.Observe(body, noon); err != nil {
			b.Fatal(err)
		}
		observed := time.Now()
		if _, err := s.MarshalBinary(); err != nil {
			b.Fatal(err)
		}
		end := time.Now()
		decode, observe = append(decode, decoded.Sub(start)), append(observe, observed.Sub(decoded))
		encode, whole = append(encode, end.Sub(observed)), append(whole, end.Sub(start))
	}
	b.ReportMetric(float64((cpu()-before).Microseconds())/float64(b.N), "cpu-µs/op")
	for name, all := range map[string][]time.Duration{"decode": decode, "observe": observe, "encode": encode, "whole": whole} {
		slices.Sort(all)
		b.ReportMetric(float64(all[len(all)/2].Microseconds()), name+"-median-µs")
		if name == "whole" {
			b.ReportMetric(float64(all[0].Microseconds()), "whole-best-µs")
			b.ReportMetric(float64(all[len(all)/10].Microseconds()), "whole-decile-µs")
		}
	}
}

// childInput names, in a child process, the stream to observe.
const childInput = "SHAPE_OBSERVE_STREAM"

// TestChild_ObservesAStream is the child of the benchmarks of a whole process,
// and nothing by itself.
func TestChild_ObservesAStream(t *testing.T) {
	path := os.Getenv(childInput)
	if path == "" {
		t.Skip("only as a child of a benchmark")
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := shape.New(shape.Limits{})
	n, err := s.ObserveStream(f, noon)
	if err != nil {
		t.Fatal(err)
	}
	if n != int(s.Probes()) || len(s.Fields()) < 30 {
		t.Fatalf("%d documents, %d fields", n, len(s.Fields()))
	}
}

// BenchmarkProcess measures a whole process that learns from 121 MB of
// generated API records, one a line: its CPU seconds and its memory.
func BenchmarkProcess(b *testing.B) { benchmarkProcess(b, 121e6) }

// BenchmarkGrowth does the same with 1 MB, ten, a hundred times and a thousand
// times as much: the throughput stays, and so does the memory. It writes a
// gigabyte into a temporary folder.
func BenchmarkGrowth(b *testing.B) {
	for _, size := range []int{1e6, 10e6, 100e6, 1000e6} {
		b.Run(fmt.Sprintf("%dMB", size/1e6), func(b *testing.B) { benchmarkProcess(b, size) })
	}
}

func benchmarkProcess(b *testing.B, size int) {
	path := filepath.Join(b.TempDir(), "records.ndjson")
	size = writeRecords(b, path, size)
	for b.Loop() {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestChild_ObservesAStream$")
		cmd.Env = append(os.Environ(), childInput+"="+path)
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
		usage, _ := cmd.ProcessState.SysUsage().(*syscall.Rusage)
		spent := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		b.ReportMetric(spent.Seconds(), "cpu-s")
		b.ReportMetric(float64(size)/1e6/spent.Seconds(), "MB/cpu-s")
		b.ReportMetric(float64(usage.Maxrss)/1024, "MiB")
	}
}

func writeRecords(tb testing.TB, path string, size int) (written int) {
	tb.Helper()
	f, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	random := rand.New(rand.NewPCG(7, 7))
	for i := 0; written < size; i++ {
		r := record(random, i)
		written += len(r) + 1
		_, _ = w.Write(append(r, '\n'))
	}
	if err := w.Flush(); err != nil {
		tb.Fatal(err)
	}
	if err := f.Close(); err != nil {
		tb.Fatal(err)
	}
	return written
}

// endless repeats a document n times.
type endless struct {
	doc  string
	left int
	rest *strings.Reader
}

func (e *endless) Read(p []byte) (int, error) {
	for e.rest == nil || e.rest.Len() == 0 {
		if e.left--; e.left < 0 {
			return 0, io.EOF
		}
		e.rest = strings.NewReader(e.doc)
	}
	return e.rest.Read(p)
}

// TestObserveStream_NeedsNoMoreMemoryForMore: what a stream of 100 MB leaves
// on the heap, and asks of the collector, is that of one of 2 MB.
func TestObserveStream_NeedsNoMoreMemoryForMore(t *testing.T) {
	if testing.Short() {
		t.Skip("reads a hundred megabytes")
	}
	docs := string(bytes.Join(records(3000), []byte{'\n'})) + "\n"
	allocated := func(times int) (total, held uint64) {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		s := shape.New(shape.Limits{})
		if _, err := s.ObserveStream(&endless{doc: docs, left: times}, noon); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		total = after.TotalAlloc - before.TotalAlloc
		runtime.GC()
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(s)
		return total, after.HeapAlloc - min(before.HeapAlloc, after.HeapAlloc)
	}
	small, smallHeld := allocated(1)
	large, largeHeld := allocated(50)
	if large > small+1<<20 || largeHeld > smallHeld+1<<18 {
		t.Errorf("2 MB allocate %d bytes and keep %d, 100 MB allocate %d and keep %d", small, smallHeld, large, largeHeld)
	}
}
