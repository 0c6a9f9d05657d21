package forgetest

import (
	"testing"

	"shapewatch/alerting/pullrequest"
)

// plain are promises of a forge without pull requests.
var plain = Promises{
	"WithoutRequests_ThereAreNone": func(t *testing.T, s *Stage) {
		must[string](t)(s.Forge.Commit(t.Context(), want("", "a: 1\n")))
		r := pullrequest.Request{ID: "1", Branch: branch, Title: "T"}
		s.unchanged(t, func() {
			same(t, pullrequest.Request{}, must[pullrequest.Request](t)(s.Forge.Latest(t.Context(), branch)))
			same(t, 0, len(must[[]pullrequest.Request](t)(s.Forge.Standing(t.Context(), ""))))
			_, err := s.Forge.Open(t.Context(), r)
			for _, err := range []error{err, s.Forge.Edit(t.Context(), r), s.Forge.Close(t.Context(), r), s.Forge.Reopen(t.Context(), r), s.Forge.Comment(t.Context(), r, "x")} {
				if r := s.refusal(t, err); !r.Permanent {
					t.Errorf("%+v", r)
				}
			}
		})
	},
}
