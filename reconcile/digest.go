package reconcile

import (
	"crypto/md5" //nolint:gosec // the one hash that PostgreSQL and MySQL compute alike; nobody attacks it here
	"encoding/hex"
	"math/bits"
	"strconv"
	"time"
)

// Buckets is how many buckets keys fall into: by the first three hex digits of
// the MD5 of a row's key.
const Buckets = 1 << bucketBits

const bucketBits = 12

// A Part is a set of buckets.
type Part struct{ set [Buckets / 64]uint64 }

// Add puts a bucket into the part.
func (p *Part) Add(bucket int) { p.set[bucket/64] |= 1 << (bucket % 64) }

// Has reports whether a bucket is in the part; every one is in a nil part.
func (p *Part) Has(bucket int) bool { return p == nil || p.set[bucket/64]&(1<<(bucket%64)) != 0 }

// Len is how many buckets are in the part.
func (p *Part) Len() (n int) {
	if p == nil {
		return Buckets
	}
	for _, word := range p.set {
		n += bits.OnesCount64(word)
	}
	return n
}

// A Digest sums up the rows of a bucket: how many they are, and the sum of
// their hashes, each the first 60 bits of the MD5 of the row's text, which
// [AppendCell] defines. Two buckets with other rows have the same digest once in
// 2^60.
type Digest struct {
	Rows   int64
	Hi, Lo uint64 // the sum, 128 bits
}

// Add counts a row with a hash.
func (d *Digest) Add(hash uint64) {
	var carry uint64
	d.Lo, carry = bits.Add64(d.Lo, hash, 0)
	d.Hi, d.Rows = d.Hi+carry, d.Rows+1
}

// Sums are the digests of a side.
type Sums struct {
	Of     [Buckets]Digest
	Newest time.Time // of the last changes; zero when no column says
}

// Rows is how many rows there are in all.
func (s *Sums) Rows() (n int64) {
	for i := range s.Of {
		n += s.Of[i].Rows
	}
	return n
}

// differing is the part in which two sides have other digests.
func (s *Sums) differing(o *Sums) *Part {
	var part Part
	for i := range s.Of {
		if s.Of[i] != o.Of[i] {
			part.Add(i)
		}
	}
	return &part
}

// AppendCell appends a canonical cell to the text that keys and rows are hashed
// as: its length in bytes, a colon and the text, or "-" for null and "~" for
// missing. No two lists of cells have the same text.
func AppendCell(text []byte, c Cell) []byte {
	switch c.State {
	case Null:
		return append(text, '-')
	case Missing:
		return append(text, '~')
	}
	text = strconv.AppendInt(text, int64(len(c.Text)), 10)
	text = append(text, ':')
	return append(text, c.Text...)
}

// bucketOf is the bucket of a key's text.
func bucketOf(key []byte) int {
	sum := md5.Sum(key)
	return int(sum[0])<<4 | int(sum[1])>>4
}

// hashOf is the hash of a row's text.
func hashOf(row []byte) uint64 {
	sum := md5.Sum(row)
	var h uint64
	for _, b := range sum[:8] {
		h = h<<8 | uint64(b)
	}
	return h >> 4
}

// nameOf is a short name for a key that tells nothing of it: "#3f9c0a7b".
func nameOf(key []byte) string {
	sum := md5.Sum(key)
	return "#" + hex.EncodeToString(sum[8:12])
}
