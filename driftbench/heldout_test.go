package driftbench

import (
	"maps"
	"slices"
	"sync"

	"shapewatch/contracts"
	"shapewatch/contracts/detectors"
)

// A setting is how an hour of the day is judged: how many times less or more
// than usual there is news, and how far beyond all that it had.
type setting struct{ ratio, record float64 }

// settings are what is tried, the shipped one among them.
func settings() (all []setting) {
	for _, ratio := range []float64{1.5, 1.75, 2, 2.5, 3, 4} {
		for _, record := range []float64{1.1, 1.2, 1.5} {
			all = append(all, setting{ratio, record})
		}
	}
	return all
}

// worth is what a setting came to: a false alarm costs what a missed window does.
func (m mark) worth() int { return m.found - m.alarms }

// heldOut is the contest in which nobody has seen the series that it is judged
// by: for each series the setting is the best for all others, and each rival
// has the strictest threshold that finds as many windows in these as we do.
func heldOut(all []track) (mine mark, theirs []contest) {
	var own []rule
	for _, s := range settings() {
		own = append(own, func(t track, _ float64) []bool {
			return flagged(t, []contracts.Detector{detectors.Volume(s.ratio, s.record)})
		})
	}
	marks := tried(all, own, []float64{0})
	found := make([]int, len(all)) // in all others
	for i := range all {
		best := bestWithout(marks, i)
		mine.sum(marks[best][i])
		found[i] = allBut(marks[best], i).found
	}
	for _, name := range slices.Sorted(maps.Keys(rivals)) {
		marks, c := tried(all, []rule{rivals[name]}, thresholds), contest{name: name}
		for i := range all {
			k := slices.IndexFunc(marks, func(row []mark) bool { return allBut(row, i).found >= found[i] })
			c.mark.sum(marks[max(k, 0)][i])
		}
		theirs = append(theirs, c)
	}
	return mine, theirs
}

// tried is what each rule with each threshold comes to on each series.
func tried(all []track, rules []rule, ks []float64) (marks [][]mark) {
	var wg sync.WaitGroup
	room := make(chan struct{}, workers)
	for _, r := range rules {
		for _, k := range ks {
			row := make([]mark, len(all))
			marks = append(marks, row)
			wg.Go(func() {
				room <- struct{}{}
				defer func() { <-room }()
				for j, t := range all {
					row[j].add(t, r(t, k))
				}
			})
		}
	}
	wg.Wait()
	return marks
}

// allBut is the sum of a row but for one series.
func allBut(row []mark, out int) (sum mark) {
	for j, m := range row {
		if j != out {
			sum.sum(m)
		}
	}
	return sum
}

// bestWithout is the setting that is worth most on all series but one; of
// equals the strictest.
func bestWithout(marks [][]mark, out int) (best int) {
	for i := range marks {
		if allBut(marks[i], out).worth() >= allBut(marks[best], out).worth() {
			best = i
		}
	}
	return best
}

func (m *mark) sum(o mark) {
	m.found, m.windows, m.alarms, m.points = m.found+o.found, m.windows+o.windows, m.alarms+o.alarms, m.points+o.points
}
