package openapi_test

import (
	"path/filepath"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oasdiff/oasdiff/checker"
	"github.com/oasdiff/oasdiff/diff"
	oasload "github.com/oasdiff/oasdiff/load"
)

// libraryDiff is what oasdiff's own changelog command does, without printing.
func libraryDiff(b *testing.B, folder string) {
	b.Helper()
	loader := openapi3.NewLoader()
	read := func(name string) *oasload.SpecInfo {
		s, err := oasload.NewSpecInfo(loader, oasload.NewSource(filepath.Join(folder, name)))
		if err != nil {
			b.Fatal(err)
		}
		return s
	}
	report, sources, err := diff.GetWithOperationsSourcesMap(diff.NewConfig(), read("old.json"), read("new.json"))
	if err != nil {
		b.Fatal(err)
	}
	changes := checker.CheckBackwardCompatibilityUntilLevel(checker.NewConfig(checker.GetAllChecks()), report, sources, checker.INFO)
	words := checker.NewLocalizer("en")
	for _, c := range changes { // it prints every one
		_ = c.GetUncolorizedText(words)
	}
}
