package forgetest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"shapewatch/alerting/pullrequest"
)

// refused are promises about forges that do not do what they are asked.
var refused = Promises{
	"Refused_ForNow": func(t *testing.T, s *Stage) {
		for _, status := range []int{429, 500, 502, 503} {
			s.everything(t, Answer(status, map[string]string{"Retry-After": "7"}, `{"message":"slow down"}`), func(call string, err error) {
				r := s.refusal(t, err)
				if r.Permanent || r.Status != status || (status == 429 || status == 503) && r.RetryAfter != 7*time.Second {
					t.Errorf("%s answered %d: %+v", call, status, r)
				}
			})
		}
	},
	"Refused_ForGood": func(t *testing.T, s *Stage) {
		for _, status := range []int{401, 403} {
			s.everything(t, Answer(status, nil, `{"message":"no"}`), func(call string, err error) {
				if r := s.refusal(t, err); !r.Permanent || r.Status != status || r.RetryAfter != 0 {
					t.Errorf("%s answered %d: %+v", call, status, r)
				}
			})
		}
	},
	"Refused_ForNow_UntilAWindowEnds": func(t *testing.T, s *Stage) {
		reset := fmt.Sprint(time.Now().Add(time.Minute).Unix())
		s.everything(t, Answer(429, map[string]string{"RateLimit-Remaining": "0", "RateLimit-Reset": reset, "Content-Type": "text/plain"}, "Retry later\n"), func(call string, err error) {
			if r := s.refusal(t, err); r.Permanent || r.RetryAfter < 10*time.Second || r.RetryAfter > time.Minute || !strings.Contains(r.Text, "Retry later") {
				t.Errorf("%s: %+v", call, r)
			}
		})
	},
	"Refused_NotSeen": func(t *testing.T, s *Stage) { // as a token without a right to it is told
		s.everything(t, Answer(404, nil, `{"message":"404 Project Not Found"}`), func(call string, err error) {
			if call == "DeleteBranch" || (call == "Read" || call == "Tip") && errors.Is(err, missing) {
				return // what is not there is none
			}
			if r := s.refusal(t, err); !r.Permanent || r.Status != 404 || !strings.Contains(r.Text, "or the token may not see it") {
				t.Errorf("%s: %+v", call, r)
			}
		})
		s.Trouble.Instead(Answer(404, nil, `{"message":"404 Project Not Found"}`))
		if symptoms := s.Forge.Doctor(t.Context()); len(symptoms) == 0 || symptoms[0].OK || symptoms[0].Text == "" {
			t.Errorf("what cannot be seen is no symptom: %+v", symptoms)
		}
	},
	"Refused_TellsNoSecretAndDoesNoDamage": func(t *testing.T, s *Stage) {
		hostile := `{"message":"` + strings.Join(s.Secrets, " ") + ` \u001b[2J\u202e\u0000\r\n` + strings.Repeat("A\u200b☃", 5000) + `"}`
		for _, status := range []int{200, 400, 401, 404, 409, 422, 500} {
			s.everything(t, Answer(status, map[string]string{"Content-Type": "application/json"}, hostile), func(_ string, err error) {
				if err != nil && !errors.Is(err, missing) {
					s.fit(t, err.Error())
				}
			})
		}
	},
	"Refused_Nonsense": func(t *testing.T, s *Stage) {
		for _, body := range []string{"", "<html>hello</html>", "null", "[]", "{}", "[null]", `{"a":`, "0", `"x"`, `[[1]]`, "\x00\xff", `{"sha":1,"number":"x","object":[]}`} {
			for _, status := range []int{200, 201, 204, 299, 404, 409, 422} {
				s.everything(t, Answer(status, map[string]string{"Content-Type": "application/json"}, body), func(call string, err error) {
					if err == nil && (call == "Open" || call == "Commit" || call == "Tip") {
						t.Errorf("%s takes %d %q for an answer", call, status, body)
					}
				})
			}
		}
	},
	"Refused_Endless": func(t *testing.T, s *Stage) {
		for name, call := range s.calls(t.Context()) {
			if name == "Read" || name == "Open" {
				s.Trouble.Instead(Endless("A"))
				_ = s.refusal(t, call()) // that it is one is the test
				s.Trouble.Instead(nil)
			}
		}
	},
	"Refused_SentElsewhere": func(t *testing.T, s *Stage) {
		var visited atomic.Int64
		elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visited.Add(1) }))
		t.Cleanup(elsewhere.Close)
		for _, status := range []int{301, 302, 303, 307, 308} {
			s.everything(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, elsewhere.URL+r.URL.RequestURI(), status)
			}), func(_ string, err error) {
				if r := s.refusal(t, err); !r.Permanent || !strings.Contains(r.Text, strings.TrimPrefix(elsewhere.URL, "http://")) {
					t.Errorf("does not say where it was sent: %+v", r)
				}
			})
		}
		same(t, int64(0), visited.Load())
	},
	"Refused_Unreachable": func(t *testing.T, s *Stage) {
		s.everything(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), func(_ string, err error) {
			if r := s.refusal(t, err); r.Permanent || r.Status != 0 {
				t.Errorf("no answer at all: %+v", r)
			}
		})
	},
	"Refused_DoctorSaysWhatToDo": func(t *testing.T, s *Stage) {
		s.Trouble.Instead(Answer(401, nil, `{"message":"Bad credentials `+strings.Join(s.Secrets, " ")+`"}`))
		symptoms := s.Forge.Doctor(t.Context())
		if len(symptoms) == 0 || symptoms[0].OK {
			t.Errorf("a refused token is no symptom: %+v", symptoms)
		}
		for _, symptom := range symptoms {
			s.fit(t, symptom.Need+" "+symptom.Text)
		}
	},
	"Cancelled_ReturnsAtOnce": func(t *testing.T, s *Stage) {
		held := make(chan struct{})
		s.Trouble.Instead(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
			case <-held:
			}
		}))
		defer close(held)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		begun := time.Now()
		_, err := s.Forge.Tip(ctx, "")
		is(t, err, context.DeadlineExceeded)
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("returned after %v", took)
		}
	},
}

// everything makes each call while a handler stands in for the forge.
func (s *Stage) everything(t *testing.T, answer http.Handler, check func(call string, err error)) {
	t.Helper()
	s.Trouble.Instead(answer)
	defer s.Trouble.Instead(nil)
	for name, call := range s.calls(t.Context()) {
		check(name, call())
	}
}

// calls are all that may be asked of the forge, by name.
func (s *Stage) calls(ctx context.Context) map[string]func() error {
	f, r := s.Forge, pullrequest.Request{ID: "1", Branch: branch, Tip: strings.Repeat("1", 40), Title: "T", Body: "b", Draft: true, Labels: []string{"a"}}
	calls := map[string]func() error{
		"Read":         func() error { _, err := f.Read(ctx, "", "README.md"); return err },
		"Tip":          func() error { _, err := f.Tip(ctx, branch); return err },
		"Commit":       func() error { _, err := f.Commit(ctx, want("", "a: 1\n")); return err },
		"DeleteBranch": func() error { return f.DeleteBranch(ctx, branch, strings.Repeat("1", 40)) },
	}
	if s.Hub != nil {
		calls["Latest"] = func() error { _, err := f.Latest(ctx, branch); return err }
		calls["Standing"] = func() error { _, err := f.Standing(ctx, "shapewatch/"); return err }
		calls["Open"] = func() error { _, err := f.Open(ctx, r); return err }
		calls["Edit"] = func() error { return f.Edit(ctx, r) }
		calls["Reopen"] = func() error { return f.Reopen(ctx, r) }
		calls["Close"] = func() error { return f.Close(ctx, r) }
		calls["Comment"] = func() error { return f.Comment(ctx, r, "hello") }
	}
	return calls
}
