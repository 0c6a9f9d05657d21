package sides

import (
	"context"
	"crypto/md5" //nolint:gosec // names keys, as digests do; nobody attacks it here
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"shapewatch/probes"
	"shapewatch/reconcile"
	"shapewatch/webhooks"
)

// Bounds of what is kept of a source.
const (
	DefaultWindow = 7 * 24 * time.Hour
	MostAnnounced = 200_000  // rows
	maxPosting    = 16 << 10 // bytes of the cells of a row
	maxOfEvent    = 10_000   // rows of one event; what is beyond is left out
	postingsRead  = 1000     // in one look into the store
)

// WebhookOptions say which events of a source are rows, and where in them.
type WebhookOptions struct {
	Probe   string // the reconciliation's
	Right   bool
	Columns []string // JSON Pointers within a row
	Rules   []reconcile.Rule
	Keys    int           // how many of the columns are the key
	Updated bool          // the last column is the time of the last change
	List    string        // JSON Pointer to the row in an event, or to a list of rows; "" for the event itself
	Types   []string      // of the events that are rows; none for all
	Deletes []string      // types of events that take their row away
	Window  time.Duration // how long a row counts after its event; 0 means [DefaultWindow]
	All     bool          // the source announces every change
	Lag     time.Duration // how long a change may take to be announced
}

// Book is where the rows are kept. Its form changes when a row would be another
// one, or be found under another key.
func (o *WebhookOptions) Book() webhooks.Book {
	rules := o.Rules[:o.Keys]
	zones := make([]string, 0, 2*len(rules))
	for _, r := range rules {
		zones = append(zones, fmt.Sprint(r.Left.Zone), fmt.Sprint(r.Right.Zone))
	}
	said, _ := json.Marshal([]any{o.Columns, o.Keys, o.Updated, o.List, o.Types, o.Deletes, rules, zones}) // nothing in it cannot be
	return webhooks.Book{Probe: o.Probe, Right: o.Right, Form: fmt.Sprintf("%x", md5.Sum(said)), Window: o.window(), Most: MostAnnounced}
}

func (o *WebhookOptions) window() time.Duration {
	if o.Window == 0 {
		return DefaultWindow
	}
	return o.Window
}

// Post is what an event says of rows; nothing when its type is none of theirs.
// It keeps the cells that are compared and nothing else of the event. A row
// without a key, or of more than 16 KiB, is left out. An end that does not say
// when has the second of its event, where the vendor says that (happened), and
// else is no older than what came before it: at.
func (o *WebhookOptions) Post(kind string, body []byte, at, happened time.Time) (postings []webhooks.Posting) {
	gone := slices.Contains(o.Deletes, kind)
	if !gone && len(o.Types) > 0 && !slices.Contains(o.Types, kind) {
		return nil
	}
	event, err := decoded(body)
	if err != nil {
		return nil
	}
	cells, places := make([]reconcile.Cell, len(o.Columns)), pointers(o.Columns)
	rows := rowsAt(event, tokens(o.List))
	for _, row := range rows[:min(len(rows), maxOfEvent)] {
		pick(row, places, cells)
		if p, ok := o.posting(cells, gone); ok {
			if p.At = at; gone && o.Updated && p.Order == 0 {
				p.Order, p.Least = endOfSecond(happened), at.UnixMicro()
			}
			postings = append(postings, p)
		}
	}
	return postings
}

// rowsAt are the rows of an event.
func rowsAt(event any, path []string) []any {
	for _, name := range path {
		object, _ := event.(map[string]any)
		event = object[name]
	}
	switch rows := event.(type) {
	case []any:
		return rows
	case map[string]any:
		return []any{rows}
	}
	return nil
}

func (o *WebhookOptions) posting(cells []reconcile.Cell, gone bool) (p webhooks.Posting, ok bool) {
	var key []byte
	for i, c := range cells[:o.Keys] {
		canonical, _ := o.Rules[i].Canonical(c, o.Right)
		key = reconcile.AppendCell(key, canonical)
		ok = ok || canonical.State == reconcile.There
	}
	p.Key = hashed(key)
	if o.Updated {
		p.Order = o.order(cells[len(cells)-1])
	}
	if !gone {
		p.Row = reconcile.AppendKey(nil, cells)
	}
	return p, ok && len(p.Row) <= maxPosting
}

// order is when a row was last changed, in microseconds; 0 when it does not say.
func (o *WebhookOptions) order(updated reconcile.Cell) (micros int64) {
	if at, ok := o.Rules[len(o.Rules)-1].Canonical(updated, o.Right); ok && at.State == reconcile.There {
		_, _ = fmt.Sscan(at.Text, &micros)
	}
	return micros
}

// endOfSecond is the last microsecond of a time that is known to the second; 0
// when it is not known.
func endOfSecond(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Truncate(time.Second).Add(time.Second).UnixMicro() - 1
}

func hashed(key []byte) []byte {
	sum := md5.Sum(key)
	return sum[:]
}

// Postings are what a store has of the rows of a book.
type Postings interface {
	Postings(ctx context.Context, book webhooks.Book, after []byte, max int) (webhooks.Account, []webhooks.Posting, error)
}

// A WebhookSide is what a source announced within a window: the newest word on
// each row.
type WebhookSide struct {
	WebhookOptions
	meter
	from  Postings
	gone  map[string]bool
	since time.Time // from when on nothing was missed; zero when nothing came yet
}

// Webhook returns a side that looks into the store when it is read.
func Webhook(o WebhookOptions, from Postings) *WebhookSide {
	return &WebhookSide{WebhookOptions: o, from: from}
}

// Close has nothing to end.
func (s *WebhookSide) Close() error { return nil }

// Rows hands over what was announced within the window.
func (s *WebhookSide) Rows(ctx context.Context, _ *reconcile.Part, yield func([]reconcile.Cell) error) error {
	from, book := time.Now().Add(-s.window()), s.Book()
	s.gone, s.since = map[string]bool{}, time.Time{}
	for after := []byte(nil); ; {
		account, rows, err := s.from.Postings(ctx, book, after, postingsRead)
		if err != nil {
			return fmt.Errorf("%w: %w", errOurs, err)
		}
		if account.Full.After(from) {
			return &Problem{Class: probes.OverLimit, Text: fmt.Sprintf("more than %d rows announced: make the window shorter", book.Most)}
		}
		if s.since = account.Since; s.since.Before(from) && !s.since.IsZero() {
			s.since = from
		}
		for i := range rows {
			if rows[i].At.Before(from) {
				continue
			}
			if err := s.hand(&rows[i], yield); err != nil {
				return err
			}
		}
		if len(rows) < postingsRead {
			return nil
		}
		after = rows[len(rows)-1].Key
	}
}

func (s *WebhookSide) hand(p *webhooks.Posting, yield func([]reconcile.Cell) error) error {
	if p.Gone() {
		s.gone[string(p.Key)] = true
		return nil
	}
	s.bytes.Add(int64(len(p.Row)))
	cells := reconcile.ReadCells(p.Row, len(s.Columns))
	if len(cells) != len(s.Columns) {
		return &Problem{Class: probes.InvalidJSON, Text: "what was announced cannot be read"}
	}
	if err := yield(cells); err != nil {
		return fmt.Errorf("%w: %w", errOurs, err)
	}
	return nil
}

// Lacks reports a row that an event took away, or, of a source that announces
// every change, one that changed since we listen. What may have been announced
// before the window began is left out by the lag.
func (s *WebhookSide) Lacks(key []byte, changed time.Time) bool {
	if s.gone[string(hashed(key))] {
		return true
	}
	return s.All && !s.since.IsZero() && changed.After(s.since.Add(s.Lag))
}
