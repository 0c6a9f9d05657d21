package alerting

import (
	"cmp"
	"net/http"
	"strings"
)

// NewGitHubIssues keeps incidents as issues of a repository on GitHub, or on a
// GitHub Enterprise Server when the options have its API's URL. The token
// needs "Issues: read and write".
func NewGitHubIssues(o TrackerOptions) (*Tracker, error) {
	issues := strings.TrimRight(cmp.Or(o.URL, "https://api.github.com"), "/") + "/repos/" + o.Project + "/issues"
	return newTracker(o, forge{
		header: http.Header{
			"Authorization": {"Bearer " + o.Token}, "Accept": {"application/vnd.github+json"}, "X-Github-Api-Version": {"2022-11-28"},
		},
		issues: issues, created: "?state=all&sort=created&direction=desc&per_page=100", number: "number", text: "body",
		one:     func(number string) string { return issues + "/" + number },
		comment: func(number string) string { return issues + "/" + number + "/comments" },
		update:  http.MethodPatch,
		open: func(title, text string, labels []string) any {
			issue := map[string]any{"title": title, "body": text}
			if len(labels) > 0 {
				issue["labels"] = labels
			}
			return issue
		},
		change: func(title, text string, closed bool) any {
			if closed {
				return map[string]any{"title": title, "body": text, "state": "closed", "state_reason": "completed"}
			}
			return map[string]any{"title": title, "body": text, "state": "open"}
		},
	})
}
