package shape

import "bytes"

// classifyNumeric knows what has digits, signs and points only.
func classifyNumeric(b []byte, set uint32) format {
	if len(b) == 36 && classifyUUID(b) != plain { // the nil UUID has digits only
		return classifyUUID(b)
	}
	dots, minuses := bytes.Count(b, []byte{'.'}), bytes.Count(b, []byte{'-'})
	unsigned := b
	if b[0] == '-' {
		unsigned, minuses = b[1:], minuses-1
	}
	switch n := len(unsigned); {
	case n == 0 || !isDigit(unsigned[n-1]) || set&digit == 0:
		return plain
	case b[0] == '+' && len(b) >= 8 && len(b) <= 20 && dots == 0:
		return phone
	case minuses > 0 || set&plus != 0 || !isDigit(unsigned[0]):
		return classifyVersion(b)
	case dots == 0:
		return integerText
	case dots == 1:
		return decimalText
	case dots == 3 && isIPv4(b):
		return ipv4
	}
	return classifyVersion(b)
}

// classifyVersion knows 1.2.3, v1.2.3 and 1.2.3-rc.1+build.
func classifyVersion(b []byte) format {
	rest := bytes.TrimPrefix(b, []byte("v"))
	for part := range 3 {
		i := 0
		for i < len(rest) && isDigit(rest[i]) {
			i++
		}
		if i == 0 || i > 9 || i > 1 && rest[0] == '0' {
			return plain
		}
		rest = rest[i:]
		if part < 2 {
			if len(rest) == 0 || rest[0] != '.' {
				return plain
			}
			rest = rest[1:]
		}
	}
	if len(rest) == 0 || len(rest) > 1 && (rest[0] == '-' || rest[0] == '+') {
		return semver
	}
	return plain
}
