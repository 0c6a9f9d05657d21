package shape

import (
	"errors"
	"fmt"
	"slices"
)

// Pack compresses what is kept beside shapes. Equal input gives equal bytes.
func Pack(plain []byte) ([]byte, error) {
	zip, err := packer()
	if err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	m := takeRoom()
	defer m.giveBack()
	m.packed = zip.EncodeAll(plain, m.packed[:0])
	return slices.Clone(m.packed), nil
}

// Unpack undoes [Pack]; it refuses what would be larger than 64 MiB.
func Unpack(packed []byte) ([]byte, error) {
	zip, err := unpacker()
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	plain, err := zip.DecodeAll(packed, nil)
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	return plain, nil
}

// MarshalPlain encodes the state without compressing it: for small shapes that
// are soon written over.
func (s *Shape) MarshalPlain() []byte {
	m := takeRoom()
	defer m.giveBack()
	return slices.Concat([]byte{version}, m.payload(s))
}

// UnmarshalPlain replaces the shape by what [Shape.MarshalPlain] wrote. Any
// other input is an error.
func (s *Shape) UnmarshalPlain(encoded []byte) error {
	if len(encoded) == 0 || encoded[0] == 0 || encoded[0] > version {
		return errors.New("decode shape: not a plain shape that this release can read")
	}
	m := takeRoom()
	defer m.giveBack()
	t, err := m.fromPayload(encoded[1:], encoded[0])
	if err != nil {
		return fmt.Errorf("decode shape: %w", err)
	}
	*s = *t
	return nil
}
