package forgetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/google/go-cmp/cmp"

	"shapewatch/alerting/pullrequest"
)

// requests are promises about pull requests.
var requests = Promises{
	"Open_IsFoundAgain": func(t *testing.T, s *Stage) {
		asked := s.asked(t)
		opened := must[pullrequest.Request](t)(s.Forge.Open(t.Context(), asked))
		s.matches(t, asked, opened)
		s.matches(t, asked, must[pullrequest.Request](t)(s.Forge.Latest(t.Context(), branch)))
		same(t, 1, s.Hub.Opened())
		if opened.ID == "" || !strings.HasPrefix(opened.URL, "http") || opened.Created.IsZero() || !opened.Ended.IsZero() {
			t.Errorf("opened as %+v", opened)
		}
	},
	"Open_AdoptsWhatIsOpen": func(t *testing.T, s *Stage) {
		asked := s.asked(t)
		first := must[pullrequest.Request](t)(s.Forge.Open(t.Context(), asked))
		asked.Title, asked.Body, asked.Draft, asked.Labels = "Another title", "another\nbody", false, []string{"breaking"}
		again := must[pullrequest.Request](t)(s.Forge.Open(t.Context(), asked))
		same(t, first.ID, again.ID)
		s.matches(t, asked, again)
		s.matches(t, asked, must[pullrequest.Request](t)(s.Forge.Latest(t.Context(), branch)))
		same(t, 1, s.Hub.Opened())
	},
	"Open_AfterTheEnd_IsAnother": func(t *testing.T, s *Stage) {
		first := must[pullrequest.Request](t)(s.Forge.Open(t.Context(), s.asked(t)))
		s.Hub.Dismiss(first.ID)
		second := must[pullrequest.Request](t)(s.Forge.Open(t.Context(), s.asked(t)))
		if second.ID == first.ID {
			t.Errorf("%s is opened again", first.ID)
		}
		same(t, second.ID, must[pullrequest.Request](t)(s.Forge.Latest(t.Context(), branch)).ID)
		s.Hub.Merge(second.ID)
		same(t, second.ID, must[pullrequest.Request](t)(s.Forge.Latest(t.Context(), branch)).ID)
	},
	"Latest_TellsTheEnd": func(t *testing.T, s *Stage) {
		opened := must[pullrequest.Request](t)(s.Forge.Open(t.Context(), s.asked(t)))
		s.Hub.Dismiss(opened.ID)
		ended := must[pullrequest.Request](t)(s.Forge.Latest(t.Context(), branch))
		same(t, pullrequest.Closed, ended.State)
		opened = must[pullrequest.Request](t)(s.Forge.Open(t.Context(), s.asked(t)))
		s.Hub.Merge(opened.ID)
		merged := must[pullrequest.Request](t)(s.Forge.Latest(t.Context(), branch))
		same(t, pullrequest.Merged, merged.State)
		if ended.Ended.IsZero() || !merged.Ended.After(ended.Ended) {
			t.Errorf("ended at %v and %v", ended.Ended, merged.Ended)
		}
		same(t, 0, len(must[[]pullrequest.Request](t)(s.Forge.Standing(t.Context(), "shapewatch/"))))
	},
	"Latest_OfNothing_IsEmpty": func(t *testing.T, s *Stage) {
		same(t, pullrequest.Request{}, must[pullrequest.Request](t)(s.Forge.Latest(t.Context(), branch)))
	},
	"Latest_IsNoStrangers": func(t *testing.T, s *Stage) {
		s.asked(t)
		s.Hub.Stranger("mallory", branch, Base)
		s.Hub.Stranger("", branch, "release")
		s.unchanged(t, func() {
			same(t, "", must[pullrequest.Request](t)(s.Forge.Latest(t.Context(), branch)).ID)
			same(t, 0, len(must[[]pullrequest.Request](t)(s.Forge.Standing(t.Context(), "shapewatch/"))))
		})
		opened := must[pullrequest.Request](t)(s.Forge.Open(t.Context(), s.asked(t)))
		same(t, "3", opened.ID)
		same(t, "3", must[pullrequest.Request](t)(s.Forge.Latest(t.Context(), branch)).ID)
	},
	"Latest_SeesANewTip": func(t *testing.T, s *Stage) {
		must[pullrequest.Request](t)(s.Forge.Open(t.Context(), s.asked(t)))
		pushed := s.Repo.Push(branch, "README.md", "by hand\n")
		if tip := must[pullrequest.Request](t)(s.Forge.Latest(t.Context(), branch)).Tip; len(tip) < 12 || !strings.HasPrefix(pushed, tip) {
			t.Errorf("tip %q, want %q", tip, pushed)
		}
	},
	"Standing_AreAllOfThePrefix": func(t *testing.T, s *Stage) {
		var want []string
		for i := range 130 {
			want = append(want, fmt.Sprintf("shapewatch/api%d", i))
		}
		s.Repo.Branch(s.Repo.Push("shapewatcher/x", "README.md", "x"), want...)
		for _, name := range want {
			s.Hub.Stranger("", name, Base)
		}
		s.Hub.Stranger("", "shapewatcher/x", Base)
		s.Hub.Dismiss("7")
		var got []string
		for _, r := range must[[]pullrequest.Request](t)(s.Forge.Standing(t.Context(), "shapewatch/")) {
			got = append(got, r.Branch)
			same(t, pullrequest.Standing, r.State)
		}
		slices.Sort(got)
		want = slices.Delete(want, 6, 7)
		slices.Sort(want)
		same(t, want, got)
		same(t, "shapewatch/api9", must[pullrequest.Request](t)(s.Forge.Latest(t.Context(), "shapewatch/api9")).Branch)
	},
	"Edit_SetsAll": func(t *testing.T, s *Stage) {
		opened := must[pullrequest.Request](t)(s.Forge.Open(t.Context(), s.asked(t)))
		for _, draft := range []bool{false, true, true, false} {
			opened.Title, opened.Body, opened.Draft, opened.Labels = fmt.Sprint("Title ", draft), "# b <!-- x -->\r\n@a #1", draft, []string{"api-drift", fmt.Sprint(draft)}
			ok(t, s.Forge.Edit(t.Context(), opened))
			s.matches(t, opened, must[pullrequest.Request](t)(s.Forge.Latest(t.Context(), branch)))
		}
		opened.Labels = nil
		ok(t, s.Forge.Edit(t.Context(), opened))
		s.matches(t, opened, must[pullrequest.Request](t)(s.Forge.Latest(t.Context(), branch)))
	},
	"Close_LeavesTheBranch": func(t *testing.T, s *Stage) {
		opened := must[pullrequest.Request](t)(s.Forge.Open(t.Context(), s.asked(t)))
		ok(t, s.Forge.Close(t.Context(), opened))
		ok(t, s.Forge.Close(t.Context(), opened))
		same(t, pullrequest.Closed, must[pullrequest.Request](t)(s.Forge.Latest(t.Context(), branch)).State)
		if tip := s.tip(t)(s.Forge.Tip(t.Context(), branch)); !strings.HasPrefix(tip, opened.Tip) {
			t.Errorf("tip %s, want %s", tip, opened.Tip)
		}
	},
	"Close_LeavesWhatIsMerged": func(t *testing.T, s *Stage) {
		opened := must[pullrequest.Request](t)(s.Forge.Open(t.Context(), s.asked(t)))
		s.Hub.Merge(opened.ID)
		_ = s.Forge.Close(t.Context(), opened) // fine, or a refusal
		same(t, pullrequest.Merged, must[pullrequest.Request](t)(s.Forge.Latest(t.Context(), branch)).State)
	},
	"Reopen_StandsAgain": func(t *testing.T, s *Stage) {
		asked := s.asked(t)
		opened := must[pullrequest.Request](t)(s.Forge.Open(t.Context(), asked))
		for _, gone := range []bool{false, true} {
			ok(t, s.Forge.Close(t.Context(), opened))
			if gone {
				ok(t, s.Forge.DeleteBranch(t.Context(), branch, opened.Tip))
			}
			if err := s.Forge.Reopen(t.Context(), opened); err != nil {
				if r := s.refusal(t, err); !r.Permanent {
					t.Errorf("%+v", r)
				}
				return // a forge that will not
			}
			ok(t, s.Forge.Reopen(t.Context(), opened))
			s.matches(t, asked, must[pullrequest.Request](t)(s.Forge.Latest(t.Context(), branch)))
			same(t, opened.Tip, s.tip(t)(s.Forge.Tip(t.Context(), branch)))
		}
	},
	"Reopen_LeavesWhatIsMerged": func(t *testing.T, s *Stage) {
		opened := must[pullrequest.Request](t)(s.Forge.Open(t.Context(), s.asked(t)))
		s.Hub.Merge(opened.ID)
		if r := s.refusal(t, s.Forge.Reopen(t.Context(), opened)); !r.Permanent {
			t.Errorf("%+v", r)
		}
	},
	"Comment_IsAddedOnce": func(t *testing.T, s *Stage) {
		opened := must[pullrequest.Request](t)(s.Forge.Open(t.Context(), s.asked(t)))
		ok(t, s.Forge.Comment(t.Context(), opened, "first\n\n| a |\n|---|"))
		ok(t, s.Forge.Comment(t.Context(), opened, "second"))
		ok(t, s.Forge.Comment(t.Context(), opened, "first\n\n| a |\n|---|"))
		same(t, []string{"first\n\n| a |\n|---|", "second"}, s.Hub.Remarks(opened.ID))
	},
}

// asked is a request for the branch, which has a commit of ours.
func (s *Stage) asked(t *testing.T) pullrequest.Request {
	t.Helper()
	traits := s.Forge.Traits()
	r := pullrequest.Request{
		Branch: branch, Title: "Stripe: status is new (+2 more)", Body: "| a | b |\n|---|---|\n\n<!-- shapewatch:v1:e30= -->", Draft: true,
		State: pullrequest.Standing,
	}
	r.Tip = must[string](t)(s.Forge.Commit(t.Context(), want("", "a: 1\n")))
	if traits.Labels {
		r.Labels = []string{"api-drift", "breaking"}
	}
	return r
}

// matches compares what was asked for with what is there.
func (s *Stage) matches(t *testing.T, asked, got pullrequest.Request) {
	t.Helper()
	if !s.Forge.Traits().Labels {
		asked.Labels = nil
	}
	if len(got.Tip) >= 12 && strings.HasPrefix(asked.Tip, got.Tip) {
		got.Tip = asked.Tip // some abbreviate it
	}
	diff := cmp.Diff(asked, got, cmpopts.IgnoreFields(asked, "ID", "URL", "Created", "Ended"), cmpopts.EquateEmpty(),
		cmpopts.SortSlices(func(a, b string) bool { return a < b }), cmpopts.EquateApproxTime(time.Second))
	if diff != "" {
		t.Errorf("asked for -, got +:\n%s", diff)
	}
}
