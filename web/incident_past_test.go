package web

import (
	"testing"
	"time"

	"shapewatch/alerting"
)

// TestIncidentLine_LastsNoNegativeTime: an older release ended what was opened
// today by an answer of last week, and the page still has it.
func TestIncidentLine_LastsNoNegativeTime(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	i := alerting.Incident{Opened: now, Resolved: now.Add(-741547 * time.Second), Condition: alerting.Resolved}
	if lasted := newIncidentLine(i, now).Lasted; lasted != "0 s" {
		t.Errorf("it lasted %s", lasted)
	}
}
