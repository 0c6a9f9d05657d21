package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"shapewatch/store"
)

// BenchmarkWebhooksIn sends signed events over the loopback interface to a
// whole program, which verifies, keeps and learns from them: an event counts
// when it was answered with 200, and is on disk by then. The benchmark ends when
// every event has been learned from.
func BenchmarkWebhooksIn(b *testing.B) {
	for _, clients := range []int{8, 32} {
		b.Run(fmt.Sprintf("%d clients", clients), func(b *testing.B) { benchWebhooks(b, clients) })
	}
}

func benchWebhooks(b *testing.B, clients int) {
	dir := b.TempDir()
	file := filepath.Join(dir, "shapewatch.yaml")
	if err := os.WriteFile(file, []byte(webhookConfig), 0o600); err != nil {
		b.Fatal(err)
	}
	c, err := LoadConfig(file, func(string) (string, bool) { return "", false })
	if err != nil {
		b.Fatal(err)
	}
	state, err := openStore(store.Options{Path: filepath.Join(dir, "shapewatch.db"), Keep: c.Store().Keep})
	if err != nil {
		b.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	p, err := newProgram(b.Context(), programOptions{Config: c, Store: state, Listener: listener, Out: io.Discard, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.run(ctx) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			b.Error(err)
		}
	}()
	address := "http://" + listener.Addr().String() + "/in/payments"
	transport := &http.Transport{MaxIdleConnsPerHost: clients}
	defer transport.CloseIdleConnections()
	var next atomic.Int64
	took := make([]time.Duration, b.N)
	before := cpuTime()
	b.ResetTimer()
	began := time.Now()
	var senders sync.WaitGroup
	for range clients {
		senders.Go(func() {
			client := &http.Client{Transport: transport}
			for n := next.Add(1) - 1; n < int64(b.N); n = next.Add(1) - 1 {
				sent := time.Now()
				if err := sendEvent(client, address, n); err != nil {
					b.Error(err)
					return
				}
				took[n] = time.Since(sent)
			}
		})
	}
	senders.Wait()
	accepted := time.Since(began)
	for range 3000 { // until all of them are learned from
		waiting, err := state.Arrivals(ctx, "payments/webhook payments", 1)
		if err != nil || len(waiting) == 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	learned := time.Since(began)
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(b.N)/accepted.Seconds(), "accepted/s")
	b.ReportMetric(float64(b.N)/learned.Seconds(), "learned/s")
	b.ReportMetric(float64(b.N)/(cpuTime()-before).Seconds(), "events/CPU-s")
	b.ReportMetric(float64(took[b.N/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[b.N*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(0, "ns/op")
}

// sendEvent sends one of five types, about as large as vendors' events are.
func sendEvent(client *http.Client, address string, n int64) error {
	body := fmt.Appendf(nil, `{"id":"evt_%d","type":"charge.%s","created":%d,"data":{"object":{"id":"ch_%d","amount":%d,"currency":"eur","paid":true,"billing":{"name":"A. Person","country":"DE"},"lines":[{"sku":"a-1","n":2},{"sku":"b-7","n":1}],"metadata":{"note":%q}}}}`,
		n, []string{"paid", "refunded", "failed", "updated", "expired"}[n%5], time.Now().Unix(), n, 100+n%900, strings.Repeat("x", 300))
	stamp := fmt.Sprint(time.Now().Unix())
	mac := hmac.New(sha256.New, []byte("canary-secret"))
	mac.Write([]byte(stamp + "."))
	mac.Write(body)
	request, err := http.NewRequest(http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Stripe-Signature", "t="+stamp+",v1="+hex.EncodeToString(mac.Sum(nil)))
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("event %d: status %d", n, response.StatusCode)
	}
	return err
}

// cpuTime is what this process has used so far, sender and receiver together.
func cpuTime() time.Duration {
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
