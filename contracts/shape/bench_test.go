package shape_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"shapewatch/contracts/shape"
)

// record writes one API-like record: ids, times, words, numbers, a nested
// user, a list of labels, an optional part.
func record(random *rand.Rand, i int) []byte {
	states := []string{"open", "closed", "pending", "merged"}
	b := fmt.Appendf(nil, `{"id":%d,"node_id":"MDU6SXNzdWU%d","url":"https://api.example.com/repos/octo/hello/issues/%d","number":%d,"state":"%s","title":"Found a bug in part %d of the thing","locked":%t,`,
		1_000_000+i*7, 10_000_000+i, i, i, states[random.IntN(4)], random.IntN(1000), random.IntN(9) == 0)
	b = fmt.Appendf(b, `"user":{"login":"user%d","id":%d,"avatar_url":"https://avatars.example.com/u/%d?v=4","type":"User","site_admin":false},`, random.IntN(500), random.IntN(500), random.IntN(500))
	b = append(b, `"labels":[`...)
	for l := range random.IntN(4) {
		if l > 0 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, `{"id":%d,"name":"label-%d","color":"f29513","default":%t}`, 200+random.IntN(30), random.IntN(30), l == 0)
	}
	b = fmt.Appendf(b, `],"comments":%d,"score":%.2f,"amount":"%d.%02d","currency":"EUR","created_at":"2026-0%d-1%dT0%d:2%d:1%dZ","updated_at":"2026-0%d-1%dT0%d:2%d:1%dZ","closed_at":null,`,
		random.IntN(50), random.Float64()*100, random.IntN(1000), random.IntN(100), 1+random.IntN(9), random.IntN(10), random.IntN(10), random.IntN(10), random.IntN(10),
		1+random.IntN(9), random.IntN(10), random.IntN(10), random.IntN(10), random.IntN(10))
	if random.IntN(3) == 0 {
		b = append(b, `"pull_request":{"url":"https://api.example.com/pulls/1","merged":true},`...)
	}
	return fmt.Appendf(b, `"body":"It does not work when I press the button in the third row, and then nothing happens. Seen on version 1.%d."}`, random.IntN(9))
}

func records(n int) [][]byte {
	random := rand.New(rand.NewPCG(7, 7))
	out := make([][]byte, n)
	for i := range out {
		out[i] = record(random, i)
	}
	return out
}

func list(records [][]byte) []byte {
	return append(append([]byte(`{"data":[`), bytes.Join(records, []byte{','})...), `],"has_more":true,"total":1000}`...)
}

// walk reads the raw values of a body, as a bare tokenizer does.
func walk(d *jsontext.Decoder) error {
	for {
		switch d.PeekKind() {
		case '{', '[', '}', ']':
			if _, err := d.ReadToken(); err != nil {
				return err
			}
		default:
			if _, err := d.ReadValue(); err != nil {
				return err
			}
		}
		if d.StackDepth() == 0 {
			return nil
		}
	}
}

// perSecondOfCPU reports the throughput per second of this process's CPU time,
// which other work on the machine disturbs less than the clock, and which
// counts a collector that runs beside.
func perSecondOfCPU(b *testing.B, size int64) (report func()) {
	before := cpu()
	return func() {
		b.ReportMetric(float64(size)*float64(b.N)/1e6/(cpu()-before).Seconds(), "MB/cpu-s")
	}
}

func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkObserve reads the same bytes in four ways: what one run prints may
// be compared, what two runs print may not. The best of the passes is what a
// machine that is shared disturbs least.
func BenchmarkObserve(b *testing.B) {
	docs := records(2000)
	bytesOf := func(docs [][]byte) (n int64) {
		for _, d := range docs {
			n += int64(len(d))
		}
		return n
	}
	for _, corpus := range []struct {
		name string
		docs [][]byte
	}{{"records", docs}, {"list", [][]byte{list(docs)}}} {
		run := func(name string, each func(d []byte) error) {
			b.Run(corpus.name+"/"+name, func(b *testing.B) {
				b.SetBytes(bytesOf(corpus.docs))
				b.ReportAllocs()
				defer perSecondOfCPU(b, bytesOf(corpus.docs))()
				best := time.Hour
				for b.Loop() {
					start := time.Now()
					for _, d := range corpus.docs {
						if err := each(d); err != nil {
							b.Fatal(err)
						}
					}
					best = min(best, time.Since(start))
				}
				b.ReportMetric(float64(bytesOf(corpus.docs))/1e6/best.Seconds(), "best-MB/s")
			})
		}
		run("encoding-json-any", func(d []byte) error { var v any; return json.Unmarshal(d, &v) })
		decoder := jsontext.NewDecoder(bytes.NewBuffer(nil), jsontext.AllowDuplicateNames(true))
		run("jsontext-walk", func(d []byte) error {
			decoder.Reset(bytes.NewBuffer(d), jsontext.AllowDuplicateNames(true))
			return walk(decoder)
		})
		known := shape.New(shape.Limits{})
		run("observe-into-baseline", func(d []byte) error { return known.Observe(d, noon) })
		scratch := shape.New(shape.Limits{})
		run("observe-into-scratch", func(d []byte) error { scratch.Reset(); return scratch.Observe(d, noon) })
		stream, lines := shape.New(shape.Limits{}), bytes.Join(corpus.docs, []byte{'\n'})
		b.Run(corpus.name+"/observe-stream", func(b *testing.B) {
			b.SetBytes(int64(len(lines)))
			b.ReportAllocs()
			defer perSecondOfCPU(b, int64(len(lines)))()
			for b.Loop() {
				if _, err := stream.ObserveStream(bytes.NewReader(lines), noon); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
