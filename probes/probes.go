// Package probes asks. A [Probe] says what to ask a third-party API, how, and
// how often; a [Client] asks it once and brings back a [Sample]: one response,
// redacted and classified. Asking never fails with a Go error: whatever the
// vendor, the network or the certificate did is the sample's [Class], because
// "we could not ask" and "it answered differently" are both news.
//
// The package owns everything that is dangerous about asking: credentials,
// redirects, private addresses, endless bodies, rate limits. It never looks
// inside a body (that is contracts/shape) and reads no file but the client
// certificate of an API that wants one, and those that [ReadFile] is told to.
package probes

import (
	"net/http"
	"time"
)

// A Probe is one question to one API: what to ask, how, and how often.
type Probe struct {
	ID        string            // API + "/" + Name, stable over restarts and reloads
	API       string            // name of the API in the configuration
	Name      string            // name within the API; the operation unless configured
	Operation string            // "GET /v1/charges/{id}", as the page and alerts print it
	Group     string            // heading on the page; may be empty
	Owner     string            // who is told; may be empty
	Labels    map[string]string // free key-value pairs for routes

	Method string      // upper case; GET when empty
	URL    string      // absolute, without query parameters that carry secrets
	Header http.Header // sent as is; never logged
	Query  http.Header // added to the URL's query; values may be secrets
	Body   []byte      // request body; nil for none
	Auth   Auth        // nil for none

	// Secrets are further values that no output may show: whatever the
	// configuration expanded from a reference in URL, Header, Query or Body.
	// Values under names like Authorization or api_key are taken as secret anyway.
	Secrets []string

	Events       *Events       // how much of a stream is read; nil for an answer that ends
	Socket       *Socket       // what is said over a WebSocket; nil for a plain request
	Frames       Frames        // reads an answer of gRPC, which comes over HTTP/2 alone; nil for all else
	Paging       *Paging       // how to read the rest of a list; nil for one answer
	Expect       []int         // statuses that count as an answer; empty means any 2xx
	Timeout      time.Duration // whole request, all phases; 0 means [DefaultTimeout]
	MaxBody      int64         // bytes after decompression; 0 means [DefaultMaxBody]
	Document     bool          // the answer is a published document, JSON or YAML, of which nothing is learned
	AllowPrivate bool          // may dial loopback, private and link-local addresses
	// FreshConnection asks on a connection of its own: a confirmation should
	// not meet the same server build because it met the same socket.
	FreshConnection bool
	Limits          HostLimits // the vendor's patience; one budget per host
	Schedule        Schedule
}

// A Schedule says when a probe is due: every so often, or by cron expression.
// Exactly one of Every and Cron is set.
type Schedule struct {
	Every    time.Duration // at least one second
	Cron     string        // five fields, robfig/cron syntax; empty when Every is set
	Timezone string        // IANA name for Cron; empty means UTC
}

// HostLimits bound what all probes of one host may ask of it together.
type HostLimits struct {
	PerSecond  float64 // requests a second; 0 means [DefaultPerSecond]
	Concurrent int     // requests in flight; 0 means [DefaultConcurrent]
}

// Defaults of a probe that does not say otherwise.
const (
	DefaultTimeout    = 10 * time.Second
	DefaultMaxBody    = 8 << 20 // bytes, decoded
	DefaultPerSecond  = 10.0
	DefaultConcurrent = 4
	DefaultEvery      = 5 * time.Minute
)

// A Claim is the right to check one probe once. The store grants it; a commit
// with a stale Epoch is refused, so a paused process cannot write twice.
type Claim struct {
	Probe string    // Probe.ID
	Due   time.Time // when the check was due
	Epoch uint64    // fence token, grows with each claim of this probe
}

// A Plan is a probe's place in the schedule, as the store keeps it.
type Plan struct {
	Probe string        // Probe.ID
	Due   time.Time     // when it should first be checked if the store knows no due time for it
	Every time.Duration // typical distance of two checks, for spreading overdue probes after a pause
}

// A Class says what kind of answer a sample is. Only [Valid] may teach a
// baseline or break a contract; every other class has a finding of its own.
type Class string

// The classes, from "nobody answered" to "as it should be".
const (
	Unreachable   Class = "unreachable"    // DNS, dial, TLS or timeout: there is no response
	Protocol      Class = "protocol-error" // broken framing, encoding or a truncated body
	Status        Class = "unexpected-status"
	NotJSON       Class = "not-json"       // empty, HTML, a login wall: not the media type we can read
	InvalidJSON   Class = "invalid-json"   // claims to be JSON and does not parse
	OverLimit     Class = "over-limit"     // body, depth, keys or header beyond our limits
	ErrorEnvelope Class = "error-envelope" // status says success, the body says failure
	PartialData   Class = "partial-data"   // an answer that says itself what it lacks: data with errors beside it
	HalfDone      Class = "half-done"      // a workflow changed something and did not follow it through
	Unreadable    Class = "unreadable"     // a published document that is none
	Looked        Class = "looked"         // nothing was asked: how events come in was looked at
	Valid         Class = "valid"
)

// Answered reports whether the vendor sent any response at all.
func (c Class) Answered() bool { return c != Unreachable && c != Protocol }

// A Sample is one response brought back: redacted, bounded, classified as far
// as transport, status and media type tell (contracts.Observe reads the body).
type Sample struct {
	Probe     string        // Probe.ID
	At        time.Time     // when the request was sent
	Class     Class         // Valid here means "looks like what we can read"
	Problem   string        // one sentence on what went wrong, free of secrets; empty when Valid
	Method    string        // as sent
	Status    int           // 0 when there was no response
	Header    http.Header   // response headers; cookies and credentials replaced by [Redacted]
	MediaType string        // lower case, without parameters: "application/json"
	Body      []byte        // decoded, at most MaxBody bytes; owned by the caller
	Bytes     int64         // decoded size; when over the limit, what was declared or else read
	Latency   time.Duration // from sending to the last byte, without waiting for the host's budget
	Asked     int64         // how many things the request asked for at most (its limit or page size); 0 when it did not say
	Attempts  int           // requests sent: 1, 2 when a safe one was retried, 0 when the host was not to be asked
	Unsent    bool          // no byte of the request can have arrived: there was no connection to send it over
	Expiry    Expiry        // of certificates and credentials
	RetryAt   time.Time     // when the vendor wants to be asked again (Retry-After); zero if it did not say
	Paged     *Paged        // of a list that was read page by page; nil for one answer
	Schema    *Schema       // of a GraphQL API that was asked for it; nil else
	Inflow    *Inflow       // of a source of webhooks; nil where we ask
	Job       *Job          // of a heartbeat: how the job is doing; nil where we ask
	Modified  time.Time     // of a file: when it was written; zero where we ask
	Run       *Run          // of a workflow: how far it came; nil for a plain request

	Reconciled  *Reconciled  // of a reconciliation: how far its sides agree; nil for a plain request
	Publication *Publication // of a published document: what it announces; nil for all else
}
