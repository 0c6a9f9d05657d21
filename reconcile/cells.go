package reconcile

import (
	"bytes"
	"container/heap"
	"crypto/md5" //nolint:gosec // see digest.go
	"encoding/binary"
	"strconv"
)

// cutCells reads n cells that [AppendCell] wrote, and what is behind them.
func cutCells(text []byte, n int) (cells []Cell, rest []byte) {
	for range n {
		if len(text) == 0 {
			return cells, nil
		}
		switch text[0] {
		case '-':
			cells, text = append(cells, Cell{State: Null}), text[1:]
			continue
		case '~':
			cells, text = append(cells, Cell{State: Missing}), text[1:]
			continue
		}
		head, tail, _ := bytes.Cut(text, []byte{':'})
		size, err := strconv.Atoi(string(head))
		if err != nil || size > len(tail) {
			return cells, nil
		}
		cells, text = append(cells, Cell{Text: string(tail[:size])}), tail[size:]
	}
	return cells, text
}

// ReadCells reads n cells that [AppendCell] wrote; fewer when the text is none of
// its.
func ReadCells(text []byte, n int) []Cell {
	cells, _ := cutCells(text, n)
	return cells
}

// tracked keeps the differences whose keys have the lowest hashes, so that the
// same ones are followed from run to run when there are too many for all.
type tracked struct{ kept []Difference }

func (t *tracked) add(key []byte, made func() Difference) {
	sum := md5.Sum(key)
	order := binary.BigEndian.Uint64(sum[:])
	full := len(t.kept) == maxTracked
	if full && order >= t.kept[0].order {
		return
	}
	d := made()
	d.order, d.Name = order, nameOf(key)
	if full {
		t.kept[0] = d
		heap.Fix(t, 0)
		return
	}
	heap.Push(t, d)
}

func (t *tracked) list() []Difference { return t.kept }

// The rest is for package heap: the highest hash is on top.

func (t *tracked) Len() int           { return len(t.kept) }
func (t *tracked) Less(i, j int) bool { return t.kept[i].order > t.kept[j].order }
func (t *tracked) Swap(i, j int)      { t.kept[i], t.kept[j] = t.kept[j], t.kept[i] }
func (t *tracked) Push(x any)         { t.kept = append(t.kept, x.(Difference)) }
func (t *tracked) Pop() any {
	last := t.kept[len(t.kept)-1]
	t.kept = t.kept[:len(t.kept)-1]
	return last
}
