package alerting

import (
	"strings"

	"shapewatch/contracts"
)

// absences are the kinds of findings that say that the API could not be asked,
// rather than that it answers differently, with what it did.
var absences = map[string]string{
	"unreachable":    "could not be reached",
	"protocol-error": "broke off or garbled its answer",
	"status-changed": "answered with another status",
	"not-json":       "did not answer with JSON",
	"invalid-json":   "answered with broken JSON",
	"over-limit":     "answered with more than the limits allow",
	"error-envelope": "answered success and meant failure",

	"document-unreadable": "published a document that cannot be read",
	"partial-data":        "answered with a part of the data",
}

// availability reports whether a kind of finding is one of the [absences].
func availability(kind string) bool { return absences[kind] != "" }

// unreached reports whether a kind of finding says that nobody answered.
func unreached(kind string) bool { return kind == "unreachable" || kind == "protocol-error" }

// related reports whether a finding is another face of the change an incident
// is about. Drift and availability never share an incident.
func (d *draft) related(f contracts.Finding, u Update) bool {
	late, full := u.At.Sub(d.Opened) > JoinWithin, len(d.Entries) >= maxEntries
	for _, e := range d.Entries {
		if availability(e.Finding.Kind) != availability(f.Kind) {
			continue
		}
		if full && e.Probe == u.Probe || sameJob(e, f, u) || !late && (sameCause(e.Finding, f) || sameMoment(e, f, u)) {
			return true
		}
	}
	return false
}

// sameCause ties findings of one release that touches many operations.
func sameCause(a, b contracts.Finding) bool {
	if a.Cause != "" && a.Cause == b.Cause {
		return true
	}
	if mixed := "mixed-shapes"; a.Path == b.Path && a.Operation == b.Operation && (a.Kind == mixed || b.Kind == mixed) {
		return true // that a change comes and goes is said of the change
	}
	return a.Kind == b.Kind && lastSegment(a.Path) == lastSegment(b.Path)
}

// sameJob ties the faces of one job that is not well: it fails, then tries again
// and again, then is late.
func sameJob(e Entry, f contracts.Finding, u Update) bool {
	return family(e.Finding.Kind) == "job" && family(f.Kind) == "job" && e.Probe == u.Probe && e.Finding.Operation == f.Operation && lasts(e, u)
}

// lasts reports whether an entry holds, or did until this very check.
func lasts(e Entry, u Update) bool { return e.Ended.IsZero() || e.Ended.Equal(u.At) }

// sameMoment ties findings of one probe that began with the same sample but
// took different time to confirm, and troubles of one probe that change their
// face (a timeout today, a 503 at the next check).
func sameMoment(e Entry, f contracts.Finding, u Update) bool {
	if e.Probe != u.Probe {
		return false
	}
	began := f.Evidence.Since
	return availability(f.Kind) && lasts(e, u) || !began.IsZero() && began.Equal(e.Finding.Evidence.Since)
}

// lastSegment is what a path is about: "amount" in "/data/[]/amount", the list
// "items" in "/items/[]", a whole header.
func lastSegment(path string) string {
	if strings.HasPrefix(path, "header:") {
		return path
	}
	for strings.HasSuffix(path, "/[]") || strings.HasSuffix(path, "/{}") {
		path = path[:len(path)-3]
	}
	return path[strings.LastIndexByte(path, '/')+1:]
}
