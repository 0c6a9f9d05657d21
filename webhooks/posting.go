package webhooks

import "time"

// A Book says which rows of what a source announces are kept, and how long: a
// reconciliation compares them with its other side. It has one row for each
// thing, the newest.
type Book struct {
	Probe  string        // the reconciliation's; its books are forgotten with it
	Right  bool          // which side of it the book is
	Form   string        // what a row holds; when it is another one the book begins anew
	Window time.Duration // how long a row is kept after its event came
	Most   int           // rows
}

// A Posting is what one event says of one row.
type Posting struct {
	Key   []byte    `json:"-"`               // hash of the row's key
	Row   []byte    `json:"row,omitempty"`   // as whoever reads the book writes it; nil when the row is gone
	Order int64     `json:"order,omitempty"` // of two postings of a row the one with the higher stays; 0 means as they came
	At    time.Time `json:"at"`              // when its event came
	Least int64     `json:"-"`               // of an end that does not say when: the order that it has at least, 0 when nothing tells
}

// Gone reports an event that takes its row away.
func (p *Posting) Gone() bool { return p.Row == nil }

// Follows reports whether a posting replaces one of the same row that came
// before it. Vendors send again what they could not deliver, so that an older
// word may come last. A row that is gone stays so until a newer word: its last
// change may be announced twice, and its end bear the time of that change.
func (p *Posting) Follows(before *Posting) bool {
	if p.Order == 0 || before.Order == 0 {
		return true
	}
	return p.Order > before.Order || p.Order == before.Order && (p.Gone() || !before.Gone())
}

// Dated is a posting as it is kept in the place of one that it follows, the zero
// one where there is none. An end that does not say when is no older than the
// word before it, nor than its own event: what is as old as these, or older, no
// longer brings the row back, whenever it comes.
func (p Posting) Dated(before *Posting) Posting {
	if p.Gone() && p.Order == 0 {
		p.Order = max(before.Order, p.Least)
	}
	return p
}

// An Account is the state of a book.
type Account struct {
	Form   string        `json:"form"`
	Since  time.Time     `json:"since"` // from when on every event is in it
	Window time.Duration `json:"window"`
	Most   int           `json:"most,omitempty"` // as the book's last event knew it; 0 for no bound
	Rows   int           `json:"rows"`           // with those that are gone
	Full   time.Time     `json:"full,omitzero"`  // when a row last had to give way before its time
}

// Booked are the postings of one event in one book.
type Booked struct {
	Book
	Postings []Posting
}
