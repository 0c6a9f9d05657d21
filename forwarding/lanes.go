package forwarding

import (
	"context"
	"maps"
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
	gone := l.all()
	maps.DeleteFunc(gone, func(source string, old *lane) bool {
		target, stays := targets[source]
		return stays && reflect.DeepEqual(target, old.target)
	})
	endAll(gone)
	l.drop(gone)
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
	return maps.Clone(l.by)
}

// endAll ends lanes together: the slowest receiver says how long it takes.
func endAll(all map[string]*lane) {
	for _, one := range all {
		one.stop()
	}
	for _, one := range all {
		one.end()
	}
}

func (l *lanes) drop(gone map[string]*lane) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for source := range gone {
		delete(l.by, source)
	}
}

func (l *lanes) wake(source string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if one := l.by[source]; one != nil {
		one.wake()
	}
}

func (l *lanes) end() { endAll(l.all()) }
