package probes_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"shapewatch/probes"
)

// BenchmarkDo measures a whole Do beside the barest loop that reads the same
// answer, both with the loopback vendor's own share: CPU-s per 1,000 checks.
func BenchmarkDo(b *testing.B) {
	for _, size := range []int{2 << 10, 200 << 10} {
		server, p := benchVendor(b, size)
		b.Run(fmt.Sprintf("bare/%dKB", size>>10), func(b *testing.B) {
			client := server.Client()
			measure(b, func() error { return bare(client, server.URL) })
		})
		b.Run(fmt.Sprintf("do/%dKB", size>>10), func(b *testing.B) {
			client := newClient(b, probes.Options{})
			measure(b, func() error {
				if s := client.Do(context.Background(), p); s.Class != probes.Valid || len(s.Body) != size {
					return fmt.Errorf("%s %s", s.Class, s.Problem)
				}
				return nil
			})
		})
	}
}

func benchVendor(b *testing.B, size int) (*httptest.Server, probes.Probe) {
	body := append(bytes.Repeat([]byte(`[`), 1), bytes.Repeat([]byte(`1,`), size/2)...)
	body[size-1] = ']'
	body = body[:size]
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write(body)
	}))
	b.Cleanup(server.Close)
	p := loopback(server.Listener.Addr().String())
	p.Auth = probes.Bearer("a-secret-token-of-some-length-1234567890")
	p.Limits.PerSecond = 1e9
	return server, p
}

func bare(client *http.Client, url string) error {
	r, err := client.Get(url)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	_, err = io.ReadAll(r.Body)
	return err
}

func measure(b *testing.B, ask func() error) {
	b.ReportAllocs()
	before := cpu()
	for b.Loop() {
		if err := ask(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric((cpu()-before).Seconds()/float64(b.N)*1000, "CPU-s/1000")
}

// cpu is the processor time that this process has used.
func cpu() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
