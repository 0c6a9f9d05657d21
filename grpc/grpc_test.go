package grpc_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"

	"shapewatch/grpc"
	"shapewatch/grpc/grpctest"
	"shapewatch/probes"
)

func asking(t *testing.T, s *grpctest.Server) (*probes.Client, probes.Probe) {
	t.Helper()
	client := probes.NewClient(probes.Options{})
	t.Cleanup(client.Close)
	return client, probes.Probe{
		ID: "shop/get", URL: s.URL, AllowPrivate: true, Timeout: 30 * time.Second, Auth: probes.Bearer(grpctest.Token),
		Limits: probes.HostLimits{PerSecond: 1e6, Concurrent: 9},
	}
}

var get = grpc.Call{Method: "shop.v1.Orders/Get", Request: []byte(`{"id":"4711"}`)}

const order = `{"id":"4711","total":"1200","state":"PAID","created":"2026-03-02T09:00:00Z","lines":[{"sku":"a-1","amount":2}],"gift":false}`

// TestAsk_CallsByReflection of either version, with the answer as JSON.
func TestAsk_CallsByReflection(t *testing.T) {
	for name, o := range map[string]grpctest.Options{"v1": {}, "v1alpha": {OldReflection: true}} {
		t.Run(name, func(t *testing.T) {
			client, p := asking(t, grpctest.New(t, o))
			s := grpc.Ask(t.Context(), client, p, get)
			if s.Class != probes.Valid || s.Status != 200 || string(s.Body) != order || s.Header.Get("X-Ratelimit-Limit") != "500" {
				t.Errorf("%s %d %q\n%s\n%v", s.Class, s.Status, s.Problem, s.Body, s.Header)
			}
		})
	}
}

// TestAsk_ReadsSomeOfAStream that does not end.
func TestAsk_ReadsSomeOfAStream(t *testing.T) {
	client, p := asking(t, grpctest.New(t, grpctest.Options{}))
	for most, want := range map[int]int{2: 2, 9: 3} {
		p.Events = &probes.Events{Most: most, For: 2 * time.Second}
		s := grpc.Ask(t.Context(), client, p, grpc.Call{Method: "shop.v1.Orders/Watch"})
		var list []json.RawMessage
		if err := json.Unmarshal(s.Body, &list); s.Class != probes.Valid || err != nil || len(list) != want || string(list[0]) != order {
			t.Errorf("%d: %s %q %s", most, s.Class, s.Problem, s.Body)
		}
	}
}

// TestAsk_UnderstandsStatuses as what HTTP would have said.
func TestAsk_UnderstandsStatuses(t *testing.T) {
	server := grpctest.New(t, grpctest.Options{})
	client, p := asking(t, server)
	for code, want := range map[codes.Code]int{
		codes.Unauthenticated: 401, codes.PermissionDenied: 403, codes.ResourceExhausted: 429, codes.Unimplemented: 404,
		codes.Unavailable: 503, codes.DeadlineExceeded: 504, codes.InvalidArgument: 400, codes.Code(99): 0,
	} {
		server.Refuse(code, "wäre "+grpctest.Token)
		s := grpc.Ask(t.Context(), client, p, get)
		class, says := probes.Status, "wäre [redacted]"
		if want == 0 {
			class, says, want = probes.Protocol, "a status that gRPC does not know", 200
		}
		if s.Class != class || s.Status != want || !strings.Contains(s.Problem, says) || strings.Contains(string(s.Body), grpctest.Token) {
			t.Errorf("%s: %s %d %q %s", code, s.Class, s.Status, s.Problem, s.Body)
		}
	}
	server.Refuse(codes.OK, "")
	for name, c := range map[string]struct {
		change func(*probes.Probe, *grpc.Call)
		class  probes.Class
		says   string
	}{
		"no credential": {func(p *probes.Probe, _ *grpc.Call) { p.Auth = nil }, probes.Status, "answered UNAUTHENTICATED: not accepted: []: check the credentials"},
		"no method":     {func(_ *probes.Probe, c *grpc.Call) { c.Method = "shop.v1.Orders/Drop" }, probes.Status, "shop.v1.Orders has no method Drop"},
		"no service":    {func(_ *probes.Probe, c *grpc.Call) { c.Method = "shop.v2.Orders/Get" }, probes.Status, "the server has no service shop.v2.Orders"},
		"bad request":   {func(_ *probes.Probe, c *grpc.Call) { c.Request = []byte(`{"ID":1}`) }, probes.Status, "not called: the request does not fit shop.v1.Asked: it has no field ID"},
		"nobody there":  {func(p *probes.Probe, _ *grpc.Call) { p.URL = "http://127.0.0.1:1" }, probes.Unreachable, "refuses connections"},
		"guarded":       {func(p *probes.Probe, _ *grpc.Call) { p.AllowPrivate = false }, probes.Unreachable, "allow_private"},
		"too large":     {func(p *probes.Probe, _ *grpc.Call) { p.MaxBody = 50 }, probes.OverLimit, "max_body"},
	} {
		t.Run(name, func(t *testing.T) {
			p, call := p, get
			c.change(&p, &call)
			if s := grpc.Ask(t.Context(), client, p, call); s.Class != c.class || !strings.Contains(s.Problem, c.says) {
				t.Errorf("%s %d %q", s.Class, s.Status, s.Problem)
			}
		})
	}
	p.URL = grpctest.New(t, grpctest.Options{NoReflection: true}).URL
	if s := grpc.Ask(t.Context(), client, p, get); s.Class != probes.Status || s.Status != 404 || !strings.Contains(s.Problem, "reflection is not switched on") {
		t.Errorf("no reflection: %s %d %q", s.Class, s.Status, s.Problem)
	}
}

func described(t *testing.T, client *probes.Client, p probes.Probe, calls ...grpc.Call) ([]string, probes.Sample) {
	t.Helper()
	s := grpc.Describe(t.Context(), client, p, calls)
	var body map[string]bool
	if err := json.Unmarshal(s.Body, &body); s.Class != probes.Valid || err != nil {
		t.Fatalf("%s %q %v", s.Class, s.Problem, err)
	}
	var facts []string
	for f := range body {
		if !strings.HasPrefix(f, "queries = ") {
			facts = append(facts, f)
		}
	}
	slices.Sort(facts)
	return facts, s
}

// TestDescribe_TakesDownWhatCallsUse and what is not there any more.
func TestDescribe_TakesDownWhatCallsUse(t *testing.T) {
	server := grpctest.New(t, grpctest.Options{})
	client, p := asking(t, server)
	facts, s := described(t, client, p, get)
	want := []string{
		"Asked.id = string, number 1", "Order.created = google_protobuf_Timestamp, number 4", "Order.gift = bool, number 6",
		"Order.id = string, number 1", "Order.lines = repeated Order_Line, number 5", "Order.state = State, number 3", "Order.total = int64, number 2",
		"Order_Line.amount = int32, number 2", "Order_Line.sku = string, number 1", "Orders.Get = takes Asked, answers Order",
		"State = PAID, number 1", "State = UNKNOWN, number 0",
	}
	if diff := cmp.Diff(want, facts); diff != "" || s.Schema.Facts != len(want) {
		t.Error(s.Schema.Facts, diff)
	}
	server.Change(grpctest.Second, `{}`)
	facts, s = described(t, client, p, get, grpc.Call{Method: "shop.v1.Orders/Drop"})
	for _, f := range []string{"Order.total = string, number 7", "State = DISPUTED, number 2"} {
		if !slices.Contains(facts, f) {
			t.Errorf("no %s in %q", f, facts)
		}
	}
	wantSchema := &probes.Schema{
		Facts: 12, Deprecated: []probes.Deprecated{{At: "Order.state"}},
		Invalid: []probes.InvalidQuery{{Query: "shop.v1.Orders/Drop", Problem: "shop.v1.Orders has no method Drop"}},
	}
	if diff := cmp.Diff(wantSchema, s.Schema); diff != "" {
		t.Error(diff)
	}
}

// A told server answers every request with the same messages.
type told [][]byte

func (a told) Do(_ context.Context, p probes.Probe) probes.Sample {
	s := probes.Sample{Class: probes.Valid, Status: 200, MediaType: "application/grpc", Header: map[string][]string{"Grpc-Status": {"0"}}}
	body, err := p.Frames(a)
	if err != nil {
		s.Class, s.Problem = probes.InvalidJSON, err.Error()
		return s
	}
	s.Body = body
	return s
}

// FuzzAsk_SurvivesAnyServer takes whatever a server tells of itself and answers.
func FuzzAsk_SurvivesAnyServer(f *testing.F) {
	f.Add([]byte("\x22\x05\x0a\x03\x0a\x01a"))
	f.Add([]byte("\x3a\x04\x08\x05\x12\x00"))
	f.Add(grpctest.Told(f))
	f.Fuzz(func(t *testing.T, message []byte) {
		for _, s := range []probes.Sample{
			grpc.Ask(t.Context(), told{message}, probes.Probe{}, get),
			grpc.Describe(t.Context(), told{message}, probes.Probe{}, []grpc.Call{get}),
		} {
			if s.Class != probes.Valid && s.Problem == "" {
				t.Errorf("%s without a problem", s.Class)
			}
		}
	})
}
