package contracts

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"shapewatch/contracts/shape"
)

// A Part is one bucket of a baseline as a store keeps it beside the whole:
// what was learned in one hour, day or week, or before all of these. All parts
// and the hour that is not over add up to the whole, so that to un-learn a
// time is to leave its parts out.
type Part struct {
	Key   string // "h2026-11-24T18", "d2026-11-24", "w2026-11-23" (its Monday) or "a"; all in UTC
	Bytes []byte // encoded; nil when the part is no more
}

// How long time is told apart how finely. A probe has at most 48 hours, 14
// days and 13 weeks, and one part for what lies before them.
const (
	hoursFor   = 24 * time.Hour      // then a full day becomes one part
	daysFor    = 7 * 24 * time.Hour  // then a full week becomes one
	weeksFor   = 84 * 24 * time.Hour // then it joins what lies before
	olderKey   = "a"
	hourLayout = "2006-01-02T15"
)

// A piece is a part decoded.
type piece struct {
	memory
	key      string
	from, to time.Time // to is exclusive
}

// buckets are what a baseline itself knows of its parts: the hour that is not
// over, and those that the store does not have yet.
type buckets struct {
	on     bool // whether anybody keeps parts; a baseline that is never kept has none
	hour   *memory
	at     time.Time // start of that hour
	rolled time.Time // day on which parts were rolled up last
	closed []piece
}

// turn closes the hour when another one has begun. A clock that goes back
// closes nothing.
func (k *buckets) turn(at time.Time) {
	start := at.UTC().Truncate(time.Hour)
	switch {
	case !k.on:
	case k.hour == nil:
		k.hour, k.at = newMemory(), start
	case start.After(k.at):
		if k.hour.Habits.Answers > 0 {
			over := hourOf(k.at)
			over.memory = *k.hour
			k.closed = append(k.closed, over)
		}
		k.hour, k.at = newMemory(), start
	}
}

func (k *buckets) add(m *memory) {
	if k.hour == nil {
		return
	}
	if m.Shape != nil {
		k.hour.Shape.Merge(m.Shape)
	}
	k.hour.Habits.merge(m.Habits)
}

// start turns the parts on. What was learned without any becomes the part that
// lies before all others.
func (k *buckets) start(b *Baseline) {
	if k.on {
		return
	}
	k.on = true
	if b.Answers() > 0 {
		before := newMemory()
		before.merge(&memory{b.Shape, b.Habits})
		k.closed = append(k.closed, piece{*before, olderKey, b.Since, b.Last.Add(1)})
	}
}

func hourOf(t time.Time) piece {
	return piece{key: "h" + t.Format(hourLayout), from: t, to: t.Add(time.Hour)}
}

func dayOf(t time.Time) piece {
	day := t.Truncate(24 * time.Hour)
	return piece{key: "d" + day.Format(time.DateOnly), from: day, to: day.AddDate(0, 0, 1)}
}

func weekOf(t time.Time) piece {
	week := monday(t)
	return piece{key: "w" + week.Format(time.DateOnly), from: week, to: week.AddDate(0, 0, 7)}
}

// monday is the start of a time's week, in UTC.
func monday(t time.Time) time.Time {
	day := t.UTC().Truncate(24 * time.Hour)
	return day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
}

type partHead struct {
	From   time.Time `json:"f"`
	To     time.Time `json:"t"`
	Habits Habits    `json:"h"`
}

const partVersion = 1

// encode is "P", a version byte, and two blocks: the shape, and the rest as
// packed JSON.
func (b piece) encode() (Part, error) {
	shaped, err := b.Shape.MarshalBinary()
	if err != nil {
		return Part{}, fmt.Errorf("encode part %s: %w", b.key, err)
	}
	head, err := packJSON(partHead{b.from, b.to, b.Habits})
	if err != nil {
		return Part{}, fmt.Errorf("encode part %s: %w", b.key, err)
	}
	return Part{b.key, appendBlocks([]byte{'P', partVersion}, shaped, head)}, nil
}

func decodePart(p Part) (b piece, err error) {
	if len(p.Bytes) < 2 || p.Bytes[0] != 'P' || p.Bytes[1] != partVersion {
		return b, fmt.Errorf("part %.20q of a baseline: %w", p.Key, errBaseline)
	}
	var blocks [2][]byte
	if err := splitBlocks(p.Bytes[2:], blocks[:]); err != nil {
		return b, fmt.Errorf("part %.20q: %w", p.Key, err)
	}
	var head partHead
	if err := unpackJSON(blocks[1], &head); err != nil {
		return b, fmt.Errorf("part %.20q: %w", p.Key, err)
	}
	b = piece{memory{shape.New(shape.Limits{}), head.Habits}, p.Key, head.From, head.To}
	if err := b.Shape.UnmarshalBinary(blocks[0]); err != nil {
		return b, fmt.Errorf("part %.20q: %w", p.Key, err)
	}
	return b, nil
}

func packJSON(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return shape.Pack(text)
}

func unpackJSON(packed []byte, v any) error {
	text, err := shape.Unpack(packed)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, v)
}

// partStart reads the time out of a key; false for what lies before all.
func partStart(key string) (start time.Time, ok bool) {
	layout := time.DateOnly
	if strings.HasPrefix(key, "h") {
		layout = hourLayout
	}
	if len(key) < 2 {
		return time.Time{}, false
	}
	start, err := time.Parse(layout, key[1:])
	return start, err == nil
}
