package store

import "time"

const (
	lingerFor  = 20 * time.Millisecond // how long a patient write waits for others
	lingerMost = 32                    // writes that are company enough: more save little
	vainMost   = 127                   // patient writes that do not linger after several that did in vain
)

// linger takes what comes soon after a patient write: checks that nobody waits
// for end one by one, and a transaction for each would cost more than all the
// rest of it. It is over at once when somebody comes who cannot wait. What is
// acknowledged is on disk as ever, only a moment later.
func (b *Bolt) linger(first *write) []*write {
	batch := []*write{first}
	if !first.patient || !b.expects() || b.vain.refrains() {
		return batch
	}
	enough := time.After(lingerFor)
	for len(batch) < lingerMost {
		select {
		case w, open := <-b.queue:
			if !open {
				return batch
			}
			if batch = append(batch, w); !w.patient {
				return batch
			}
		case <-enough:
			b.vain.lingered(len(batch) - 1)
			return batch
		}
	}
	return batch
}

// expects reports whether another check is likely to end soon: more than one
// is under way, or one is due.
func (b *Bolt) expects() bool {
	b.leases.mu.Lock()
	underWay := len(b.leases.held)
	b.leases.mu.Unlock()
	soon := b.soon.Load()
	return underWay > 1 || soon > 0 && time.Now().Add(lingerFor).UnixNano() >= soon
}

// A vain count keeps writes from lingering where nobody ever comes: checks
// that are done one after the other each wait for the one before.
type vain struct {
	pause int // writes that do not linger, after the next in vain
	left  int // of them
}

func (v *vain) refrains() bool {
	if v.left == 0 {
		return false
	}
	v.left--
	return true
}

func (v *vain) lingered(company int) {
	if company > 0 {
		*v = vain{}
		return
	}
	v.pause = min(2*v.pause+1, vainMost)
	v.left = v.pause
}
