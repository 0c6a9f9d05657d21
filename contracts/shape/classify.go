package shape

import "bytes"

// classify tells the format of a string.
func classify(b []byte) format {
	n := len(b)
	if n == 0 {
		return plain
	}
	if n == len("2006-01-02T15:04:05Z") && b[10] == 'T' && b[19] == 'Z' && b[4] == '-' && classifyDateTime(b) == dateTime {
		return dateTime // far the most frequent of the texts that are ever new
	}
	set := classesOf(b[:min(n, looked)])
	switch {
	case set&(wide|other) != 0:
		return classifyText(b, set)
	case set&digit != 0 && set&^(digit|minus|plus|dot|colon|upper|upperHex|lower|lowerHex|space|slash) == 0 && '0' <= b[0] && b[0] <= '9':
		if f := classifyTime(b); f != plain {
			return f
		}
	}
	if n > looked {
		return classifyLong(b, set)
	}
	switch {
	case set&^letter == 0:
		return classifyLetters(b, set)
	case set&^(digit|minus|dot|plus) == 0:
		return classifyNumeric(b, set)
	case set&^wordSet == 0:
		return classifyWord(b, set)
	case set&colon != 0 || set&slash != 0:
		return classifyReference(b, set)
	}
	return classifyMarked(b, set)
}

// classifyLetters knows what has letters only.
func classifyLetters(b []byte, set uint32) format {
	switch n := len(b); {
	case n == 2 && set&(lower|lowerHex) == 0 && isCountry(b):
		return country
	case n == 3 && set&(lower|lowerHex) == 0 && isCurrency(b):
		return currency
	case n == 4 && string(b) == "true", n == 5 && string(b) == "false":
		return booleanText
	case n == 4 && (string(b) == "True" || string(b) == "TRUE"), n == 5 && (string(b) == "False" || string(b) == "FALSE"):
		return booleanText
	}
	return plain
}

// classifyWord knows what has letters, digits, hyphens and underscores only.
func classifyWord(b []byte, set uint32) format {
	n := len(b)
	if n == 36 && b[8] == '-' && set&^(hexSet|minus) == 0 {
		if f := classifyUUID(b); f != plain {
			return f
		}
	}
	switch {
	case n == 5 && (b[2] == '-' || b[2] == '_') && isLocale(b):
		return locale
	case b[0] == 'P' && isDuration(b):
		return duration
	case set&^(hexSet) == 0 && set&digit != 0 && n >= 16 && n%2 == 0 && (set&lowerHex == 0 || set&upperHex == 0):
		return hexadecimal
	case n == 26 && set&(lower|lowerHex|minus|underscore) == 0 && isULID(b):
		return ulid
	case set&underscore != 0 && isPrefixedID(b):
		return prefixedID
	case set&(minus|underscore) != 0 && set&(upper|upperHex) == 0 && isSlug(b):
		return slug
	case n >= 20 && set&digit != 0 && set&(lower|lowerHex) != 0 && set&(upper|upperHex) != 0:
		return base64
	}
	return plain
}

// classifyReference knows what has a colon or a slash.
func classifyReference(b []byte, set uint32) format {
	if i := bytes.Index(b, []byte("://")); i > 0 && i < 16 && set&(space|angle|bracket) == 0 {
		if classes[b[0]]&letter != 0 && len(b) > i+3 {
			return uri
		}
	}
	switch {
	case set&colon != 0 && set&^(hexSet|colon|dot) == 0 && isIPv6(b):
		return ipv6
	case set&slash == 0 || set&(space|angle|bracket|other) != 0:
		return classifyMarked(b, set)
	case b[0] == '/' && len(b) > 1:
		return uriReference
	case set&^(wordSet|slash|dot|plus) == 0 && isMediaType(b):
		return mediaType
	}
	return classifyMarked(b, set)
}

// classifyMarked knows the formats that a special character gives away.
func classifyMarked(b []byte, set uint32) format {
	n := len(b)
	switch {
	case set&at != 0 && isEmail(b, set):
		return email
	case b[0] == '#' && (n == 4 || n == 7 || n == 9) && classesOf(b[1:])&^hexSet == 0:
		return color
	case b[0] == 'P' && isDuration(b):
		return duration
	case (b[0] == '+' || b[0] == '(') && set&digit != 0 && set&^(digit|plus|minus|space|paren|dot) == 0 && countDigits(b) >= 7 && n <= 24:
		return phone
	case n == 29 && b[3] == ',' && bytes.HasSuffix(b, []byte(" GMT")):
		return httpDate
	case set&dot != 0 && set&^(wordSet|dot|plus) == 0:
		return classifyDotted(b, set)
	case set&(plus|equals|slash) != 0 && isBase64(b, set):
		return base64
	}
	return classifyText(b, set)
}

// classifyDotted knows words joined by dots.
func classifyDotted(b []byte, set uint32) format {
	if f := classifyVersion(b); f != plain {
		return f
	}
	if isJWT(b) {
		return jwt
	}
	if set&(upper|upperHex|underscore|plus) == 0 && isHostname(b) {
		return hostname
	}
	return plain
}

// classifyLong knows what is longer than the part that was looked at.
func classifyLong(b []byte, set uint32) format {
	switch {
	case set&^(hexSet) == 0 && classesOf(b)&^hexSet == 0:
		return hexadecimal
	case set&^(wordSet|dot) == 0 && set&dot != 0 && isJWT(b), bytes.HasPrefix(b, []byte("eyJ")) && isJWT(b):
		return jwt
	case set&(space|angle|bracket) == 0 && set&colon != 0 && classifyReference(b, set) == uri:
		return uri
	case set&^(wordSet|plus|slash|equals) == 0 && set&(minus|underscore) == 0 && isBase64(b, set):
		return base64
	case set&(space|angle|bracket) == 0 && b[0] == '/':
		return uriReference
	}
	return classifyText(b, set)
}
