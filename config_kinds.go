package main

import (
	"fmt"
	"math"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

type object = map[string]any

// text is a kind whose value is the text itself.
func text(words string, check func(string) error, json object) kind[string] {
	if json["type"] == nil {
		json["type"] = "string"
	}
	return kind[string]{words: words, json: json, parse: func(s string) (string, error) {
		if s == "" {
			return "", wrong("", "empty: want %s", words)
		}
		if check != nil {
			return s, check(s)
		}
		return s, nil
	}}
}

func secret(k kind[string]) kind[string] {
	k.secret = true
	return k
}

var (
	aText       = text("a text", nil, object{"minLength": 1})
	aSecret     = secret(text("a secret: ${NAME} or ${file:/path}", checkHeaderValue, object{"minLength": 1}))
	aName       = text("a name of letters, digits, spaces and . _ -", checkName, object{"minLength": 1, "maxLength": 80})
	anURL       = text("a URL: https://…", checkURL, object{"minLength": 1})
	aPublic     = text("a URL: https://…", checkPublicURL, object{"minLength": 1})
	aTarget     = text("a path under base: /v1/…, or a URL", checkTarget, object{"minLength": 1})
	aPath       = text("a path: /data/[]/amount", checkPath, object{"pattern": `^(/|header:|\$\{)`})
	aFile       = text("a file: contracts/name.yaml", checkFile, object{"minLength": 1})
	aPattern    = text("a file or a pattern of files: apis/*.yaml", nil, object{"minLength": 1})
	aCron       = text("a cron expression of five fields: \"*/5 * * * *\"", nil, object{"minLength": 1})
	aTimezone   = text("a time zone: Europe/Paris", checkTimezone, object{"minLength": 1})
	anAddress   = text("an address to listen on: 127.0.0.1:8080", checkAddress, object{"pattern": `:[0-9]+$|\$\{`})
	aHeaderName = text("the name of a header: X-Api-Key", checkHeaderName, object{"minLength": 1})
	aDetector   = text("the name of a detector: field-removed", checkDetector, object{"minLength": 1})
	aHeader     = kind[string]{words: "a header value", json: object{"type": anyScalar}, parse: func(s string) (string, error) { return s, checkHeaderValue(s) }}
	aParam      = kind[string]{words: "a text", json: object{"type": anyScalar}, parse: func(s string) (string, error) { return s, nil }}
	anAPIURL    = text("the URL of a Web API, ending in /: https://slack-gov.com/api/", checkAPIURL, object{"pattern": `/$|\$\{`})
	aHook       = secret(text("the URL of an incoming webhook: ${SLACK_WEBHOOK}", checkHook, object{"minLength": 1}))

	anInterval = kind[time.Duration]{words: "a duration of at least 1s: 5m", json: durationSchema, parse: parseInterval}
	aDuration  = kind[time.Duration]{words: "a duration: 10s", json: durationSchema, parse: parsePositive}
	aSize      = kind[int64]{words: "a size: 2MiB", parse: parseSize, json: object{"type": "string", "pattern": `^[0-9.]+ ?([kKMG]i?)?B$|\$\{`}}
	aCount     = kind[int]{words: "a whole number from 1", parse: parseCount, json: object{"type": "integer", "minimum": 1}, native: true}
	aRate      = kind[float64]{words: "a number above 0", parse: parseRate, json: object{"type": "number", "exclusiveMinimum": 0}, native: true}
	aStatus    = kind[int]{words: "a status: 200", parse: parseStatus, json: object{"type": "integer", "minimum": 100, "maximum": 599}, native: true}
	aFlag      = kind[bool]{words: "true or false", parse: parseFlag, json: object{"type": "boolean"}, native: true}

	durationSchema = object{"type": "string", "pattern": `^([0-9.]+(ns|us|µs|ms|s|m|h|d|w))+$|\$\{`}
)

// choice is a kind with a few words to choose from.
func choice(words ...string) kind[string] {
	return kind[string]{
		words: oneOf(words),
		json:  object{"type": "string", "anyOf": []any{object{"enum": words}, object{"pattern": reference}}},
		parse: func(s string) (string, error) {
			if !slices.Contains(words, s) {
				return "", wrong(didYouMean(s, words), "%q is none of %s", s, strings.Join(words, ", "))
			}
			return s, nil
		},
	}
}

// anyScalar are the types of what is a text to us whatever YAML takes it for.
var anyScalar = []string{"string", "number", "boolean"}

const reference = `\$\{`

// withReferences lets a number or a flag be a reference too.
func withReferences(json object, native bool) object {
	if !native {
		return json
	}
	return object{"anyOf": []any{json, object{"type": "string", "pattern": reference}}}
}

var namePattern = regexp.MustCompile(`^[\pL\pN][\pL\pN ._-]{0,79}$`)

func checkName(s string) error {
	if !namePattern.MatchString(s) {
		return wrong("it becomes part of addresses and alerts: letters, digits, spaces and . _ - only, at most 80", "%q cannot be a name", s)
	}
	return nil
}

func checkHeaderValue(s string) error {
	if strings.ContainsFunc(s, func(r rune) bool { return r != '\t' && (r < ' ' || r == 0x7f) }) {
		return wrong("look for a line break or a control character in it", "a header cannot carry this value")
	}
	return nil
}

var headerName = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

func checkHeaderName(s string) error {
	if !headerName.MatchString(s) {
		return wrong("letters, digits and - only", "%q cannot be the name of a header", s)
	}
	return nil
}

// checkURL accepts what can be asked: http or https, a host, no credentials.
func checkURL(s string) error {
	u, err := url.Parse(s)
	if err != nil || strings.Contains(s, `\`) {
		return wrong("write it as https://host/path; other characters in it are written %XX", "not a URL")
	}
	switch {
	case u.Scheme == "" || u.Opaque != "":
		return wrong("write it as https://host/path", "not a whole URL: no scheme")
	case u.Scheme != "http" && u.Scheme != "https":
		return wrong("only http:// and https:// can be asked", "scheme %q", u.Scheme)
	case u.User != nil:
		return wrong("use auth: { basic: { user: …, password: \"${NAME}\" } }", "credentials in a URL")
	case u.Fragment != "" || strings.HasSuffix(s, "#"):
		return wrong("a fragment is never sent: remove it", "# in a URL")
	}
	return checkHost(u)
}

func checkHost(u *url.URL) error {
	host := u.Hostname()
	if host == "" {
		return wrong("write it as https://host/path", "no host in the URL")
	}
	if port := u.Port(); port != "" || strings.HasSuffix(u.Host, ":") {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > math.MaxUint16 {
			return wrong("a port is a number from 1 to 65535", "port %q", port)
		}
	}
	if strings.Contains(host, "%") {
		return wrong("write the address without its zone", "an address with a zone")
	}
	if _, err := netip.ParseAddr(host); err != nil && strings.Trim(host, "0123456789.xXabcdefABCDEF") == "" && looksNumeric(host) {
		return wrong("write the address in four parts: 127.0.0.1", "%q is no name and no whole address", host)
	}
	return nil
}

// looksNumeric reports hosts such as 127.1 and 0x7f.1, which some resolvers
// read as addresses.
func looksNumeric(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	_, err := strconv.ParseUint(last, 0, 64)
	return err == nil
}

func checkPublicURL(s string) error {
	if err := checkURL(s); err != nil {
		return err
	}
	if strings.Contains(s, "?") {
		return wrong("links are made by adding to it: remove the query", "a query in the page's URL")
	}
	return nil
}

// checkHook checks a secret URL without ever quoting it.
func checkHook(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return wrong("it starts with https://", "not the URL of a webhook")
	}
	return nil
}

// checkAPIURL accepts what method names can be added to.
func checkAPIURL(s string) error {
	if err := checkHook(s); err != nil || !strings.HasSuffix(s, "/") {
		return wrong("https://slack-gov.com/api/", "not a URL that ends in /")
	}
	return nil
}

// checkTarget accepts a path or a whole URL.
func checkTarget(s string) error {
	if !strings.HasPrefix(s, "/") {
		if err := checkURL(s); err != nil {
			return wrong("a path begins with /", "neither a path nor a URL")
		}
		return nil
	}
	if _, err := url.Parse(s); err != nil || strings.ContainsAny(s, "\\#") || strings.HasPrefix(s, "//") {
		return wrong("other characters in it are written %XX", "not a path that can be asked")
	}
	return nil
}

// checkPath accepts a JSON Pointer, [] for any entry, {} for any key, or a
// header.
func checkPath(s string) error {
	if name, ok := strings.CutPrefix(s, "header:"); ok {
		return checkHeaderName(name)
	}
	if !strings.HasPrefix(s, "/") {
		return wrong("write it from the root, with [] for the entries of a list: "+pointerOf(s), "%q is not a path", s)
	}
	if badEscape.MatchString(s) {
		return wrong("~ is written ~0 and / within a name ~1", "%q has a ~ alone", s)
	}
	if strings.Contains(s, "//") || (strings.HasSuffix(s, "/") && s != "/") {
		return wrong("remove the extra /", "%q has an empty part", s)
	}
	if bracketed.MatchString(s) {
		return wrong("the entries of a list are a part of their own: "+pointerOf(s), "%q mixes a name and []", s)
	}
	return nil
}

var (
	badEscape = regexp.MustCompile(`~([^01]|$)`)
	bracketed = regexp.MustCompile(`[^/]\[|\[[^\]]|\][^/]`)
	brackets  = regexp.MustCompile(`\[(\*|[0-9]*)\]`)
)

// pointerOf guesses what "$.data[*].amount" was meant to be.
func pointerOf(s string) string {
	s = strings.TrimPrefix(strings.TrimPrefix(s, "$"), ".")
	s = brackets.ReplaceAllString(s, "/[]")
	if !strings.HasPrefix(s, "/") {
		s = "/" + s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, ".", "/"), "//", "/")
}

func checkFile(s string) error {
	if strings.Contains(s, "://") {
		return wrong("download the document and name the file", "a contract is a file")
	}
	return nil
}

func checkTimezone(s string) error {
	if _, err := time.LoadLocation(s); err != nil || s == "Local" {
		return wrong("IANA names: Europe/Paris, America/New_York, UTC", "time zone %q is not known", s)
	}
	return nil
}

func checkAddress(s string) error {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return wrong("write host:port: 127.0.0.1:8080, or :8080 for every address", "%q is no address to listen on", s)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > math.MaxUint16 {
		return wrong("a port is a number from 1 to 65535", "port %q", port)
	}
	return nil
}

var durationPart = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?)(d|w)`)

// maxDuration keeps sums of times far from overflow.
const maxDuration = 10 * 366 * 24 * time.Hour

// parseDuration reads Go durations, with days (d) and weeks (w) in front.
func parseDuration(s string) (time.Duration, error) {
	var total float64
	rest := s
	for m := durationPart.FindStringSubmatch(rest); m != nil; m = durationPart.FindStringSubmatch(rest) {
		n, _ := strconv.ParseFloat(m[1], 64)
		total += n * map[string]float64{"d": 24, "w": 24 * 7}[m[2]] * float64(time.Hour)
		rest = rest[len(m[0]):]
	}
	var d time.Duration
	if rest != "" || s == "" {
		var err error
		if d, err = time.ParseDuration(rest); err != nil {
			return 0, badDuration(s)
		}
	}
	if total+math.Abs(float64(d)) > float64(maxDuration) {
		return 0, wrong("at most ten years", "%q is too long", s)
	}
	return time.Duration(total) + d, nil
}

func badDuration(s string) error {
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return wrong("add the unit: "+s+"s, "+s+"m or "+s+"h", "duration %q has no unit", s)
	}
	return wrong("units are ms, s, m, h, d, w: 30s, 5m, 1h30m, 7d", "%q is no duration", s)
}

func parseInterval(s string) (time.Duration, error) {
	d, err := parseDuration(s)
	if err == nil && d < time.Second {
		return 0, wrong("ask at most once a second: 1s or more", "an interval of %q", s)
	}
	return d, err
}

func parsePositive(s string) (time.Duration, error) {
	d, err := parseDuration(s)
	if err == nil && d <= 0 {
		return 0, wrong("write a duration above zero", "%q is no time to wait", s)
	}
	return d, err
}

var (
	sizePattern = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?) ?(B|kB|KB|MB|GB|KiB|MiB|GiB)$`)
	sizeUnits   = map[string]float64{"B": 1, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
)

func parseSize(s string) (int64, error) {
	m := sizePattern.FindStringSubmatch(s)
	if m == nil {
		return 0, wrong("units are B, KB, MB, GB, KiB, MiB, GiB: 512KiB, 8MiB", "%q is no size", s)
	}
	n, _ := strconv.ParseFloat(m[1], 64)
	if n *= sizeUnits[m[2]]; n < 1 || n > 1<<50 {
		return 0, wrong("from 1B to a million GiB", "size %q is out of bounds", s)
	}
	return int64(n), nil
}

// printSize writes a size the way people write it.
func printSize(n int64) string {
	for _, unit := range []string{"GiB", "MiB", "KiB"} {
		if size := int64(sizeUnits[unit]); n >= size && n%size == 0 {
			return fmt.Sprintf("%d%s", n/size, unit)
		}
	}
	return fmt.Sprintf("%dB", n)
}

func parseCount(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 1_000_000 {
		return 0, wrong("a whole number from 1 to 1000000", "%q is no count", s)
	}
	return n, nil
}

func parseRate(s string) (float64, error) {
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || !(n > 0) || n > 1e6 {
		return 0, wrong("a number above 0: 0.5 is one every two seconds", "%q is no rate", s)
	}
	return n, nil
}

func parseStatus(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 100 || n > 599 {
		return 0, wrong("a number from 100 to 599: 200, 404", "%q is no HTTP status", s)
	}
	if n < http.StatusOK {
		return 0, wrong("1xx is never the last word of an answer", "status %d cannot be expected", n)
	}
	return n, nil
}

func parseFlag(s string) (bool, error) {
	switch s {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, wrong("write true or false", "%q is neither true nor false", s)
}
