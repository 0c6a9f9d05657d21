package probes

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestRampOf_TellsARampFromWhatOnlyLooksLikeOne has thirty points each.
func TestRampOf_TellsARampFromWhatOnlyLooksLikeOne(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for name, test := range map[string]struct {
		rises bool
		of    func(i int) float64
	}{
		"a ramp":                {true, func(i int) float64 { return 60 + float64(i)*200 }},
		"a ramp with noise":     {true, func(i int) float64 { return 60 + float64(i)*200 + random.Float64()*600 }},
		"a clock that was set":  {false, func(i int) float64 { return map[bool]float64{true: 7200, false: 60}[i >= 15] }},
		"set lately":            {false, func(i int) float64 { return map[bool]float64{true: 7200, false: 60}[i >= 22] }},
		"a batch":               {false, func(i int) float64 { return float64(i%10) * 600 }},
		"a peak that goes down": {false, func(i int) float64 { return 6000 - 400*max(float64(i-15), float64(15-i)) }},
		"nothing":               {false, func(int) float64 { return 60 }},
		"less and less":         {false, func(i int) float64 { return 6000 - float64(i)*100 }},
	} {
		at, values := make([]time.Time, 30), make([]float64, 30)
		for i := range at {
			at[i], values[i] = time.Unix(int64(i)*300, 0), test.of(i)
		}
		got := RampOf(at, values)
		if got.Rises != test.rises || got.Runs < 12 {
			t.Errorf("%s: %+v", name, got)
		}
		if test.rises && (got.PerHour < 2000 || got.PerHour > 2800) {
			t.Errorf("%s: %.0f seconds an hour, want about 2400", name, got.PerHour)
		}
	}
	if got := RampOf(make([]time.Time, 7), make([]float64, 7)); got != (Trend{}) {
		t.Errorf("seven points: %+v", got)
	}
}

// TestRampOf_IsCalm reads noise of several kinds many times: alarms are rare
// even before any rule of who asks.
func TestRampOf_IsCalm(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	var alarms int
	const tries = 4_000
	for range tries {
		at, values := make([]time.Time, 24), make([]float64, 24)
		for i := range at {
			at[i], values[i] = time.Unix(int64(i)*300, 0), random.ExpFloat64()*20
		}
		if RampOf(at, values).Rises {
			alarms++
		}
	}
	if t.Logf("%d of %d", alarms, tries); alarms > tries/500 {
		t.Errorf("%d of %d are called ramps", alarms, tries)
	}
}
