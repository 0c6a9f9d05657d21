package webhooks

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"math"
)

// calendarCodec is the first byte of a calendar as it is kept.
const calendarCodec = 1

var errCalendar = errors.New("the hours of a type cannot be read")

// MarshalText writes a calendar: the same calendar gives the same text.
func (c Calendar) MarshalText() ([]byte, error) {
	raw := binary.AppendVarint([]byte{calendarCodec}, c.first)
	raw = binary.AppendUvarint(raw, uint64(len(c.cells)))
	before := c.first
	for _, x := range c.cells {
		raw = binary.AppendUvarint(raw, uint64(x.hour-before))
		raw = binary.AppendUvarint(raw, uint64(x.count))
		raw = binary.BigEndian.AppendUint16(raw, x.slots)
		before = x.hour
	}
	raw = binary.AppendUvarint(raw, uint64(len(c.weeks)))
	before = floorDiv(c.first, HoursOfWeek)
	for _, x := range c.weeks {
		raw = binary.AppendUvarint(raw, uint64(x.week-before))
		raw = append(raw, x.hours[:]...)
		before = x.week
	}
	return base64.RawStdEncoding.AppendEncode(nil, raw), nil
}

// UnmarshalText reads what [Calendar.MarshalText] wrote.
func (c *Calendar) UnmarshalText(text []byte) error {
	raw, err := base64.RawStdEncoding.AppendDecode(nil, text)
	if err != nil || len(raw) == 0 || raw[0] != calendarCodec {
		return errCalendar
	}
	r := calendarReader{raw: raw[1:]}
	var read Calendar
	read.first = r.signed()
	at := read.first
	for range r.length(cellsFor) {
		at += r.number(math.MaxInt32)
		read.cells = append(read.cells, cell{hour: at, count: uint32(r.number(math.MaxUint32)), slots: binary.BigEndian.Uint16(r.bytes(2))})
	}
	at = floorDiv(read.first, HoursOfWeek)
	for range r.length(weeksFor) {
		at += r.number(math.MaxInt32)
		read.weeks = append(read.weeks, heardWeek{at, [HoursOfWeek / 8]byte(r.bytes(HoursOfWeek / 8))})
	}
	if r.bad || len(r.raw) > 0 || (len(read.cells) == 0) != (len(read.weeks) == 0) {
		return errCalendar
	}
	*c = read
	return nil
}

// A calendarReader reads numbers until one is not as it was written; from then
// on all are zero.
type calendarReader struct {
	raw []byte
	bad bool
}

func (r *calendarReader) signed() int64 {
	n, size := binary.Varint(r.raw)
	if size <= 0 || n < -math.MaxInt32 || n > math.MaxInt32 {
		r.bad, r.raw = true, nil
		return 0
	}
	r.raw = r.raw[size:]
	return n
}

func (r *calendarReader) number(most uint64) int64 {
	n, size := binary.Uvarint(r.raw)
	if size <= 0 || n > most {
		r.bad, r.raw = true, nil
		return 0
	}
	r.raw = r.raw[size:]
	return int64(n)
}

// length is how many rows follow: 0 when there cannot be so many.
func (r *calendarReader) length(most uint64) int64 { return r.number(most) }

func (r *calendarReader) bytes(n int) []byte {
	if len(r.raw) < n {
		r.bad, r.raw = true, nil
		return make([]byte, n)
	}
	taken := r.raw[:n]
	r.raw = r.raw[n:]
	return taken
}
