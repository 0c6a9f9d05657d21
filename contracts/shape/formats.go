package shape

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
