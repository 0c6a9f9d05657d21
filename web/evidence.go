package web

import (
	"context"
	"fmt"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

// fillEvidence puts pictures and the diff of shapes to what changed. What was
// learned and cannot be decoded is noted in the log; the page has more to show.
func (s *site) fillEvidence(ctx context.Context, i alerting.Incident, groups []operationChanges, now time.Time) error {
	drawn := 0
	for n := range groups[:min(len(groups), pastsShown)] {
		g := &groups[n]
		if err := s.fillCharts(ctx, i, g, now); err != nil {
			return err
		}
		var paths []string
		for _, c := range g.Changes {
			paths = append(paths, c.path)
		}
		if !has(paths) {
			continue
		}
		p, err := s.pastOf(ctx, i.API, g.probe, sinceOf(i, g.probe))
		if err != nil {
			s.unreadable(ctx, "evidence", err)
			continue
		}
		p.recallPassed(g.Changes)
		g.Shape, g.ShapeMore = p.diff(paths)
		g.Over = allPassed(g.Changes)
		drawn += g.draw(p, coursesShown-drawn, now)
	}
	return nil
}

// draw adds up to so many pictures and returns how many it has drawn.
func (g *operationChanges) draw(p *past, most int, now time.Time) (drawn int) {
	for i := range g.Changes {
		if c := &g.Changes[i]; drawn < most {
			if c.Course = p.picture("k-"+fingerprint(g.probe, c.path, c.Kind), c, now); c.Course != nil {
				if counted := shown[c.Kind]; counted == presenceFact || counted == "null" {
					c.tell(c.Course)
				}
				drawn++
			}
		}
	}
	return drawn
}

// picture draws one change over time; nil when there is nothing to draw.
func (p *past) picture(id string, c *change, now time.Time) *course {
	if c.passed != nil {
		return p.passedCourse(id, c.path, c.passed, now)
	}
	return p.course(id, c.path, c.Kind, now)
}

// measured are the measures that findings beside the body are about.
var measured = map[string]measure{
	"volume": itemsMeasure, "latency": latencyMeasure, "freshness": ageMeasure,
	"rate-limit": limitMeasure, "rate-limit-raised": limitMeasure, "rate-limit-still": limitMeasure,
}

// aroundChange is how much of the time before a change is drawn.
const aroundChange = 3 * oneDay

// checksAround is how many checks are looked at for a picture of a change, so
// that it shows the time before as well.
const checksAround = 3000

// spread picks so many checks, evenly, the newest among them.
func spread(checks []contracts.Check, most int) (picked []contracts.Check) {
	step := (len(checks) + most - 1) / max(most, 1)
	for i, c := range checks {
		if step < 2 || i%step == 0 {
			picked = append(picked, c)
		}
	}
	return picked
}

// fillCharts draws what a probe measured around the incident, where a finding
// is about a measure.
func (s *site) fillCharts(ctx context.Context, i alerting.Incident, g *operationChanges, now time.Time) error {
	wanted := map[string]bool{}
	for _, c := range g.Changes {
		m, known := measured[c.Kind]
		if !known || wanted[m.id] {
			continue
		}
		wanted[m.id] = true
		since := i.Opened.Add(-aroundChange)
		hours, err := s.Source.Hours(ctx, g.probe, since)
		if err != nil {
			return fmt.Errorf("hours of %s: %w", g.probe, err)
		}
		checks, err := s.Source.Checks(ctx, g.probe, since, checksAround)
		if err != nil {
			return fmt.Errorf("checks of %s: %w", g.probe, err)
		}
		changed := i
		changed.Opened = sinceOf(i, g.probe)
		if drawn := newChart(m, spread(checks, checksDrawn), hours, []alerting.Incident{changed}, now); drawn != nil {
			drawn.ID = "k-" + fingerprint(g.probe, m.id)
			g.Charts = append(g.Charts, drawn)
		}
	}
	return nil
}

func (s *site) usesOf(probe string) []string {
	if s.Uses == nil {
		return nil
	}
	return s.Uses(probe)
}

// touched are the paths that you read which a change touches.
func touched(uses []string, path string) (hit []string) {
	for _, use := range (contracts.Policy{Uses: uses}).Touched(path) {
		if len(hit) < maxValues {
			hit = append(hit, clip(200, use))
		}
	}
	return hit
}
