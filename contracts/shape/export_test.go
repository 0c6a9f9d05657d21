package shape

// Payload is what MarshalBinary compresses.
func Payload(s *Shape) []byte { return new(room).payload(s) }

// Packed is a payload as MarshalBinary would write it.
func Packed(payload []byte) []byte {
	zip, err := packer()
	if err != nil {
		panic(err)
	}
	return zip.EncodeAll(payload, []byte{magic[0], magic[1], version})
}
