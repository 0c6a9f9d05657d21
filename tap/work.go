package tap

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A sample is an answer as a line of a recording.
type sample struct {
	operation string
	At        time.Time         `json:"date"`
	Status    int               `json:"status"`
	Headers   map[string]string `json:"headers"`
	Body      json.RawMessage   `json:"body"`
}

const (
	writeEvery  = 5 * time.Second // uses, when they moved
	postTimeout = 5 * time.Second
	maxFolder   = 64 << 20 // bytes of one file of samples
)

// work keeps samples and writes uses until the tap is closed, and then what
// waits.
func (t *Tap) work() {
	defer close(t.ended)
	ticks := time.NewTicker(writeEvery)
	defer ticks.Stop()
	for {
		select {
		case s := <-t.samples:
			t.guarded(func() { t.keep(s) })
		case <-ticks.C:
			t.guarded(t.write)
		case <-t.stop:
			for len(t.samples) > 0 {
				s := <-t.samples
				t.guarded(func() { t.keep(s) })
			}
			t.guarded(t.write)
			return
		}
	}
}

func (t *Tap) keep(s sample) {
	if !t.o.Whole {
		s.Body = mask(s.Body)
	}
	var failed error
	if t.o.Folder != "" {
		failed = t.record(s)
	}
	if t.o.Post != "" {
		if err := t.post(s); err != nil {
			failed = err
		}
	}
	if failed != nil {
		t.fault(failed.Error())
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stats.Samples++
}

// record adds a line to the file of the operation, readable to its owner only.
func (t *Tap) record(s sample) error {
	line, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(t.o.Folder, 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(t.o.Folder, fileOf(s.operation)), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if at, err := f.Stat(); err != nil || at.Size() > maxFolder {
		return fmt.Errorf("%s is full", f.Name())
	}
	_, err = f.Write(append(line, '\n'))
	return err
}

// fileOf is the name of the file of an operation.
func fileOf(operation string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-{}", r) {
			return r
		}
		return '_'
	}, operation)
	return name[:min(len(name), 200)] + ".jsonl"
}

// post sends a sample to a webhook source of a server, signed.
func (t *Tap) post(s sample) error {
	ctx, cancel := context.WithTimeout(context.Background(), postTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, t.o.Post, bytes.NewReader(s.Body))
	if err != nil {
		return err
	}
	var id [12]byte
	if _, err := rand.Read(id[:]); err != nil {
		return err
	}
	signature := hmac.New(sha256.New, []byte(t.o.Secret))
	signature.Write(s.Body)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Shapewatch-Operation", s.operation)
	r.Header.Set("X-Shapewatch-Id", hex.EncodeToString(id[:]))
	r.Header.Set("X-Shapewatch-Signature", hex.EncodeToString(signature.Sum(nil)))
	response, err := t.poster.Do(r)
	if err != nil {
		return fmt.Errorf("the server cannot be reached")
	}
	response.Body.Close()
	if response.StatusCode >= 300 {
		return fmt.Errorf("the server answers %d", response.StatusCode)
	}
	return nil
}

// recorded is the file of uses.
type recorded struct {
	Version    int                 `json:"shapewatch_uses"` // 1
	Operations map[string][]string `json:"operations"`
}

// write adds what was noted to the file of uses: others may have noted too.
func (t *Tap) write() {
	t.mu.Lock()
	moved := t.moved && t.o.Uses != ""
	t.moved = false
	t.mu.Unlock()
	if !moved {
		return
	}
	all := recorded{Version: 1, Operations: map[string][]string{}}
	if text, err := os.ReadFile(t.o.Uses); err == nil && json.Unmarshal(text, &all) != nil {
		t.fault(t.o.Uses + " is no file of uses: it is left as it is")
		return
	}
	if all.Version = 1; all.Operations == nil {
		all.Operations = map[string][]string{}
	}
	for operation, paths := range t.Recorded() {
		paths = append(paths, all.Operations[operation]...)
		slices.Sort(paths)
		all.Operations[operation] = slices.Compact(paths)
	}
	text, err := json.MarshalIndent(all, "", "  ")
	if err == nil {
		err = replace(t.o.Uses, append(text, '\n'))
	}
	if err != nil {
		t.fault(err.Error())
	}
}

// replace writes a file whole, or not at all.
func replace(name string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".uses-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err := f.Write(text); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
