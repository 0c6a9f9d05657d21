package reconcile

import (
	"strconv"
	"strings"
)

// maxDigits bounds a number, so that 1e999999999 is not written out.
const maxDigits = 1000

// decimal is a number in its one plain form, times ten to the power of shift:
// "1.50", "1.5" and "15e-1" are all "1.5". It is exact at any size; false for
// what is no decimal number.
func decimal(text string, shift int) (plain string, ok bool) {
	digits, point, negative, ok := readDecimal(strings.TrimSpace(text))
	if !ok {
		return "", false
	}
	point += shift
	lead := 0
	for lead < len(digits) && digits[lead] == '0' {
		lead++
	}
	digits, point = digits[lead:], point-lead
	digits = strings.TrimRight(digits, "0")
	if digits == "" {
		return "0", true
	}
	if point > maxDigits || point < -maxDigits {
		return "", false
	}
	return writeDecimal(digits, point, negative), true
}

// readDecimal takes a number apart: its digits, and how many of them stand
// before the point.
func readDecimal(text string) (digits string, point int, negative, ok bool) {
	if text != "" && (text[0] == '-' || text[0] == '+') {
		negative, text = text[0] == '-', text[1:]
	}
	mantissa, exponent := text, 0
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		n, err := strconv.Atoi(text[i+1:])
		if err != nil || n > maxDigits || n < -maxDigits {
			return "", 0, false, false
		}
		mantissa, exponent = text[:i], n
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if digits = whole; fraction != "" {
		digits += fraction
	}
	if digits == "" || len(digits) > maxDigits {
		return "", 0, false, false
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return "", 0, false, false
		}
	}
	return digits, len(whole) + exponent, negative, true
}

func writeDecimal(digits string, point int, negative bool) string {
	var b strings.Builder
	if negative {
		b.WriteByte('-')
	}
	switch {
	case point <= 0:
		b.WriteString("0." + strings.Repeat("0", -point) + digits)
	case point >= len(digits):
		b.WriteString(digits + strings.Repeat("0", point-len(digits)))
	default:
		b.WriteString(digits[:point] + "." + digits[point:])
	}
	return b.String()
}
