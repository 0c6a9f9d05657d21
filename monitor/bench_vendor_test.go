package monitor_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"
)

// newBenchVendor serves prepared answers of about a size from a listener that
// speaks just enough HTTP: a server of net/http would cost more than what is
// measured.
func newBenchVendor(b *testing.B, size int) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	var answers [][]byte
	for seed := range 32 {
		body := benchBody(size, uint64(seed))
		answers = append(answers, fmt.Appendf(nil,
			"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
	}
	var n atomic.Uint64
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go serveBench(conn, func() []byte { return answers[n.Add(1)%uint64(len(answers))] })
		}
	}()
	return "http://" + l.Addr().String()
}

// serveBench answers whatever comes in one packet: requests here are small.
func serveBench(conn net.Conn, answer func() []byte) {
	defer conn.Close()
	request := make([]byte, 4<<10)
	for {
		if _, err := conn.Read(request); err != nil {
			return
		}
		if _, err := conn.Write(answer()); err != nil {
			return
		}
	}
}

// benchBody is a list of orders of about a size.
func benchBody(size int, seed uint64) []byte {
	random := rand.New(rand.NewPCG(seed, 1))
	var orders []map[string]any
	for n := 0; n < size; n += 210 {
		order := map[string]any{
			"id": fmt.Sprintf("ord_%08d", random.IntN(1e8)), "amount": random.IntN(100_000),
			"currency": []string{"EUR", "USD"}[random.IntN(2)], "paid": random.IntN(2) == 0, "note": nil,
			"created_at": time.Unix(1.7e9+random.Int64N(1e7), 0).UTC().Format(time.RFC3339),
			"customer":   map[string]any{"id": random.IntN(1e6), "name": fmt.Sprintf("Customer %d", random.IntN(1e5))},
		}
		if random.IntN(2) == 0 {
			order["discount"] = random.Float64()
		}
		orders = append(orders, order)
	}
	text, err := json.Marshal(map[string]any{"data": orders, "has_more": true})
	if err != nil {
		panic(err)
	}
	return text
}

// BenchmarkVendor is what the vendor alone costs.
func BenchmarkVendor(b *testing.B) {
	for _, size := range []int{2 << 10, 200 << 10} {
		b.Run(fmt.Sprintf("%dKB", size>>10), func(b *testing.B) {
			vendor := newBenchVendor(b, size)
			conn, err := net.Dial("tcp", vendor[len("http://"):])
			if err != nil {
				b.Fatal(err)
			}
			defer conn.Close()
			checks := benchChecks(size)
			measured(b, checks, func() { rawLoop(b, conn, b.N*checks) })
		})
	}
}

func rawLoop(b *testing.B, conn net.Conn, n int) {
	answers := bufio.NewReaderSize(conn, 64<<10)
	for range n {
		if _, err := io.WriteString(conn, "GET /x HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			b.Fatal(err)
		}
		response, err := http.ReadResponse(answers, nil)
		if err != nil {
			b.Fatal(err)
		}
		if err := discard(response.Body); err != nil {
			b.Fatal(err)
		}
	}
}
