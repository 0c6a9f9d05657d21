package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"shapewatch/contracts/uses"
)

// usesBlock is a type of a client, whose fields are what is used.
type usesBlock struct{ source, at leaf[string] }

var usesFromKey = "What your code reads, by the type it decodes answers into: FILE#Name, relative to this file. Go structs (.go), TypeScript interfaces and types (.ts), JSON Schemas, components and operations of an OpenAPI document (.json, .yaml), and what [the tap](tap.md) recorded. Adds to `uses`. What cannot be read counts with all below it, with a warning."

var usesFromKeys = block[usesBlock]{
	name: "Uses from", doc: "A type alone may be written without `type:`.", fresh: func() (b usesBlock) { return b }, needs: []string{"type"},
	keys: []key[usesBlock]{
		{"type", "FILE#Name; of a file with one schema, or of what was recorded, FILE alone.", "client/charge.ts#Charge", func(b *usesBlock) setting { return a(&b.source, aText) }},
		{"at", "Where in an answer a value of the type stands.", "\"/data/[]\"", func(b *usesBlock) setting { return a(&b.at, aPath) }},
	},
}

func usesFromList(into *[]usesBlock) setting {
	return blocks[usesBlock]{into: into, block: &usesFromKeys,
		fresh: func() (b usesBlock) { return b },
		short: func(b *usesBlock) setting { return a(&b.source, aText) }}
}

// usesFrom are the paths that the types of a probe's client read. What is wrong
// with a type is reported.
func (m *assembly) usesFrom(b *probeBlock, operation string) (paths []string) {
	for _, u := range b.usesFrom {
		file, name, _ := strings.Cut(u.source.value, "#")
		path := u.source.at.src.file(file)
		read, notes, err := readUses(path, file, name, operation)
		if err != nil {
			m.problem(u.source.at, "FILE#Name, from the folder of this file", "uses_from: %s", err)
			continue
		}
		for _, n := range notes {
			m.warning(u.source.at, "list it under uses: if your code reads less", "%s", n)
		}
		if !slices.Contains(m.reader.documents, path) {
			m.reader.documents = append(m.reader.documents, path)
		}
		for _, p := range read {
			paths = append(paths, strings.TrimSuffix(u.at.value, "/")+p)
		}
	}
	return paths
}

// maxType bounds a file that a type is read from, and filesOfPackage how many
// of a Go package are read beside it.
const (
	maxType        = 8 << 20
	filesOfPackage = 200
)

// readUses reads a type of a file; shown is how messages call it.
func readUses(file, shown, name, operation string) (paths, notes []string, err error) {
	text, err := readBounded(file, maxType)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %s", shown, reason(err))
	}
	s := uses.Source{File: shown, Text: text, Name: name, Operation: operation}
	if filepath.Ext(file) == ".go" {
		if s.Files, err = besideGo(file); err != nil {
			return nil, nil, err
		}
	}
	return uses.Read(s)
}

// besideGo are the other files of a Go package.
func besideGo(file string) (map[string][]byte, error) {
	names, _ := filepath.Glob(filepath.Join(filepath.Dir(file), "*.go")) // the pattern is fine
	all := map[string][]byte{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") || filepath.Clean(name) == filepath.Clean(file) {
			continue
		}
		if len(all) >= filesOfPackage {
			return nil, fmt.Errorf("more than %d files in one Go package", filesOfPackage)
		}
		text, err := readBounded(name, maxType)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %s", filepath.Base(name), reason(err))
		}
		all[filepath.Base(name)] = text
	}
	return all, nil
}

// usesFlag reads --uses-from FILE#Name; none when it is empty.
func usesFlag(source, operation string, warn func(string)) ([]string, error) {
	if source == "" {
		return nil, nil
	}
	file, name, _ := strings.Cut(source, "#")
	paths, notes, err := readUses(file, filepath.ToSlash(file), name, operation)
	if err != nil {
		return nil, usageError(fmt.Errorf("--uses-from: %w", err))
	}
	for _, n := range notes {
		warn(n)
	}
	if len(paths) == 0 {
		return nil, usageError(fmt.Errorf("--uses-from %s: the type has no fields", source))
	}
	return paths, nil
}
