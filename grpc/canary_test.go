package grpc_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"

	"shapewatch/grpc"
	"shapewatch/grpc/grpctest"
	"shapewatch/probes"
)

const canary = "hunter2/pässword"

func edited(t *testing.T, from, to string) grpctest.Edition {
	t.Helper()
	if !strings.Contains(string(grpctest.First), from) {
		t.Fatalf("no %s in the edition", from)
	}
	return grpctest.Edition(strings.Replace(string(grpctest.First), from, to, 1))
}

func noCanary(t *testing.T, name string, s probes.Sample, secret string) {
	t.Helper()
	all := fmt.Sprintf("%+v\n%s\n%+v", s, s.Body, s.Schema)
	if at := strings.Index(all, secret); at >= 0 || strings.Contains(all, url.PathEscape(secret)) {
		t.Errorf("%s shows the secret: %s", name, all)
	}
}

// TestAsk_ShowsNoSecretOfItsRequest where the request does not fit, or comes
// back as the message of a status.
func TestAsk_ShowsNoSecretOfItsRequest(t *testing.T) {
	for name, c := range map[string]struct{ from, to, request, says string }{
		"a number":  {`name: "id" number: 1 type: TYPE_STRING`, `name: "id" number: 1 type: TYPE_INT32`, `{"id":"%s"}`, "the request does not fit shop.v1.Asked: field id takes int32"},
		"an enum":   {`name: "id" number: 1 type: TYPE_STRING`, `name: "id" number: 1 type: TYPE_ENUM type_name: ".shop.v1.State"`, `{"id":"%s"}`, "field id takes shop_v1_State"},
		"in a list": {`name: "id" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL`, `name: "id" number: 1 type: TYPE_MESSAGE type_name: ".shop.v1.Order" label: LABEL_OPTIONAL`, `{"id":{"lines":[{"amount":"%s"}]}}`, "id: field lines takes repeated shop_v1_Order_Line"},
		"a time":    {`name: "id" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL`, `name: "id" number: 1 type: TYPE_MESSAGE type_name: ".google.protobuf.Timestamp" label: LABEL_OPTIONAL`, `{"id":"%s"}`, "field id takes google_protobuf_Timestamp"},
		"gone":      {`name: "id" number: 1`, `name: "key" number: 1`, `{"id":"%s"}`, "it has no field id"},
		"no object": {`id`, `id`, `["%s"]`, "an object is expected"},
	} {
		t.Run(name, func(t *testing.T) {
			server := grpctest.New(t, grpctest.Options{})
			client, p := asking(t, server)
			server.Change(edited(t, c.from, c.to), `{}`)
			call := grpc.Call{Method: get.Method, Request: fmt.Appendf(nil, c.request, canary)}
			s := grpc.Ask(t.Context(), client, p, call)
			if s.Class != probes.Status || s.Status != 400 || !strings.Contains(s.Problem, c.says) {
				t.Errorf("%s %d %q", s.Class, s.Status, s.Problem)
			}
			noCanary(t, "a call", s, canary)
			s = grpc.Describe(t.Context(), client, p, []grpc.Call{call})
			if len(s.Schema.Invalid) != 1 || !strings.Contains(s.Schema.Invalid[0].Problem, c.says) {
				t.Errorf("%+v", s.Schema)
			}
			noCanary(t, "a description", s, canary)
		})
	}
}

// TestAsk_ShowsNoSecretThatComesBack as gRPC escapes it, or as a vendor's name.
func TestAsk_ShowsNoSecretThatComesBack(t *testing.T) {
	server := grpctest.New(t, grpctest.Options{})
	client, p := asking(t, server)
	p.Secrets = []string{canary, "sk_live_4711"}
	server.Refuse(codes.InvalidArgument, "no order "+canary)
	s := grpc.Ask(t.Context(), client, p, get)
	if !strings.Contains(s.Problem, "INVALID_ARGUMENT: no order [redacted]") {
		t.Errorf("%q", s.Problem)
	}
	noCanary(t, "a message", s, canary)
	noCanary(t, "a message", s, "p%C3%A4ssword")
	server.Refuse(codes.OK, "")
	server.Change(edited(t, `name: "gift"`, `name: "sk_live_4711"`), `{}`)
	s = grpc.Describe(t.Context(), client, p, []grpc.Call{get})
	if s.Class != probes.Valid {
		t.Errorf("%s %q", s.Class, s.Problem)
	}
	noCanary(t, "a name", s, "sk_live_4711")
}

// TestAsk_QuotesNoValueThatIsNoJSON in what it says of an answer.
func TestAsk_QuotesNoValueThatIsNoJSON(t *testing.T) {
	server := grpctest.New(t, grpctest.Options{})
	client, p := asking(t, server)
	server.Change(edited(t, `name: "gift" number: 6 type: TYPE_BOOL`, `name: "gift" number: 6 type: TYPE_MESSAGE type_name: ".google.protobuf.Timestamp"`), `{}`)
	server.Raw([]byte("\x32\x07\x08\xff\xff\xff\xff\xff\x7f"))
	s := grpc.Ask(t.Context(), client, p, get)
	if s.Class != probes.InvalidJSON || !strings.Contains(s.Problem, "cannot be written as JSON") || strings.Contains(s.Problem, "4398046511103") {
		t.Errorf("%s %q", s.Class, s.Problem)
	}
}
