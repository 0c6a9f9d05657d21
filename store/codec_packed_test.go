package store

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"shapewatch/contracts"
)

// This test is inside the package: rows have no door of their own.

// TestPacked_AnHourKeepsEveryField fails when a field is added to Hour and not
// to its row.
func TestPacked_AnHourKeepsEveryField(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var hour contracts.Hour
		fields := reflect.ValueOf(&hour).Elem()
		for i := range fields.NumField() {
			switch f := fields.Field(i); {
			case f.CanInt():
				f.SetInt(rapid.Int64Range(-1<<(f.Type().Bits()-1), 1<<(f.Type().Bits()-1)-1).Draw(t, "number"))
			case f.CanUint():
				f.SetUint(rapid.Uint64Range(0, 1<<(f.Type().Bits()-1)).Draw(t, "number"))
			}
		}
		hour.Start = time.Unix(3600*rapid.Int64Range(0, 1e6).Draw(t, "hour"), 0).UTC()
		same[hourRow](t, hourRow{hour})
	})
}

func TestPacked_AProbeKeepsEveryField(t *testing.T) {
	for _, row := range []probeRow{
		{},
		{Due: time.Unix(1e9, 5).UTC(), Every: time.Minute, Checks: 3},
		{Every: -1, Retired: time.Unix(1e9, 0).UTC(), Checks: 1 << 62, Last: json.RawMessage(`{"at":"x"}`)},
	} {
		same[probeRow](t, row)
	}
}

// same encodes a row and decodes it again.
func same[T any](t interface {
	Helper()
	Fatal(...any)
}, row T) {
	t.Helper()
	raw, err := encode(row)
	if err != nil || raw[0] != codecPacked {
		t.Fatal(raw, err)
	}
	var got T
	if err := decode(raw, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(row, got); diff != "" {
		t.Fatal(diff)
	}
}

// TestPacked_ReadsRowsOfOlderReleases, which were JSON and stay it until they
// are written again.
func TestPacked_ReadsRowsOfOlderReleases(t *testing.T) {
	var hour hourRow
	if err := decode([]byte("\x01"+`{"probe":"","start":"2026-11-01T05:00:00Z","checks":7,"min_items":-1,"oldest":5}`), &hour); err != nil || hour.Checks != 7 || hour.MinItems != -1 || hour.OldestBy != 5 {
		t.Errorf("%+v, %v", hour, err)
	}
	var probe probeRow
	if err := decode([]byte("\x01"+`{"due":"2026-11-01T05:00:00Z","every":60,"checks":9,"last":{"at":1}}`), &probe); err != nil || probe.Checks != 9 || string(probe.Last) != `{"at":1}` {
		t.Errorf("%+v, %v", probe, err)
	}
}

func TestPacked_ADamagedRowIsAnErrorAndNeverAPanic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := append([]byte{codecPacked}, rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "row")...)
		for _, v := range []any{new(hourRow), new(probeRow), new(contracts.Check)} {
			if err := decode(raw, v); err != nil && !errors.Is(err, ErrDamaged) {
				t.Fatal(err)
			}
		}
	})
}

// TestPacked_AShorterRowHasZeros is a row from before a number was added.
func TestPacked_AShorterRowHasZeros(t *testing.T) {
	var row probeRow
	if err := decode([]byte{codecPacked, 1, 2}, &row); err != nil || row.Checks != 0 || row.Last != nil {
		t.Errorf("%+v, %v", row, err)
	}
}
