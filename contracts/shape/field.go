package shape

import (
	"math"
	"slices"
	"strings"
	"time"
)

// A Kind is the JSON type of a value, with integers and fractions apart.
type Kind uint8

// The kinds. Their order is part of the encoding: append only.
const (
	Null Kind = iota
	Bool
	Int  // a number literal without fraction or exponent part
	Frac // any other number literal
	String
	Object
	Array
	NumKinds
)

var kindNames = [NumKinds]string{"null", "boolean", "integer", "number", "string", "object", "array"}

// String returns the JSON Schema name of the kind: "integer" for Int, "number" for Frac.
func (k Kind) String() string {
	if k < NumKinds {
		return kindNames[k]
	}
	return "unknown"
}

// KindCounts counts occurrences by kind.
type KindCounts [NumKinds]uint64

// Total is the number of occurrences of any kind.
func (c KindCounts) Total() (n uint64) {
	for _, k := range c {
		n += k
	}
	return n
}

// Presence is a key's presence under its parent, counted per probe: a hundred
// items in one answer were served by one server build and are one trial.
// Probes without a parent object are no evidence and are not counted.
type Presence struct {
	All  uint64 `json:"all"`  // probes in which every parent object had the key
	Some uint64 `json:"some"` // probes in which some had it
	None uint64 `json:"none"` // probes in which none had it
}

// Of is the number of probes that had a parent object at all.
func (p Presence) Of() uint64 { return p.All + p.Some + p.None }

// A Field is the read-time view of one path of a shape. It is a copy: changing
// it changes nothing.
type Field struct {
	Path   string // JSON Pointer (RFC 6901 escapes); "[]" any item, "{}" any key of a map; "" the root
	Name   string // last segment, unescaped; "" for the root, "[]" and "{}" for items and map values
	Parent string // Path of the parent; meaningless for the root
	Depth  int    // 0 for the root
	InMap  bool   // the path lies inside a map, where keys are data and come and go

	Count   uint64 // occurrences, null included
	Parents uint64 // objects (or arrays' items, or 1 per probe for the root) that could have held it
	Probes  Presence
	Kinds   KindCounts
	First   time.Time // first and last sample that had it
	Last    time.Time

	EmptyStrings, EmptyArrays, EmptyObjects uint64
	True                                    uint64 // booleans that were true
	Duplicates                              uint64 // keys that came more than once in one object; the first was the evidence

	Union *Union // of the objects here, or nil: how a tag tells variants apart

	Formats []FormatCount // string formats (and epoch units of integers), largest share first
	Values  Values        // the values of scalars
	Numbers Numbers       // meaningful when Kinds has Int or Frac
	Lengths Lengths       // of strings in bytes
	Items   Lengths       // of arrays

	IsMap     bool // an object whose keys are data; its one child is Path + "/{}"
	Truncated bool // a cap was met at or below this path; counts stay exact, detail is folded
}

// Has reports whether the field was ever of kind k.
func (f Field) Has(k Kind) bool { return f.Kinds[k] > 0 }

// Required reports whether the key was there in every parent object of every
// probe, and in how many probes that was seen. See [Field.RequiredAtLeast].
func (f Field) Required() (required bool, probes uint64) {
	return f.Probes.Of() > 0 && f.Probes.Some == 0 && f.Probes.None == 0, f.Probes.Of()
}

// RequiredAtLeast is the share of probes that have the key, at the least, with
// 95 % confidence: 0.05^(1/n) when it was there in all of n probes (n = 2016:
// 0.9985), 0 when it was ever missing or there is no evidence.
func (f Field) RequiredAtLeast() float64 {
	required, n := f.Required()
	if !required {
		return 0
	}
	return math.Pow(0.05, 1/float64(n))
}

// MaybeID reports whether the values look like identifiers: scalars, almost
// all different or of an id's format, under a name that says so.
func (f Field) MaybeID() bool {
	if !isKeyName(strings.TrimPrefix(f.Name, "@")) || f.Name == "name" || f.Has(Object) || f.Has(Array) {
		return false
	}
	return float64(f.Values.Distinct) >= 0.5*float64(f.Count) || !f.Values.Exact || f.hasFormat("uuid", "ulid", "prefixed-id", "hex")
}

// IsTimestamp reports whether the values are points in time, and in which
// format: "date-time", "date", "epoch-s" ….
func (f Field) IsTimestamp() (format string, ok bool) {
	if len(f.Formats) == 0 || f.Formats[0].Share < mostly {
		return "", false
	}
	switch name := f.Formats[0].Format; name {
	case "date-time", "date-time-local", "date", "http-date", "epoch-s", "epoch-ms", "epoch-us", "epoch-ns":
		return name, true
	}
	return "", false
}

func (f Field) hasFormat(names ...string) bool {
	return len(f.Formats) > 0 && f.Formats[0].Share >= mostly && slices.Contains(names, f.Formats[0].Format)
}

// A FormatCount says how many values had a format.
type FormatCount struct {
	Format string  `json:"format"` // "date-time", "uuid", "epoch-s" …; "" is plain text
	Count  uint64  `json:"count"`
	Share  float64 `json:"share"`            // of all values of the kind it narrows, empty strings aside
	Detail string  `json:"detail,omitempty"` // the version of a uuid: "v4"; "" when they differ
}

// Values describes the set of scalar values seen at a path.
type Values struct {
	Distinct uint64  // exact when Exact, else an estimate (relative error about 27 %, 13 % for ids)
	Exact    bool    // every distinct value is in List
	Once     uint64  // values seen exactly once, in the kept sample
	Unseen   float64 // probability that the next value is a new one (Good–Turing), 0 to 1
	Closed   bool    // the set looks like an enum: small, settled, nothing new expected
	List     []Value // the kept values by hash: all while Exact (64 at most, booleans aside), else a sample: 16, or 64 for ids
}

// A Value is one distinct scalar. Text is empty where the value may be private
// (ids, e-mail addresses, tokens, long text): then only the hash is kept.
type Value struct {
	Hash  uint64 `json:"hash"` // 32 bits, of kind and literal; stable over machines
	Text  string `json:"text,omitempty"`
	Count uint64 `json:"count"`
}

// Numbers describes numeric values exactly; literals are never rounded.
type Numbers struct {
	Min, Max string  // number literals as sent
	GCD      uint64  // greatest common divisor of the integers; 0 when unknown
	Decimals int     // most decimal places seen
	Beyond53 uint64  // integers that a float64 cannot hold
	Median   float64 // approximate (2 % while values span two octaves, coarser beyond), for scale only
}

// Lengths describes sizes: of strings in bytes, of arrays in items.
type Lengths struct {
	Count    uint64
	Min, Max uint64
	Median   uint64 // approximate above 8
}
