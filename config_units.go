package main

import (
	"fmt"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

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

func parseNumber(s string) (int, error) {
	if n, err := strconv.Atoi(s); err == nil && n >= 0 && n <= math.MaxInt32 {
		return n, nil
	}
	return 0, wrong("", "%q is no whole number from 0", s)
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
