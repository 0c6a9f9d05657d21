package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"shapewatch/contracts"
	"shapewatch/contracts/openapi"
	"shapewatch/probes"
)

// maxContract bounds one contract file; the largest published ones are below.
const maxContract = 32 << 20 // bytes

// agreedBy are the documents that a `contract:` names: one, or those of a
// folder. None when they cannot be read, which has been reported.
type agreedBy []*writtenDocument

// contract is what was agreed for a probe; nil when the file names none.
func (m *assembly) contract(b *probeBlock, p probes.Probe) *contracts.Contract {
	agreed, err := m.lookUp(b, p)
	if err == nil {
		return agreed
	}
	at := b.operation.at
	if b.operation.text == "" {
		_, target := b.target()
		at = target.at
	}
	m.problem(at, "name the operation: operation: <operationId>", "%s", err)
	return nil
}

// lookUp finds what was agreed for a probe; the error says that its contract
// does not have it.
func (m *assembly) lookUp(b *probeBlock, p probes.Probe) (*contracts.Contract, error) {
	if b.contract.text == "" {
		return nil, nil
	}
	if isURL(b.contract.value) {
		m.holdRemotely(b, p)
		return nil, nil
	}
	file := b.contract.file()
	documents, known := m.contracts[file]
	if !known {
		documents = m.documents(b.contract, file)
		m.contracts[file] = documents
	}
	if len(documents) == 0 {
		return nil, nil
	}
	asked := openapi.Asked{Method: p.Method, URL: p.URL, OperationID: b.operation.value}
	var first error
	for _, d := range documents {
		agreed, faults, err := d.contract(asked)
		if err == nil {
			for _, f := range faults {
				m.warning(b.contract.at, "what is broken there allows anything", "contract %s", f)
			}
			m.agreements[p.ID] = agreement{d.shown, d.file, asked}
			return agreed, nil
		}
		first = errors.Join(first, err)
	}
	return nil, first
}

// documents reads a contract file, or all of a folder.
func (m *assembly) documents(l leaf[string], file string) (all agreedBy) {
	const hint = "the path starts from the folder of this file; without contract: one is learned"
	names := []string{file}
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		if names = documentsIn(file); len(names) == 0 {
			m.problem(l.at, "put .yaml or .json documents there", "contract %s: the folder holds no documents", l.value)
		}
	}
	for _, name := range names {
		content, err := readBounded(name, maxContract)
		if m.fromForge && errors.Is(err, fs.ErrNotExist) {
			m.absent = append(m.absent, agreement{shown: l.value, file: file})
			m.warning(l.at, "serve writes it from the forge, and so does shapewatch pr sync", "contract %s is not here yet", l.value)
			continue
		}
		if err != nil {
			m.problem(l.at, hint, "contract %s: %s", l.value, reason(err))
			continue
		}
		shown := l.value
		if name != file {
			shown += "/" + filepath.Base(name)
		}
		document, err := newWrittenDocument(shown, name, content, m.kept)
		if err != nil {
			m.fault(l.at, err)
			continue
		}
		all = append(all, document)
	}
	return all
}

// documentsIn are the documents at the top of a folder, in the order of names.
func documentsIn(folder string) (names []string) {
	for _, ending := range []string{"*.yaml", "*.yml", "*.json"} {
		found, _ := filepath.Glob(filepath.Join(folder, ending)) // the pattern is fine
		names = append(names, found...)
	}
	names = slices.DeleteFunc(names, func(n string) bool { return strings.HasSuffix(n, overlayEnding) })
	slices.Sort(names)
	return names
}

// folderReader reads what a document refers to, from its own folder and below:
// nothing else on this machine, and nothing on others.
func folderReader(shown, file string) openapi.Reader {
	return func(name string) ([]byte, error) {
		rest, ok := strings.CutPrefix(name, folderShown(shown, file))
		if !ok || strings.Contains(name, "://") || !filepath.IsLocal(rest) {
			return nil, fmt.Errorf("only files beside the contract and below are read")
		}
		root, err := os.OpenRoot(filepath.Dir(file))
		if err != nil {
			return nil, errors.New(reason(err))
		}
		defer root.Close()
		f, err := root.Open(filepath.FromSlash(rest))
		if err != nil {
			return nil, errors.New(reason(err))
		}
		defer f.Close()
		return readAtMost(f, maxContract)
	}
}

// folderShown is how a document's folder begins the names of what lies in it.
func folderShown(shown, file string) string {
	return strings.TrimSuffix(filepath.ToSlash(shown), filepath.Base(file))
}

// besideOf is where a file lies that a contract refers to by name.
func besideOf(a agreement, name string) string {
	return filepath.Join(filepath.Dir(a.file), filepath.FromSlash(strings.TrimPrefix(name, folderShown(a.shown, a.file))))
}

// readAtMost reads a regular file up to a limit.
func readAtMost(f *os.File, limit int64) ([]byte, error) {
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("no regular file")
	case info.Size() > limit:
		return nil, fmt.Errorf("%w %s", errLarge, printSize(limit))
	}
	return io.ReadAll(io.LimitReader(f, limit))
}
