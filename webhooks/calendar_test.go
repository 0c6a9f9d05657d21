package webhooks_test

import (
	"bytes"
	"testing"
	"time"

	"pgregory.net/rapid"

	"shapewatch/webhooks"
)

// TestCalendar_IsTheSameHoweverItWasMade: any order and any split among
// calendars that are merged, to the byte; also beyond what is kept.
func TestCalendar_IsTheSameHoweverItWasMade(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seconds := rapid.SliceOfN(rapid.OneOf(rapid.Int64Range(-5e8, -5e8+3e6), rapid.Int64Range(0, 1e8)), 0, 60).Draw(t, "events")
		shuffled := rapid.Permutation(seconds).Draw(t, "order")
		parts := make([]webhooks.Calendar, rapid.IntRange(1, 4).Draw(t, "parts"))
		var whole, merged webhooks.Calendar
		for i, s := range shuffled {
			parts[i%len(parts)].Add(time.Unix(s, 0))
		}
		for _, s := range seconds {
			whole.Add(time.Unix(s, 0))
		}
		for _, p := range parts {
			merged.Merge(p)
		}
		one, other := text(t, whole), text(t, merged)
		if !bytes.Equal(one, other) {
			t.Fatalf("%s\n%s", one, other)
		}
		var back webhooks.Calendar
		if err := back.UnmarshalText(one); err != nil || !bytes.Equal(text(t, back), one) {
			t.Fatalf("read back: %v", err)
		}
	})
}

func text(t rapid.TB, c webhooks.Calendar) []byte {
	raw, err := c.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestCalendar_StaysSmall: two years of an event a minute.
func TestCalendar_StaysSmall(t *testing.T) {
	var r webhooks.Rhythm
	for at := on(0, 0, 0); at.Before(on(731, 0, 0)); at = at.Add(time.Minute) {
		r.Add(at, time.Time{})
	}
	if n := len(text(t, r.Calendar)); n > 9000 {
		t.Errorf("%d bytes", n)
	}
}

// FuzzCalendar reads what was never written.
func FuzzCalendar(f *testing.F) {
	var c webhooks.Calendar
	c.Add(on(0, 9, 20))
	c.Add(on(70, 9, 20))
	raw, _ := c.MarshalText()
	f.Add(raw)
	f.Add([]byte(""))
	f.Add([]byte("AQAB"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var c webhooks.Calendar
		if c.UnmarshalText(raw) != nil {
			return
		}
		again, err := c.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var back webhooks.Calendar
		if err := back.UnmarshalText(again); err != nil {
			t.Fatalf("what was read cannot be read again: %v", err)
		}
		r := webhooks.Rhythm{Type: "t", Count: 100, Last: on(1, 0, 0), First: on(-100, 0, 0), Calendar: c, Weeks: []webhooks.Week{{Pause: time.Hour}}}
		webhooks.Listen([]webhooks.Rhythm{r, r}, webhooks.Times{}).Hush(0)
	})
}
