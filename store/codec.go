package store

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// codecJSON is the first byte of every document, so that a later release can
// change the encoding row by row.
const codecJSON = 1

func encode(v any) ([]byte, error) {
	if row, ok := v.(packedRow); ok {
		return row.pack(make([]byte, 0, packedRoom)), nil
	}
	var out bytes.Buffer
	out.WriteByte(codecJSON)
	if err := json.NewEncoder(&out).Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte{'\n'}), nil
}

// decode reads a document; v never aliases raw.
func decode(raw []byte, v any) error {
	if len(raw) > 0 && raw[0] == codecPacked {
		return unpack(raw[1:], v)
	}
	if len(raw) == 0 || raw[0] != codecJSON {
		return fmt.Errorf("%w: a row has no known codec", ErrDamaged)
	}
	if err := json.Unmarshal(raw[1:], v); err != nil {
		return fmt.Errorf("%w: a row cannot be decoded", ErrDamaged) // err would quote it
	}
	return nil
}

// clone copies a value the way a file would: no shared memory, times in UTC
// without a monotonic reading.
func clone[T any](v T) (out T, err error) {
	raw, err := encode(v)
	if err != nil {
		return out, err
	}
	return out, decode(raw, &out)
}

// nanos is a time as keys hold it; what lies outside 1970 to 2262 is clamped.
func nanos(t time.Time) uint64 {
	switch {
	case t.Before(time.Unix(0, 0)):
		return 0
	case t.Year() > 2261:
		return 1<<63 - 1
	}
	return uint64(t.UnixNano())
}

func fromNanos(n uint64) time.Time { return time.Unix(0, int64(n)).UTC() }

func be64(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// under is the prefix of all keys that belong to a name.
func under(name string) []byte { return append([]byte(name), 0) }

// numbered is the key of a name's nth row.
func numbered(name string, n uint64) []byte { return binary.BigEndian.AppendUint64(under(name), n) }

// checkName refuses names that cannot be part of a key.
func checkName(what, name string) error {
	if name == "" || len(name) > maxIDLength || strings.ContainsRune(name, 0) {
		return fmt.Errorf("%s %.40q: a name has 1 to %d bytes and no NUL", what, name, maxIDLength)
	}
	return nil
}
