package driftbench

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"shapewatch/contracts"
)

// A drift is one way an API changes under its users.
type drift struct {
	name     string
	path     string   // below the row: "/amount"; or all of it, when whole
	kinds    []string // that tell it right, the best first
	partly   []string // that tell it right as well when it reaches some answers or entities only
	severity contracts.Severity
	whole    bool // path is not below the row; "list" means the vendor's list
	listed   bool // needs a list
	always   bool // a reached row shows the drift even when it looks as before
	row      func(object)
	length   func(int) int
	response func(*answer)
}

const (
	breaking = contracts.Breaking
	warning  = contracts.Warning
	info     = contracts.Info
)

// drifts are what a vendor may do between two deployments.
var drifts = []drift{
	{name: "field removed", path: "/amount", kinds: []string{"field-removed"}, partly: []string{"field-optional"}, severity: breaking, row: without("amount")},
	{name: "nested field removed", path: "/customer/email", kinds: []string{"field-removed"}, partly: []string{"field-optional"}, severity: breaking, row: within("customer", without("email"))},
	{name: "object removed", path: "/customer", kinds: []string{"field-removed"}, partly: []string{"field-optional"}, severity: breaking, row: without("customer")},
	{name: "renamed", path: "/title", kinds: []string{"field-removed", "rename"}, partly: []string{"field-optional"}, severity: breaking, row: renamed("title", "label")},
	{name: "nesting moved", path: "/currency", kinds: []string{"field-removed", "nesting-moved"}, partly: []string{"field-optional"}, severity: breaking, row: func(o object) {
		o["money"] = object{"currency": o["currency"]}
		delete(o, "currency")
	}},
	{name: "null new", path: "/created_at", kinds: []string{"null-new"}, severity: breaking, row: set("created_at", nil)},
	{name: "object to null", path: "/customer", kinds: []string{"null-new"}, severity: breaking, row: set("customer", nil)},
	{name: "integer to string", path: "/number", kinds: []string{"kind-changed"}, severity: breaking, row: turned("number", func(v any) any { return fmt.Sprint(v) })},
	{name: "number to string", path: "/score", kinds: []string{"kind-changed"}, severity: breaking, row: turned("score", func(v any) any { return fmt.Sprint(v) })},
	{name: "string to object", path: "/currency", kinds: []string{"kind-changed"}, severity: breaking, row: turned("currency", func(v any) any { return object{"code": v} })},
	{name: "object to list", path: "/customer", kinds: []string{"kind-changed"}, severity: breaking, row: turned("customer", func(v any) any { return []any{v} })},
	{name: "list to object", path: "/lines", kinds: []string{"kind-changed"}, severity: breaking, row: turned("lines", func(v any) any { return object{"data": v} })},
	{name: "boolean to integer", path: "/active", kinds: []string{"kind-changed"}, severity: breaking, row: turned("active", func(v any) any { return map[any]int{true: 1, false: 0}[v] })},
	{name: "date-time to epoch", path: "/created_at", kinds: []string{"kind-changed", "format-changed"}, severity: breaking, row: turned("created_at", func(v any) any { return parsed(v).Unix() })},
	{name: "time zone lost", path: "/created_at", kinds: []string{"format-changed"}, severity: breaking, row: turned("created_at", func(v any) any { return parsed(v).Format("2006-01-02T15:04:05") })},
	{name: "date-time to date", path: "/created_at", kinds: []string{"format-changed"}, severity: breaking, row: turned("created_at", func(v any) any { return parsed(v).Format(time.DateOnly) })},
	{name: "decimal comma", path: "/price", kinds: []string{"format-changed"}, severity: warning, row: turned("price", func(v any) any { return strings.Replace(fmt.Sprint(v), ".", ",", 1) })},
	{name: "id in another form", path: "/id", kinds: []string{"id-changed", "format-changed"}, severity: breaking, row: turned("id", func(v any) any {
		h := strings.TrimPrefix(v.(string), "ord_")
		return fmt.Sprintf("%s-0000-4000-8000-%s", h[:8], h)
	})},
	{name: "id to integer", path: "/id", kinds: []string{"kind-changed", "id-changed"}, severity: breaking, row: func(o object) { o["id"] = o["number"] }},
	{name: "cents to units", path: "/amount", kinds: []string{"scale-shift"}, severity: breaking, row: turned("amount", func(v any) any { return json.Number(fmt.Sprintf("%.2f", float64(v.(int))/100)) })},
	{name: "seconds to milliseconds", path: "/synced", kinds: []string{"scale-shift"}, severity: breaking, row: turned("synced", func(v any) any { return v.(int64) * 1000 })},
	{name: "text emptied", path: "/title", kinds: []string{"value-gutted", "value-frozen"}, severity: warning, row: set("title", "")},
	{name: "enum grew", path: "/status", kinds: []string{"enum-new"}, severity: warning, row: func(o object) {
		if o["status"] == "open" {
			o["status"] = "on_hold"
		}
	}},
	{name: "field new", path: "/channel", kinds: []string{"field-new"}, severity: info, row: set("channel", "web")},
	{name: "page limit ignored", path: "list", kinds: []string{"volume"}, severity: breaking, whole: true, listed: true, length: func(n int) int { return n*20 + 200 }},
	{name: "page emptied", path: "list", kinds: []string{"volume"}, severity: warning, whole: true, listed: true, length: func(int) int { return 0 }},
	{name: "rate limit cut", path: "header:x-ratelimit-limit", kinds: []string{"rate-limit"}, severity: breaking, whole: true, response: func(a *answer) {
		var n int
		_, _ = fmt.Sscan(a.header.Get("X-Ratelimit-Limit"), &n)
		a.header.Set("X-Ratelimit-Limit", fmt.Sprint(n/10))
	}},
	{name: "rate limit unstated", path: "header:x-ratelimit-limit", kinds: []string{"rate-limit"}, severity: warning, whole: true, response: func(a *answer) {
		a.header.Del("X-Ratelimit-Limit")
		a.header.Del("X-Ratelimit-Remaining")
	}},
	{name: "sunset announced", path: "header:sunset", kinds: []string{"provider-says"}, severity: warning, whole: true, response: func(a *answer) { a.header.Set("Sunset", "Tue, 31 Dec 2030 00:00:00 GMT") }},
	{name: "media type changed", path: "header:content-type", kinds: []string{"media-type-changed"}, severity: warning, whole: true, response: func(a *answer) { a.header.Set("Content-Type", "application/vnd.api+json") }},
	{name: "endpoint gone", path: "", kinds: []string{"status-changed"}, severity: breaking, whole: true, response: func(a *answer) {
		a.status, a.body = 410, object{"message": "Gone"}
	}},
	{name: "plan refused", path: "", kinds: []string{"status-changed", "auth"}, severity: breaking, whole: true, response: func(a *answer) {
		a.status, a.body = 403, object{"error": object{"code": "forbidden", "message": "your plan does not include this"}}
	}},
	{name: "error under 200", path: "", kinds: []string{"error-envelope"}, severity: breaking, whole: true, response: func(a *answer) {
		a.body = object{"error": object{"code": "method_deprecated", "message": "use v2"}}
	}},
	{name: "login wall", path: "", kinds: []string{"not-json", "login-wall", "media-type-changed"}, severity: breaking, whole: true, response: func(a *answer) {
		a.header.Set("Content-Type", "text/html")
		a.body = "<!doctype html><title>Sign in</title><form></form>"
	}},
	{name: "new version live", path: "", kinds: []string{"degraded-response", "envelope-changed"}, severity: breaking, row: func(o object) {
		for _, key := range []string{"amount", "currency", "customer", "lines", "title", "active", "score", "created_at"} {
			delete(o, key)
		}
		o["v2"] = true
	}},
}

func without(key string) func(object) { return func(o object) { delete(o, key) } }

func set(key string, value any) func(object) { return func(o object) { o[key] = value } }

func turned(key string, change func(any) any) func(object) {
	return func(o object) { o[key] = change(o[key]) }
}

func renamed(from, to string) func(object) {
	return func(o object) {
		o[to] = o[from]
		delete(o, from)
	}
}

func within(key string, change func(object)) func(object) {
	return func(o object) {
		if c, ok := o[key].(object); ok {
			change(c)
		}
	}
}

func parsed(v any) time.Time {
	t, err := time.Parse("2006-01-02T15:04:05Z", fmt.Sprint(v))
	if err != nil {
		panic(err) // only ever given our own stamps
	}
	return t
}

// A mode is how a drift arrives.
type mode int

const (
	atOnce mode = iota
	canary      // in one answer of twenty
	some        // in one entity of twenty, in every answer
	ramp        // in more and more answers, all after two hundred
	flap        // in every answer for fifteen, then in none for fifteen
	numModes
)

var modeNames = [numModes]string{"at once", "5 % canary", "5 % of entities", "slow ramp", "flap"}

// horizon is for how many checks an instance is watched at most.
var horizon = [numModes]int{30, 300, 200, 220, 60}

// applied is a drift under way on a vendor.
type applied struct {
	drift
	mode  mode
	asked int // answers since onset, re-probes included
	check int // scheduled checks since onset
}

// on draws whether this answer comes from where the drift is.
func (d *applied) on(v *vendor) bool {
	d.asked++
	switch d.mode {
	case canary:
		return v.rng.Float64() < 0.05
	case ramp:
		return v.rng.Float64() < float64(d.check)/200
	case flap:
		return (d.check-1)/15%2 == 0
	}
	return true
}

// reaches reports whether a row's entity is one that drifts.
func (d *applied) reaches(e *entity) bool { return d.mode != some || e.marked }

// applies reports whether a drift can happen to a vendor in a mode.
func (d drift) applies(v *vendor, m mode) bool {
	if v.form.single && (d.listed || m == some) {
		return false
	}
	return !(m == some && (d.row == nil || d.path == ""))
}

// where is the path at which a finding tells the drift right.
func (d drift) where(v *vendor) string {
	switch {
	case d.whole && d.path == "list":
		return v.form.list
	case d.whole || d.path == "":
		return d.path
	}
	return v.form.rows + d.path
}
