package shape

import "bytes"

func classifyUUID(b []byte) format {
	if b[13] != '-' || b[18] != '-' || b[23] != '-' || bytes.Count(b, []byte{'-'}) != 4 {
		return plain
	}
	switch b[14] {
	case '1':
		return uuid1
	case '4':
		return uuid4
	case '7':
		return uuid7
	}
	return uuid
}

// isULID: Crockford's alphabet has no I, L, O and U, and 26 characters hold
// 130 bits, so the first is at most 7.
func isULID(b []byte) bool {
	return b[0] >= '0' && b[0] <= '7' && !bytes.ContainsAny(b, "ILOU")
}

// isPrefixedID knows cus_N3fvJ0aB1cD2: lower-case words, then a random tail.
func isPrefixedID(b []byte) bool {
	i := bytes.LastIndexByte(b, '_')
	if i < 1 || i > 24 || len(b)-i < 9 || classesOf(b[:i])&^(lower|lowerHex|underscore) != 0 {
		return false
	}
	tail := classesOf(b[i+1:])
	return tail&digit != 0 && tail&letter != 0 && tail&(minus|underscore) == 0
}

func isSlug(b []byte) bool {
	last := byte('-')
	for _, c := range b {
		if (c == '-' || c == '_') && (last == '-' || last == '_') {
			return false
		}
		last = c
	}
	return last != '-' && last != '_' && classesOf(b)&(lower|lowerHex) != 0
}
