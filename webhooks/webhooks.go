// Package webhooks receives what vendors send by themselves. A [Scheme]
// verifies that a request is really theirs and reads its [Delivery]: which
// event, of which type. What is accepted is an [Arrival], kept until it has
// been learned from; a [Rhythm] remembers when events of a type come, and its
// [Calendar] in which hours, so that an [Ear] can say when they have stopped.
//
// Each scheme is one file with the vendor's published way of signing and its
// vectors as tests. Everything here is pure: headers, bytes and the time come
// in, an answer comes out. No secret is ever part of an error.
package webhooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"
)

// A Delivery is what a verified request says about itself.
type Delivery struct {
	ID    string    // unique per event; the same again is the vendor's retry
	Type  string    // "order.created"; "event" when it does not say
	Event time.Time // when it happened, as its body says, or else its signature; zero when not said
}

// A Scheme is one way of signing.
type Scheme struct {
	Name string
	// Verify checks a request against any of the secrets, of which there are
	// two while they are being rotated, and reads what it is. now bounds the
	// age of what carries a time.
	Verify func(header http.Header, body []byte, secrets []string, now time.Time) (Delivery, error)
}

// Schemes are all ways of signing, by the name used in the configuration.
func Schemes() []Scheme {
	return []Scheme{standard(), github(), stripe(), slack(), shopify()}
}

// Errors of verification.
var (
	ErrSignature = errors.New("the signature is wrong")
	ErrUnsigned  = errors.New("it is not signed as agreed: a header is missing or malformed")
	ErrStale     = errors.New("it is older than five minutes, or from the future: a replay, or a clock is wrong")
)

// window is how old a signed time may be, and how far ahead.
const window = 5 * time.Minute

// An Arrival is an accepted request, until it has been learned from.
type Arrival struct {
	Number uint64    `json:"-"` // grows; the store gives it
	ID     string    `json:"id"`
	Type   string    `json:"type"`
	At     time.Time `json:"at"`
	Event  time.Time `json:"event,omitzero"`
	Body   []byte    `json:"body"`

	Onward *Forward `json:"-"` // to be kept with it and handed on; nil for none
	Most   Bound    `json:"-"` // of what its source may hold for its receiver
	Booked []Booked `json:"-"` // what it says of rows that reconciliations compare, to be kept with it
}

// MaxTypes bounds the types of events that a source tells apart; what comes
// beyond is of the type [OtherType].
const MaxTypes = 256

// OtherType is the type of events of which there are too many kinds.
const OtherType = "other"

// maxName bounds an ID and a type, bytes.
const maxName = 200

// Named bounds what a vendor calls an event, and gives it a name if it has none.
func Named(text, fallback string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	switch {
	case text == "":
		return fallback
	case len(text) > maxName:
		return strings.ToValidUTF8(text[:maxName], "")
	}
	return text
}

// signed reports whether any secret signs the text so.
func signed(text []byte, secrets []string, signatures [][]byte) error {
	if len(signatures) == 0 {
		return ErrUnsigned
	}
	for _, secret := range secrets {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(text)
		sum := mac.Sum(nil)
		for _, s := range signatures {
			if hmac.Equal(sum, s) {
				return nil
			}
		}
	}
	return ErrSignature
}

// fresh refuses a time outside of the window.
func fresh(seconds int64, now time.Time) (time.Time, error) {
	at := time.Unix(seconds, 0).UTC()
	if d := now.Sub(at); d > window || d < -window {
		return at, ErrStale
	}
	return at, nil
}

// said reads top-level texts of a JSON body, for vendors that say there what
// others say in headers.
func said(body []byte, names ...string) (values []string) {
	var object map[string]json.RawMessage
	_ = json.Unmarshal(body, &object) // no object says nothing
	for _, name := range names {
		var text string
		_ = json.Unmarshal(object[name], &text)
		values = append(values, text)
	}
	return values
}

// happened is the time that a top-level field of a JSON body says, in seconds
// since 1970 or by RFC 3339, or else the one that was signed: vendors sign the
// time at which they send, however late that is.
func happened(body []byte, name string, signed time.Time) time.Time {
	var object map[string]json.RawMessage
	_ = json.Unmarshal(body, &object) // no object says nothing
	var seconds int64
	var at time.Time
	switch {
	case json.Unmarshal(object[name], &seconds) == nil && seconds > 0 && seconds < maxSeconds:
		return time.Unix(seconds, 0).UTC()
	case json.Unmarshal(object[name], &at) == nil && !at.IsZero():
		return at.UTC()
	}
	return signed
}

// maxSeconds is in the year 2242: beyond, a number is no time in seconds.
const maxSeconds = 1 << 33
