package shape

import "time"

// Payload is what MarshalBinary compresses.
func Payload(s *Shape) []byte { return new(room).payload(s) }

// ObserveInStretches observes a body that is read in stretches of so many
// tokens.
func (s *Shape) ObserveInStretches(body []byte, at time.Time, tokens int) error {
	w := &walker{room: manyKeys, pass: pass{room: tokens}}
	w.begin(s)
	defer w.end()
	return s.observe(w, body, at)
}

// Packed is a payload as MarshalBinary would write it.
func Packed(payload []byte) []byte {
	zip, err := packer()
	if err != nil {
		panic(err)
	}
	return zip.EncodeAll(payload, []byte{magic[0], magic[1], version})
}
