package webhooks

import (
	"bufio"
	"bytes"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"time"
)

// A Forward is an accepted request on its way to your own receiver. It is kept
// in the transaction that keeps its [Arrival], and ends when the receiver took
// it or somebody dropped it.
type Forward struct {
	Number    uint64    `json:"-"` // grows within a source; the store gives it
	ID        string    `json:"id,omitempty"`
	Type      string    `json:"type"`
	At        time.Time `json:"at"`              // accepted
	Since     time.Time `json:"since,omitzero"`  // sent again by a person; trying counts from here
	Head      []byte    `json:"head,omitempty"`  // the vendor's headers as they go on, in wire form
	Body      []byte    `json:"body"`            // byte for byte
	Size      int       `json:"-"`               // bytes of the body, where it is listed without
	Attempts  int       `json:"attempts"`        // begun; counted before each is made, so that a crash loses none
	Answered  int       `json:"answered"`        // of these, how many surely were not taken
	NotBefore time.Time `json:"not_before"`      // of the next attempt
	Error     string    `json:"error,omitempty"` // of the last attempt, free of secrets
	Dead      time.Time `json:"dead,omitzero"`   // given up; zero while it waits
}

// MaybeTwice reports whether the receiver may have taken an earlier attempt:
// we did not hear how it ended, or did not live to.
func (f *Forward) MaybeTwice() bool { return f.Attempts-1 > f.Answered }

// Header are the vendor's headers as they go on.
func (f *Forward) Header() (http.Header, error) {
	header, err := textproto.NewReader(bufio.NewReader(bytes.NewReader(f.Head))).ReadMIMEHeader()
	return http.Header(header), err
}

// A Fate is what became of taking a forward in hand.
type Fate uint8

// The fates.
const (
	Untried   Fate = iota // it was not sent: as if it had not been taken
	Delivered             // the receiver took it
	Later                 // it did not; NotBefore says when to try again
	GivenUp               // it never will, or we have tried for too long
)

// A Fated forward is one with what became of it.
type Fated struct {
	Forward
	Fate Fate
}

// An Onward is how handing on to the receiver of a source goes.
type Onward struct {
	Waiting uint64    `json:"waiting"`
	Dead    uint64    `json:"dead"`
	Bytes   uint64    `json:"bytes,omitempty"` // of headers and bodies that wait
	Sent    uint64    `json:"sent"`
	Twice   uint64    `json:"twice"`            // of these, the receiver may have taken before
	Last    time.Time `json:"last,omitzero"`    // taken by the receiver
	Error   string    `json:"error,omitempty"`  // of the last attempt; empty when it succeeded
	Failing time.Time `json:"failing,omitzero"` // since when
	Lost    string    `json:"lost,omitempty"`   // the error of the last that was given up

	DeadBytes uint64 `json:"dead_bytes,omitempty"` // of headers and bodies that were given up

	Oldest time.Time `json:"-"` // when the first that waits was accepted, or sent again; zero when none does
}

// Begun is when a forward was accepted, or sent again by a person.
func (f *Forward) Begun() time.Time {
	if f.Since.After(f.At) {
		return f.Since
	}
	return f.At
}

// A Chosen says which events of a source a person means.
type Chosen struct {
	Numbers []uint64 // none for all
	Waiting bool     // those that wait, too, of a source that has no receiver any more
	To      string   // the source to whose receiver they go; empty for their own
}

// Has reports whether an event is meant by its number.
func (c Chosen) Has(number uint64) bool {
	return len(c.Numbers) == 0 || slices.Contains(c.Numbers, number)
}

// Count takes into account what became of a forward at a time.
func (o *Onward) Count(f Fated, at time.Time) {
	switch f.Fate {
	case Delivered:
		o.Waiting--
		o.Bytes -= f.Weight()
		o.Sent++
		if f.MaybeTwice() {
			o.Twice++
		}
		o.Last, o.Error, o.Failing = at.UTC(), "", time.Time{}
	case GivenUp:
		o.Waiting--
		o.Dead++
		o.Bytes, o.DeadBytes = o.Bytes-f.Weight(), o.DeadBytes+f.Weight()
		o.Lost = f.Error
		o.fail(f.Error, at)
	case Later:
		o.fail(f.Error, at)
	}
}

func (o *Onward) fail(why string, at time.Time) {
	if o.Failing.IsZero() {
		o.Failing = at.UTC()
	}
	o.Error = why
}

// notOurs are headers about one connection, or that the next request says anew.
var notOurs = map[string]bool{
	"Connection": true, "Proxy-Connection": true, "Keep-Alive": true, "Proxy-Authenticate": true,
	"Proxy-Authorization": true, "Te": true, "Trailer": true, "Transfer-Encoding": true, "Upgrade": true,
	"Host": true, "Content-Length": true, "Expect": true,
}

// Passed are the headers of a request that go on with it, in wire form: all
// but those about the vendor's connection to us.
func Passed(header http.Header) []byte {
	skip := map[string]bool{}
	for _, line := range header.Values("Connection") {
		for name := range strings.SplitSeq(line, ",") {
			skip[textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name))] = true
		}
	}
	for name := range header {
		skip[name] = skip[name] || notOurs[name]
	}
	var out bytes.Buffer
	_ = header.WriteSubset(&out, skip) // a buffer takes all
	out.WriteString("\r\n")
	return out.Bytes()
}
