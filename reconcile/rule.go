package reconcile

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// A Rule says when two texts mean the same. Both are brought into one canonical
// form, in which they are compared byte by byte; no number ever becomes a
// floating one.
type Rule struct {
	As            Kind
	IgnoreCase    bool
	Trim          bool          // white space at both ends does not count
	Form          Form          // of Unicode
	NullIsMissing bool          // null and missing are the same
	EmptyIsNull   bool          // "" is null
	Region        string        // of a phone number without a country: "DE"
	Precision     time.Duration // of a time; 0 means a microsecond
	Left, Right   SideRule
}

// A SideRule is what holds for the cells of one side before they are compared.
type SideRule struct {
	Minor  int               // the number counts the 10^-Minor part: 2 for cents
	Zone   *time.Location    // of times that name none; nil means UTC
	Values map[string]string // what a value is called on the other side
}

// A Kind is what a text is read as.
type Kind string

// The kinds.
const (
	Text    Kind = ""
	Number  Kind = "number"  // any decimal number, exact
	Time    Kind = "time"    // a moment; compared in UTC
	Date    Kind = "date"    // a day; of a time, its day in the side's zone
	Boolean Kind = "boolean" // true, t, yes, y, 1 and their opposites
	Phone   Kind = "phone"   // compared as E.164
	Country Kind = "country" // ISO 3166 of two letters, three letters or three digits
)

// Kinds are the names of all kinds but text.
func Kinds() []string {
	return []string{string(Number), string(Time), string(Date), string(Boolean), string(Phone), string(Country)}
}

// A Form is a normal form of Unicode.
type Form string

// The forms.
const (
	AsIs Form = ""
	NFC  Form = "NFC"
	NFKC Form = "NFKC"
)

// Canonical is the cell of one side in the form in which both are compared.
// What is not of the rule's kind stays a text, and ok is false.
func (r *Rule) Canonical(c Cell, right bool) (canonical Cell, ok bool) {
	if c.State == There && r.EmptyIsNull && strings.TrimSpace(c.Text) == "" {
		c = Cell{State: Null}
	}
	if c.State != There {
		if r.NullIsMissing {
			return Cell{State: Null}, true
		}
		return Cell{State: c.State}, true
	}
	side := &r.Left
	if right {
		side = &r.Right
	}
	if meant, known := side.Values[c.Text]; known {
		c.Text = meant
	}
	if read, ok := r.read(c.Text, side); ok {
		return Cell{Text: read}, true
	}
	text := r.text(c.Text)
	if read, ok := r.read(text, side); ok {
		return Cell{Text: read}, true // as a text it may be readable: trimmed, or in its Unicode form
	}
	return Cell{Text: text}, false
}

func (r *Rule) read(text string, side *SideRule) (string, bool) {
	switch r.As {
	case Number:
		return decimal(text, -side.Minor)
	case Time:
		at, ok := moment(text, side.Zone)
		return strconv.FormatInt(floorTo(at, r.Precision), 10), ok
	case Date:
		return dateOf(text, side.Zone)
	case Boolean:
		return boolean(text)
	case Phone:
		return phone(text, r.Region)
	case Country:
		return country(text)
	}
	return r.text(text), true
}

// text is a text in its form, without what the rule says not to count. White
// space goes last: a form may make some.
func (r *Rule) text(text string) string {
	switch {
	case !isASCII(text):
		text = r.formed(text)
	case r.IgnoreCase:
		text = strings.ToLower(text)
	}
	if r.Trim {
		text = strings.TrimSpace(text)
	}
	return text
}

func (r *Rule) formed(text string) string {
	switch r.Form {
	case NFC:
		text = norm.NFC.String(text)
	case NFKC:
		text = norm.NFKC.String(text)
	}
	if r.IgnoreCase {
		text = cases.Fold().String(strings.ToLower(text)) // Fold alone swaps the cases of Cherokee
	}
	if r.Form != AsIs && r.IgnoreCase {
		text = norm.NFC.String(text) // folding may undo the form
	}
	return text
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] > unicode.MaxASCII {
			return false
		}
	}
	return true
}

func dateOf(text string, zone *time.Location) (string, bool) {
	if at, ok := moment(text, zone); ok {
		if zone == nil {
			zone = time.UTC
		}
		return at.In(zone).Format(time.DateOnly), true
	}
	return "", false
}

func boolean(text string) (string, bool) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true", "t", "yes", "y", "1", "on":
		return "true", true
	case "false", "f", "no", "n", "0", "off":
		return "false", true
	}
	return "", false
}

// phone is a number as E.164; one that no numbering plan can have stays a text,
// and so does one whose E.164 is read as another number: 000000 in Germany is
// +4900000, from which reading takes one more zero.
func phone(text, region string) (string, bool) {
	number, ok := e164(text, region)
	if again, _ := e164(number, region); !ok || again != number {
		return "", false
	}
	return number, true
}

func e164(text, region string) (string, bool) {
	if len(text) > 64 {
		return "", false
	}
	n, err := phonenumbers.Parse(text, region)
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return "", false
	}
	return phonenumbers.Format(n, phonenumbers.E164), true
}

// country is the code of two letters.
func country(text string) (string, bool) {
	text = strings.TrimSpace(text)
	region, err := language.ParseRegion(text)
	if err != nil || !region.IsCountry() {
		return "", false
	}
	return region.Canonicalize().String(), true
}

// Show is a canonical text as people write it.
func (r *Rule) Show(c Cell) string {
	switch c.State {
	case Null:
		return "null"
	case Missing:
		return "missing"
	}
	if r.As == Time {
		if micros, err := strconv.ParseInt(c.Text, 10, 64); err == nil {
			return time.UnixMicro(micros).UTC().Format(time.RFC3339Nano)
		}
	}
	return strconv.Quote(c.Text)
}
