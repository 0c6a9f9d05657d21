package store

import "encoding/binary"

// freelist checks the list of free pages: what is free is in the file, is
// nobody's, and is listed once. Of anything else bbolt would write over rows.
func (p *pageFile) freelist(id uint64) error {
	if id == noFreelist {
		return nil
	}
	run, err := p.run(id)
	if err != nil {
		return err
	}
	if run.flags != freelistFlag {
		return p.damaged(id, "is no list of free pages")
	}
	free, err := run.numbers()
	if err != nil {
		return err
	}
	for i := 0; i+8 <= len(free); i += 8 {
		page := binary.NativeEndian.Uint64(free[i:])
		if page < firstPage || page >= uint64(len(p.used)) || p.used[page] {
			return p.damaged(page, "is listed as free and is not")
		}
		p.used[page] = true
	}
	return nil
}

// numbers are the free pages of a list, eight bytes each.
func (r pageRun) numbers() ([]byte, error) {
	count, at := r.count, int64(pageHead)
	if count == countIsBehind {
		raw, err := r.read(r.start+at, 8)
		if err != nil {
			return nil, err
		}
		count, at = binary.NativeEndian.Uint64(raw), at+8
	}
	if count > uint64(r.length-at)/8 {
		return nil, r.damaged(r.id, "lists more free pages than it has room for")
	}
	return r.read(r.start+at, int64(count)*8)
}
