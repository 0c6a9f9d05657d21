package contracts

import (
	"time"

	"shapewatch/probes"
)

// Signals are what a sample says beside its body.
type Signals struct {
	Status       int           `json:"status"`
	MediaType    string        `json:"media_type"` // "application/json"
	Latency      time.Duration `json:"latency"`
	Bytes        int64         `json:"bytes"`      // decoded body
	Items        int64         `json:"items"`      // length of the main list; -1 when there is none
	ItemsPath    string        `json:"items_path"` // where that list is: "/data"
	RateLimit    []RateLimit   `json:"rate_limit,omitempty"`
	LimitHeaders []string      `json:"limit_headers,omitempty"` // lower-case names of all headers of the rate-limit family, sorted
	Lifecycle    Lifecycle     `json:"lifecycle,omitzero"`
	Expiry       probes.Expiry `json:"expiry,omitzero"`
	Version      string        `json:"version,omitempty"`   // what a version header says
	Challenge    string        `json:"challenge,omitempty"` // scheme of WWW-Authenticate, lower case
	Asked        int64         `json:"asked,omitempty"`     // items that the request asked for at most; 0 when it did not say
	TotalPath    string        `json:"total_path,omitempty"`
	Total        int64         `json:"total,omitempty"`       // what the answer says there is in all, at TotalPath
	Stamps       []Stamp       `json:"stamps,omitempty"`      // the newest time of each kind in the answer, at most 4
	Sequences    []Sequence    `json:"sequences,omitempty"`   // the highest of what is numbered through, at most 2
	Sum          uint32        `json:"sum,omitempty"`         // checksum of the body
	RetryAfter   string        `json:"retry_after,omitempty"` // its form: "seconds", "date" or "words"
	Scopes       []string      `json:"scopes,omitempty"`      // of the credential, as the vendor names them, sorted
	TokenLife    int64         `json:"token_life,omitempty"`  // expires_in of the answer, seconds
	Fault        string        `json:"fault,omitempty"`       // keys of an error's body, two levels: "error{code,message}"
	Denied       string        `json:"denied,omitempty"`      // why, if it was about the credential: "expired", "unauthorized", "forbidden", "plan"
	Wall         string        `json:"wall,omitempty"`        // what a page that came instead is: "login page", "bot check"
	Served       []string      `json:"served,omitempty"`      // who answered, as its headers say: "x-served-by: edge-7"
}

// A Stamp is the newest point in time that answers hold at a path.
type Stamp struct {
	Path string `json:"p"` // "/data/[]/created_at"
	At   int64  `json:"t"` // Unix seconds
}

// A RateLimit is one budget that the vendor states, read by meaning from any
// of the spellings in use (X-RateLimit-*, RateLimit-*, RateLimit and
// RateLimit-Policy, vendor prefixes).
type RateLimit struct {
	Name      string        `json:"name"`      // policy name or resource; "" when there is one budget
	Header    string        `json:"header"`    // lower-case header that states the limit
	Limit     int64         `json:"limit"`     // requests per window; -1 unknown
	Remaining int64         `json:"remaining"` // -1 unknown
	Window    time.Duration `json:"window"`    // 0 unknown
}

// Lifecycle is what the provider says about the end of an endpoint.
type Lifecycle struct {
	Deprecated  bool      `json:"deprecated,omitempty"`
	Deprecation time.Time `json:"deprecation,omitzero"` // RFC 9745; zero when only "true" was said
	Sunset      time.Time `json:"sunset,omitzero"`      // RFC 8594
	Links       []string  `json:"links,omitempty"`      // deprecation, sunset and successor-version targets
	Warning     string    `json:"warning,omitempty"`    // text of a 299 Warning header
}
