package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// An orderDesk is who is told, and by what: a real receiver.
type orderDesk struct {
	*httptest.Server
	mu    sync.Mutex
	heard map[string]int // messages by their id
	opens map[string]int // messages that open an incident, by incident
	says  []saidOfOrder
}

// A saidOfOrder is one change that a message told.
type saidOfOrder struct{ incident, kind, text string }

func newOrderDesk(t *testing.T) *orderDesk {
	d := &orderDesk{heard: map[string]int{}, opens: map[string]int{}}
	d.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var message struct {
			ID   string
			Data struct {
				ID, Step string
				Changes  []struct{ Kind, Path, Now string }
			}
		}
		err := json.NewDecoder(r.Body).Decode(&message)
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.heard[message.ID]++; d.heard[message.ID] == 1 && err == nil && message.Data.Step == "opened" {
			d.opens[message.Data.ID]++
		}
		for _, c := range message.Data.Changes {
			d.says = append(d.says, saidOfOrder{message.Data.ID, c.Kind, c.Path + " " + c.Now})
		}
	}))
	t.Cleanup(d.Close)
	return d
}

// tells are the incidents that tell a kind of change of a run: by its name, or
// by an order of it.
func (d *orderDesk) tells(kind, ref string, orders []string) (incidents []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.says {
		named := strings.Contains(s.text, ref) || slices.ContainsFunc(orders, func(id string) bool { return strings.Contains(s.text, "order "+id) })
		if s.kind == kind && named && !slices.Contains(incidents, s.incident) {
			incidents = append(incidents, s.incident)
		}
	}
	return incidents
}

func (d *orderDesk) opened() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.opens)
}

// again is how many messages came more than once, and how many incidents
// opened more than once.
func (d *orderDesk) again() (messages, incidents int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, n := range d.heard {
		messages += n - 1
	}
	for _, n := range d.opens {
		incidents += n - 1
	}
	return messages, incidents
}

// untold is what is wrong with what was told: each half-done order in one
// incident, no other order in any, nothing there that no incident names.
func (s *shopAndWarehouse) untold(d *orderDesk) (wrong []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for ref, run := range s.runs {
		var ids, there []string
		for id, of := range s.refs {
			if of == ref {
				ids = append(ids, id)
			}
			if of == ref && s.orders[id] {
				there = append(there, id)
			}
		}
		half, left := d.tells("half-done", ref, ids), d.tells("left-behind", ref, ids)
		want := 0
		if run.halfDone() {
			want = 1
		}
		unheard := want == 0 && len(half) == 1 && (run.slow || ref == s.cut) // what nobody can know
		if len(half) != want && !unheard {
			wrong = append(wrong, fmt.Sprintf("run %s made %v, half done: %v, told in %d incidents", ref, ids, run.halfDone(), len(half)))
		}
		if len(there) > 0 && len(left) != 1 {
			wrong = append(wrong, fmt.Sprintf("run %s left %v, told in %d incidents", ref, there, len(left)))
		}
		if run.again > 0 && ref != s.cut { // an answer that was not written down is asked for again
			wrong = append(wrong, fmt.Sprintf("run %s was cleaned up again %d times", ref, run.again))
		}
	}
	return wrong
}
