package main

import (
	"math"
	"net"
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
	aContract   = text("a file or a URL: contracts/name.yaml", checkContract, object{"minLength": 1})
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
	aNumber    = kind[int]{words: "a whole number from 0", parse: parseNumber, json: object{"type": "integer", "minimum": 0}, native: true}
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

func checkContract(s string) error {
	if isURL(s) {
		return checkURL(s)
	}
	if strings.Contains(s, "://") {
		return wrong("https://…, http://… or the name of a file", "a contract is a file or a URL")
	}
	return nil
}

func checkFile(s string) error {
	if strings.Contains(s, "://") {
		return wrong("download it and name the file", "an address where a file is wanted")
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
