package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"go.etcd.io/bbolt"
)

// bbolt makes pointers of the positions and sizes that it finds, and trusts
// them. One that a damaged page invents may point into this program's own
// memory, where the runtime ends the process at sight, or claim gigabytes; no
// guard catches either. So every position that bbolt will follow is first held
// against the end of its page, by reading the file instead of mapping it.

// How bbolt lays out a file: pages, each a head and elements, which say how
// far behind themselves their key and value lie.
const (
	pageHead    = 16 // id, flags, count, overflow
	elementSize = 16
	bucketHead  = 16 // root page, sequence
	metaSize    = 64

	branchFlag   = 0x01
	leafFlag     = 0x02
	freelistFlag = 0x10
	bucketFlag   = 0x01

	firstPage     = 2 // after the two metas
	noFreelist    = ^uint64(0)
	countIsBehind = 0xffff // of free pages: the true one is the first number
)

// A pageFile is a file's pages as its last finished transaction left them.
type pageFile struct {
	file io.ReaderAt
	size int64  // of a page
	used []bool // by page: something refers to it
}

// A pageRun is one page with those that it goes on in.
type pageRun struct {
	*pageFile
	id, flags, count uint64
	start, length    int64 // bytes
}

// checkPages reads every page that can be reached, before bbolt follows any.
func checkPages(tx *bbolt.Tx, file io.ReaderAt, fileSize int64) error {
	if tx.Size() > fileSize {
		return fmt.Errorf("%w: it is cut off at %d of %d bytes", ErrDamaged, fileSize, tx.Size())
	}
	size := int64(tx.DB().Info().PageSize)
	p := &pageFile{file: file, size: size, used: make([]bool, tx.Size()/size)}
	raw, err := p.read(int64(tx.ID()%2)*size+pageHead, metaSize)
	if err != nil {
		return err
	}
	if err := p.tree(binary.NativeEndian.Uint64(raw[16:])); err != nil {
		return err
	}
	return p.freelist(binary.NativeEndian.Uint64(raw[32:]))
}

func (p *pageFile) read(at, n int64) ([]byte, error) {
	raw := make([]byte, n)
	_, err := p.file.ReadAt(raw, at)
	if errors.Is(err, io.EOF) {
		return nil, p.damaged(uint64(at/p.size), "is cut off")
	}
	return raw, err
}

func (p *pageFile) damaged(page uint64, what string) error {
	return fmt.Errorf("%w: page %d %s", ErrDamaged, page, what)
}

// run takes the page that something refers to: nothing else may.
func (p *pageFile) run(id uint64) (pageRun, error) {
	if id < firstPage || id >= uint64(len(p.used)) {
		return pageRun{}, p.damaged(id, "is referred to and does not exist")
	}
	raw, err := p.read(int64(id)*p.size, pageHead)
	if err != nil {
		return pageRun{}, err
	}
	more := uint64(binary.NativeEndian.Uint32(raw[12:]))
	switch {
	case binary.NativeEndian.Uint64(raw) != id:
		return pageRun{}, p.damaged(id, "says that it is another")
	case more >= uint64(len(p.used))-id:
		return pageRun{}, p.damaged(id, "goes on beyond the end")
	case slices.Contains(p.used[id:id+more+1], true):
		return pageRun{}, p.damaged(id, "is referred to twice")
	}
	for i := range more + 1 {
		p.used[id+i] = true
	}
	return pageRun{
		pageFile: p, id: id, start: int64(id) * p.size, length: int64(more+1) * p.size,
		flags: uint64(binary.NativeEndian.Uint16(raw[8:])), count: uint64(binary.NativeEndian.Uint16(raw[10:])),
	}, nil
}

// tree checks a page of rows and all below it.
func (p *pageFile) tree(id uint64) error {
	run, err := p.run(id)
	if err != nil {
		return err
	}
	switch run.flags {
	case leafFlag:
		return run.leaf()
	case branchFlag:
		return run.branch()
	}
	return p.damaged(id, "is none of rows")
}

func (r pageRun) branch() error {
	elements, err := r.elements()
	if err != nil {
		return err
	}
	if r.count == 0 {
		return r.damaged(r.id, "leads nowhere")
	}
	for i := range int64(r.count) {
		e := elements[i*elementSize:]
		if !r.fits(i, binary.NativeEndian.Uint32(e), binary.NativeEndian.Uint32(e[4:]), 0) {
			return r.damaged(r.id, "has a key outside it")
		}
		if err := r.tree(binary.NativeEndian.Uint64(e[8:])); err != nil {
			return err
		}
	}
	return nil
}

func (r pageRun) leaf() error {
	elements, err := r.elements()
	if err != nil {
		return err
	}
	for i := range int64(r.count) {
		e := elements[i*elementSize:]
		at, key, value := binary.NativeEndian.Uint32(e[4:]), binary.NativeEndian.Uint32(e[8:]), binary.NativeEndian.Uint32(e[12:])
		if !r.fits(i, at, key, value) {
			return r.damaged(r.id, "has a row outside it")
		}
		if binary.NativeEndian.Uint32(e)&bucketFlag == 0 {
			continue
		}
		if err := r.bucket(r.start+pageHead+i*elementSize+int64(at)+int64(key), int64(value)); err != nil {
			return err
		}
	}
	return nil
}

// elements are the heads of all keys and values.
func (r pageRun) elements() ([]byte, error) {
	n := int64(r.count) * elementSize
	if pageHead+n > r.length {
		return nil, r.damaged(r.id, "has more rows than room")
	}
	return r.read(r.start+pageHead, n)
}

// fits reports whether the i-th key and its value lie in the run. No key is
// empty: bbolt panics at one.
func (r pageRun) fits(i int64, at, key, value uint32) bool {
	return key > 0 && pageHead+i*elementSize+int64(at)+int64(key)+int64(value) <= r.length
}

// bucket checks the rows of a bucket, which are a tree of pages or, where they
// are few, one page without a number inside the value.
func (r pageRun) bucket(at, size int64) error {
	if size < bucketHead {
		return r.damaged(r.id, "has half a bucket")
	}
	raw, err := r.read(at, size)
	if err != nil {
		return err
	}
	if root := binary.NativeEndian.Uint64(raw); root != 0 {
		return r.tree(root)
	}
	inline := raw[bucketHead:]
	if len(inline) < pageHead || binary.NativeEndian.Uint64(inline) != 0 || binary.NativeEndian.Uint16(inline[8:]) != leafFlag {
		return r.damaged(r.id, "has a bucket without rows")
	}
	return r.inline(inline)
}

// inline checks the page inside a value: it holds no bucket.
func (r pageRun) inline(page []byte) error {
	in := pageRun{pageFile: r.pageFile, id: r.id, count: uint64(binary.NativeEndian.Uint16(page[10:])), length: int64(len(page))}
	if pageHead+int64(in.count)*elementSize > in.length {
		return r.damaged(r.id, "has a bucket with more rows than room")
	}
	for i := range int64(in.count) {
		e := page[pageHead+i*elementSize:]
		if binary.NativeEndian.Uint32(e)&bucketFlag != 0 || !in.fits(i, binary.NativeEndian.Uint32(e[4:]), binary.NativeEndian.Uint32(e[8:]), binary.NativeEndian.Uint32(e[12:])) {
			return r.damaged(r.id, "has a bucket with a row outside it")
		}
	}
	return nil
}
