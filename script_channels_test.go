package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"shapewatch/alerting/slacktest"
)

// scriptReceiver starts a receiver of webhooks: $RECEIVER is its address, and
// what it gets is appended to the file received, method and path first. Its
// answer is what any of the services would say: an id under all their names.
func scriptReceiver(ts *testscript.TestScript, _ bool, _ []string) {
	var mu sync.Mutex
	file := ts.MkAbs("received")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		appendTo(file, fmt.Sprintf("%s %s signature=%s\n%s\n", r.Method, r.RequestURI, r.Header.Get("Webhook-Signature"), body))
		if strings.HasPrefix(r.URL.Path, "/refuses") {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(w, "[]") // no issue yet
			return
		}
		_, _ = io.WriteString(w, `{"ok":true,"result":{"message_id":7},"id":"7","number":7,"iid":7,"status":"success"}`)
	}))
	ts.Defer(server.Close)
	ts.Setenv("RECEIVER", server.URL)
}

func appendTo(file, text string) {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return // the script sees that nothing came
	}
	defer f.Close()
	_, _ = io.WriteString(f, text)
}

// scriptMailbox starts a mail server: $MAILBOX is its address, and mails are
// appended to the file mails.
func scriptMailbox(ts *testscript.TestScript, _ bool, _ []string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { listener.Close() })
	ts.Setenv("MAILBOX", listener.Addr().String())
	file := ts.MkAbs("mails")
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			takeMail(conn, file)
		}
	}()
}

// takeMail is one talk of SMTP.
func takeMail(conn net.Conn, file string) {
	defer conn.Close()
	r, data := bufio.NewReader(conn), false
	fmt.Fprint(conn, "220 ready\r\n")
	for {
		said, err := r.ReadString('\n')
		switch {
		case err != nil:
			return
		case data && said != ".\r\n":
			appendTo(file, strings.ReplaceAll(said, "\r", ""))
			continue
		case strings.HasPrefix(said, "DATA"):
			fmt.Fprint(conn, "354 go on\r\n")
		case strings.HasPrefix(said, "QUIT"):
			fmt.Fprint(conn, "221 bye\r\n")
			return
		default:
			fmt.Fprint(conn, "250 ok\r\n")
		}
		data = strings.HasPrefix(said, "DATA")
	}
}

// scriptSlack starts a Slack: $SLACK_API, $SLACK_BOT and $SLACK_APP lead to it.
// scopes given are all that the bot has.
func scriptSlack(ts *testscript.TestScript, _ bool, scopes []string) {
	slack := slacktest.Start()
	ts.Defer(slack.Stop)
	if len(scopes) > 0 {
		slack.Grant(scopes...)
	}
	ts.Setenv("SLACK_API", slack.API())
	ts.Setenv("SLACK_BOT", slacktest.BotToken)
	ts.Setenv("SLACK_APP", slacktest.AppToken)
	slacks.put(ts.Name(), slack)
}

// slackOf are the Slacks of the scripts, which run in parallel.
type slackOf struct {
	mu    sync.Mutex
	slack map[string]*slacktest.Slack
}

var slacks = slackOf{slack: map[string]*slacktest.Slack{}}

func (s *slackOf) put(script string, slack *slacktest.Slack) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slack[script] = slack
}

func (s *slackOf) of(script string) *slacktest.Slack {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.slack[script]
}

// scriptClick waits for a message in Slack and clicks a button of it.
func scriptClick(ts *testscript.TestScript, _ bool, args []string) {
	slack := slacks.of(ts.Name())
	var err error
	for end := time.Now().Add(patient(20 * time.Second)); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if shown := slack.Messages(); len(shown) > 0 {
			err = slack.Click("U024BE7LH", shown[0].TS, args[0], strings.Join(args[1:], ""), false)
			ts.Check(err)
			return
		}
	}
	ts.Fatalf("Slack shows no message to click on")
}

// scriptSlackShows waits until a message or an answer in Slack has a text, 20 s
// or as long as said. With ! it looks once, and wants it absent.
func scriptSlackShows(ts *testscript.TestScript, absent bool, args []string) {
	slack, all := slacks.of(ts.Name()), ""
	for end := time.Now().Add(patient(limitIn(args))); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		all = ""
		for _, m := range slack.Messages() {
			all += m.Text + "\n" + m.Blocks + "\n"
		}
		if strings.Contains(all, args[0]) || absent {
			break
		}
	}
	if strings.Contains(all, args[0]) == absent {
		ts.Fatalf("Slack shows %q: %t, want %t: %s", args[0], absent, !absent, all)
	}
}

// scriptSoon sets a variable to a time of day in UTC that comes in one to two
// minutes.
func scriptSoon(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], time.Now().UTC().Add(2*time.Minute).Format("15:04"))
}

// scriptMention writes to the app in Slack.
func scriptMention(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(slacks.of(ts.Name()).Mention("U024BE7LH", "C042", strings.Join(args, " ")))
}

// scriptFileHas waits until a file has a text, 20 s or as long as said.
func scriptFileHas(ts *testscript.TestScript, _ bool, args []string) {
	var text []byte
	for end := time.Now().Add(patient(limitIn(args))); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		text, _ = os.ReadFile(ts.MkAbs(args[0]))
		if strings.Contains(string(text), args[1]) {
			return
		}
	}
	ts.Fatalf("%s does not have %q: %s", args[0], args[1], text)
}

// limitIn is how long something may take: what the last word says, else 20 s.
func limitIn(args []string) time.Duration {
	if said, err := time.ParseDuration(args[len(args)-1]); err == nil && len(args) > 1 {
		return said
	}
	return 20 * time.Second
}
