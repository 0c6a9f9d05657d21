package detectors

import (
	"fmt"

	"shapewatch/contracts"
	"shapewatch/contracts/shape"
)

func renameInProgress() contracts.Detector {
	return contracts.Detector{
		Name:     "rename-in-progress",
		Severity: contracts.Info,
		Rule:     contracts.Rule{Trial: contracts.EveryParent, Additive: true},
		Detect:   findDoubles,
		Doc: `A new field says what an old one says

**What it means for you.** Both names are there for a while; then the old one goes. You have until then.

**A real one.** Twitter sent ` + "`id_str`" + ` beside ` + "`id`" + `; Jira sent ` + "`accountId`" + ` beside ` + "`name`" + ` for a year before the name went.

**How it decides.** A field that was never there holds the same values as a field beside it that was always there: the same number of them, all of those kept alike, and either three different ones or a word that both names share.

**Tuning.** None: it is a digest line, told once.`,
	}
}

func findDoubles(c *contracts.Comparison) (found []contracts.Finding) {
	for _, f := range findNew(c) {
		came, ok := c.NowAt(f.Path)
		if !ok {
			continue
		}
		if old := double(c, came); old != nil {
			f.Now = fmt.Sprintf("says what `%s` says", old.Name)
			f.Cause = fmt.Sprintf("`%s` is becoming `%s`", old.Name, came.Name)
			found = append(found, f)
		}
	}
	return found
}

// double finds the field beside a new one that has the same values.
func double(c *contracts.Comparison, f *shape.Field) *shape.Field {
	if f.Has(shape.Object) || f.Has(shape.Array) || f.Has(shape.Bool) || len(f.Values.List) == 0 {
		return nil
	}
	now := c.Now()
	for i := range now {
		old := &now[i]
		if old.Parent != f.Parent || old.Path == f.Path || old.Count != f.Count || len(old.Values.List) != len(f.Values.List) {
			continue
		}
		if _, known := c.BeforeAt(old.Path); !known || len(f.Values.List) < 3 && !contracts.SharesWord(old.Name, f.Name) {
			continue
		}
		if sameValues(old.Values.List, f.Values.List) {
			return old
		}
	}
	return nil
}

func sameValues(a, b []shape.Value) bool {
	for i := range a {
		if a[i].Hash != b[i].Hash || a[i].Count != b[i].Count {
			return false
		}
	}
	return true
}
