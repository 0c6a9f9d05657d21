package sides

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"shapewatch/probes"
	"shapewatch/reconcile"
)

// FileOptions say which file is read, and how.
type FileOptions struct {
	Path    string
	Format  Format // "" means by the end of the name
	List    string // JSON Pointer to the list of rows, of a JSON file
	Columns []string
}

// A FileSide is a file of rows.
type FileSide struct {
	FileOptions
	meter
}

// File returns a side that opens its file when it is read.
func File(o FileOptions) *FileSide {
	if o.Format == "" {
		o.Format = formatOf(o.Path)
	}
	return &FileSide{FileOptions: o}
}

func formatOf(path string) Format {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".csv":
		return CSV
	case ".ndjson", ".jsonl":
		return Lines
	}
	return JSON
}

// Rows hands over all rows of the file.
func (f *FileSide) Rows(_ context.Context, _ *reconcile.Part, yield func([]reconcile.Cell) error) error {
	file, err := os.Open(f.Path)
	if err != nil {
		return &Problem{Class: probes.Unreachable, Text: f.named(err)}
	}
	defer file.Close()
	read := counted{bufio.NewReaderSize(file, 64<<10), &f.meter}
	cells := make([]reconcile.Cell, len(f.Columns))
	places, n := pointers(f.Columns), 0
	take := func(cells []reconcile.Cell) error {
		if n++; n > maxRows {
			return errTooMany
		}
		if err := yield(cells); err != nil {
			return fmt.Errorf("%w: %w", errOurs, err)
		}
		return nil
	}
	row := func(row any) error {
		pick(row, places, cells)
		return take(cells)
	}
	switch f.Format {
	case CSV:
		err = eachRecord(read, f.Columns, take)
	case Lines:
		err = eachLine(read, row)
	default:
		err = eachJSON(read, f.List, row)
	}
	if err == nil || errors.Is(err, errOurs) {
		return err
	}
	return &Problem{Class: probes.InvalidJSON, Text: filepath.Base(f.Path) + ": " + err.Error()}
}

// named is an error of the file system without the folder.
func (f *FileSide) named(err error) string {
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return filepath.Base(f.Path) + ": " + err.Error()
}

// Close has nothing to end.
func (f *FileSide) Close() error { return nil }

// counted counts what is read.
type counted struct {
	io.Reader
	*meter
}

func (c counted) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.bytes.Add(int64(n))
	return n, err
}
