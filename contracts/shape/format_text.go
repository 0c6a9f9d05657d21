package shape

import "bytes"

func isJWT(b []byte) bool {
	return len(b) > 40 && bytes.HasPrefix(b, []byte("eyJ")) && bytes.Count(b, []byte{'.'}) == 2
}

// isBase64 asks for length, padding and a mix of characters, so that words and
// paths do not pass.
func isBase64(b []byte, set uint32) bool {
	n := len(b)
	if n < 16 || n%4 != 0 || set&(lower|lowerHex) == 0 || set&(upper|upperHex) == 0 || set&digit == 0 {
		return false
	}
	body := bytes.TrimRight(b, "=")
	return n-len(body) <= 2 && classesOf(body)&^(digit|letter|plus|slash) == 0
}

// classifyText knows text inside text.
func classifyText(b []byte, set uint32) format {
	first, last := b[0], b[len(b)-1]
	switch {
	case first == '{' && last == '}', first == '[' && last == ']':
		if isJSON(b) {
			return jsonText
		}
	case first == '<' && last == '>' && (bytes.Contains(b, []byte("</")) || bytes.HasSuffix(b, []byte("/>"))),
		set&angle != 0 && (bytes.Contains(b, []byte("</p>")) || bytes.Contains(b, []byte("</a>")) || bytes.Contains(b, []byte("<br"))):
		return html
	}
	return plain
}
