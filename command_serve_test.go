package main

import (
	"context"
	"io"
	"log"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shapewatch/store"
)

func TestCommands_RefuseWhatWouldBeIgnored(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "shapewatch.yaml", "apis: [{ name: a, url: 'https://a.example' }]")
	file := filepath.Join(dir, "shapewatch.yaml")
	for want, args := range map[string][]string{
		"--every and --allow-private go with --url":                 {"serve", "--config", file, "--every", "1m"},
		"--every and --allow-private go with":                       {"serve", "--config", file, "--allow-private"},
		"unknown command \"shwo\": did you mean show":               {"config", "shwo"},
		"shapewatch config --help":                                  {"config", "nothing-like-it"},
		"unknown command \"x\"\nsee: shapewatch --help":             {"x"},
		"unknown flag: --polite\nsee: shapewatch check --help":      {"check", "--polite"},
		"accepts at most 1 arg(s), received 2\nsee: shapewatch val": {"validate", "a", "b"},
	} {
		code, out, errOut := runCommand(t, args...)
		if code != 2 || out != "" || !strings.Contains(errOut, want) {
			t.Errorf("%v: %d %q %q, want %q", args, code, out, errOut, want)
		}
	}
}

// TestCommands_CallAStoreThatCannotBeOpenedTheUsersToRepair leaves out one that
// is damaged, which the scripts show.
func TestCommands_CallAStoreThatCannotBeOpenedTheUsersToRepair(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "foreign.db", "a text of somebody else")
	held, err := store.OpenBolt(store.Options{Path: filepath.Join(dir, "held.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	for name, want := range map[string]string{"held.db": "in use", "foreign.db/below.db": "not a directory"} {
		write(t, dir, "shapewatch.yaml", "apis: [{ name: a, url: 'https://a.example' }]\npage: { listen: '127.0.0.1:0' }\nstore: { path: "+filepath.Join(dir, name)+" }")
		code, _, errOut := runCommand(t, "serve", "--config", filepath.Join(dir, "shapewatch.yaml"))
		if code != 2 || !strings.Contains(errOut, want) {
			t.Errorf("serve with %s: %d %s", name, code, errOut)
		}
	}
	write(t, dir, "shapewatch.yaml", "apis: [{ name: a, url: 'https://a.example' }]\nstore: { path: "+filepath.Join(dir, "foreign.db/below.db")+" }")
	code, _, errOut := runCommand(t, "check", "--config", filepath.Join(dir, "shapewatch.yaml"))
	if code != 2 || !strings.Contains(errOut, "not a directory") {
		t.Errorf("check where a store cannot be looked for: %d %s", code, errOut)
	}
}

// TestCheck_LogsNoSecretOfAVendorThatSpeaksUnasked has a vendor send more than
// its answer, which net/http logs.
func TestCheck_LogsNoSecretOfAVendorThatSpeaksUnasked(t *testing.T) {
	t.Cleanup(func() { log.SetOutput(os.Stderr) })
	vendor := talkative(t, "sk_live_told_to_nobody")
	dir := t.TempDir()
	write(t, dir, "shapewatch.yaml", "apis: [{ name: a, base: 'http://"+vendor+"', allow_private: true, auth: { bearer: sk_live_told_to_nobody }, probes: [{ get: /a }, { get: /slow }] }]")
	var out, errOut shared
	run(t.Context(), []string{"check", "--config", filepath.Join(dir, "shapewatch.yaml")}, &out, &errOut)
	if !strings.Contains(errOut.String(), "Unsolicited response") || strings.Contains(errOut.String(), "told_to_nobody") {
		t.Errorf("logged: %s\n%s", errOut.String(), out.String())
	}
}

// talkative answers each request, and then once more; what is slow gives the
// log the time to be written.
func talkative(t *testing.T, says string) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	answer := func(c net.Conn) {
		defer c.Close()
		request := make([]byte, 4096)
		n, _ := c.Read(request)
		if strings.Contains(string(request[:n]), "/slow") {
			time.Sleep(500 * time.Millisecond)
		}
		io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\nX-Said: "+says+"\r\n\r\n")
		c.Read(request)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go answer(c)
		}
	}()
	return l.Addr().String()
}

// startedProgram is one with a configuration file, checking nothing soon.
func startedProgram(t *testing.T, file string) *program {
	t.Helper()
	c, err := LoadConfig(file, variables())
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	state := store.NewMemory(store.Retention{})
	t.Cleanup(func() { state.Close() })
	p, err := newProgram(t.Context(), programOptions{Config: c, Store: state, Listener: l, Out: io.Discard, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestReload_SeesTheFirstFileOfAnIncludedFolder starts with a pattern that
// matches nothing yet.
func TestReload_SeesTheFirstFileOfAnIncludedFolder(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "apis/README", "nothing yet")
	write(t, dir, "shapewatch.yaml", "include: ['apis/*.yaml']\napis: [{ name: a, url: 'https://a.example' }]")
	file := filepath.Join(dir, "shapewatch.yaml")
	p := startedProgram(t, file)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	hangups := make(chan os.Signal, 1)
	r := &reloader{program: p, load: func() (*Config, error) { return LoadConfig(file, variables()) }, hangups: hangups}
	go func() { ended <- r.run(ctx) }()
	hangups <- os.Interrupt // whatever comes on this channel: run listens from now on
	eventually(t, "that it listens", func() bool { return len(hangups) == 0 })
	write(t, dir, "apis/b.yaml", "apis: [{ name: b, url: 'https://b.example' }]")
	eventually(t, "the included file", func() bool { return len(p.probes()) == 2 })

	write(t, dir, "apis/b.yaml", "apis: [{ name: b }]")
	eventually(t, "the page to say what is refused", func() bool { return strings.Contains(strings.Join(p.illnesses(), "\n"), "nothing to ask") })
	if n := len(p.probes()); n != 2 {
		t.Errorf("%d probes, want the two of before", n)
	}
	write(t, dir, "apis/b.yaml", "apis: [{ name: c, url: 'https://c.example' }]")
	eventually(t, "the mistake to be over", func() bool { return len(p.illnesses()) == 0 && p.probes()[1].API == "c" })
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
