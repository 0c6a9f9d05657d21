package shape

import "bytes"

func isIPv4(b []byte) bool {
	parts, v, digits := 0, 0, 0
	for _, c := range b {
		if c == '.' {
			if digits == 0 {
				return false
			}
			parts, v, digits = parts+1, 0, 0
			continue
		}
		if !isDigit(c) || digits > 0 && v == 0 {
			return false
		}
		v, digits = v*10+int(c-'0'), digits+1
		if v > 255 {
			return false
		}
	}
	return parts == 3 && digits > 0
}

func isIPv6(b []byte) bool {
	if n := len(b); n < 3 || b[0] == ':' && b[1] != ':' || b[n-1] == ':' && b[n-2] != ':' {
		return false
	}
	groups, digits, double := 1, 0, false
	for i, c := range b {
		switch {
		case c == '.':
			return false
		case c != ':':
			if digits++; digits > 4 {
				return false
			}
		case i > 0 && b[i-1] == ':':
			if double {
				return false
			}
			double = true
		default:
			groups, digits = groups+1, 0
		}
		if c == ':' {
			digits = 0
		}
	}
	return groups <= 8 && (double || groups == 8)
}

var mediaTypes = [...]string{"application/", "audio/", "font/", "image/", "message/", "model/", "multipart/", "text/", "video/"}

func isMediaType(b []byte) bool {
	for _, prefix := range mediaTypes {
		if bytes.HasPrefix(b, []byte(prefix)) {
			return bytes.Count(b, []byte{'/'}) == 1 && len(b) > len(prefix)
		}
	}
	return false
}

func isEmail(b []byte, set uint32) bool {
	i := bytes.IndexByte(b, '@')
	if i < 1 || set&(space|slash|angle|bracket|paren|colon) != 0 || bytes.LastIndexByte(b, '@') != i {
		return false
	}
	domain := b[i+1:]
	last := bytes.LastIndexByte(domain, '.')
	return last > 0 && last < len(domain)-2 && classesOf(domain)&^(wordSet|dot) == 0
}

var extensions = map[string]bool{
	"css": true, "csv": true, "doc": true, "docx": true, "exe": true, "gif": true, "go": true, "gz": true, "html": true,
	"ico": true, "jpeg": true, "jpg": true, "js": true, "json": true, "log": true, "md": true, "mp": true, "pdf": true,
	"php": true, "png": true, "ppt": true, "py": true, "rs": true, "svg": true, "tar": true, "tgz": true, "ts": true,
	"txt": true, "webp": true, "whl": true, "xls": true, "xlsx": true, "xml": true, "yaml": true, "yml": true, "zip": true,
}

func isHostname(b []byte) bool {
	labels := bytes.Split(b, []byte{'.'})
	if len(labels) < 2 || len(b) > 253 {
		return false
	}
	for _, l := range labels {
		if len(l) == 0 || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
			return false
		}
	}
	last := labels[len(labels)-1]
	return len(last) >= 2 && classesOf(last)&^(lower|lowerHex) == 0 && !extensions[string(last)] && classesOf(b)&letter != 0
}
