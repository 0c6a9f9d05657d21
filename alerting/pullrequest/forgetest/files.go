package forgetest

import "testing"

// files are promises of Read and Tip.
var files = Promises{
	"Read_GivesTheBytes": func(t *testing.T, s *Stage) {
		for path, content := range Files {
			same(t, content, string(must[[]byte](t)(s.Forge.Read(t.Context(), "", path))))
			same(t, content, string(must[[]byte](t)(s.Forge.Read(t.Context(), Base, path))))
		}
	},
	"Read_IsOfTheBranch": func(t *testing.T, s *Stage) {
		s.Repo.Push("feature/x", "contracts/new one.yaml", "new: 1\n")
		same(t, "new: 1\n", string(must[[]byte](t)(s.Forge.Read(t.Context(), "feature/x", "contracts/new one.yaml"))))
		_, err := s.Forge.Read(t.Context(), "", "contracts/new one.yaml")
		is(t, err, missing)
	},
	"Read_SeesWhatIsNew": func(t *testing.T, s *Stage) {
		must[[]byte](t)(s.Forge.Read(t.Context(), "", "README.md"))
		s.Repo.Push(Base, "README.md", "newer\n")
		same(t, "newer\n", string(must[[]byte](t)(s.Forge.Read(t.Context(), "", "README.md"))))
	},
	"Read_OfNothing_IsErrNotExist": func(t *testing.T, s *Stage) {
		_, err := s.Forge.Read(t.Context(), "", "contracts/none.yaml")
		is(t, err, missing)
		_, err = s.Forge.Read(t.Context(), "no/branch", "README.md")
		is(t, err, missing)
		_, err = s.Forge.Read(t.Context(), "", "contracts")
		if err == nil {
			t.Error("a folder is read as a file")
		}
	},
	"Tip_IsTheLastCommit": func(t *testing.T, s *Stage) {
		first := s.tip(t)(s.Forge.Tip(t.Context(), ""))
		same(t, first, s.tip(t)(s.Forge.Tip(t.Context(), Base)))
		pushed := s.Repo.Push(Base, "README.md", "newer\n")
		same(t, pushed, s.tip(t)(s.Forge.Tip(t.Context(), "")))
		pushed = s.Repo.Push("feature/x", "README.md", "other\n")
		same(t, pushed, s.tip(t)(s.Forge.Tip(t.Context(), "feature/x")))
	},
	"Tip_OfNothing_IsErrNotExist": func(t *testing.T, s *Stage) {
		s.Repo.Push("feature/x", "README.md", "other\n")
		for _, none := range []string{"no/branch", "feature", "feature/x/y", "feat"} {
			_, err := s.Forge.Tip(t.Context(), none)
			is(t, err, missing)
		}
	},
}
