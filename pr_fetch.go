package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"shapewatch/contracts/openapi"
)

// fetch writes the contracts that lie at the forge to where the configuration
// looks for them, with the files that they refer to, when the base has moved.
// Files that are as they should be are not touched: a change asks for a reload.
func (s *syncing) fetch(ctx context.Context, base string) error {
	if !s.config.PR().FromForge || s.fetched == base {
		return nil
	}
	changed := false
	var failures []error
	for _, a := range s.config.contractFiles() {
		wrote, err := s.fetchOne(ctx, a)
		if changed = changed || wrote; err != nil {
			failures = append(failures, fmt.Errorf("contract %s: %w", a.shown, err))
		}
	}
	for _, local := range s.config.namedKnown() {
		wrote, err := s.fetchKnown(ctx, local)
		if changed = changed || wrote; err != nil {
			failures = append(failures, fmt.Errorf("known mismatches %s: %w", local, err))
		}
	}
	if changed && s.reload != nil {
		s.reload()
	}
	if len(failures) == 0 {
		s.fetched = base
	}
	return errors.Join(failures...)
}

// contractFiles are the files that `contract:` names, here or not yet.
func (c *Config) contractFiles() (all []agreement) {
	known := map[string]bool{}
	for _, w := range c.watches {
		for _, part := range c.agreedOf(w) {
			if !known[part.file] {
				known[part.file], all = true, append(all, part.agreement)
			}
		}
	}
	for _, a := range c.absent {
		if !known[a.file] {
			known[a.file], all = true, append(all, a)
		}
	}
	return all
}

// namedKnown are the files of known mismatches that `known:` names in the
// repository; those beside contracts come along with them.
func (c *Config) namedKnown() (files []string) {
	beside := map[string]bool{}
	for _, a := range c.contractFiles() {
		beside[overlayOf(a.file)] = true
	}
	for _, parts := range c.known {
		for _, p := range parts {
			if _, outside := c.inRepository(p.file); outside == nil && !beside[p.file] && !slices.Contains(files, p.file) {
				files = append(files, p.file)
			}
		}
	}
	slices.Sort(files)
	return files
}

// fetchKnown writes such a file, where the repository has it.
func (s *syncing) fetchKnown(ctx context.Context, local string) (wrote bool, err error) {
	text, err := s.readKnown(ctx, local)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return writeChanged(local, text)
}

// fetchOne writes one contract last: a reload in between must find what it
// refers to.
func (s *syncing) fetchOne(ctx context.Context, a agreement) (wrote bool, err error) {
	files := map[string][]byte{}
	var order []string
	read := func(name string) ([]byte, error) {
		local := besideOf(a, name)
		at, err := s.config.inRepository(local)
		if err != nil {
			return nil, err
		}
		text, err := s.forge.Read(ctx, "", at)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s is not in the repository of %s, or the token may not see it", at, s.forge.Name())
		}
		if err == nil && files[local] == nil {
			files[local], order = text, append(order, local)
		}
		return text, err
	}
	text, err := read(a.shown)
	if err != nil {
		return false, err
	}
	if _, err := openapi.Load(a.shown, text, read); err != nil {
		return false, err
	}
	if known := overlayOf(a.file); files[known] == nil { // what is known to differ comes along, where it is
		switch text, err := s.readKnown(ctx, known); {
		case err == nil:
			files[known], order = text, append(order, known)
		case !errors.Is(err, fs.ErrNotExist):
			return false, err
		}
	}
	slices.Reverse(order)
	for _, file := range order {
		changed, err := writeChanged(file, files[file])
		if wrote = wrote || changed; err != nil {
			return wrote, err
		}
	}
	return wrote, nil
}

// readKnown reads the file of known mismatches at the forge. One that a start
// would refuse is not taken: it would be written over the good one.
func (s *syncing) readKnown(ctx context.Context, local string) ([]byte, error) {
	at, err := s.config.inRepository(local)
	if err != nil {
		return nil, err
	}
	text, err := s.forge.Read(ctx, "", at)
	if err != nil {
		return nil, err
	}
	return text, checkOverlay(at, text)
}

// writeChanged writes a file, with its folder, unless it holds the text.
func writeChanged(file string, text []byte) (wrote bool, err error) {
	if before, err := readBounded(file, maxContract); err == nil && string(before) == string(text) {
		return false, nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { //nolint:gosec // as a checkout has them
		return false, err
	}
	return true, (contractWriter{force: true}).save(file, text)
}
