package forgetest

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"shapewatch/alerting/pullrequest"
)

// lost are promises about answers that got lost: what was asked for is asked
// for again, and there is one of it in the end.
var lost = Promises{
	"Lost_Commit": func(t *testing.T, s *Stage) {
		expect := ""
		s.again(t, func(round int) error {
			id, err := s.Forge.Commit(t.Context(), want(expect, fmt.Sprintf("a: %d\n", round)))
			if err == nil {
				same(t, id, s.tip(t)(s.Forge.Tip(t.Context(), branch)))
				_, parents := s.Repo.Log(id)
				same(t, []string{s.tip(t)(s.Forge.Tip(t.Context(), ""))}, parents)
				expect = id
			}
			return err
		})
		s.holds(t, Base, Files)
	},
	"Lost_DeleteBranch": func(t *testing.T, s *Stage) {
		s.again(t, func(round int) error {
			tip, err := s.Forge.Tip(t.Context(), branch)
			if errors.Is(err, missing) {
				tip.ID, err = s.Forge.Commit(t.Context(), want("", "a: 1\n"))
			}
			if err != nil {
				return err
			}
			return s.Forge.DeleteBranch(t.Context(), branch, tip.ID)
		})
		_, err := s.Forge.Tip(t.Context(), branch)
		is(t, err, missing)
	},
}

// lostRequests are those about pull requests.
var lostRequests = Promises{
	"Lost_Open": func(t *testing.T, s *Stage) {
		asked, rounds := s.asked(t), 0
		s.again(t, func(round int) error {
			opened, err := s.Forge.Open(t.Context(), asked)
			if err == nil {
				rounds++
				s.matches(t, asked, opened)
				s.Hub.Dismiss(opened.ID)
			}
			return err
		})
		same(t, rounds, s.Hub.Opened())
	},
	"Lost_Edit": func(t *testing.T, s *Stage) {
		opened := must[pullrequest.Request](t)(s.Forge.Open(t.Context(), s.asked(t)))
		s.again(t, func(round int) error {
			opened.Title, opened.Draft = fmt.Sprint("Round ", round), round%2 == 0
			err := s.Forge.Edit(t.Context(), opened)
			if err == nil {
				s.matches(t, opened, must[pullrequest.Request](t)(s.Forge.Latest(t.Context(), branch)))
			}
			return err
		})
	},
	"Lost_CommentAndClose": func(t *testing.T, s *Stage) {
		opened := must[pullrequest.Request](t)(s.Forge.Open(t.Context(), s.asked(t)))
		var remarks []string
		s.again(t, func(round int) error {
			text := fmt.Sprint("remark ", round)
			if len(remarks) < round {
				remarks = append(remarks, text)
			}
			return errors.Join(s.Forge.Comment(t.Context(), opened, text), s.Forge.Close(t.Context(), opened))
		})
		same(t, remarks, s.Hub.Remarks(opened.ID))
		same(t, pullrequest.Closed, must[pullrequest.Request](t)(s.Forge.Latest(t.Context(), branch)).State)
	},
}

// again does something in rounds: in each, another write of it loses its
// answer (cut off, or a 502 in its place), it fails or not, and is asked for
// again. It ends with the round in which there was no such write.
func (s *Stage) again(t *testing.T, do func(round int) error) {
	t.Helper()
	for round := 1; round < 40; round++ {
		s.Trouble.Lose((round+1)/2, []int{0, http.StatusBadGateway}[round%2])
		err := do(round)
		happened := s.Trouble.Lost()
		if err != nil && !happened {
			t.Fatalf("round %d: %v", round, err)
		}
		if err != nil {
			s.fit(t, firstLine(err))
			ok(t, do(round))
		}
		if !happened {
			return
		}
	}
	t.Error("writes without end")
}

// firstLine is one error where several were joined.
func firstLine(err error) string {
	var many interface{ Unwrap() []error }
	if errors.As(err, &many) {
		return many.Unwrap()[0].Error()
	}
	return err.Error()
}
