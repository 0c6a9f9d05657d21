package alerting

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/slack-go/slack"
)

// hopeless are the answers of Slack that stay the same until a person does
// something, with what to do.
var hopeless = map[string]string{
	"invalid_auth":                        "check the bot token",
	"not_authed":                          "set a bot token",
	"account_inactive":                    "the app was removed from the workspace; install it again",
	"token_revoked":                       "install the app again and set its new bot token",
	"token_expired":                       "set a fresh bot token",
	"missing_scope":                       "give the app the scope chat:write and install it again",
	"no_permission":                       "give the app the scope chat:write and install it again",
	"not_allowed_token_type":              "use a bot token (xoxb-…)",
	"channel_not_found":                   "check the channel; invite the app if it is private",
	"not_in_channel":                      "invite the app to the channel",
	"is_archived":                         "choose a channel that is not archived",
	"restricted_action":                   "allow the app to post in the channel",
	"ekm_access_denied":                   "ask the workspace's administrators",
	"team_access_not_granted":             "ask the workspace's administrators",
	"org_login_required":                  "ask the workspace's administrators",
	"invalid_blocks":                      "even the plain text was refused; please report this",
	"msg_too_long":                        "even the plain text was refused; please report this",
	"no_text":                             "even the plain text was refused; please report this",
	"restricted_action_read_only_channel": "allow the app to post in the channel",
}

// minRetry is how long to wait when Slack says that it was too much, but not
// for how long.
const minRetry = 30 * time.Second

// classify says what an error of Slack means for the delivery. No token and
// no webhook URL is in its text.
func (s *Slack) classify(err error) error {
	var limited *slack.RateLimitedError
	var answer slack.SlackErrorResponse
	var status slack.StatusCodeError
	failed := &DeliveryError{Err: fmt.Errorf("%s: %w", s.Channel(), cause(err))}
	switch {
	case errors.As(err, &limited):
		failed.RetryAfter = max(limited.RetryAfter, time.Second)
	case errors.As(err, &status):
		s.classifyStatus(status, failed)
	case errors.As(err, &answer):
		hint, permanent := hopeless[answer.Err]
		if permanent {
			failed.Permanent, failed.Err = true, fmt.Errorf("%s: %s: %s", s.Channel(), answer.Err, hint)
		} else if answer.Err == "ratelimited" || answer.Err == "rate_limited" {
			failed.RetryAfter = minRetry
		}
	}
	return failed
}

// classifyStatus reads a bare HTTP status. Webhooks say with one what the Web
// API says in words: 403, 404 and 410 mean that the hook or its channel is gone.
func (s *Slack) classifyStatus(status slack.StatusCodeError, failed *DeliveryError) {
	switch {
	case status.Code == http.StatusTooManyRequests:
		failed.RetryAfter = minRetry
	case s.options.Webhook != "" && status.Code >= 400 && status.Code < 500 && status.Code != http.StatusRequestTimeout:
		failed.Permanent = true
		failed.Err = fmt.Errorf("%s: webhook answers %s: make a new incoming webhook for the channel", s.Channel(), status.Status)
	}
}

// said reports whether Slack answered with one of the given error codes.
func said(err error, codes ...string) bool {
	var answer slack.SlackErrorResponse
	return errors.As(err, &answer) && slices.Contains(codes, answer.Err)
}

// gone reports whether the message to update is not there any more.
func gone(err error) bool {
	return said(err, "message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found")
}

// refused reports whether Slack took offence at the blocks, not at the message.
func refused(err error) bool {
	return said(err, "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long",
		"block_mismatch", "too_many_blocks", "invalid_arguments")
}
