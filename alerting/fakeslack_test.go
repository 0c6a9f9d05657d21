package alerting_test

import (
	"net/http"
	"testing"

	"shapewatch/alerting/slacktest"
)

const botToken = slacktest.BotToken

// A fakeSlack is a [slacktest.Slack] under the names of these tests.
type fakeSlack struct{ *slacktest.Slack }

type slackCall = slacktest.Call

func newFakeSlack(t *testing.T) *fakeSlack { return &fakeSlack{slacktest.New(t)} }

func (f *fakeSlack) answer(codes ...string) { f.Answer(codes...) }

func (f *fakeSlack) take() []slackCall { return f.Take() }

func readCall(r *http.Request, webhook bool) (slackCall, string) { return slacktest.Read(r, webhook) }
