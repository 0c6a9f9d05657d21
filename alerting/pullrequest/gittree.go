package pullrequest

import (
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/plumbing/storer"
)

// A gitWriter puts objects into a store and notes which.
type gitWriter struct {
	store storer.EncodedObjectStorer
	made  []plumbing.Hash
}

// encoder is what go-git can write as an object.
type encoder interface {
	Encode(plumbing.EncodedObject) error
}

func (w *gitWriter) put(what encoder) (plumbing.Hash, error) {
	o := w.store.NewEncodedObject()
	if err := what.Encode(o); err != nil {
		return plumbing.ZeroHash, err
	}
	return w.keep(o)
}

func (w *gitWriter) keep(o plumbing.EncodedObject) (plumbing.Hash, error) {
	id, err := w.store.SetEncodedObject(o)
	w.made = append(w.made, id)
	return id, err
}

func (w *gitWriter) blob(content []byte) (plumbing.Hash, error) {
	o := w.store.NewEncodedObject()
	o.SetType(plumbing.BlobObject)
	to, err := o.Writer()
	if err != nil {
		return plumbing.ZeroHash, err
	}
	if _, err := to.Write(content); err != nil {
		return plumbing.ZeroHash, err
	}
	if err := to.Close(); err != nil {
		return plumbing.ZeroHash, err
	}
	return w.keep(o)
}

// commit puts a commit with one parent.
func (w *gitWriter) commit(tree, parent plumbing.Hash, message string, by object.Signature) (plumbing.Hash, error) {
	by.When = time.Now()
	return w.put(&object.Commit{Author: by, Committer: by, Message: message, TreeHash: tree, ParentHashes: []plumbing.Hash{parent}})
}

// graft is the tree that holds files (a path to its bytes) beside and in place
// of what another holds; the zero hash is the empty tree.
func (w *gitWriter) graft(tree plumbing.Hash, files map[string][]byte) (plumbing.Hash, error) {
	entries, err := w.entries(tree)
	if err != nil {
		return plumbing.ZeroHash, err
	}
	folders := map[string]map[string][]byte{}
	for path, content := range files {
		name, rest, below := strings.Cut(path, "/")
		if name == "" || name == "." || name == ".." || strings.EqualFold(name, ".git") {
			return plumbing.ZeroHash, fmt.Errorf("%q is no path of a file", path)
		}
		if !below {
			if err := w.place(entries, name, content); err != nil {
				return plumbing.ZeroHash, err
			}
			continue
		}
		if folders[name] == nil {
			folders[name] = map[string][]byte{}
		}
		folders[name][rest] = content
	}
	for name, inside := range folders {
		was := entries[name]
		if was.Name != "" && was.Mode != filemode.Dir {
			return plumbing.ZeroHash, fmt.Errorf("%s is no folder", name)
		}
		if was.Hash, err = w.graft(was.Hash, inside); err != nil {
			return plumbing.ZeroHash, err
		}
		entries[name] = object.TreeEntry{Name: name, Mode: filemode.Dir, Hash: was.Hash}
	}
	sorted := slices.Collect(maps.Values(entries))
	sort.Sort(object.TreeEntrySorter(sorted))
	return w.put(&object.Tree{Entries: sorted})
}

func (w *gitWriter) entries(tree plumbing.Hash) (map[string]object.TreeEntry, error) {
	entries := map[string]object.TreeEntry{}
	if tree.IsZero() {
		return entries, nil
	}
	got, err := object.GetTree(w.store, tree)
	if err != nil {
		return nil, err
	}
	for _, e := range got.Entries {
		entries[e.Name] = e
	}
	return entries, nil
}

// place puts a file where there is a file or nothing, and keeps its mode.
func (w *gitWriter) place(entries map[string]object.TreeEntry, name string, content []byte) error {
	mode := filemode.Regular
	if was, is := entries[name]; is {
		mode = was.Mode
	}
	if !mode.IsFile() || mode == filemode.Symlink {
		return fmt.Errorf("%q is no file that can be written", name)
	}
	id, err := w.blob(content)
	entries[name] = object.TreeEntry{Name: name, Mode: mode, Hash: id}
	return err
}

// gitFile reads a file of a commit.
func gitFile(store storer.EncodedObjectStorer, id plumbing.Hash, path string) ([]byte, error) {
	commit, err := object.GetCommit(store, id)
	if err != nil {
		return nil, err
	}
	tree, err := commit.Tree()
	if err != nil {
		return nil, err
	}
	entry, err := tree.FindEntry(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, fs.ErrNotExist)
	}
	if !entry.Mode.IsFile() || entry.Mode == filemode.Symlink {
		return nil, fmt.Errorf("%s is no file", path)
	}
	blob, err := object.GetBlob(store, entry.Hash)
	if err != nil {
		return nil, err
	}
	from, err := blob.Reader()
	if err != nil {
		return nil, err
	}
	defer from.Close()
	return io.ReadAll(from)
}
