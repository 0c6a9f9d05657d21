package shape

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// The encoding is "SW", a version byte, then one zstd frame. The payload is a
// pre-order walk of the live nodes, siblings by name, every table sorted, every
// integer a varint; so equal states have equal bytes. A new version gets a new
// version byte, and its reader keeps the older ones. Version 2 added what is
// known by tag, and put the hashes first: no compressor makes them smaller, and
// apart from them the rest compresses better. Version 3 added which keys of a
// folded object are words, version 4 the formats within variants.
const (
	magic   = "SW"
	version = 4
	// maxPayload bounds what a decoder unpacks; 4,096 full nodes need less.
	maxPayload = 64 << 20
	// maxTally is more than the keys of any tally: decimal places end at 255.
	maxTally = 256
)

var (
	packer = sync.OnceValues(func() (*zstd.Encoder, error) {
		return zstd.NewWriter(nil, zstd.WithEncoderConcurrency(2), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(true))
	})
	unpacker = sync.OnceValues(func() (*zstd.Decoder, error) {
		return zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxMemory(maxPayload), zstd.WithDecoderLowmem(true))
	})
)

// MarshalBinary encodes the state. Equal states have equal bytes.
func (s *Shape) MarshalBinary() ([]byte, error) {
	zip, err := packer()
	if err != nil {
		return nil, fmt.Errorf("encode shape: %w", err)
	}
	m := takeRoom()
	defer m.giveBack()
	m.packed = append(m.packed[:0], magic[0], magic[1], version)
	m.packed = zip.EncodeAll(m.payload(s), m.packed)
	return slices.Clone(m.packed), nil
}

// payload encodes a shape; it is good until the room is used again.
func (m *room) payload(s *Shape) []byte {
	w := &m.writer
	w.out, w.hashes = w.out[:0], w.hashes[:0]
	l := s.limits
	for _, v := range []int{l.Nodes, l.Depth, l.Keys, l.KeyBytes} {
		w.uint(uint64(v))
	}
	w.uint(uint64(l.Body))
	w.uint(s.probes)
	w.node(s.ready(), &node{})
	m.plain = binary.AppendUvarint(m.plain[:0], uint64(len(w.hashes)))
	m.plain = append(append(m.plain, w.hashes...), w.out...)
	return m.plain
}

// UnmarshalBinary replaces the shape by what MarshalBinary wrote. Any other
// input is an error.
func (s *Shape) UnmarshalBinary(encoded []byte) error {
	if len(encoded) < 3 || string(encoded[:2]) != magic {
		return errors.New("decode shape: not an encoded shape")
	}
	switch v := encoded[2]; {
	case v > version:
		return fmt.Errorf("decode shape: version %d was written by a newer shapewatch; this one reads up to %d", v, version)
	case v == 0:
		return fmt.Errorf("decode shape: %w", errDamaged)
	}
	zip, err := unpacker()
	if err != nil {
		return fmt.Errorf("decode shape: %w", err)
	}
	m := takeRoom()
	defer m.giveBack()
	if m.plain, err = zip.DecodeAll(encoded[3:], m.plain[:0]); err != nil {
		return fmt.Errorf("decode shape: %w", err)
	}
	t, err := m.fromPayload(m.plain, encoded[2])
	if err != nil {
		return fmt.Errorf("decode shape: %w", err)
	}
	*s = *t
	return nil
}

var errDamaged = errors.New("damaged content")

// fromPayload decodes a shape, which keeps nothing of the payload.
func (m *room) fromPayload(payload []byte, version byte) (*Shape, error) {
	r := &reader{in: payload, version: version, pairs: m.pairs, text: m.text}
	defer func() { m.pairs, m.text = r.pairs, r.text }()
	if version >= 2 {
		r.hashes.in = r.bytes(len(payload))
	}
	s := New(Limits{Nodes: r.size(maxNodes), Depth: r.size(maxDepth), Keys: r.size(maxKeys), KeyBytes: r.size(maxKeyBytes), Body: int64(r.size(maxBody))})
	s.probes = r.uint()
	r.shape, r.left = s, 4*s.limits.Nodes+1024
	r.node(s.root, &node{})
	if r.failed || r.rest() > 0 || r.hashes.at < len(r.hashes.in) {
		return nil, errDamaged
	}
	return s, nil
}

// scalars are the plain counters of a node in the order of the encoding:
// append only.
func (n *node) scalars() [15]*uint64 {
	return [...]*uint64{
		&n.kinds[Null], &n.kinds[Bool], &n.kinds[Int], &n.kinds[Frac], &n.kinds[String], &n.kinds[Object], &n.kinds[Array],
		&n.trues, &n.duplicates, &n.all, &n.some, &n.with, &n.emptyText, &n.emptyList, &n.emptyObject,
	}
}

const (
	hasText = 1 << iota
	hasNumbers
	hasList
	hasObject
)
