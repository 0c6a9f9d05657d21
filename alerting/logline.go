package alerting

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
)

// LogOptions say where lines go.
type LogOptions struct {
	Name     string    // of the channel in routes
	File     string    // appended to; empty means W
	W        io.Writer // where the program prints
	Template string    // of the event's text; empty for the usual words
}

// A Log writes each step as one line of JSON: the CloudEvent that a [Webhook]
// posts. The file is opened for each line, so that it may be rotated.
type Log struct {
	options LogOptions
	words   *Template
	mu      sync.Mutex // one line at a time
}

// NewLog returns a notifier, or an error about its template.
func NewLog(o LogOptions) (*Log, error) {
	words, err := newTemplate(o.Template, nil, maxTemplate)
	return &Log{options: o, words: words}, err
}

// Channel is the name used in routes and on the page.
func (l *Log) Channel() string { return l.options.Name }

// Notify writes one line.
func (l *Log) Notify(_ context.Context, n Notice) (Receipt, error) {
	text, err := l.words.body(l.Channel(), n)
	if err != nil {
		return Receipt{}, err
	}
	event, err := marshal(cloudEventOf(n, text))
	if err != nil {
		return Receipt{}, &DeliveryError{Err: fmt.Errorf("%s: %w", l.Channel(), err), Permanent: true}
	}
	if err := l.write(append(event, '\n')); err != nil {
		return Receipt{}, fmt.Errorf("%s: %w", l.Channel(), err)
	}
	return receipt(l.Channel(), n, stepID(n)), nil
}

func (l *Log) write(text []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.options.File == "" {
		_, err := l.options.W.Write(text)
		return err
	}
	file, err := os.OpenFile(l.options.File, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := file.Write(text); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}
