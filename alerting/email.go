package alerting

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"html/template"
	"net"
	"net/mail"
	"net/textproto"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// The ways to protect the connection to a mail server.
const (
	TLSStart = "starttls" // upgrade, or refuse to send
	TLSFirst = "tls"      // TLS from the first byte, usually port 465
	TLSNever = "none"     // in the clear: for a server on this machine
)

// EmailOptions say through which server mail goes, from whom and to whom.
type EmailOptions struct {
	Name     string // of the channel in routes
	Server   string // host:port
	TLS      string // empty means [TLSStart]
	User     string // empty sends without logging in
	Password string // a secret
	From     string // "shapewatch <drift@acme.example>"
	To       []string
	Template string // of the plain text; the HTML part is then the same text. Empty for the usual words
}

// Email mails each step, as plain text and as HTML. The mails of one incident
// are one conversation: each answers the first, under its subject.
type Email struct {
	options EmailOptions
	host    string
	port    int
	domain  string // right of the @ in message ids
	words   *Template
	secret  courier
}

// NewEmail returns a notifier, or an error that says which option is wrong.
func NewEmail(o EmailOptions) (*Email, error) {
	o.TLS = cmp.Or(o.TLS, TLSStart)
	host, port, err := net.SplitHostPort(o.Server)
	if err != nil {
		return nil, fmt.Errorf("mail server %q: want host:port", o.Server)
	}
	number, err := strconv.Atoi(port)
	if err != nil || number < 1 || number > 65535 {
		return nil, fmt.Errorf("mail server %q: port %q is none", o.Server, port)
	}
	from, err := mail.ParseAddress(o.From)
	if err != nil {
		return nil, fmt.Errorf("from %q is no mail address: write shapewatch <drift@acme.example>", o.From)
	}
	for _, to := range o.To {
		if _, err := mail.ParseAddress(to); err != nil {
			return nil, fmt.Errorf("to %q is no mail address", to)
		}
	}
	if len(o.To) == 0 {
		return nil, errors.New("mail to nobody")
	}
	words, err := newTemplate(o.Template, nil, maxTemplate)
	return &Email{o, host, number, from.Address[strings.LastIndexByte(from.Address, '@')+1:], words, newCourier(o.Name, nil, o.Password)}, err
}

// Channel is the name used in routes and on the page.
func (e *Email) Channel() string { return e.options.Name }

// Notify mails one step. The receipt holds the id of the first mail and its
// subject; a mail that is sent twice has the same id both times, and most
// servers drop the second.
func (e *Email) Notify(ctx context.Context, n Notice) (Receipt, error) {
	text, err := e.words.body(e.Channel(), n)
	if err != nil {
		return Receipt{}, err
	}
	l := letterOf(n, nil)
	first, subject, found := strings.Cut(n.Receipt.Ref, " ")
	if !found {
		first, subject = n.Incident.ID+"@"+e.domain, clip("["+l.Severity+"] "+l.API+": "+strings.ReplaceAll(l.Title, "`", ""), 180)
	}
	m, err := e.compose(n, l, text)
	if err != nil {
		return Receipt{}, e.secret.fail(err, true, 0)
	}
	if found {
		m.Subject("Re: " + subject)
		m.SetMessageIDWithValue(stepID(n) + "@" + e.domain)
		m.SetGenHeader(gomail.HeaderInReplyTo, "<"+first+">")
		m.SetGenHeader(gomail.HeaderReferences, "<"+first+">")
	} else {
		m.Subject(subject)
		m.SetMessageIDWithValue(first)
	}
	if err := e.send(ctx, m); err != nil {
		return Receipt{}, e.classify(err)
	}
	return receipt(e.Channel(), n, first+" "+subject), nil
}

// compose writes a mail without subject and id.
func (e *Email) compose(n Notice, l Letter, text string) (*gomail.Msg, error) {
	m := gomail.NewMsg()
	if err := errors.Join(m.From(e.options.From), m.To(e.options.To...)); err != nil {
		return nil, err
	}
	m.SetDateWithValue(time.Now())
	m.SetGenHeader("Auto-Submitted", "auto-generated") // no answer by a machine, please
	m.SetGenHeader("X-Shapewatch-Incident", n.Incident.ID)
	m.SetUserAgent("shapewatch")
	plain := l.Headline() + "\n\n" + text
	if l.Link != "" {
		plain += "\n\n" + l.Link
	}
	m.SetBodyString(gomail.TypeTextPlain, plain+"\n")
	page, err := e.html(l, text)
	m.AddAlternativeString(gomail.TypeTextHTML, page)
	return m, err
}

var mailPage = template.Must(template.New("mail").Funcs(template.FuncMap{"clock": clock}).Parse(
	`<!doctype html><html><body style="font-family:sans-serif;font-size:14px;color:#1b1f24">
<h2 style="font-size:17px">{{.Letter.Icon}} {{.Letter.Word}}: {{.Letter.API}}: {{.Letter.Title}}</h2>
{{if .Text}}<pre style="white-space:pre-wrap">{{.Text}}</pre>{{else}}{{with .Letter}}
<p>{{.Severity}} · {{.State}} · since {{clock .Opened}}{{with .Owner}} · {{.}}{{end}}<br>{{.Operations}}</p>
<table cellpadding="6" style="border-collapse:collapse">
<tr><th align="left">severity</th><th align="left">where</th><th align="left">was</th><th align="left">now</th><th align="left">evidence</th></tr>
{{range .Changes}}<tr style="border-top:1px solid #ccc"><td>{{if .Over}}over{{else}}{{.Severity}}{{end}}</td><td><code>{{.Place}}</code><br>{{.Operation}}</td><td>{{.Was}}</td><td>{{.Now}}</td><td>{{.Evidence}}</td></tr>
{{end}}</table>
{{if .More}}<p>and {{.More}} more</p>{{end}}
{{with .Proposal}}<p>What the contract would say:</p><pre>{{.}}</pre>{{end}}
{{range .Requests}}<p>Pull request, {{.State}}: <a href="{{.URL}}">{{.Branch}}</a></p>
{{end}}<p>{{.Reason}}</p>{{end}}{{end}}
{{with .Letter.Link}}<p><a href="{{.}}">Open the incident</a></p>{{end}}
</body></html>
`))

// html is the letter as a page; with a template of the user's own, its text.
func (e *Email) html(l Letter, text string) (string, error) {
	if e.options.Template == "" {
		text = ""
	}
	out := &bounded{left: 1 << 20}
	err := mailPage.Execute(out, struct {
		Letter Letter
		Text   string
	}{l, text})
	return out.String(), err
}

func (e *Email) send(ctx context.Context, m *gomail.Msg) error {
	wire := &mailLine{}
	defer wire.hangUp() // the client leaves it open when it gives up early
	settings := []gomail.Option{gomail.WithPort(e.port), gomail.WithTimeout(sendTimeout), gomail.WithDialContextFunc(wire.dialer(e.options.TLS, e.host))}
	switch e.options.TLS {
	case TLSStart:
		settings = append(settings, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case TLSFirst:
		settings = append(settings, gomail.WithSSL())
	default:
		settings = append(settings, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if e.options.User != "" {
		settings = append(settings, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(e.options.User), gomail.WithPassword(e.options.Password))
	}
	client, err := gomail.NewClient(e.host, settings...)
	if err != nil {
		return err
	}
	if err := client.DialWithContext(ctx); err != nil {
		return err
	}
	defer client.Close() // a mail that was taken is told, however the talk ends
	return client.Send(m)
}

// A mailLine is the connection of one mail.
type mailLine struct{ conn net.Conn }

func (l *mailLine) dialer(protection, host string) gomail.DialContextFunc {
	return func(ctx context.Context, network, address string) (conn net.Conn, err error) {
		if protection == TLSFirst {
			conn, err = (&tls.Dialer{Config: &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}}).DialContext(ctx, network, address)
		} else {
			conn, err = (&net.Dialer{}).DialContext(ctx, network, address)
		}
		l.conn = conn
		return conn, err
	}
}

func (l *mailLine) hangUp() {
	if l.conn != nil {
		_ = l.conn.Close()
	}
}

// classify says what an answer of the mail server means: 5xx stays as it is,
// all else may pass.
func (e *Email) classify(err error) error {
	permanent := false
	var sent *gomail.SendError
	var said *textproto.Error
	switch {
	case errors.As(err, &sent):
		permanent = sent.ErrorCode() >= 500
	case errors.As(err, &said):
		permanent = said.Code >= 500
	}
	return e.secret.fail(errors.New(line(err.Error(), 300)), permanent, 0)
}
