package shape

import (
	"sync/atomic"

	"github.com/zeebo/xxh3"
)

// A word is the name of a key and what follows from it.
type word struct {
	name       string
	head, tail uint64 // first and last eight bytes of a short name, see ends
	hash       uint64
	mixed      uint64 // the hash, spread for signatures
	rank       uint8  // among the names of tags
	short      bool   // the name may be compared by head and tail
	plain      bool   // raw bytes of a body may be compared with the name
	private    bool   // by the name: texts of values are not kept
	id         bool   // by the name: values are ids
	data       bool   // by its form: it is a key of a map
}

func newWord(name string, hash uint64) *word {
	w := &word{
		name: name, hash: hash, mixed: spread64(hash), rank: uint8(tagRank(name)),
		plain: isPlain(name), private: isPrivateName(name), id: isKeyName(name), data: isDataKey([]byte(name), classify([]byte(name))),
	}
	if w.short = w.plain && name != "" && len(name) <= knownText; w.short {
		w.head, w.tail = ends([]byte(name))
	}
	return w
}

// words remembers the words met lately, for all shapes together: APIs use the
// same names again and again, and reading a name for what it says costs more
// than all else about a new key. What is remembered is never another name's.
var words [2048]atomic.Pointer[word]

func wordOf(name []byte) *word {
	hash := xxh3.Hash(name)
	place := &words[hash%uint64(len(words))]
	if w := place.Load(); w != nil && w.name == string(name) {
		return w
	}
	w := newWord(string(name), hash)
	place.Store(w)
	return w
}

// isPlain reports whether a name, found in a body as raw bytes and followed by
// a quote, can only be that name.
func isPlain(name string) bool {
	for i := range len(name) {
		if name[i] < 0x20 || name[i] == '"' || name[i] == '\\' {
			return false
		}
	}
	return true
}
