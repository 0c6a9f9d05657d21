package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"shapewatch/contracts/shape"
)

// learnRecording learns the bodies of a recording: a .jsonl file whose lines
// are answers with date and body, as the tap writes them and replay reads
// them. It is false for any other file.
func learnRecording(learned *shape.Shape, name string) (recording bool, err error) {
	if !strings.HasSuffix(name, ".jsonl") || !isRecording(name) {
		return false, nil
	}
	for r, err := range samplesOf(name) {
		if err != nil {
			return true, usageError(err)
		}
		if r.status < 200 || r.status > 299 {
			continue
		}
		one := shape.New(shape.Limits{})
		if err := one.Observe(r.body, r.at); err != nil {
			return true, usageError(fmt.Errorf("%s: line %v: %w", name, r.name, err))
		}
		learned.Merge(one)
	}
	return true, nil
}

// isRecording reports whether the first line of a plain file is an answer with
// its date.
func isRecording(name string) bool {
	file, err := openRegular(name)
	if err != nil {
		return false
	}
	defer file.Close()
	line, err := bufio.NewReaderSize(file, 64<<10).ReadSlice('\n')
	if err != nil && len(line) == 0 {
		return false
	}
	d := json.NewDecoder(bytes.NewReader(line))
	return opensWith(d, "date") && bytes.Contains(line[:min(len(line), 4<<10)], []byte(`"body":`))
}

// opensWith reports whether an object begins with a key.
func opensWith(d *json.Decoder, key string) bool {
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return false
	}
	first, err := d.Token()
	return err == nil && first == key
}
