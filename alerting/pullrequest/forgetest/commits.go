package forgetest

import (
	"testing"

	"shapewatch/alerting/pullrequest"
)

// commits are promises of Commit, DeleteBranch and Doctor.
var commits = Promises{
	"Commit_MakesTheBranch": func(t *testing.T, s *Stage) {
		base := s.tip(t)(s.Forge.Tip(t.Context(), ""))
		id := must[string](t)(s.Forge.Commit(t.Context(), want("", "a: 1\n")))
		same(t, id, s.tip(t)(s.Forge.Tip(t.Context(), branch)))
		message, parents := s.Repo.Log(id)
		same(t, want("", "").Message, message)
		same(t, pullrequest.Tip{ID: id, Message: message}, must[pullrequest.Tip](t)(s.Forge.Tip(t.Context(), branch)))
		same(t, []string{base}, parents)
		s.holds(t, branch, map[string]string{"contracts/stripe.yaml": "a: 1\n", "README.md": Files["README.md"]})
		s.holds(t, Base, Files)
	},
	"Commit_WritesSeveralFiles": func(t *testing.T, s *Stage) {
		c := want("", "\ufeffa: 1\r\n")
		c.Files = append(c.Files,
			pullrequest.File{Path: "new folder/deep é/x.yaml", Content: []byte("x: <&>\"\\ ☃")},
			pullrequest.File{Path: "contracts/empty.yaml", Content: []byte("no more")},
			pullrequest.File{Path: "contracts/windows.yaml"},
			pullrequest.File{Path: "contracts/latin1.yaml", Content: []byte("# caf\xe9\n")})
		must[string](t)(s.Forge.Commit(t.Context(), c))
		for _, f := range c.Files {
			s.holds(t, branch, map[string]string{f.Path: string(f.Content)})
		}
	},
	"Commit_ReplacesOursOnTopOfTheBase": func(t *testing.T, s *Stage) {
		first := must[string](t)(s.Forge.Commit(t.Context(), want("", "a: 1\n")))
		base := s.Repo.Push(Base, "README.md", "newer\n")
		second := must[string](t)(s.Forge.Commit(t.Context(), want(first, "a: 2\n")))
		_, parents := s.Repo.Log(second)
		same(t, []string{base}, parents)
		same(t, second, s.tip(t)(s.Forge.Tip(t.Context(), branch)))
		s.holds(t, branch, map[string]string{"contracts/stripe.yaml": "a: 2\n", "README.md": "newer\n"})
	},
	"Commit_TakesAShortTip": func(t *testing.T, s *Stage) {
		first := must[string](t)(s.Forge.Commit(t.Context(), want("", "a: 1\n")))
		second := must[string](t)(s.Forge.Commit(t.Context(), want(first[:12], "a: 2\n")))
		s.moved(t, want(first[:12], "a: 3\n"))
		s.unchanged(t, func() { is(t, s.Forge.DeleteBranch(t.Context(), branch, first[:12]), pullrequest.ErrMoved) })
		ok(t, s.Forge.DeleteBranch(t.Context(), branch, second[:12]))
	},
	"Commit_LeavesAlone_WhatSomebodyChanged": func(t *testing.T, s *Stage) {
		first := must[string](t)(s.Forge.Commit(t.Context(), want("", "a: 1\n")))
		s.Repo.Push(branch, "README.md", "by hand\n")
		s.moved(t, want(first, "a: 2\n"))
		s.moved(t, want("", "a: 2\n"))
		s.moved(t, want("", "a: 1\n"))
		s.Repo.Drop(branch)
		s.moved(t, want(first, "a: 2\n"))
	},
	"Commit_LeavesAlone_WhatIsOldButNotExpected": func(t *testing.T, s *Stage) {
		s.Repo.Push(branch, "contracts/stripe.yaml", "a: 1\n")
		s.moved(t, want("", "a: 1\n"))
		s.moved(t, want(s.tip(t)(s.Forge.Tip(t.Context(), "")), "a: 1\n"))
	},
	"Commit_AskedAgain_IsTheSame": func(t *testing.T, s *Stage) {
		first := must[string](t)(s.Forge.Commit(t.Context(), want("", "a: 1\n")))
		s.unchanged(t, func() {
			same(t, first, must[string](t)(s.Forge.Commit(t.Context(), want("", "a: 1\n"))))
		})
		second := must[string](t)(s.Forge.Commit(t.Context(), want(first, "a: 2\n")))
		s.unchanged(t, func() {
			same(t, second, must[string](t)(s.Forge.Commit(t.Context(), want(first, "a: 2\n"))))
		})
	},
	"Commit_AskedAgain_StandsOnTheNewBase": func(t *testing.T, s *Stage) {
		must[string](t)(s.Forge.Commit(t.Context(), want("", "a: 1\n")))
		base := s.Repo.Push(Base, "README.md", "newer\n")
		again := must[string](t)(s.Forge.Commit(t.Context(), want("", "a: 1\n")))
		_, parents := s.Repo.Log(again)
		same(t, []string{base}, parents)
	},
	"Doctor_FindsNothing_AndTouchesNothing": func(t *testing.T, s *Stage) {
		s.unchanged(t, func() {
			symptoms := s.Forge.Doctor(t.Context())
			if len(symptoms) == 0 {
				t.Error("no symptom at all")
			}
			for _, symptom := range symptoms {
				if !symptom.OK || symptom.Need == "" || symptom.Text == "" {
					t.Errorf("%+v", symptom)
				}
			}
		})
	},
	"DeleteBranch_OnlyAsItWasSeen": func(t *testing.T, s *Stage) {
		first := must[string](t)(s.Forge.Commit(t.Context(), want("", "a: 1\n")))
		s.Repo.Push(branch, "README.md", "by hand\n")
		s.unchanged(t, func() { is(t, s.Forge.DeleteBranch(t.Context(), branch, first), pullrequest.ErrMoved) })
		ok(t, s.Forge.DeleteBranch(t.Context(), branch, s.tip(t)(s.Forge.Tip(t.Context(), branch))))
		_, err := s.Forge.Tip(t.Context(), branch)
		is(t, err, missing)
		ok(t, s.Forge.DeleteBranch(t.Context(), branch, first))
		s.holds(t, Base, Files)
	},
}

// holds compares files of a branch.
func (s *Stage) holds(t *testing.T, branch string, files map[string]string) {
	t.Helper()
	for path, content := range files {
		same(t, content, string(must[[]byte](t)(s.Forge.Read(t.Context(), branch, path))))
	}
}

// moved tries a commit that must not be made.
func (s *Stage) moved(t *testing.T, c pullrequest.Commit) {
	t.Helper()
	s.unchanged(t, func() {
		_, err := s.Forge.Commit(t.Context(), c)
		is(t, err, pullrequest.ErrMoved)
	})
}
