package contracts

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxRateLimits bounds how many budgets one answer may state.
const maxRateLimits = 16

// readRateLimits reads every budget that the headers of these names state, by
// meaning: the words of a name say whose limit it is and what it says about it.
func readRateLimits(h http.Header, names []string) []RateLimit {
	r := rateReader{}
	for _, name := range names {
		r.read(name, strings.Join(h.Values(name), ", "))
	}
	return r.limits()
}

// limitHeaders are the headers that speak of a rate limit, whether they state
// a number or not: "used", "resource" and the like. Lower case, sorted.
func limitHeaders(h http.Header) (names []string) {
	for name := range h {
		name = strings.ToLower(name)
		if !strings.Contains(name, "limit") {
			continue // splitting it into words would take longer
		}
		if _, ok := rateWords(name); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

type rateReader []RateLimit

func (r *rateReader) at(name string) *RateLimit {
	for i := range *r {
		if (*r)[i].Name == name {
			return &(*r)[i]
		}
	}
	if len(*r) >= maxRateLimits {
		return &RateLimit{}
	}
	*r = append(*r, RateLimit{Name: name, Limit: -1, Remaining: -1})
	return &(*r)[len(*r)-1]
}

// limits keeps the budgets that state a limit or what remains of it.
func (r *rateReader) limits() []RateLimit {
	kept := slices.DeleteFunc(*r, func(l RateLimit) bool { return l.Limit < 0 && l.Remaining < 0 })
	slices.SortFunc(kept, func(a, b RateLimit) int { return cmp.Compare(a.Name, b.Name) })
	if len(kept) == 0 {
		return nil
	}
	return kept
}

// read takes one header.
func (r *rateReader) read(name, value string) {
	words, _ := rateWords(name)
	if len(words) == 0 || len(words) == 1 && words[0] == "policy" {
		r.structured(name, value)
		return
	}
	what, window, rest := meaning(words)
	l := r.at(strings.Join(rest, "-"))
	switch what {
	case "limit":
		r.setLimit(l, name, value)
	case "remaining":
		if n, ok := leadingInt(value); ok {
			l.Remaining = n
		}
	case "window":
		if n, ok := leadingInt(value); ok && l.Window == 0 {
			l.Window = time.Duration(n) * window
		}
		return
	}
	if l.Window == 0 && window > 0 && what != "window" {
		l.Window = window
	}
}

// setLimit reads "5000", "100, 100;w=60" and "32/40" (used of limit).
func (r *rateReader) setLimit(l *RateLimit, name, value string) {
	if _, usage, found := strings.Cut(value, "api-usage="); found {
		value = usage
	}
	n, ok := leadingInt(value)
	if !ok {
		return
	}
	if used, limit, found := strings.Cut(value, "/"); found {
		if m, err := strconv.ParseInt(strings.TrimSpace(limit), 10, 64); err == nil {
			if u, err := strconv.ParseInt(strings.TrimSpace(used), 10, 64); err == nil {
				n, l.Remaining = m, max(m-u, 0)
			}
		}
	}
	l.Limit, l.Header = n, name
	if _, params, found := strings.Cut(value, ";"); found {
		if w, ok := param(params, "w"); ok {
			l.Window = seconds(w)
		}
	}
}

// structured reads the RateLimit and RateLimit-Policy fields of the IETF
// draft, in the form of any of its versions, and a bare X-Rate-Limit number.
func (r *rateReader) structured(name, value string) {
	for _, member := range strings.Split(value, ",") {
		item, params, _ := strings.Cut(strings.TrimSpace(member), ";")
		key, num, pair := strings.Cut(item, "=")
		switch {
		case pair && strings.TrimSpace(key) == "limit":
			r.set("", name, num)
		case pair && strings.TrimSpace(key) == "remaining":
			if n, ok := leadingInt(num); ok {
				r.at("").Remaining = n
			}
		case pair:
		case strings.HasPrefix(item, `"`):
			r.policy(clip(strings.Trim(item, `"`), 64), name, params)
		default:
			r.set("", name, item)
			if w, ok := param(params, "w"); ok {
				r.at("").Window = seconds(w)
			}
		}
	}
}

func (r *rateReader) set(name, header, num string) {
	if n, ok := leadingInt(num); ok {
		l := r.at(name)
		l.Limit, l.Header = n, header
	}
}

func (r *rateReader) policy(policy, header, params string) {
	l := r.at(policy)
	if q, ok := param(params, "q"); ok {
		l.Limit, l.Header = q, header
	}
	if w, ok := param(params, "w"); ok {
		l.Window = seconds(w)
	}
	if n, ok := param(params, "r"); ok {
		l.Remaining = n
	}
}

// rateWords splits a header name at its hyphens and takes the words for "rate
// limit" out. Names that speak of no such thing are not ok.
func rateWords(name string) (rest []string, ok bool) {
	switch name {
	case "x-shopify-shop-api-call-limit", "sforce-limit-info":
		return []string{"limit"}, true
	}
	words := strings.FieldsFunc(name, func(r rune) bool { return r == '-' || r == '_' })
	for i := 0; i < len(words); i++ {
		switch {
		case words[i] == "ratelimit" || words[i] == "ratelimits":
			ok = true
		case !ok && words[i] == "rate" && i+1 < len(words) && strings.HasPrefix(words[i+1], "limit"):
			ok = true
			i++
		case words[i] != "x":
			rest = append(rest, words[i])
		}
	}
	return rest, ok
}

// windows are the words by which a header's name tells its window.
var windows = map[string]time.Duration{
	"second": time.Second, "minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour, "month": 30 * 24 * time.Hour,
	"secondly": time.Second, "minutely": time.Minute, "hourly": time.Hour, "daily": 24 * time.Hour, "monthly": 30 * 24 * time.Hour,
}

// meaning says what the words of a header's name state ("limit", "remaining",
// "window" or nothing we read), over which window, and about which resource.
func meaning(words []string) (what string, window time.Duration, rest []string) {
	for _, w := range words {
		switch {
		case windows[w] > 0:
			window = windows[w]
			rest = append(rest, w)
		case w == "limit" || w == "max" || w == "quota" || w == "total" || w == "allowed":
			what = cmp.Or(what, "limit")
		case w == "remaining" || w == "left" || w == "available":
			what = "remaining"
		case w == "window" || w == "interval" || w == "period":
			what, window = "window", time.Second
		case w == "milliseconds":
			window = time.Millisecond
		case w == "reset" || w == "used" || w == "retry" || w == "after" || w == "resource" || w == "observed" || w == "reserved" || w == "policy":
			what = "other"
		default:
			rest = append(rest, w)
		}
	}
	if what == "" && window > 0 {
		what = "limit"
	}
	return what, window, rest
}

func leadingInt(v string) (int64, bool) {
	v = strings.TrimSpace(v)
	end := 0
	for end < len(v) && v[end] >= '0' && v[end] <= '9' {
		end++
	}
	n, err := strconv.ParseInt(v[:end], 10, 64)
	return n, err == nil
}

func param(params, name string) (int64, bool) {
	for _, p := range strings.Split(params, ";") {
		k, v, ok := strings.Cut(strings.TrimSpace(p), "=")
		if ok && k == name {
			return leadingInt(v)
		}
	}
	return 0, false
}

// seconds bounds a vendor's window to what a duration holds.
func seconds(n int64) time.Duration {
	return time.Duration(min(n, 400*24*3600)) * time.Second
}
