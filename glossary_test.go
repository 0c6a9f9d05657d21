package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// nounFiles hold the vocabulary: every exported type in them stands for an
// idea and has its line in the glossary.
var nounFiles = []string{
	"probes/probes.go", "probes/auth.go", "contracts/contracts.go", "contracts/signals.go",
	"contracts/baseline.go", "contracts/contract.go", "contracts/shape/field.go",
	"alerting/alerting.go", "monitor/store.go", "monitor/monitor.go", "web/source.go",
	"workflows/workflows.go", "probes/run.go", "probes/job.go", "probes/deaf.go", "heartbeats/heartbeats.go",
	"reconcile/reconcile.go", "reconcile/ledger.go", "probes/reconciled.go",
	"alerting/pullrequest/forge.go", "alerting/pullrequest/wish.go",
	"probes/publication.go", "monitor/spec.go", "tracing/tracing.go", "tracing/tracer.go",
	"webhooks/forward.go", "webhooks/posting.go", "forwarding/forwarding.go",
}

// notIdeas are exported types of those files that only spell out another
// word; each says which.
var notIdeas = map[string]string{
	"KindCounts": "counts by Kind", "FormatCount": "counts by Format", "Values": "the set of Value",
	"Numbers": "part of Field", "Lengths": "part of Field", "TransitionKind": "kind of Transition",
	"DeliveryError": "an error", "OutboxHealth": "state of the Outbox", "TLSAuth": "an Auth",
	"Asker": "what Monitor needs of a Client", "Options": "how a package is set up",
	"Expectation": "part of Contract, and of Heartbeat", "Wait": "part of Step", "Cleanup": "part of Run", "StepTaken": "part of Run",
	"Confirm": "part of Options", "State": "part of Cell, of Request", "Differences": "part of Reconciled", "FieldAgreement": "part of Reconciled", "Share": "part of FieldAgreement", "Summing": "a Side", "Partial": "a Side", "Point": "part of Ledger",
	"Traits": "what a Forge can do", "Commit": "what a Forge is given", "File": "part of Commit", "Refusal": "an error",
	"Did": "part of Outcome",
}

var glossaryWord = regexp.MustCompile(`(?m)^\| ([A-Za-z]+) \|`)

// TestGlossary_ListsEveryNoun fails when a type of the vocabulary has no line
// in docs/glossary.md.
func TestGlossary_ListsEveryNoun(t *testing.T) {
	page, err := os.ReadFile("docs/glossary.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, m := range glossaryWord.FindAllStringSubmatch(string(page), -1) {
		listed[m[1]] = true
	}
	for _, file := range nounFiles {
		for _, name := range exportedTypes(t, file) {
			if _, waived := notIdeas[name]; !listed[name] && !waived {
				t.Errorf("%s: type %s is not in docs/glossary.md", file, name)
			}
		}
	}
}

// TestGlossary_BansWords fails when a package or an exported type carries a
// word that says nothing.
func TestGlossary_BansWords(t *testing.T) {
	banned := regexp.MustCompile(`(?i)(manager|service|util|helper|common|processor)`)
	for _, dir := range goDirs(t) {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			for _, name := range exportedTypes(t, file) {
				if banned.MatchString(name) && !strings.HasSuffix(file, "_test.go") {
					t.Errorf("%s: type %s", file, name)
				}
			}
		}
	}
}

func exportedTypes(t *testing.T, file string) (names []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, decl := range parsed.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.TYPE {
			continue
		}
		for _, spec := range group.Specs {
			if name := spec.(*ast.TypeSpec).Name.Name; ast.IsExported(name) {
				names = append(names, name)
			}
		}
	}
	return names
}
