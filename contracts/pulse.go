package contracts

import (
	"strings"
	"time"

	"shapewatch/contracts/shape"
)

// A pulse is how often something that usually moves does: a value, a budget
// that is used up, the newest time in an answer, the body as a whole.
type pulse struct {
	Key     string `json:"k"`
	Sum     uint32 `json:"s"` // of what it was last
	Run     uint64 `json:"r"` // answers in a row that had it
	Changes uint64 `json:"c"`
	Moved   int64  `json:"m"` // when it changed last, Unix seconds
	Gap     int64  `json:"g"` // longest time between two changes, seconds
	Longest uint64 `json:"l"` // longest run

	Trail  *trail  `json:"t,omitempty"` // of the newest time in an answer; nil for all else
	Course *course `json:"o,omitempty"` // of a sequence; nil for all else
}

// maxPulses bounds what is followed; the values come first in a body are it.
const (
	maxPulses       = 48
	maxValuePulses  = 32
	bodyPulse       = "body"
	newestPulse     = "newest:"
	provenPulse     = 20 // changes after which a pulse is known
	longestGapGrows = 3  // times; a gap that was a finding is not learned whole
)

// A Stillness says for how long something that moves has not.
type Stillness struct {
	For, Longest       time.Duration // now, and the longest seen before
	Answers, MostInRow uint64        // the same, in answers
	Changes            uint64        // seen so far
}

// Still reports for how long the body ("body"), a budget ("remaining:" and its
// name), a time ("newest:" and its path), a sequence ("sequence:" and its path)
// or a value (its path) has been what it is in this observation; false when it
// moved, or is not known to move.
func (c *Comparison) Still(key string) (s Stillness, ok bool) {
	for _, beat := range c.Observation.pulses() {
		if beat.Key == key {
			return c.still(beat)
		}
	}
	return s, false
}

// StillValues are the values outside of lists that are known to move and have
// not, by path.
func (c *Comparison) StillValues() map[string]Stillness {
	var all map[string]Stillness
	for _, beat := range c.Observation.pulses() {
		if s, ok := c.still(beat); ok && strings.HasPrefix(beat.Key, "/") {
			if all == nil {
				all = map[string]Stillness{}
			}
			all[beat.Key] = s
		}
	}
	return all
}

func (c *Comparison) still(beat pulse) (s Stillness, ok bool) {
	p := c.Baseline.pulse(beat.Key)
	if p == nil || p.Sum != beat.Sum || p.Changes < provenPulse {
		return s, false
	}
	return Stillness{
		For: time.Duration(c.Observation.At.Unix()-p.Moved) * time.Second, Longest: time.Duration(p.Gap) * time.Second,
		Answers: p.Run + 1, MostInRow: p.Longest, Changes: p.Changes,
	}, true
}

// pulses are what an observation shows of all that may move.
func (o *Observation) pulses() []pulse {
	if o.beats != nil {
		return o.beats
	}
	all := make([]pulse, 0, 8+len(o.Signals.Stamps))
	if o.Signals.Sum != 0 {
		all = append(all, pulse{Key: bodyPulse, Sum: o.Signals.Sum})
	}
	for _, s := range o.Signals.Stamps {
		all = append(all, pulse{Key: newestPulse + s.Path, Sum: uint32(s.At)})
	}
	for _, s := range o.Signals.Sequences {
		all = append(all, pulse{Key: sequencePulse + s.Path, Sum: uint32(s.At)})
	}
	for _, l := range o.Signals.RateLimit {
		if l.Remaining >= 0 && len(all) < maxPulses-maxValuePulses {
			all = append(all, pulse{Key: "remaining:" + l.Name, Sum: uint32(l.Remaining)})
		}
	}
	values, v := 0, o.view()
	for i := range v.fields {
		f := &v.fields[i]
		if f.Count != 1 || f.Parents != 1 || f.InMap || f.Kinds[shape.Int]+f.Kinds[shape.Frac]+f.Kinds[shape.String] != 1 || len(f.Values.List) != 1 {
			continue
		}
		if values++; values > maxValuePulses {
			break
		}
		all = append(all, pulse{Key: f.Path, Sum: uint32(f.Values.List[0].Hash)})
	}
	o.beats = all
	return all
}

func (b *Baseline) pulse(key string) *pulse {
	for i := range b.pulses {
		if b.pulses[i].Key == key {
			return &b.pulses[i]
		}
	}
	return nil
}

// beat follows what moves, in every valid answer, learned or held.
func (b *Baseline) beat(o *Observation) {
	at := o.At.Unix()
	for _, beat := range o.pulses() {
		p := b.pulse(beat.Key)
		switch {
		case p == nil && len(b.pulses) < maxPulses:
			b.pulses = append(b.pulses, pulse{Key: beat.Key, Sum: beat.Sum, Run: 1, Moved: at})
		case p == nil:
		case p.Sum == beat.Sum:
			p.Run++
		default:
			p.follow(beat.Sum, at)
			p.change(beat.Sum, at)
		}
	}
}

// follow notes how old the newest time was when it moved on.
func (p *pulse) follow(sum uint32, at int64) {
	if !strings.HasPrefix(p.Key, newestPulse) || sum < p.Sum {
		return
	}
	if p.Trail == nil {
		p.Trail = &trail{}
	}
	p.Trail.add(at, at-int64(sum))
}

func (p *pulse) change(sum uint32, at int64) {
	gap, run := at-p.Moved, p.Run
	if p.Changes >= provenPulse {
		gap, run = min(gap, longestGapGrows*max(p.Gap, 1)), min(run, longestGapGrows*p.Longest)
	}
	p.Gap, p.Longest = max(p.Gap, gap), max(p.Longest, run)
	p.Sum, p.Run, p.Moved = sum, 1, at
	p.Changes++
}
