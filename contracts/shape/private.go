package shape

import (
	"bytes"
	"slices"
	"strings"
)

// What may be kept in clear is decided here, twice: by the name of a field and
// by the value itself. Everything else is kept as a hash only.

// privateWords are words of field names whose values may identify somebody or
// open something, sorted.
var privateWords = []string{
	"address", "auth", "authorization", "bio", "birthday", "body", "cert", "city", "code", "comment",
	"cookie", "credential", "cursor", "description", "dob", "email", "etag", "fax", "fingerprint", "firstname", "guid",
	"handle", "hash", "iban", "id", "ids", "ip", "key", "lastname", "lat", "latitude", "line1", "line2", "line3", "lng",
	"location", "login", "lon", "longitude", "mail", "message", "mobile", "name", "nickname", "nonce", "note", "otp",
	"owner", "passphrase", "password", "phone", "pin", "postcode", "salt", "secret", "serial", "session", "sha",
	"signature", "ssn", "street", "subject", "summary", "surname", "tel", "telephone", "text", "title", "token", "url",
	"user", "username", "uuid", "vat", "zip", "zipcode",
}

// isPrivateName splits a name into words (snake, kebab, camel, plural) and
// looks for a private one.
func isPrivateName(name string) bool {
	if len(name) > 64 {
		return true
	}
	private := false
	eachWord(name, func(word string) {
		_, found := slices.BinarySearch(privateWords, word)
		private = private || found
	})
	return private
}

func eachWord(name string, visit func(string)) {
	start := 0
	emit := func(end int) {
		if end > start {
			word := strings.ToLower(name[start:end])
			visit(word)
			if single, plural := strings.CutSuffix(word, "s"); plural {
				visit(single)
			}
		}
	}
	for i := range len(name) {
		switch c := name[i]; {
		case c == '_' || c == '-' || c == '.' || c == ' ' || c == '$' || c == '@' || c == ':':
			emit(i)
			start = i + 1
		case c >= 'A' && c <= 'Z' && i > start && (name[i-1] < 'A' || name[i-1] > 'Z'):
			emit(i)
			start = i
		}
	}
	emit(len(name))
}

// isSafeText reports whether a string of a format may be kept in clear: short,
// made of words, without long runs of digits.
func isSafeText(b []byte, f format) bool {
	switch f {
	case hostname:
		if !isDottedWords(b) {
			return false
		}
	case plain, slug, semver, currency, country, locale, decimalText, integerText, booleanText, mediaType, color:
	default:
		return false
	}
	if len(b) > 40 {
		return false
	}
	run, digits := 0, 0
	for _, c := range b {
		switch class := classes[c]; {
		case class == digit:
			if run, digits = run+1, digits+1; run > 4 {
				return false
			}
		case class&(letter|minus|underscore|dot|slash|space|plus|colon) == 0:
			return false
		default:
			run = 0
		}
	}
	return digits <= 8
}

// domains are endings by which a dotted text is told as the name of a host; so
// is one of two letters.
var domains = []string{
	"app", "biz", "cloud", "com", "dev", "edu", "example", "gov", "info", "int", "internal", "invalid", "lan", "local", "localhost",
	"mil", "name", "net", "online", "org", "pro", "shop", "site", "store", "tech", "test", "top", "xyz",
}

// isDottedWords reports whether what has the form of a host's name is rather
// the type of an event: "charge.succeeded".
func isDottedWords(b []byte) bool {
	last := b[bytes.LastIndexByte(b, '.')+1:]
	_, domain := slices.BinarySearch(domains, string(last))
	return len(last) > 2 && !domain
}

// isSafeNumber keeps small numbers: codes, sizes, versions.
func isSafeNumber(literal []byte) bool { return len(literal) <= 6 }
