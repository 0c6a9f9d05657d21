package web

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"shapewatch/heartbeats"
)

// maxBeat bounds what is read of a beat's body, bytes; jobs send their last
// lines of output, and more of them is no use.
const maxBeat = 100 << 10

// BeatOptions say which jobs may call.
type BeatOptions struct {
	// Known finds the probe of a job by the key and the name in its address;
	// false for one that is not configured, or has another key.
	Known func(key, name string) (probe string, ok bool)
	Keep  func(ctx context.Context, probe string, beat heartbeats.Beat) error
	Log   *slog.Logger // nil means slog.Default()
}

// Beats returns the handler of /beat/: the address that jobs call.
//
//	/beat/NAME           the job succeeded
//	/beat/NAME/start     it has started
//	/beat/NAME/fail      it failed
//	/beat/NAME/log       nothing to judge
//	/beat/NAME/3         it ended with exit code 3; 0 is success
//
// A key goes before the name: /beat/KEY/NAME. GET, HEAD and POST are the
// same; rid names a run, attempt and items count, and a body is the error's
// text or a JSON object with these keys. These are the addresses that clients
// of healthchecks.io know.
func Beats(o BeatOptions) http.Handler {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		switch status := o.take(r); status {
		case http.StatusOK:
			_, _ = io.WriteString(w, "OK\n") // the job does not wait for more
		case http.StatusMethodNotAllowed:
			w.Header().Set("Allow", "GET, HEAD, POST")
			http.Error(w, "GET, HEAD or POST", status)
		case http.StatusNotFound:
			http.Error(w, "not found: no such job, or another key", status)
		default:
			http.Error(w, "not kept: try again", status)
		}
	})
}

func (o BeatOptions) take(r *http.Request) (status int) {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
	default:
		return http.StatusMethodNotAllowed
	}
	key, name, beat, ok := parseBeat(r.URL.Path)
	if !ok {
		return http.StatusNotFound
	}
	probe, known := o.Known(key, name)
	if !known {
		return http.StatusNotFound
	}
	beat.At = time.Now()
	describe(&beat, r)
	if err := o.Keep(r.Context(), probe, beat); err != nil {
		o.Log.Error("a beat was not kept", "probe", probe, "err", err)
		return http.StatusServiceUnavailable
	}
	return http.StatusOK
}

// parseBeat reads an address: an optional key, a name, an optional verb.
func parseBeat(path string) (key, name string, beat heartbeats.Beat, ok bool) {
	parts := strings.Split(strings.Trim(strings.TrimPrefix(path, "/beat/"), "/"), "/")
	beat = heartbeats.Beat{Kind: heartbeats.Success, Items: -1}
	if n := len(parts); n > 1 && verb(parts[n-1], &beat) {
		parts = parts[:n-1]
	}
	switch len(parts) {
	case 1:
		return "", parts[0], beat, parts[0] != ""
	case 2:
		return parts[0], parts[1], beat, true
	}
	return "", "", beat, false
}

// IsBeatVerb reports whether a word says how a run went, and so names no job.
func IsBeatVerb(word string) bool { return verb(word, &heartbeats.Beat{}) }

func verb(word string, beat *heartbeats.Beat) bool {
	switch word {
	case "start", "fail", "log", "success":
		beat.Kind = heartbeats.Kind(word)
		return true
	}
	code, err := strconv.Atoi(word)
	if err != nil || code < 0 || code > 255 {
		return false
	}
	if code != 0 {
		beat.Kind = heartbeats.Failure
		beat.Fail("exit code " + word)
	}
	return true
}

// describe adds what query and body say of a run.
func describe(beat *heartbeats.Beat, r *http.Request) {
	query := r.URL.Query()
	beat.Run = heartbeats.Named(query.Get("rid"))
	if n, err := strconv.Atoi(query.Get("attempt")); err == nil && n > 0 {
		beat.Attempt = n
	}
	if n, err := strconv.ParseInt(query.Get("items"), 10, 64); err == nil && n >= 0 {
		beat.Items = n
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBeat))
	if err != nil || len(body) == 0 {
		return
	}
	var said struct {
		RID     string `json:"rid"`
		Attempt int    `json:"attempt"`
		Items   *int64 `json:"items"`
		Error   string `json:"error"`
	}
	if json.Unmarshal(body, &said) != nil {
		said.Error = string(body)
	}
	if said.RID != "" {
		beat.Run = heartbeats.Named(said.RID)
	}
	beat.Attempt = max(beat.Attempt, said.Attempt)
	if said.Items != nil && *said.Items >= 0 {
		beat.Items = *said.Items
	}
	if beat.Kind == heartbeats.Failure && said.Error != "" {
		beat.Fail(said.Error)
	}
}
