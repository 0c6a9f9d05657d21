package shape

import (
	"bytes"
	"encoding/binary"
)

// A format narrows a string (or an integer that is a time). Every value has
// exactly one: the most specific in the order of classify.
type format uint32

// The formats. Their numbers are part of the encoding: append only.
const (
	plain format = iota
	dateTime
	dateTimeLocal
	date
	timeOfDay
	duration
	httpDate
	epochSeconds
	epochMillis
	epochMicros
	epochNanos
	uuid
	uuid1
	uuid4
	uuid7
	ulid
	email
	uri
	hostname
	ipv4
	ipv6
	base64
	hexadecimal
	jwt
	semver
	currency
	country
	locale
	decimalText
	integerText
	booleanText
	jsonText
	html
	phone
	color
	slug
	prefixedID
	mediaType
	uriReference
	numFormats
)

var formatNames = [numFormats]string{
	"", "date-time", "date-time-local", "date", "time", "duration", "http-date",
	"epoch-s", "epoch-ms", "epoch-us", "epoch-ns", "uuid", "uuid-v1", "uuid-v4", "uuid-v7",
	"ulid", "email", "uri", "hostname", "ipv4", "ipv6", "base64", "hex", "jwt", "semver",
	"currency", "country", "locale", "decimal", "integer", "boolean", "json", "html",
	"phone", "color", "slug", "prefixed-id", "media-type", "uri-reference",
}

// epochUnit tells the unit in which an integer is a time within ten years of
// at; the four ranges never meet.
func epochUnit(v, at int64) format {
	const tenYears = 10 * 31_556_952
	if v < 1e8 || at <= tenYears {
		return plain
	}
	low, high := at-tenYears, at+tenYears
	for f := epochSeconds; f <= epochNanos; f++ {
		if v < low {
			return plain
		}
		if v <= high {
			return f
		}
		if high > 1<<62/1000 {
			return plain
		}
		low, high = low*1000, high*1000
	}
	return plain
}

// Classes of bytes. One pass over a string gathers the classes it has; most
// strings are told apart by that set and their length alone.
const (
	digit      uint32 = 1 << iota
	lowerHex          // a to f
	lower             // g to z
	upperHex          // A to F
	upper             // G to Z
	minus             // -
	underscore        // _
	dot               // .
	colon             // :
	slash             // /
	at                // @
	plus              // +
	equals            // =
	space             // blank
	hash              // #
	angle             // < >
	bracket           // { } [ ]
	paren             // ( )
	percent           // % ? & ~ ; , ! ' * $: the rest of a URI
	other             // any other ASCII
	wide              // not ASCII

	letter  = lowerHex | lower | upperHex | upper
	hexSet  = digit | lowerHex | upperHex
	wordSet = digit | letter | minus | underscore
)

var classes = classTable()

func classTable() (t [256]uint32) {
	for b := range t {
		t[b] = classOf(byte(b))
	}
	return t
}

func classOf(b byte) uint32 {
	switch {
	case b >= 0x80:
		return wide
	case '0' <= b && b <= '9':
		return digit
	case 'a' <= b && b <= 'f':
		return lowerHex
	case 'g' <= b && b <= 'z':
		return lower
	case 'A' <= b && b <= 'F':
		return upperHex
	case 'G' <= b && b <= 'Z':
		return upper
	}
	for i, set := range [...]string{"-", "_", ".", ":", "/", "@", "+", "=", " ", "#", "<>", "{}[]", "()", "%?&~;,!'*$"} {
		if bytes.IndexByte([]byte(set), b) >= 0 {
			return minus << i
		}
	}
	return other
}

// looked is how much of a string the classes are gathered from.
const looked = 128

func classesOf(b []byte) (set uint32) {
	for len(b) >= 4 {
		set |= classes[b[0]] | classes[b[1]] | classes[b[2]] | classes[b[3]]
		b = b[4:]
	}
	for _, c := range b {
		set |= classes[c]
	}
	return set
}

// classify tells the format of a string.
func classify(b []byte) format {
	n := len(b)
	if n == 0 {
		return plain
	}
	set := classesOf(b[:min(n, looked)])
	switch {
	case set&(wide|other) != 0:
		return classifyText(b, set)
	case set&digit != 0 && set&^(digit|minus|plus|dot|colon|upper|upperHex|lower|lowerHex|space|slash) == 0 && '0' <= b[0] && b[0] <= '9':
		if f := classifyTime(b, set); f != plain {
			return f
		}
	}
	if n > looked {
		return classifyLong(b, set)
	}
	switch {
	case set&^letter == 0:
		return classifyLetters(b, set)
	case set&^(digit|minus|dot|plus) == 0:
		return classifyNumeric(b, set)
	case set&^wordSet == 0:
		return classifyWord(b, set)
	case set&colon != 0 || set&slash != 0:
		return classifyReference(b, set)
	}
	return classifyMarked(b, set)
}

// classifyTime knows what starts with a digit and is a date or a time.
func classifyTime(b []byte, set uint32) format {
	switch n := len(b); {
	case n >= 19 && b[4] == '-':
		return classifyDateTime(b)
	case n == 10 && b[4] == '-' && isDate(b):
		return date
	case n >= 8 && b[2] == ':' && isTime(b) && (n == 8 || zoneOf(b[8:]) != notTime):
		return timeOfDay
	}
	return plain
}

func classifyDateTime(b []byte) format {
	if !isDate(b) || !isTime(b[11:]) {
		return plain
	}
	if b[10] != 'T' && b[10] != ' ' && b[10] != 't' {
		return plain
	}
	switch zoneOf(b[19:]) {
	case zoned:
		return dateTime
	case local:
		return dateTimeLocal
	}
	return plain
}

const (
	notTime = iota
	local
	zoned
)

// zoneOf reads what follows the seconds: a fraction, then a zone or nothing.
func zoneOf(b []byte) int {
	if len(b) == 1 && b[0] == 'Z' {
		return zoned
	}
	if len(b) > 1 && (b[0] == '.' || b[0] == ',') {
		i := 1
		for i < len(b) && isDigit(b[i]) {
			i++
		}
		if i == 1 || i > 13 {
			return notTime
		}
		b = b[i:]
	}
	switch {
	case len(b) == 0:
		return local
	case len(b) == 1 && (b[0] == 'Z' || b[0] == 'z'):
		return zoned
	case b[0] != '+' && b[0] != '-':
		return notTime
	case len(b) == 6 && b[3] == ':' && twoDigits(b[1:], 0, 23) && twoDigits(b[4:], 0, 59),
		len(b) == 5 && twoDigits(b[1:], 0, 23) && twoDigits(b[3:], 0, 59),
		len(b) == 3 && twoDigits(b[1:], 0, 23):
		return zoned
	}
	return notTime
}

func isDigit(c byte) bool { return c-'0' <= 9 }

func twoDigits(b []byte, low, high int) bool {
	if !isDigit(b[0]) || !isDigit(b[1]) {
		return false
	}
	v := int(b[0]-'0')*10 + int(b[1]-'0')
	return low <= v && v <= high
}

// isDate reports whether b starts with a real day of the calendar.
func isDate(b []byte) bool {
	if b[7] != '-' || !isDigit(b[0]) || !isDigit(b[1]) || !isDigit(b[2]) || !isDigit(b[3]) || !twoDigits(b[5:], 1, 12) {
		return false
	}
	year := int(b[0]-'0')*1000 + int(b[1]-'0')*100 + int(b[2]-'0')*10 + int(b[3]-'0')
	month := int(b[5]-'0')*10 + int(b[6]-'0')
	return twoDigits(b[8:], 1, daysIn(year, month))
}

func daysIn(year, month int) int {
	if month == 2 {
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 30 + (month+month>>3)&1
}

// isTime reports whether b starts with hh:mm:ss; a leap second is allowed.
func isTime(b []byte) bool {
	return b[2] == ':' && b[5] == ':' && twoDigits(b, 0, 23) && twoDigits(b[3:], 0, 59) && twoDigits(b[6:], 0, 60)
}

// classifyLetters knows what has letters only.
func classifyLetters(b []byte, set uint32) format {
	switch n := len(b); {
	case n == 2 && set&(lower|lowerHex) == 0 && isCountry(b):
		return country
	case n == 3 && set&(lower|lowerHex) == 0 && isCurrency(b):
		return currency
	case n == 4 && string(b) == "true", n == 5 && string(b) == "false":
		return booleanText
	case n == 4 && (string(b) == "True" || string(b) == "TRUE"), n == 5 && (string(b) == "False" || string(b) == "FALSE"):
		return booleanText
	}
	return plain
}

// classifyNumeric knows what has digits, signs and points only.
func classifyNumeric(b []byte, set uint32) format {
	dots, minuses := bytes.Count(b, []byte{'.'}), bytes.Count(b, []byte{'-'})
	unsigned := b
	if b[0] == '-' {
		unsigned, minuses = b[1:], minuses-1
	}
	switch n := len(unsigned); {
	case n == 0 || !isDigit(unsigned[n-1]) || set&digit == 0:
		return plain
	case b[0] == '+' && len(b) >= 8 && len(b) <= 20 && dots == 0:
		return phone
	case minuses > 0 || set&plus != 0 || !isDigit(unsigned[0]):
		return classifyVersion(b)
	case dots == 0:
		return integerText
	case dots == 1:
		return decimalText
	case dots == 3 && isIPv4(b):
		return ipv4
	}
	return classifyVersion(b)
}

func isIPv4(b []byte) bool {
	parts, v, digits := 0, 0, 0
	for _, c := range b {
		if c == '.' {
			if digits == 0 {
				return false
			}
			parts, v, digits = parts+1, 0, 0
			continue
		}
		if !isDigit(c) || digits > 0 && v == 0 {
			return false
		}
		v, digits = v*10+int(c-'0'), digits+1
		if v > 255 {
			return false
		}
	}
	return parts == 3 && digits > 0
}

// classifyVersion knows 1.2.3, v1.2.3 and 1.2.3-rc.1+build.
func classifyVersion(b []byte) format {
	rest := bytes.TrimPrefix(b, []byte("v"))
	for part := range 3 {
		i := 0
		for i < len(rest) && isDigit(rest[i]) {
			i++
		}
		if i == 0 || i > 9 || i > 1 && rest[0] == '0' {
			return plain
		}
		rest = rest[i:]
		if part < 2 {
			if len(rest) == 0 || rest[0] != '.' {
				return plain
			}
			rest = rest[1:]
		}
	}
	if len(rest) == 0 || len(rest) > 1 && (rest[0] == '-' || rest[0] == '+') {
		return semver
	}
	return plain
}

// classifyWord knows what has letters, digits, hyphens and underscores only.
func classifyWord(b []byte, set uint32) format {
	n := len(b)
	if n == 36 && b[8] == '-' && set&^(hexSet|minus) == 0 {
		if f := classifyUUID(b); f != plain {
			return f
		}
	}
	switch {
	case n == 5 && (b[2] == '-' || b[2] == '_') && isLocale(b):
		return locale
	case b[0] == 'P' && isDuration(b):
		return duration
	case set&^(hexSet) == 0 && set&digit != 0 && n >= 16 && n%2 == 0 && (set&lowerHex == 0 || set&upperHex == 0):
		return hexadecimal
	case n == 26 && set&(lower|lowerHex|minus|underscore) == 0 && isULID(b):
		return ulid
	case set&underscore != 0 && isPrefixedID(b):
		return prefixedID
	case set&(minus|underscore) != 0 && set&(upper|upperHex) == 0 && isSlug(b):
		return slug
	case n >= 20 && set&digit != 0 && set&(lower|lowerHex) != 0 && set&(upper|upperHex) != 0:
		return base64
	}
	return plain
}

func classifyUUID(b []byte) format {
	if b[13] != '-' || b[18] != '-' || b[23] != '-' || bytes.Count(b, []byte{'-'}) != 4 {
		return plain
	}
	switch b[14] {
	case '1':
		return uuid1
	case '4':
		return uuid4
	case '7':
		return uuid7
	}
	return uuid
}

func isLocale(b []byte) bool {
	return classes[b[0]]&(lower|lowerHex) != 0 && classes[b[1]]&(lower|lowerHex) != 0 && isCountry(b[3:])
}

// isULID: Crockford's alphabet has no I, L, O and U, and 26 characters hold
// 130 bits, so the first is at most 7.
func isULID(b []byte) bool {
	return b[0] >= '0' && b[0] <= '7' && !bytes.ContainsAny(b, "ILOU")
}

// isPrefixedID knows cus_N3fvJ0aB1cD2: lower-case words, then a random tail.
func isPrefixedID(b []byte) bool {
	i := bytes.LastIndexByte(b, '_')
	if i < 1 || i > 24 || len(b)-i < 9 || classesOf(b[:i])&^(lower|lowerHex|underscore) != 0 {
		return false
	}
	tail := classesOf(b[i+1:])
	return tail&digit != 0 && tail&letter != 0 && tail&(minus|underscore) == 0
}

func isSlug(b []byte) bool {
	last := byte('-')
	for _, c := range b {
		if (c == '-' || c == '_') && (last == '-' || last == '_') {
			return false
		}
		last = c
	}
	return last != '-' && last != '_' && classesOf(b)&(lower|lowerHex) != 0
}

// isDuration knows P3DT4H and its kind (ISO 8601).
func isDuration(b []byte) bool {
	designators, i, inTime := "YMWD", 1, false
	for i < len(b) {
		if b[i] == 'T' && !inTime && i+1 < len(b) {
			designators, inTime = "HMS", true
			i++
			continue
		}
		start := i
		for i < len(b) && (isDigit(b[i]) || b[i] == '.' && i > start) {
			i++
		}
		if i == start || i == len(b) {
			return false
		}
		at := bytes.IndexByte([]byte(designators), b[i])
		if at < 0 {
			return false
		}
		designators = designators[at+1:]
		i++
	}
	return len(b) > 2
}

// classifyReference knows what has a colon or a slash.
func classifyReference(b []byte, set uint32) format {
	if i := bytes.Index(b, []byte("://")); i > 0 && i < 16 && set&(space|angle|bracket) == 0 {
		if classes[b[0]]&letter != 0 && len(b) > i+3 {
			return uri
		}
	}
	switch {
	case set&colon != 0 && set&^(hexSet|colon|dot) == 0 && isIPv6(b):
		return ipv6
	case set&slash == 0 || set&(space|angle|bracket|other) != 0:
		return classifyMarked(b, set)
	case b[0] == '/' && len(b) > 1:
		return uriReference
	case set&^(wordSet|slash|dot|plus) == 0 && isMediaType(b):
		return mediaType
	}
	return classifyMarked(b, set)
}

func isIPv6(b []byte) bool {
	groups, digits, double := 1, 0, false
	for i, c := range b {
		switch {
		case c == '.':
			return false
		case c != ':':
			if digits++; digits > 4 {
				return false
			}
		case i > 0 && b[i-1] == ':':
			if double {
				return false
			}
			double = true
		default:
			groups, digits = groups+1, 0
		}
		if c == ':' {
			digits = 0
		}
	}
	return groups <= 8 && (double || groups == 8) && len(b) > 2
}

var mediaTypes = [...]string{"application/", "audio/", "font/", "image/", "message/", "model/", "multipart/", "text/", "video/"}

func isMediaType(b []byte) bool {
	for _, prefix := range mediaTypes {
		if bytes.HasPrefix(b, []byte(prefix)) {
			return bytes.Count(b, []byte{'/'}) == 1 && len(b) > len(prefix)
		}
	}
	return false
}

// classifyMarked knows the formats that a special character gives away.
func classifyMarked(b []byte, set uint32) format {
	n := len(b)
	switch {
	case set&at != 0 && isEmail(b, set):
		return email
	case b[0] == '#' && (n == 4 || n == 7 || n == 9) && classesOf(b[1:])&^hexSet == 0:
		return color
	case b[0] == 'P' && isDuration(b):
		return duration
	case (b[0] == '+' || b[0] == '(') && set&digit != 0 && set&^(digit|plus|minus|space|paren|dot) == 0 && countDigits(b) >= 7 && n <= 24:
		return phone
	case n == 29 && b[3] == ',' && bytes.HasSuffix(b, []byte(" GMT")):
		return httpDate
	case set&dot != 0 && set&^(wordSet|dot|plus) == 0:
		return classifyDotted(b, set)
	case set&(plus|equals|slash) != 0 && isBase64(b, set):
		return base64
	}
	return classifyText(b, set)
}

func countDigits(b []byte) (n int) {
	for _, c := range b {
		if isDigit(c) {
			n++
		}
	}
	return n
}

func isEmail(b []byte, set uint32) bool {
	i := bytes.IndexByte(b, '@')
	if i < 1 || set&(space|slash|angle|bracket|paren|colon) != 0 || bytes.LastIndexByte(b, '@') != i {
		return false
	}
	domain := b[i+1:]
	last := bytes.LastIndexByte(domain, '.')
	return last > 0 && last < len(domain)-2 && classesOf(domain)&^(wordSet|dot) == 0
}

// classifyDotted knows words joined by dots.
func classifyDotted(b []byte, set uint32) format {
	if f := classifyVersion(b); f != plain {
		return f
	}
	if isJWT(b) {
		return jwt
	}
	if set&(upper|upperHex|underscore|plus) == 0 && isHostname(b) {
		return hostname
	}
	return plain
}

func isJWT(b []byte) bool {
	return len(b) > 40 && bytes.HasPrefix(b, []byte("eyJ")) && bytes.Count(b, []byte{'.'}) == 2
}

var extensions = map[string]bool{
	"css": true, "csv": true, "doc": true, "docx": true, "exe": true, "gif": true, "go": true, "gz": true, "html": true,
	"ico": true, "jpeg": true, "jpg": true, "js": true, "json": true, "log": true, "md": true, "mp": true, "pdf": true,
	"php": true, "png": true, "ppt": true, "py": true, "rs": true, "svg": true, "tar": true, "tgz": true, "ts": true,
	"txt": true, "webp": true, "whl": true, "xls": true, "xlsx": true, "xml": true, "yaml": true, "yml": true, "zip": true,
}

func isHostname(b []byte) bool {
	labels := bytes.Split(b, []byte{'.'})
	if len(labels) < 2 || len(b) > 253 {
		return false
	}
	for _, l := range labels {
		if len(l) == 0 || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
			return false
		}
	}
	last := labels[len(labels)-1]
	return len(last) >= 2 && classesOf(last)&^(lower|lowerHex) == 0 && !extensions[string(last)] && classesOf(b)&letter != 0
}

// isBase64 asks for length, padding and a mix of characters, so that words and
// paths do not pass.
func isBase64(b []byte, set uint32) bool {
	n := len(b)
	if n < 16 || n%4 != 0 || set&(lower|lowerHex) == 0 || set&(upper|upperHex) == 0 || set&digit == 0 {
		return false
	}
	body := bytes.TrimRight(b, "=")
	return n-len(body) <= 2 && classesOf(body)&^(digit|letter|plus|slash) == 0
}

// classifyLong knows what is longer than the part that was looked at.
func classifyLong(b []byte, set uint32) format {
	switch {
	case set&^(hexSet) == 0 && classesOf(b)&^hexSet == 0:
		return hexadecimal
	case set&^(wordSet|dot) == 0 && set&dot != 0 && isJWT(b), bytes.HasPrefix(b, []byte("eyJ")) && isJWT(b):
		return jwt
	case set&(space|angle|bracket) == 0 && set&colon != 0 && classifyReference(b, set) == uri:
		return uri
	case set&^(wordSet|plus|slash|equals) == 0 && set&(minus|underscore) == 0 && isBase64(b, set):
		return base64
	case set&(space|angle|bracket) == 0 && b[0] == '/':
		return uriReference
	}
	return classifyText(b, set)
}

// classifyText knows text inside text.
func classifyText(b []byte, set uint32) format {
	first, last := b[0], b[len(b)-1]
	switch {
	case first == '{' && last == '}', first == '[' && last == ']':
		if isJSON(b) {
			return jsonText
		}
	case first == '<' && last == '>' && (bytes.Contains(b, []byte("</")) || bytes.HasSuffix(b, []byte("/>"))),
		set&angle != 0 && (bytes.Contains(b, []byte("</p>")) || bytes.Contains(b, []byte("</a>")) || bytes.Contains(b, []byte("<br"))):
		return html
	}
	return plain
}

func isCountry(b []byte) bool {
	i, j := b[0]-'A', b[1]-'A'
	return i < 26 && j < 26 && countries[i]>>j&1 == 1
}

func isCurrency(b []byte) bool {
	for i := 0; i+3 <= len(currencies); i += 4 {
		if currencies[i:i+3] == string(b[:3]) {
			return true
		}
	}
	return false
}

// currencies are the active codes of ISO 4217, each with a blank.
const currencies = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG "

// countries has a bit for each second letter of ISO 3166-1 alpha-2, by first letter.
var countries = countryTable("AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW ")

func countryTable(codes string) (t [26]uint32) {
	for i := 0; i+2 <= len(codes); i += 3 {
		t[codes[i]-'A'] |= 1 << (codes[i+1] - 'A')
	}
	return t
}

// mix spreads an integer over 32 bits (the finaliser of splitmix64).
func mix(v uint64) uint32 {
	v = (v ^ v>>30) * 0xBF58476D1CE4E5B9
	v = (v ^ v>>27) * 0x94D049BB133111EB
	return uint32((v ^ v>>31) >> 32)
}

func load64(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }
