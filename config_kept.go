package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"reflect"

	"shapewatch/contracts"
	"shapewatch/contracts/openapi"
)

// largeContract is from which size on a document is kept in excerpts: smaller
// ones are read whole in no time.
const largeContract = 1 << 20 // bytes

// An excerptStore remembers excerpts of contract files over restarts.
type excerptStore interface {
	// Excerpts are those that are remembered, by key.
	Excerpts(ctx context.Context) (map[string][]byte, error)
	// KeepExcerpts puts these in the place of those that are remembered.
	KeepExcerpts(ctx context.Context, all map[string][]byte) error
}

// keptExcerpts are what the probed operations of large contract files need, by
// what the files hold: a start that finds its files as they were reads none of
// them whole. A key is the hash of the file, and one of the operation that is
// asked.
type keptExcerpts struct {
	open   func() excerptStore // nil when there is no store yet
	opened bool
	before map[string][]byte
	used   map[string][]byte
}

// A keptExcerpt is one operation of a document as it is remembered.
type keptExcerpt struct {
	Text   []byte            `json:"text"` // a document of its own
	Faults []string          `json:"faults,omitempty"`
	Files  map[string]string `json:"files,omitempty"` // hashes of the other files it needed, by name
}

// look reads what is remembered, once. What cannot be read is taken anew.
func (k *keptExcerpts) look() {
	if k.opened {
		return
	}
	k.opened, k.used = true, map[string][]byte{}
	if s := k.open(); s != nil {
		k.before, _ = s.Excerpts(context.Background())
	}
}

// save remembers what was used, and nothing else, when that has changed.
func (k *keptExcerpts) save(ctx context.Context, s excerptStore) error {
	if !k.opened || maps.EqualFunc(k.before, k.used, bytes.Equal) {
		return nil
	}
	k.before = k.used
	return s.KeepExcerpts(ctx, k.used)
}

// has reports whether anything is remembered of a file.
func (k *keptExcerpts) has(file string) bool {
	for key := range k.before {
		if len(key) > len(file) && key[:len(file)] == file {
			return true
		}
	}
	return false
}

// find is the contract of an operation as it is remembered.
func (k *keptExcerpts) find(key, shown string, read openapi.Reader, asked openapi.Asked) (c *contracts.Contract, faults []string, ok bool) {
	var e keptExcerpt
	if text := k.before[key]; text == nil || json.Unmarshal(text, &e) != nil {
		return nil, nil, false
	}
	for name, sum := range e.Files {
		if text, err := read(name); err != nil || sumOf(text) != sum {
			return nil, nil, false
		}
	}
	text, err := unpacked(e.Text)
	if err == nil {
		c, err = contractIn(shown, text, asked)
	}
	if err != nil {
		return nil, nil, false
	}
	k.used[key] = k.before[key]
	return c, e.Faults, true
}

// contractIn is the contract of an operation of an excerpt.
func contractIn(shown string, text []byte, asked openapi.Asked) (*contracts.Contract, error) {
	d, err := openapi.Load(shown, text, nil)
	if err != nil {
		return nil, err
	}
	c, _, err := d.Contract(asked)
	return c, err
}

// put remembers the excerpt of an operation. One that would be read otherwise
// than the document is not remembered.
func (k *keptExcerpts) put(key string, d *writtenDocument, asked openapi.Asked, agreed *contracts.Contract, faults []string) {
	excerpt, err := d.document.Excerpt([]openapi.Asked{asked})
	if err != nil || excerpt.Text == nil {
		return
	}
	if again, err := contractIn(d.shown, excerpt.Text, asked); err != nil || !reflect.DeepEqual(again, agreed) {
		return
	}
	text, err := json.Marshal(keptExcerpt{packed(excerpt.Text), faults, d.files})
	if err == nil {
		k.used[key] = text
	}
}

func packed(text []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(text) // memory takes all
	_ = w.Close()
	return b.Bytes()
}

func unpacked(text []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, maxContract))
}

// keyOf tells the operation of a file from all others.
func keyOf(file string, asked openapi.Asked) string {
	return file + sumOf([]byte(asked.Method+"\x00"+asked.URL+"\x00"+asked.OperationID))
}

func sumOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// A writtenDocument is a document and where it lies. A large one of which
// something is remembered is read when something else is asked of it.
type writtenDocument struct {
	shown, file string
	content     []byte
	sum         string
	kept        *keptExcerpts     // nil for a small document
	files       map[string]string // hashes of the other files that were read, by name
	document    *openapi.Document
}

// newWrittenDocument reads a document; the error says what is wrong with it as
// a whole.
func newWrittenDocument(shown, file string, content []byte, kept *keptExcerpts) (*writtenDocument, error) {
	d := &writtenDocument{shown: shown, file: file, content: content, files: map[string]string{}}
	if kept != nil && len(content) >= largeContract {
		kept.look()
		d.kept, d.sum = kept, excerptFormat+sumOf(content)
		if kept.has(d.sum) {
			return d, nil
		}
	}
	return d, d.load()
}

// excerptFormat changes when excerpts of the same document would.
const excerptFormat = "1 "

func (d *writtenDocument) load() (err error) {
	if d.document != nil {
		return nil
	}
	read := folderReader(d.shown, d.file)
	d.document, err = openapi.Load(d.shown, d.content, func(name string) ([]byte, error) {
		text, err := read(name)
		if err == nil {
			d.files[name] = sumOf(text)
		}
		return text, err
	})
	return err
}

// contract is what the document agrees for an operation, with its faults there.
func (d *writtenDocument) contract(asked openapi.Asked) (*contracts.Contract, []string, error) {
	key := ""
	if d.kept != nil {
		key = keyOf(d.sum, asked)
		if c, faults, ok := d.kept.find(key, d.shown, folderReader(d.shown, d.file), asked); ok {
			return c, faults, nil
		}
	}
	if err := d.load(); err != nil {
		return nil, nil, err
	}
	c, faults, err := d.document.Contract(asked)
	if err == nil && d.kept != nil {
		d.kept.put(key, d, asked, c, faults)
	}
	return c, faults, err
}
