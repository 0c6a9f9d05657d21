package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"time"

	"shapewatch/contracts/shape"
)

// maxTable bounds a file that is read whole: XML or CSV.
const maxTable = 64 << 20 // bytes

// learnFile learns from a file, or from standard input when it is called "-".
func learnFile(learned *shape.Shape, name string, syntax shape.Syntax, stdin io.Reader) error {
	if whole, err := learnRecording(learned, name); whole || err != nil {
		return err
	}
	in := stdin
	if name != "-" {
		file, err := openRegular(name)
		if err != nil {
			return usageError(fmt.Errorf("%s: %s", name, reason(err)))
		}
		defer file.Close()
		in = file
	}
	if err := learnText(learned, in, syntax); err != nil {
		return usageError(fmt.Errorf("%s: %w", name, err))
	}
	return nil
}

// learnText learns from a text, gzipped or not, in a syntax or in the one that
// its beginning shows.
func learnText(learned *shape.Shape, in io.Reader, syntax shape.Syntax) error {
	text := bufio.NewReaderSize(in, 64<<10)
	if magic, err := text.Peek(2); err == nil && bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		unpacked, err := gzip.NewReader(text)
		if err != nil {
			return err
		}
		text = bufio.NewReaderSize(unpacked, 64<<10)
	}
	if syntax == "" {
		head, err := text.Peek(4 << 10)
		if len(head) == 0 && err != io.EOF {
			return err
		}
		syntax = shape.Sniff(head)
	}
	if syntax == shape.JSON {
		_, err := learned.ObserveStream(text, time.Now())
		return err
	}
	return learnWhole(learned, text, syntax)
}

func learnWhole(learned *shape.Shape, text io.Reader, syntax shape.Syntax) error {
	whole, err := io.ReadAll(io.LimitReader(text, maxTable+1))
	if err != nil {
		return err
	}
	if len(whole) > maxTable {
		return fmt.Errorf("larger than %s, and %s is read whole", printSize(maxTable), syntax)
	}
	limits := shape.Limits{Body: 4 * maxTable} // names of columns are repeated
	body, err := syntax.JSON(whole, limits)
	if err != nil {
		return err
	}
	one := shape.New(limits)
	if err := one.Observe(body, time.Now()); err != nil {
		return err
	}
	learned.Merge(one)
	return nil
}
