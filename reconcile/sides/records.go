package sides

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"shapewatch/reconcile"
)

// A Format is how a text holds rows.
type Format string

// The formats.
const (
	JSON  Format = "json"  // a list, at the path that is named
	Lines Format = "lines" // a JSON value a line, or one after the other
	CSV   Format = "csv"   // the first line names the columns
)

// eachJSON hands over the elements of the list at a pointer, one by one, and is
// done with each before the next is read.
func eachJSON(text io.Reader, pointer string, yield func(row any) error) error {
	d := json.NewDecoder(text)
	d.UseNumber()
	if err := enter(d, tokens(pointer)); err != nil {
		return err
	}
	start, err := d.Token()
	if err != nil {
		return unreadable(err)
	}
	if start != json.Delim('[') {
		return fmt.Errorf("no list at %q", pointer)
	}
	for d.More() {
		var row any
		if err := d.Decode(&row); err != nil {
			return unreadable(err)
		}
		if err := yield(row); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return unreadable(err)
}

// enter goes down to the value that a pointer names.
func enter(d *json.Decoder, path []string) error {
	for _, name := range path {
		start, err := d.Token()
		if err != nil {
			return unreadable(err)
		}
		if start != json.Delim('{') {
			return fmt.Errorf("no object that has %q", name)
		}
		if err := seek(d, name); err != nil {
			return err
		}
	}
	return nil
}

func seek(d *json.Decoder, name string) error {
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return unreadable(err)
		}
		if key == name {
			return nil
		}
		var skipped json.RawMessage
		if err := d.Decode(&skipped); err != nil {
			return unreadable(err)
		}
	}
	return fmt.Errorf("no key %q on the way to the rows", name)
}

// unreadable says that a text is broken, and nothing of what is in it.
func unreadable(err error) error {
	if err == nil {
		return nil
	}
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("not JSON, byte %d", syntax.Offset)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("not JSON: it ends too early")
	}
	return err
}

// eachLine hands over JSON values that stand one after the other.
func eachLine(text io.Reader, yield func(row any) error) error {
	d := json.NewDecoder(text)
	d.UseNumber()
	for {
		var row any
		switch err := d.Decode(&row); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return unreadable(err)
		}
		if err := yield(row); err != nil {
			return err
		}
	}
}

// eachRecord hands over the lines of a table, as cells in the order of columns.
func eachRecord(text io.Reader, columns []string, yield func([]reconcile.Cell) error) error {
	table := csv.NewReader(bufio.NewReaderSize(text, 64<<10))
	table.ReuseRecord, table.FieldsPerRecord = true, -1
	head, err := table.Read()
	if err != nil {
		return tableError(err)
	}
	at := make([]int, len(columns))
	for i, name := range columns {
		if at[i] = indexOf(head, name); at[i] < 0 {
			return fmt.Errorf("no column %q; the first line names the columns", name)
		}
	}
	cells := make([]reconcile.Cell, len(columns))
	for {
		record, err := table.Read()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return tableError(err)
		}
		for i, n := range at {
			if cells[i] = (reconcile.Cell{State: reconcile.Missing}); n < len(record) {
				cells[i] = reconcile.Cell{Text: record[n]}
			}
		}
		if err := yield(cells); err != nil {
			return err
		}
	}
}

func indexOf(head []string, name string) int {
	for i, h := range head {
		if strings.TrimPrefix(h, "\ufeff") == strings.TrimPrefix(name, "/") {
			return i
		}
	}
	return -1
}

func tableError(err error) error {
	var parse *csv.ParseError
	switch {
	case errors.As(err, &parse):
		return fmt.Errorf("not CSV, line %d: %w", parse.Line, parse.Err)
	case errors.Is(err, io.EOF):
		return errors.New("not CSV: it is empty")
	}
	return err
}

// pick takes the cells out of a decoded row.
func pick(row any, pointers [][]string, cells []reconcile.Cell) {
	for i, pointer := range pointers {
		cells[i] = cellAt(row, pointer)
	}
}

func cellAt(value any, pointer []string) reconcile.Cell {
	for _, token := range pointer {
		switch at := value.(type) {
		case map[string]any:
			next, there := at[token]
			if !there {
				return reconcile.Cell{State: reconcile.Missing}
			}
			value = next
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(at) {
				return reconcile.Cell{State: reconcile.Missing}
			}
			value = at[i]
		default:
			return reconcile.Cell{State: reconcile.Missing}
		}
	}
	return cellOf(value)
}

func cellOf(value any) reconcile.Cell {
	switch v := value.(type) {
	case nil:
		return reconcile.Cell{State: reconcile.Null}
	case string:
		return reconcile.Cell{Text: v}
	case json.Number:
		return reconcile.Cell{Text: v.String()}
	case bool:
		return reconcile.Cell{Text: strconv.FormatBool(v)}
	}
	raw, _ := json.Marshal(value) // it was decoded from JSON
	return reconcile.Cell{Text: string(raw)}
}

// tokens are the parts of a JSON Pointer; a name without a slash is one key.
func tokens(pointer string) (parts []string) {
	if pointer == "" || pointer == "/" {
		return nil
	}
	unescape := strings.NewReplacer("~1", "/", "~0", "~")
	for part := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		parts = append(parts, unescape.Replace(part))
	}
	return parts
}

func pointers(columns []string) (all [][]string) {
	for _, c := range columns {
		all = append(all, tokens(c))
	}
	return all
}
