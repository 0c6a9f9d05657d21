package notation_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"shapewatch/contracts/notation"
	"shapewatch/contracts/shape"
)

var update = flag.Bool("update", false, "rewrite the trees under testdata")

// TestTree_OfEveryStyle draws answers in the manner of well-known kinds of
// vendors and compares the trees with those that were looked at and found good.
func TestTree_OfEveryStyle(t *testing.T) {
	files, err := filepath.Glob("testdata/styles/*.txtar")
	if err != nil || len(files) < 12 {
		t.Fatalf("%d styles, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if err := notation.Tree(&b, styled(t, archive.Files[0]), notation.Options{}); err != nil {
				t.Fatal(err)
			}
			if *update {
				archive.Files[1].Data = b.Bytes()
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(archive.Files[1].Data), b.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// styled learns from a file of an archive, by its extension.
func styled(t *testing.T, file txtar.File) *shape.Shape {
	t.Helper()
	s := shape.New(shape.Limits{})
	as := map[string]shape.Syntax{".xml": shape.XML, ".csv": shape.CSV, ".json": shape.JSON}[filepath.Ext(file.Name)]
	if as == "" {
		if _, err := s.ObserveStream(bytes.NewReader(file.Data), noon); err != nil {
			t.Fatal(err)
		}
		return s
	}
	text, err := as.JSON(file.Data, shape.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Observe(text, noon); err != nil {
		t.Fatal(err)
	}
	return s
}
