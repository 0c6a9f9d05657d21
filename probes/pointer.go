package probes

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// pointerTokens are the parts of a JSON Pointer, as RFC 6901 escapes them.
func pointerTokens(pointer string) []string {
	if pointer == "" || pointer == "/" {
		return nil
	}
	tokens := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, t := range tokens {
		tokens[i] = strings.ReplaceAll(strings.ReplaceAll(t, "~1", "/"), "~0", "~")
	}
	return tokens
}

// rawAt is the JSON text of the value at a pointer, and where in the text it
// begins; -1 stands for the last entry of a list.
func rawAt(text []byte, pointer string) (raw []byte, from int, there bool) {
	raw = bytes.TrimRight(text, " \t\r\n")
	for _, token := range pointerTokens(pointer) {
		if len(raw) == 0 {
			return nil, 0, false
		}
		below, at, ok := child(raw, token)
		if !ok {
			return nil, 0, false
		}
		raw, from = below, from+at
	}
	skip := len(raw) - len(bytes.TrimLeft(raw, " \t\r\n"))
	return raw[skip:], from + skip, len(raw) > skip
}

// child is the value under a key or at an index, and where it begins. Of a key
// that comes twice the first counts.
func child(text []byte, token string) (raw []byte, at int, there bool) {
	d := json.NewDecoder(bytes.NewReader(text))
	open, err := d.Token()
	if err != nil {
		return nil, 0, false
	}
	index, _ := strconv.Atoi(token)
	for i := 0; d.More(); i++ {
		found := open == json.Delim('[') && (i == index && strconv.Itoa(index) == token || token == "-1")
		if open == json.Delim('{') {
			key, err := d.Token()
			if err != nil {
				return nil, 0, false
			}
			found = key == token
		} else if open != json.Delim('[') {
			return nil, 0, false
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return nil, 0, false
		}
		if found {
			end := int(d.InputOffset())
			raw, at, there = text[end-len(value):end], end-len(value), true
			if token != "-1" || open == json.Delim('{') {
				return raw, at, true
			}
		}
	}
	return raw, at, there
}

// textAt is the scalar at a pointer, as text; "" for null, false, objects,
// lists and what is not there.
func textAt(text []byte, pointer string) string {
	raw, _, there := rawAt(text, pointer)
	if !there || len(raw) == 0 || strings.IndexByte(`{[ntf`, raw[0]) >= 0 {
		return ""
	}
	return unquoted(raw)
}

// unquoted is a string without its quotes, and anything else as written.
func unquoted(raw []byte) string {
	var s string
	if len(raw) > 0 && raw[0] == '"' && json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

// findList is the pointer to the list that a page most likely is about: the
// body itself, else the longest in it no deeper than two keys, else one that
// is empty.
func findList(text []byte) string {
	text = bytes.TrimLeft(text, " \t\r\n")
	if len(text) == 0 || text[0] != '{' {
		return ""
	}
	best, most := "/", -1
	var look func(text []byte, path string, deeper int)
	look = func(text []byte, path string, deeper int) {
		var fields map[string]json.RawMessage
		if json.Unmarshal(text, &fields) != nil {
			return
		}
		for name, value := range fields {
			below := path + "/" + strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
			var list []json.RawMessage
			switch {
			case value[0] == '[' && json.Unmarshal(value, &list) == nil:
				if len(list) > most || len(list) == most && below < best {
					best, most = below, len(list)
				}
			case value[0] == '{' && deeper > 0:
				look(value, below, deeper-1)
			}
		}
	}
	look(text, "", 1)
	if most < 0 {
		return "/\x00" // no list: nothing is called so
	}
	return best
}
