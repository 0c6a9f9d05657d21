package alerting

import (
	"context"
	"io"
	"sync"

	"shapewatch/contracts"
)

// terminalWidth is the columns of a printed message.
const terminalWidth = 80

// TerminalOptions say where to print.
type TerminalOptions struct {
	Name  string // of the channel in routes; empty means "terminal"
	W     io.Writer
	Color bool // ANSI colours and weights
	Each  bool // each incident on its own, however many there are at once
}

// Terminal prints each step as Slack would show it: the same blocks, drawn as
// text.
type Terminal struct {
	options TerminalOptions
	mu      sync.Mutex // one message at a time
}

// NewTerminal returns a notifier that prints.
func NewTerminal(options TerminalOptions) *Terminal {
	if options.Name == "" {
		options.Name = "terminal"
	}
	return &Terminal{options: options}
}

// Channel is the name used in routes and on the page.
func (t *Terminal) Channel() string { return t.options.Name }

// Each reports whether no summary is printed of many incidents at once.
func (t *Terminal) Each() bool { return t.options.Each }

// Notify prints one step: the whole message when it is news, the line of the
// thread when it has been printed before.
func (t *Terminal) Notify(_ context.Context, notice Notice) (Receipt, error) {
	p := printer{color: t.options.Color, bar: ansiBar(notice.Incident)}
	if notice.Receipt.Version > 0 {
		p.paragraph(replyOf(notice).text)
	} else {
		p.message(messageOf(notice))
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, err := io.WriteString(t.options.W, "\n"+p.out.String()); err != nil {
		return Receipt{}, err
	}
	return Receipt{Channel: t.Channel(), Incident: notice.Incident.ID, Version: notice.Incident.Version}, nil
}

// ansiBar is the colour of the bar beside a message.
func ansiBar(inc Incident) string {
	switch {
	case inc.Condition == Resolved:
		return "32"
	case inc.Severity == contracts.Breaking:
		return "31"
	case inc.Severity == contracts.Warning:
		return "33"
	}
	return "34"
}
