package shape

import (
	"encoding/json"
	"fmt"

	"github.com/klauspost/compress/zstd"
)

type state struct {
	Limits Limits
	Probes uint64
	Root   *node
}

// MarshalBinary encodes the state; equal states have equal bytes.
func (s *Shape) MarshalBinary() ([]byte, error) {
	text, err := json.Marshal(state{s.limits, s.probes, s.root})
	if err != nil {
		return nil, fmt.Errorf("encode shape: %w", err)
	}
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("encode shape: %w", err)
	}
	return w.EncodeAll(text, []byte("S1")), nil
}

// UnmarshalBinary decodes what MarshalBinary wrote, by any version.
func (s *Shape) UnmarshalBinary(encoded []byte) error {
	if len(encoded) < 2 || string(encoded[:2]) != "S1" {
		return fmt.Errorf("decode shape: not an encoded shape")
	}
	r, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
	if err != nil {
		return fmt.Errorf("decode shape: %w", err)
	}
	defer r.Close()
	text, err := r.DecodeAll(encoded[2:], nil)
	if err != nil {
		return fmt.Errorf("decode shape: %w", err)
	}
	var st state
	if err := json.Unmarshal(text, &st); err != nil {
		return fmt.Errorf("decode shape: %w", err)
	}
	if st.Root == nil {
		return fmt.Errorf("decode shape: no root")
	}
	*s = Shape{st.Limits.orDefaults(), st.Probes, st.Root}
	return nil
}
