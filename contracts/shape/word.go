package shape

import (
	"sync/atomic"

	"github.com/zeebo/xxh3"
)

// A word is the name of a key and what follows from it.
type word struct {
	name    string
	begin   uint64 // first and last eight bytes of the key as it is written, see written
	end     uint64
	mask    uint64 // of these, the bits that count
	size    uint8  // bytes as it is written; 0 when it is too long, or could be written in another way
	hash    uint64
	mixed   uint64 // the hash, spread for signatures
	rank    uint8  // among the names of tags
	plain   bool   // raw bytes of a body may be compared with the name
	private bool   // by the name: texts of values are not kept
	id      bool   // by the name: values are ids
	data    bool   // by its form: it is a key of a map
}

func newWord(name string, hash uint64) *word {
	w := &word{
		name: name, hash: hash, mixed: spread64(hash), rank: uint8(tagRank(name)),
		plain: isPlain(name), private: isPrivateName(name), id: isKeyName(name), data: isDataKey([]byte(name), classify([]byte(name))),
	}
	w.written()
	return w
}

// longestKey is the length up to which a key is compared by its ends.
const longestKey = 16

// written notes how a key is written before its value when there is no space:
// the name, a quote and a colon. A key is then found in a text by two loads.
func (w *word) written() {
	key := []byte(w.name + `":`)
	if !w.plain || len(key) > longestKey {
		return
	}
	w.size, w.mask = uint8(len(key)), 1<<64-1
	if len(key) < 8 {
		w.mask = 1<<(8*len(key)) - 1
		key = append(key, make([]byte, 8-len(key))...)
	}
	w.begin, w.end = load64(key), load64(key[len(key)-8:])
}

// leads returns the length of the key when a text goes on at i with it, its
// closing quote and a colon; 0 when it does not, or has to be looked at more
// closely.
func (w *word) leads(b []byte, i int) int {
	size := int(w.size)
	if i+longestKey > len(b) || (load64(b[i:])^w.begin)&w.mask != 0 || (load64(b[i+max(size-8, 0):])^w.end)&w.mask != 0 {
		return 0
	}
	return size
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
