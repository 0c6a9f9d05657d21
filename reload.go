package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settleTime is how long files must be left alone before they are read: an
// editor writes, renames and touches in one save.
const settleTime = 200 * time.Millisecond

// problems are our own illnesses, one sentence for each cause.
type problems struct {
	mu     sync.Mutex
	causes []string
	texts  map[string]string
}

// set says what is wrong; an empty text says that it is over.
func (p *problems) set(cause, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.texts == nil {
		p.texts = map[string]string{}
	}
	if _, known := p.texts[cause]; !known {
		p.causes = append(p.causes, cause)
	}
	p.texts[cause] = text
}

func (p *problems) list() (texts []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, cause := range p.causes {
		if text := p.texts[cause]; text != "" {
			texts = append(texts, text)
		}
	}
	return texts
}

// A reloader puts a changed configuration in force while the program runs. A
// file with mistakes is refused: the old one stays, the log and the page say so.
type reloader struct {
	program *program
	load    func() (*Config, error)
	hangups <-chan os.Signal
}

// run reloads on a hangup and on a change of any file that was read, until ctx
// is done.
func (r *reloader) run(ctx context.Context) error {
	var events <-chan fsnotify.Event
	var failures <-chan error
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		r.program.Log.Warn("files are not watched: SIGHUP reloads", "err", err)
	} else {
		defer watcher.Close()
		events, failures = watcher.Events, watcher.Errors
		r.follow(watcher)
	}
	var settled <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case event := <-events:
			if r.concerns(event) {
				settled = time.After(settleTime)
			}
		case err := <-failures:
			r.program.Log.Warn("watching files", "err", err)
		case <-r.hangups:
			settled = time.After(0)
		case <-r.program.reloads:
			settled = time.After(0)
		case <-settled:
			settled = nil
			r.reload(ctx)
			if watcher != nil {
				r.follow(watcher)
			}
		}
	}
}

// follow watches folders, not files: editors and mounts replace files whole.
func (r *reloader) follow(watcher *fsnotify.Watcher) {
	c := r.program.config.Load()
	folders := slices.Clone(c.Folders())
	for _, file := range c.Files() {
		folders = append(folders, filepath.Dir(file))
	}
	for _, folder := range folders {
		if slices.Contains(watcher.WatchList(), folder) {
			continue
		}
		if err := watcher.Add(folder); err != nil && !errors.Is(err, fsnotify.ErrClosed) {
			r.program.Log.Warn("folder not watched: SIGHUP reloads", "folder", folder, "err", err)
		}
	}
}

// concerns reports whether an event may be about the configuration. The store
// often lies in the same folder and changes all the time.
func (r *reloader) concerns(event fsnotify.Event) bool {
	if event.Op == fsnotify.Chmod {
		return false
	}
	name := filepath.Base(event.Name)
	if name == "..data" { // how Kubernetes swaps a mounted folder
		return true
	}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return slices.ContainsFunc(r.program.config.Load().Files(), func(file string) bool { return filepath.Base(file) == name })
}

// reload reads everything anew and puts it in force, or says why not.
func (r *reloader) reload(ctx context.Context) {
	p := r.program
	c, err := r.load()
	if err == nil {
		err = p.apply(ctx, c)
	}
	switch {
	case ctx.Err() != nil:
	case err != nil:
		first, _, _ := strings.Cut(err.Error(), "\n")
		p.problems.set("reload", "the changed configuration is refused, the one before stays in force: "+first)
		p.Log.Error("configuration refused, the one before stays in force", "err", err)
	default:
		p.problems.set("reload", "")
		p.problems.set("restart", needsRestart(p.Config, c))
		p.Log.Info("configuration reloaded", "probes", len(c.Watches()))
	}
}

// needsRestart names what a reload cannot change.
func needsRestart(started, now *Config) string {
	var keys []string
	if started.Contact() != now.Contact() {
		keys = append(keys, "contact")
	}
	if started.Page().Listen != now.Page().Listen {
		keys = append(keys, "page.listen")
	}
	if started.Page().Title != now.Page().Title {
		keys = append(keys, "page.title")
	}
	if started.Store() != now.Store() {
		keys = append(keys, "store")
	}
	if !started.tracesAs(now) {
		keys = append(keys, "tracing")
	}
	if len(keys) == 0 {
		return ""
	}
	return "changed, and in force after a restart: " + strings.Join(keys, ", ")
}
