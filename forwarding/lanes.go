package forwarding

import (
	"context"
	"reflect"
	"sync"
)

// lanes are the lanes at work, by source.
type lanes struct {
	mu sync.Mutex
	by map[string]*lane
}

// change ends the lanes of receivers that are gone or other ones, and begins
// those that are new. A lane has ended before the next of its source begins.
func (l *lanes) change(ctx context.Context, o Options, targets map[string]Target) {
	for source, old := range l.all() {
		if target, stays := targets[source]; !stays || !reflect.DeepEqual(target, old.target) {
			old.end()
			l.drop(source)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.by == nil {
		l.by = map[string]*lane{}
	}
	for source, target := range targets {
		if l.by[source] == nil {
			l.by[source] = begin(ctx, o, source, target)
		}
	}
}

func (l *lanes) all() map[string]*lane {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := make(map[string]*lane, len(l.by))
	for source, one := range l.by {
		all[source] = one
	}
	return all
}

func (l *lanes) drop(source string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.by, source)
}

func (l *lanes) wake(source string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if one := l.by[source]; one != nil {
		one.wake()
	}
}

func (l *lanes) end() {
	for _, one := range l.all() {
		one.end()
	}
}
