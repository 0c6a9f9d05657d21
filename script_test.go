package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/demo"
	"shapewatch/probes"
	"shapewatch/store"
)

func TestMain(m *testing.M) {
	testscript.Main(runningTests{m}, map[string]func(){"shapewatch": main})
}

// TestScript runs the binary as people do. Beside the commands of testscript:
//
//	exits CODE command…     runs a command and wants this exit code
//	strict                  starts a vendor that checks every request; $STRICT is its address
//	vendor                  starts the demo's vendor; $VENDOR is its address
//	folder DIR              serves a folder of answers; $VENDOR is its address
//	kinds, spoil WHAT       start a vendor of lists, GraphQL, streams …, at $KINDS; break one of them
//	orders                  starts a gRPC server of orders, at $ORDERS
//	free NAME               sets NAME to an address that nobody listens on
//	change NAME, gone       the vendor changes its API; the vendor goes away
//	learned FILE API PATH…  writes a store that has seen 40 answers of each
//	page URL TEXT           waits until a page shows a text
//	ask STATUS METHOD URL [NAME:VALUE…] [BODY]  sends a request, wants a status, prints the answer
//	await URL PATTERN       waits until a page matches a pattern
//	keep NAME PATTERN     sets NAME to what a pattern finds in the last output
//	hold FILE               keeps a store open until the script ends
//	receiver, mailbox       start a receiver of webhooks ($RECEIVER, file received) and a mail server ($MAILBOX, file mails)
//	slack [SCOPE…]          starts a Slack ($SLACK_API, $SLACK_BOT, $SLACK_APP) whose bot has all scopes, or these
//	click BUTTON [CHOICE]   clicks a button of the first message in Slack
//	mention TEXT            writes to the app in Slack
//	slack-shows TEXT        waits until Slack shows a text
//	file-has FILE TEXT      waits until a file has a text
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:   "testdata/script",
		Setup: scriptSetup,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": scriptExits, "strict": scriptStrict, "vendor": scriptVendor, "folder": scriptFolder, "free": scriptFree, "change": scriptChange,
			"revert": scriptRevert, "soon": scriptSoon, "kinds": scriptKinds, "orders": scriptOrders, "spoil": scriptSpoil,
			"ask": scriptAsk, "keep": scriptKeep, "gone": scriptGone, "learned": scriptLearned, "page": scriptPage, "await": scriptAwait, "hold": scriptHold,
			"receiver": scriptReceiver, "mailbox": scriptMailbox, "slack": scriptSlack, "click": scriptClick, "mention": scriptMention,
			"slack-shows": scriptSlackShows, "file-has": scriptFileHas,
		},
	})
}

func scriptExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE command…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("%s exits with %d, want %d", strings.Join(args[1:], " "), got, want)
	}
}

// vendors are those of the scripts, which run in parallel.
type vendors struct {
	mu      sync.Mutex
	vendor  map[string]*demo.Vendor
	servers map[string]*httptest.Server
}

var running = vendors{vendor: map[string]*demo.Vendor{}, servers: map[string]*httptest.Server{}}

func (v *vendors) put(script string, vendor *demo.Vendor, server *httptest.Server) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.vendor[script], v.servers[script] = vendor, server
}

func (v *vendors) of(script string) (*demo.Vendor, *httptest.Server) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.vendor[script], v.servers[script]
}

func scriptVendor(ts *testscript.TestScript, _ bool, _ []string) {
	vendor := demo.New(1)
	server := httptest.NewServer(vendor)
	ts.Defer(server.Close)
	ts.Setenv("VENDOR", server.URL)
	running.put(ts.Name(), vendor, server)
}

func scriptChange(ts *testscript.TestScript, _ bool, args []string) {
	vendor, _ := running.of(ts.Name())
	ts.Check(vendor.Apply(args[0]))
}

func scriptRevert(ts *testscript.TestScript, _ bool, args []string) {
	vendor, _ := running.of(ts.Name())
	ts.Check(vendor.Revert(args[0]))
}

func scriptGone(ts *testscript.TestScript, _ bool, _ []string) {
	_, server := running.of(ts.Name())
	server.Close()
}

func scriptFree(ts *testscript.TestScript, _ bool, args []string) {
	address, err := unusedAddress()
	ts.Check(err)
	ts.Setenv(args[0], address)
}

func scriptHold(ts *testscript.TestScript, _ bool, args []string) {
	state, err := store.OpenBolt(store.Options{Path: ts.MkAbs(args[0])})
	ts.Check(err)
	ts.Defer(func() { state.Close() })
}

func scriptPage(ts *testscript.TestScript, _ bool, args []string) {
	var last string
	for end := time.Now().Add(patient(20 * time.Second)); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		response, err := http.Get(args[0])
		if err != nil {
			last = err.Error()
			continue
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if last = string(body); err == nil && strings.Contains(last, args[1]) {
			return
		}
	}
	ts.Fatalf("%s does not show %q: %s", args[0], args[1], last)
}

func scriptLearned(ts *testscript.TestScript, _ bool, args []string) {
	state, err := store.OpenBolt(store.Options{Path: ts.MkAbs(args[0])})
	ts.Check(err)
	defer state.Close()
	client := probes.NewClient(probes.Options{})
	defer client.Close()
	for _, path := range args[2:] {
		ts.Check(learn(state, client, probes.Probe{
			ID: args[1] + "/GET " + path, API: args[1], Operation: "GET " + path, URL: ts.Getenv("VENDOR") + path,
			AllowPrivate: true, Limits: probes.HostLimits{PerSecond: 1000, Concurrent: 8},
		}))
	}
}

// learn lets 40 answers of a probe teach a baseline and commits it.
func learn(state *store.Bolt, client *probes.Client, p probes.Probe) error {
	ctx := context.Background()
	if err := state.Register(ctx, []probes.Plan{{Probe: p.ID, Due: time.Now(), Every: time.Hour}}); err != nil {
		return err
	}
	claims, _, err := state.Claim(ctx, time.Now().Add(time.Hour), 1, time.Minute)
	if err != nil || len(claims) != 1 {
		return fmt.Errorf("%d claims: %w", len(claims), err)
	}
	baseline := contracts.NewBaseline()
	for range 40 {
		o := contracts.Observe(client.Do(ctx, p), nil)
		baseline.Learn(&o, contracts.Weigh(baseline, nil, &o, contracts.Policy{}))
	}
	encoded, err := baseline.MarshalBinary()
	if err != nil {
		return err
	}
	check := contracts.Check{Probe: p.ID, At: time.Now(), Class: probes.Valid}
	return state.Commit(ctx, alerting.Outcome{Claim: claims[0], Next: time.Now().Add(time.Hour), Check: check, Baseline: encoded})
}
