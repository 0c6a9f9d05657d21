package shape

import "bytes"

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

// classifyTime knows what starts with a digit and is a date or a time.
func classifyTime(b []byte) format {
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
