package contracts

import (
	"bytes"
	"hash/crc32"
	"slices"
	"strconv"
	"strings"
	"time"

	"shapewatch/contracts/shape"
)

// castagnoli is the checksum that processors compute themselves.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// maxStamps bounds the kinds of time that are followed in one answer.
const maxStamps = 4

// stampsOf finds the newest time at each path that holds times, the outermost
// paths first. Times to come say nothing about how fresh an answer is.
func stampsOf(body []byte, v *view, at time.Time) (stamps []Stamp) {
	var newest map[string]int64
	for i := range v.fields {
		f := &v.fields[i]
		format, ok := f.IsTimestamp()
		if !ok || f.InMap || format == "date" || format == "http-date" || foretells(f.Name) {
			continue
		}
		t := epochOf(f, format)
		if t == 0 && f.Kinds[shape.String] > 0 {
			if newest == nil {
				newest = newestByKey(body, at)
			}
			t = newest[f.Name]
		}
		if t > 0 && t <= at.Add(time.Minute).Unix() {
			stamps = append(stamps, Stamp{f.Path, t})
		}
	}
	slices.SortStableFunc(stamps, func(a, b Stamp) int { return strings.Count(a.Path, "/") - strings.Count(b.Path, "/") })
	return stamps[:min(len(stamps), maxStamps)]
}

// foretells reports whether a name says that a time lies ahead.
func foretells(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"expir", "until", "next", "due", "ends", "end_", "reset", "valid", "deadline", "birth"}, func(w string) bool {
		return strings.Contains(name, w)
	})
}

// epochOf is the latest of the epochs at a field, as Unix seconds.
func epochOf(f *shape.Field, format string) int64 {
	scale := map[string]int64{"epoch-s": 1, "epoch-ms": 1e3, "epoch-us": 1e6, "epoch-ns": 1e9}[format]
	if scale == 0 {
		return 0
	}
	n, err := strconv.ParseInt(f.Numbers.Max, 10, 64)
	if err != nil {
		return 0
	}
	return n / scale
}

// secondsLayout is a time to the second, as most vendors write it before the
// zone; such texts sort as the times do.
const secondsLayout = "2006-01-02T15:04:05"

// newestByKey scans a body that is known to be JSON for `"key":"2026-03-02T…"`
// and keeps the newest time of each key that is not to come. Texts of UTC are
// compared as they are; only the newest is read as a time.
func newestByKey(body []byte, at time.Time) map[string]int64 {
	newest, texts := map[string]int64{}, map[string][]byte{}
	limit := at.Add(time.Minute).UTC()
	last := []byte(limit.Format(secondsLayout))
	for i := 0; i+21 < len(body); i++ {
		next := bytes.IndexByte(body[i:], 'T')
		if next < 0 {
			break
		}
		i += next
		if i < 11 || i+9 >= len(body) || body[i-11] != '"' || body[i-6] != '-' || body[i-3] != '-' {
			continue
		}
		key := keyBefore(body[:i-11])
		if len(key) == 0 || len(texts)+len(newest) >= 64 {
			continue
		}
		text, zone := body[i-10:i+9], body[i+9]
		switch {
		case zone != 'Z' && zone != '"' && zone != '.':
			noteZoned(newest, string(key), body[i-10:], limit)
		case bytes.Compare(text, last) <= 0 && bytes.Compare(text, texts[string(key)]) > 0:
			texts[string(key)] = text
		}
	}
	for key, text := range texts {
		if t, err := time.Parse(secondsLayout, string(text)); err == nil {
			newest[key] = max(newest[key], t.Unix())
		}
	}
	return newest
}

// noteZoned reads a time with a zone of its own.
func noteZoned(newest map[string]int64, key string, rest []byte, limit time.Time) {
	end := bytes.IndexByte(rest[:min(len(rest), 40)], '"')
	if end < 0 {
		return
	}
	if t, err := time.Parse(time.RFC3339, string(rest[:end])); err == nil && !t.After(limit) {
		newest[key] = max(newest[key], t.Unix())
	}
}

// keyBefore is the key whose value begins at the end of b.
func keyBefore(b []byte) []byte {
	b = bytes.TrimRight(b, " \t\r\n")
	if len(b) < 3 || b[len(b)-1] != ':' {
		return nil
	}
	b = bytes.TrimRight(b[:len(b)-1], " \t\r\n")
	if len(b) < 2 || b[len(b)-1] != '"' {
		return nil
	}
	b = b[:len(b)-1]
	return b[bytes.LastIndexByte(b, '"')+1:]
}

// totals are the names under which an answer says how many there are in all.
var totals = []string{"total", "total_count", "totalcount", "total_results", "totalresults", "total_items", "totalitems", "count", "total_records"}

// totalOf reads how many things there are in all, at the root or one below.
func totalOf(v *view) (path string, n int64) {
	best := len(totals)
	for i := range v.fields {
		f := &v.fields[i]
		if f.Depth == 0 || f.Depth > 2 || f.InMap || f.Count != 1 || f.Kinds[shape.Int] != 1 {
			continue
		}
		if rank := slices.Index(totals, strings.ToLower(f.Name)); rank >= 0 && rank < best {
			if m, err := strconv.ParseInt(f.Numbers.Max, 10, 64); err == nil {
				best, path, n = rank, f.Path, m
			}
		}
	}
	return path, n
}
