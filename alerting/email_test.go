package alerting_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

	"shapewatch/alerting"
)

// A mailServer speaks SMTP as far as a client needs it, and answers a command
// otherwise when told so.
type mailServer struct {
	net.Listener
	mu    sync.Mutex
	mails []string
	say   map[string]string // by the first word of a command
}

func newMailServer(t *testing.T) *mailServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &mailServer{Listener: l, say: map[string]string{}}
	var talks sync.WaitGroup
	t.Cleanup(func() { l.Close(); talks.Wait() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			talks.Go(func() { s.talk(conn) })
		}
	}()
	return s
}

func (s *mailServer) talk(conn net.Conn) {
	defer conn.Close()
	r := bufio.NewReader(conn)
	fmt.Fprint(conn, "220 mail.example ESMTP\r\n")
	for {
		said, err := r.ReadString('\n')
		if err != nil {
			return
		}
		word := strings.ToUpper(strings.Fields(said + " -")[0])
		s.mu.Lock()
		answer, other := s.say[word]
		s.mu.Unlock()
		switch {
		case other:
			fmt.Fprint(conn, answer+"\r\n")
		case word == "EHLO":
			fmt.Fprint(conn, "250-mail.example\r\n250-8BITMIME\r\n250 AUTH PLAIN\r\n")
		case word == "AUTH":
			fmt.Fprint(conn, "235 2.7.0 ok\r\n")
		case word == "DATA":
			fmt.Fprint(conn, "354 go on\r\n")
			var mail strings.Builder
			for {
				text, err := r.ReadString('\n')
				if err != nil || text == ".\r\n" {
					break
				}
				mail.WriteString(text)
			}
			s.mu.Lock()
			s.mails = append(s.mails, mail.String())
			s.mu.Unlock()
			fmt.Fprint(conn, "250 2.0.0 queued\r\n")
		case word == "QUIT":
			fmt.Fprint(conn, "221 bye\r\n")
			return
		default:
			fmt.Fprint(conn, "250 2.0.0 ok\r\n")
		}
	}
}

func (s *mailServer) answer(word, with string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.say = map[string]string{}
	if word != "" {
		s.say[word] = with
	}
}

func mailTo(t *testing.T, server string) *alerting.Email {
	t.Helper()
	n, err := alerting.NewEmail(alerting.EmailOptions{
		Name: "mail", Server: server, TLS: alerting.TLSNever, From: "shapewatch <drift@acme.example>", To: []string{"team@acme.example"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestEmail_SaysWhatAFailureMeans(t *testing.T) {
	s := newMailServer(t)
	for said, want := range map[[2]string]alerting.DeliveryError{
		{"RCPT", "550 5.1.1 no such user"}: {Permanent: true},
		{"RCPT", "451 4.7.1 try later"}:    {},
		{"MAIL", "421 4.3.2 going down"}:   {},
		{"EHLO", "500 what?"}:              {},
	} {
		s.answer(said[0], said[1])
		_, err := mailTo(t, s.Addr().String()).Notify(t.Context(), stories(t)["one"])
		var failure *alerting.DeliveryError
		if said[0] == "EHLO" && err == nil {
			continue // HELO did
		}
		if !errors.As(err, &failure) || failure.Permanent != want.Permanent {
			t.Errorf("%v: %v (%+v), want %+v", said, err, failure, want)
		}
	}
	s.answer("QUIT", "451 4.0.0 not so fast")
	if _, err := mailTo(t, s.Addr().String()).Notify(t.Context(), stories(t)["one"]); err != nil {
		t.Errorf("a mail that was taken is not told: %v", err)
	}
	s.Close()
	if _, err := mailTo(t, s.Addr().String()).Notify(t.Context(), stories(t)["one"]); err == nil {
		t.Error("a server that is gone took a mail")
	}
}

func TestEmail_RefusesToSendInTheClear(t *testing.T) {
	s := newMailServer(t)
	n, err := alerting.NewEmail(alerting.EmailOptions{Name: "mail", Server: s.Addr().String(), From: "a@b.example", To: []string{"c@d.example"}, User: "u", Password: "mail-secret"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Notify(t.Context(), stories(t)["one"]); err == nil || strings.Contains(err.Error(), "mail-secret") || len(s.mails) > 0 {
		t.Errorf("error %v, %d mails", err, len(s.mails))
	}
}

func TestNewEmail_NamesTheWrongOption(t *testing.T) {
	good := alerting.EmailOptions{Server: "m.example:25", From: "a@b.example", To: []string{"c@d.example"}}
	for want, spoil := range map[string]func(*alerting.EmailOptions){
		"host:port": func(o *alerting.EmailOptions) { o.Server = "m.example" },
		"port":      func(o *alerting.EmailOptions) { o.Server = "m.example:smtp" },
		"from":      func(o *alerting.EmailOptions) { o.From = "nobody" },
		"to":        func(o *alerting.EmailOptions) { o.To = []string{"x\r\nBcc: y@z.example"} },
		"nobody":    func(o *alerting.EmailOptions) { o.To = nil },
	} {
		o := good
		spoil(&o)
		if _, err := alerting.NewEmail(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// aMail is what mailpit says of one.
type aMail struct {
	ID, MessageID, Subject, Text, HTML string
	ReplyTo                            []string
}

// TestEmail_IsOneConversationInARealServer mails an incident's life and reads
// it back from mailpit, as a mail program would.
func TestEmail_IsOneConversationInARealServer(t *testing.T) {
	program := tool(t, "mailpit")
	smtp, page := address(t), address(t)
	started(t, "http://"+page+"/readyz", program, "--smtp", smtp, "--listen", page, "--disable-version-check")
	n := mailTo(t, smtp)
	receipts := lifeOf(t, n, alerting.Opened, alerting.Updated, alerting.Closed)
	hostile := stories(t)["hostile"]
	hostile.Incident.Title += "\r\nBcc: victim@evil.example"
	hostile.Incident.Entries[0].Finding.Was = "<script>alert(1)</script>"
	if _, err := n.Notify(t.Context(), hostile); err != nil {
		t.Fatal(err)
	}
	var list struct{ Messages []aMail }
	getJSON(t, "http://"+page+"/api/v1/messages", &list)
	if len(list.Messages) != 4 {
		t.Fatalf("%d mails", len(list.Messages))
	}
	first, _, _ := strings.Cut(receipts[0].Ref, " ")
	subject := list.Messages[3].Subject
	for i, m := range []aMail{list.Messages[3], list.Messages[2], list.Messages[1]} {
		var headers map[string][]string
		getJSON(t, "http://"+page+"/api/v1/message/"+m.ID+"/headers", &headers)
		answers := strings.Join(headers["In-Reply-To"], "")
		if i == 0 && (answers != "" || m.MessageID != first) || i > 0 && (answers != "<"+first+">" || m.Subject != "Re: "+subject || m.MessageID == first) {
			t.Errorf("mail %d: %q %q answers %q", i, m.Subject, m.MessageID, answers)
		}
		if strings.Join(headers["Auto-Submitted"], "") != "auto-generated" {
			t.Errorf("mail %d: headers %v", i, headers)
		}
	}
	var bad struct {
		aMail
		Bcc []any
		To  []any
	}
	getJSON(t, "http://"+page+"/api/v1/message/"+list.Messages[0].ID, &bad)
	if len(bad.Bcc) > 0 || len(bad.To) != 1 || strings.Contains(bad.HTML, "<script>") || !strings.Contains(bad.HTML, "&lt;script&gt;") || !strings.Contains(bad.Text, "was: <script>") {
		t.Errorf("hostile mail: %+v", bad)
	}
}
