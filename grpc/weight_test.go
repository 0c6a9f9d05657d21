package grpc_test

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"shapewatch/grpc"
	"shapewatch/grpc/grpctest"
	"shapewatch/probes"
)

// TestAsk_BoundsWhatAnAnswerUnpacksTo before it is unpacked: empty messages
// whose fields have long names, and numbers of one byte each.
func TestAsk_BoundsWhatAnAnswerUnpacksTo(t *testing.T) {
	var fields strings.Builder
	for i := range 299 {
		fmt.Fprintf(&fields, ` field { name: "%s%d" number: %d type: TYPE_INT32 label: LABEL_OPTIONAL }`, strings.Repeat("a", 60), i, i+3)
	}
	server := grpctest.New(t, grpctest.Options{})
	client, p := asking(t, server)
	server.Change(edited(t, `field { name: "sku" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }`, fields.String()), `{}`)
	for name, message := range map[string][]byte{
		"wide":  bytes.Repeat([]byte("\x2a\x00"), 20_000),
		"light": bytes.Repeat([]byte("\x22\x00"), 1<<20),
	} {
		server.Raw(message)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		s := grpc.Ask(t.Context(), client, p, get)
		runtime.ReadMemStats(&after)
		if s.Class != probes.OverLimit || !strings.Contains(s.Problem, "max_body") || after.TotalAlloc-before.TotalAlloc > 128<<20 {
			t.Errorf("%s: %s %q, %d MiB", name, s.Class, s.Problem, (after.TotalAlloc-before.TotalAlloc)>>20)
		}
	}
	server.Raw(bytes.Repeat([]byte("\x2a\x00"), 100))
	if s := grpc.Ask(t.Context(), client, p, get); s.Class != probes.Valid || len(s.Body) < 100*299*60 {
		t.Errorf("%s %q, %d bytes", s.Class, s.Problem, len(s.Body))
	}
}
