package reconcile

import (
	"bufio"
	"bytes"
	"container/heap"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// A sorter takes records in any order and gives them back in the order of
// their keys, and under a key in that of their cells. What does not fit into its memory goes, sorted, to a file that
// has no name and is enciphered under a key that is nowhere but here: no end of
// this program leaves a value behind.
//
// A record is the length of its key, the length of its rest, the key and the
// rest, lengths as four bytes each.
type sorter struct {
	arena  []byte
	starts []uint32
	limit  int
	runs   []run
	file   *os.File
	end    int64
	block  cipher.Block
	count  int64
}

// A run is a sorted stretch of the file.
type run struct{ from, to int64 }

const recordHead = 8

// changedSize is how much of a record's rest is the time of its last change.
const changedSize = 8

func newSorter(limit int) *sorter { return &sorter{limit: limit} }

func (s *sorter) add(key, rest []byte) error {
	size := recordHead + len(key) + len(rest)
	if len(s.arena)+size+4*(len(s.starts)+1) > s.limit && len(s.starts) > 0 {
		if err := s.spill(); err != nil {
			return fmt.Errorf("rows that do not fit into memory: %w", err)
		}
	}
	s.starts = append(s.starts, uint32(len(s.arena)))
	s.arena = binary.LittleEndian.AppendUint32(s.arena, uint32(len(key)))
	s.arena = binary.LittleEndian.AppendUint32(s.arena, uint32(len(rest)))
	s.arena = append(append(s.arena, key...), rest...)
	s.count++
	return nil
}

func (s *sorter) record(start uint32) (key, rest []byte) {
	b := s.arena[start:]
	k, r := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
	return b[recordHead : recordHead+k], b[recordHead+k : recordHead+k+r]
}

func (s *sorter) sort() {
	slices.SortFunc(s.starts, func(a, b uint32) int {
		key, rest := s.record(a)
		otherKey, otherRest := s.record(b)
		return compareRecords(key, rest, otherKey, otherRest)
	})
}

// compareRecords orders by key. Rows of one key are in the order of their cells,
// not of their coming: the first of them stands for the key, and sides that hold
// the same rows must agree however each hands them over.
func compareRecords(key, rest, otherKey, otherRest []byte) int {
	if order := bytes.Compare(key, otherKey); order != 0 {
		return order
	}
	return bytes.Compare(rest[changedSize:], otherRest[changedSize:])
}

func (s *sorter) spill() (err error) {
	if s.file == nil {
		if err := s.open(); err != nil {
			return err
		}
	}
	s.sort()
	w := bufio.NewWriterSize(&enciphered{s, s.end}, 64<<10)
	from := s.end
	for _, start := range s.starts {
		key, rest := s.record(start)
		if _, err := w.Write(s.arena[start : int(start)+recordHead+len(key)+len(rest)]); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	s.runs = append(s.runs, run{from, s.end})
	s.arena, s.starts = s.arena[:0], s.starts[:0]
	return nil
}

func (s *sorter) open() error {
	file, err := os.CreateTemp("", "shapewatch-*")
	if err != nil {
		return err
	}
	_ = os.Remove(file.Name()) // where an open file cannot be unlinked, close does it
	s.file = file
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return err
	}
	s.block, err = aes.NewCipher(key)
	return err
}

func (s *sorter) close() error {
	if s.file == nil {
		return nil
	}
	name := s.file.Name()
	err := s.file.Close()
	if gone := os.Remove(name); gone != nil && !errors.Is(gone, os.ErrNotExist) {
		return errors.Join(err, gone)
	}
	return err
}

// stream is the cipher's at an offset of the file.
func (s *sorter) stream(at int64) cipher.Stream {
	iv := make([]byte, aes.BlockSize)
	binary.BigEndian.PutUint64(iv[8:], uint64(at/aes.BlockSize))
	stream := cipher.NewCTR(s.block, iv)
	skip := make([]byte, at%aes.BlockSize)
	stream.XORKeyStream(skip, skip)
	return stream
}

type enciphered struct {
	*sorter
	at int64
}

func (e *enciphered) Write(text []byte) (int, error) {
	out := make([]byte, len(text))
	e.stream(e.at).XORKeyStream(out, text)
	n, err := e.file.WriteAt(out, e.at)
	e.at += int64(n)
	e.end = e.at
	return n, err
}

// A cursor walks through sorted records.
type cursor struct {
	key, rest []byte
	next      func() (key, rest []byte, err error)
}

func (c *cursor) advance() (more bool, err error) {
	c.key, c.rest, err = c.next()
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	return err == nil, err
}

// cursors are one for each run, and one for what is still in memory.
func (s *sorter) cursors() (all []*cursor) {
	s.sort()
	at := 0
	all = append(all, &cursor{next: func() (key, rest []byte, err error) {
		if at >= len(s.starts) {
			return nil, nil, io.EOF
		}
		key, rest = s.record(s.starts[at])
		at++
		return key, rest, nil
	}})
	for _, r := range s.runs {
		all = append(all, s.openRun(r))
	}
	return all
}

// bytesPerRun is what is held of each run while runs are merged.
const bytesPerRun = 32 << 10

func (s *sorter) openRun(r run) *cursor {
	section := io.NewSectionReader(s.file, r.from, r.to-r.from)
	b := bufio.NewReaderSize(cipher.StreamReader{S: s.stream(r.from), R: section}, bytesPerRun)
	var record []byte
	return &cursor{next: func() (key, rest []byte, err error) {
		var head [recordHead]byte
		if _, err := io.ReadFull(b, head[:]); err != nil {
			return nil, nil, err
		}
		k, n := binary.LittleEndian.Uint32(head[:]), binary.LittleEndian.Uint32(head[4:])
		record = slices.Grow(record[:0], int(k+n))[:k+n]
		if _, err := io.ReadFull(b, record); err != nil {
			return nil, nil, fmt.Errorf("rows that were put aside cannot be read: %w", err)
		}
		return record[:k], record[k:], nil
	}}
}

// A merged walks through all records of a sorter in the order of their keys.
type merged struct{ heads []*cursor }

func (s *sorter) merge() (*merged, error) {
	m := &merged{}
	for _, c := range s.cursors() {
		more, err := c.advance()
		if err != nil {
			return nil, err
		}
		if more {
			m.heads = append(m.heads, c)
		}
	}
	heap.Init(m)
	return m, nil
}

// head is the record with the lowest key; ok is false at the end.
func (m *merged) head() (key, rest []byte, ok bool) {
	if len(m.heads) == 0 {
		return nil, nil, false
	}
	return m.heads[0].key, m.heads[0].rest, true
}

func (m *merged) advance() error {
	more, err := m.heads[0].advance()
	switch {
	case err != nil:
		return err
	case more:
		heap.Fix(m, 0)
	default:
		heap.Pop(m)
	}
	return nil
}

// The rest is for package heap.

func (m *merged) Len() int { return len(m.heads) }
func (m *merged) Less(i, j int) bool {
	a, b := m.heads[i], m.heads[j]
	return compareRecords(a.key, a.rest, b.key, b.rest) < 0
}
func (m *merged) Swap(i, j int) { m.heads[i], m.heads[j] = m.heads[j], m.heads[i] }
func (m *merged) Push(x any)    { m.heads = append(m.heads, x.(*cursor)) }
func (m *merged) Pop() any {
	last := m.heads[len(m.heads)-1]
	m.heads = m.heads[:len(m.heads)-1]
	return last
}
