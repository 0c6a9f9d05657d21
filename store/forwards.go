package store

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"time"

	"shapewatch/alerting"
	"shapewatch/webhooks"
)

// A forwardQueue is one call of TakeForwards, offered what waits by number.
type forwardQueue struct {
	leased  map[uint64]time.Time
	now     time.Time
	max     int
	inOrder bool

	taken []webhooks.Forward
	bytes int
	next  time.Time
}

// offer takes a forward if it is due; false means that no later one matters.
func (q *forwardQueue) offer(f webhooks.Forward) bool {
	due := f.NotBefore
	if until := q.leased[f.Number]; until.After(due) {
		due = until
	}
	if due.After(q.now) {
		q.next = earlier(q.next, due)
		return !q.inOrder
	}
	if len(q.taken) >= q.max || len(q.taken) > 0 && q.bytes+len(f.Body) > takenBytes {
		q.next = q.now
		return false
	}
	f.Attempts++
	q.taken, q.bytes = append(q.taken, f), q.bytes+len(f.Body)
	return true
}

// settled is what is kept of a forward that goes on waiting.
func settled(f webhooks.Fated) webhooks.Forward {
	if f.Fate == webhooks.Untried {
		f.Attempts--
	}
	return f.Forward
}

// revived is a dead forward that is tried anew.
func revived(f webhooks.Forward, now time.Time) webhooks.Forward {
	f.Since, f.NotBefore, f.Dead = now.UTC(), time.Time{}, time.Time{}
	return f
}

func noForwards(source string) error {
	return fmt.Errorf("source %.80q has no such dead event: %w", source, alerting.ErrNotFound)
}

// listed is a forward without its headers and its body, which are not copied
// out of the file.
type listed struct {
	webhooks.Forward
	Head unread `json:"head"`
	Body unread `json:"body"`
}

func (l listed) forward() webhooks.Forward {
	f := l.Forward
	f.Size = int(l.Body)
	return f
}

// unread is how many bytes a text in base64 stands for.
type unread int

// UnmarshalJSON measures the text.
func (u *unread) UnmarshalJSON(text []byte) error {
	text = bytes.TrimRight(bytes.Trim(text, `"`), "=")
	if string(text) == "null" {
		text = nil
	}
	*u = unread(base64.RawStdEncoding.DecodedLen(len(text)))
	return nil
}
