package probes

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// printable cuts a text to at most most bytes and escapes what a terminal, a
// page or a chat might act on.
func printable(text string, most int) string {
	text = shortened(text, most)
	if !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError }) {
		return text
	}
	escaped := strconv.Quote(text)
	return escaped[1 : len(escaped)-1]
}

// quoted is a text in quotes, cut and escaped like one that is printable.
func quoted(text string, most int) string { return strconv.Quote(shortened(text, most)) }

func shortened(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// inWords prints a duration as people write it: "10 s", "1.5 s", "250 ms".
func inWords(d time.Duration) string {
	if d < time.Second {
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	}
	return strconv.FormatFloat(d.Round(100*time.Millisecond).Seconds(), 'f', -1, 64) + " s"
}

// bytesInWords prints a size: "7 bytes", "64 KiB", "1.5 MiB".
func bytesInWords(n int64) string {
	units := []string{" KiB", " MiB", " GiB"}
	if n == 1 {
		return "1 byte"
	}
	if n < 1<<10 {
		return strconv.FormatInt(n, 10) + " bytes"
	}
	size, unit := float64(n)/(1<<10), 0
	for size >= 1<<10 && unit < len(units)-1 {
		size, unit = size/(1<<10), unit+1
	}
	return strings.TrimSuffix(strconv.FormatFloat(size, 'f', 1, 64), ".0") + units[unit]
}
