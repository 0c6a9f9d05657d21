package alerting

import (
	"cmp"
	"net/http"
	"strings"
)

// NewGitLabIssues keeps incidents as issues of a project on GitLab; the URL of
// another GitLab's API ends in /api/v4. The token needs the scope api.
func NewGitLabIssues(o TrackerOptions) (*Tracker, error) {
	issues := strings.TrimRight(cmp.Or(o.URL, "https://gitlab.com/api/v4"), "/") + "/projects/" + escaped(o.Project) + "/issues"
	return newTracker(o, forge{
		header: http.Header{"Private-Token": {o.Token}},
		issues: issues, created: "?order_by=created_at&sort=desc&per_page=100", number: "iid", text: "description",
		one:     func(number string) string { return issues + "/" + number },
		comment: func(number string) string { return issues + "/" + number + "/notes" },
		update:  http.MethodPut,
		open: func(title, text string, labels []string) any {
			issue := map[string]any{"title": title, "description": text}
			if len(labels) > 0 {
				issue["labels"] = strings.Join(labels, ",")
			}
			return issue
		},
		change: func(title, text string, closed bool) any {
			event := "reopen"
			if closed {
				event = "close"
			}
			return map[string]any{"title": title, "description": text, "state_event": event}
		},
	})
}
