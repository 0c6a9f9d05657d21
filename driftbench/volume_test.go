package driftbench

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"shapewatch/contracts"
	"shapewatch/contracts/detectors"
	"shapewatch/contracts/shape"
	"shapewatch/probes"
)

// corpus is recorded reality, kept beside the repository where it is at hand.
const corpus = "../../shared/corpus"

// A track is one recorded measure over time, with the windows in which people
// say that something was wrong.
type track struct {
	name    string
	at      []time.Time
	values  []float64
	windows [][2]time.Time
	season  int // points a day
}

// probation is the share of a track that is for learning only.
const probation = 0.15

// tracks reads the Numenta series.
func tracks(t *testing.T) (all []track) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(corpus, "volume", "index.json"))
	if err != nil {
		t.Skip("no corpus at", corpus)
	}
	var index []struct {
		File    string
		Step    float64     `json:"step_seconds"`
		Windows [][2]string `json:"anomaly_windows"`
	}
	if err := json.Unmarshal(text, &index); err != nil {
		t.Fatal(err)
	}
	for _, entry := range index {
		one := readTrack(t, filepath.Join(corpus, "volume", entry.File))
		one.season = int(86400 / max(entry.Step, 1))
		for _, w := range entry.Windows {
			one.windows = append(one.windows, [2]time.Time{moment(t, w[0]), moment(t, w[1])})
		}
		all = append(all, one)
	}
	return all
}

func moment(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04:05", text[:19])
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func readTrack(t *testing.T, path string) track {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	one := track{name: filepath.Base(path)}
	for _, row := range rows[1:] {
		value, err := strconv.ParseFloat(row[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		one.at, one.values = append(one.at, moment(t, row[0])), append(one.values, value)
	}
	return one
}

// A rule flags points of a track; k says how far is far.
type rule func(t track, k float64) []bool

// rivals are what people use instead.
var rivals = map[string]rule{"3-sigma": sigmas, "MAD": deviations, "Holt-Winters band": holtWinters}

// sigmas flags what lies k standard deviations from the mean of all before.
func sigmas(t track, k float64) []bool {
	flags := make([]bool, len(t.values))
	var n, mean, m2 float64
	for i, x := range t.values {
		flags[i] = n > 1 && math.Abs(x-mean) > k*math.Sqrt(m2/(n-1))
		n++
		d := x - mean
		mean += d / n
		m2 += d * (x - mean)
	}
	return flags
}

// deviations flags what lies k robust deviations from the median of the last
// seven days.
func deviations(t track, k float64) []bool {
	flags := make([]bool, len(t.values))
	var median, spread float64
	for i, x := range t.values {
		if i%12 == 0 && i > 0 { // as good as at each point, and bearable
			past := slices.Clone(t.values[max(0, i-7*t.season):i])
			median = middle(past)
			for j := range past {
				past[j] = math.Abs(past[j] - median)
			}
			spread = 1.4826 * middle(past)
		}
		flags[i] = i > 12 && math.Abs(x-median) > k*max(spread, 1e-9)
	}
	return flags
}

func middle(xs []float64) float64 {
	slices.Sort(xs)
	return xs[len(xs)/2]
}

// holtWinters flags what lies k standard deviations of its own error from an
// additive forecast with a daily season.
func holtWinters(t track, k float64) []bool {
	const alpha, beta, gamma = 0.2, 0.01, 0.2
	flags, season := make([]bool, len(t.values)), make([]float64, t.season)
	level, trend, variance := t.values[0], 0.0, 0.0
	for i, x := range t.values {
		s := &season[i%t.season]
		if i < t.season { // the first day begins the season
			*s = x - level
			level += 0.01 * (x - level)
			continue
		}
		miss := x - (level + trend + *s)
		flags[i] = i >= 2*t.season && math.Abs(miss) > k*math.Sqrt(variance)
		variance += 0.01 * (miss*miss - variance)
		before := level
		level = alpha*(x-*s) + (1-alpha)*(level+trend)
		trend = beta*(level-before) + (1-beta)*trend
		*s = gamma*(x-level) + (1-gamma)**s
	}
	return flags
}

// ours flags what the volume detector confirms when the track is the length of
// a list, checked at each point.
func ours(t track) []bool {
	i := slices.IndexFunc(detectors.All(), func(d contracts.Detector) bool { return d.Name == "volume" })
	return flagged(t, detectors.All()[i:i+1])
}

func flagged(t track, only []contracts.Detector) []bool {
	flags := make([]bool, len(t.values))
	b, policy := contracts.NewBaseline(), contracts.Policy{API: t.name}
	for i, x := range t.values {
		o := contracts.Observation{At: t.at[i], Class: probes.Valid, Shape: shape.New(shape.Limits{})}
		o.Signals = contracts.Signals{Status: 200, Items: int64(math.Round(x * 100)), ItemsPath: "/points"}
		found := contracts.Compare(&contracts.Comparison{Baseline: b, Observation: &o, Policy: policy}, only)
		v := contracts.Weigh(b, found, &o, policy)
		b.Learn(&o, v)
		flags[i] = len(v.Confirmed) > 0
	}
	return flags
}

// A mark is how a rule fares: windows found, and alarms outside of any. An
// alarm is a run of flagged points.
type mark struct{ found, windows, alarms, points int }

func (m *mark) add(t track, flags []bool) {
	from := int(probation * float64(len(t.values)))
	hit := make([]bool, len(t.windows))
	for i := from; i < len(flags); i++ {
		m.points++
		if !flags[i] {
			continue
		}
		inside := false
		for w, window := range t.windows {
			if !t.at[i].Before(window[0]) && !t.at[i].After(window[1]) {
				hit[w], inside = true, true
			}
		}
		if !inside && (i == from || !flags[i-1]) {
			m.alarms++
		}
	}
	m.windows += len(t.windows)
	for _, h := range hit {
		if h {
			m.found++
		}
	}
}

func (m mark) perThousand() float64 { return 1000 * float64(m.alarms) / float64(max(m.points, 1)) }

// thresholds are what rivals are tried with, the strictest first.
var thresholds = []float64{40, 30, 25, 20, 16, 14, 12, 10, 9, 8, 7, 6, 5.5, 5, 4.5, 4, 3.5, 3, 2.5, 2, 1.5, 1}

// atRecall is the fewest alarms with which a rule finds as many windows.
func atRecall(all []track, r rule, found int) (best mark, k float64) {
	for _, k := range thresholds {
		var m mark
		for _, t := range all {
			m.add(t, r(t, k))
		}
		if m.found >= found {
			return m, k
		}
	}
	return best, 0
}

// A contest is how a rival fares at our recall.
type contest struct {
	name string
	mark mark
}

// compete gives each rival the threshold that is best for it.
func compete(all []track) (mine mark, theirs []contest) {
	for _, one := range all {
		mine.add(one, ours(one))
	}
	for _, name := range slices.Sorted(maps.Keys(rivals)) {
		m, _ := atRecall(all, rivals[name], mine.found)
		theirs = append(theirs, contest{name, m})
	}
	return mine, theirs
}

func volumeRows(mine mark, theirs []contest) (rows [][]string) {
	if theirs == nil {
		for _, name := range slices.Sorted(maps.Keys(rivals)) {
			theirs = append(theirs, contest{name: name})
		}
	}
	for _, c := range append([]contest{{"shapewatch", mine}}, theirs...) {
		rows = append(rows, []string{c.name, fmt.Sprintf("%d of %d", c.mark.found, c.mark.windows), fmt.Sprintf("%.3f", c.mark.perThousand())})
	}
	return rows
}

func TestVolume_RaisesFewerFalseAlarmsThanItsRivalsAtTheSameRecall(t *testing.T) {
	mine, theirs := compete(tracks(t))
	t.Logf("ours: %d of %d windows, %.3f false alarms per 1,000 points", mine.found, mine.windows, mine.perThousand())
	for _, c := range theirs {
		t.Logf("%s: %d windows, %.3f", c.name, c.mark.found, c.mark.perThousand())
		if c.mark.points > 0 && c.mark.perThousand() <= mine.perThousand() {
			t.Errorf("%s finds as many windows with %.3f false alarms per 1,000 points, we with %.3f", c.name, c.mark.perThousand(), mine.perThousand())
		}
	}
}
