package alerting_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shapewatch/alerting"
)

func shell(t *testing.T, script string, timeout time.Duration) *alerting.Command {
	t.Helper()
	n, err := alerting.NewCommand(alerting.CommandOptions{
		Name: "script", Run: []string{"/bin/sh", "-c", script, "$(touch /nonexistent)"}, Env: map[string]string{"TOKEN": "env-secret"}, Timeout: timeout,
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestCommand_GetsTheEventAndHandsBackAReference(t *testing.T) {
	t.Setenv("SHAPEWATCH_CANARY", "must not be handed on")
	file := filepath.Join(t.TempDir(), "told")
	n := shell(t, `cat >>`+file+`; echo >>`+file+`; echo "ref=$SHAPEWATCH_REF step=$SHAPEWATCH_STEP canary=$SHAPEWATCH_CANARY token=$TOKEN" >>`+file+`; echo ticket-7; echo more`, 0)
	receipts := lifeOf(t, n, alerting.Opened, alerting.Closed)
	told, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Split(strings.TrimSpace(string(told)), "\n")
	if len(text) != 4 || text[1] != "ref= step=opened canary= token=env-secret" || text[3] != "ref=ticket-7 step=resolved canary= token=env-secret" {
		t.Fatalf("told: %s", told)
	}
	if _, err := checkCloudEvent([]byte(text[0])); err != nil || receipts[1].Ref != "ticket-7" {
		t.Errorf("%v, receipts %v", err, receipts)
	}
}

func TestCommand_SaysWhatAFailureMeans(t *testing.T) {
	for script, permanent := range map[string]bool{
		"echo no $TOKEN >&2; exit 1": false, "exit 75": false, "exit 65": true, "exit 78": true, "kill -9 $$": false, "sleep 30": false,
	} {
		began := time.Now()
		_, err := shell(t, script, 300*time.Millisecond).Notify(t.Context(), stories(t)["one"])
		var failure *alerting.DeliveryError
		if !errors.As(err, &failure) || failure.Permanent != permanent || strings.Contains(err.Error(), "env-secret") {
			t.Errorf("%s: %v", script, err)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s took %s", script, took)
		}
	}
	missing, err := alerting.NewCommand(alerting.CommandOptions{Name: "script", Run: []string{"/nonexistent/tell"}})
	if err != nil {
		t.Fatal(err)
	}
	var failure *alerting.DeliveryError
	if _, err := missing.Notify(t.Context(), stories(t)["one"]); !errors.As(err, &failure) || !failure.Permanent {
		t.Errorf("a program that is not there: %v", err)
	}
	if _, err := alerting.NewCommand(alerting.CommandOptions{}); err == nil {
		t.Error("nothing to run is no error")
	}
}

func TestCommand_IsNotDrownedByOutput(t *testing.T) {
	n := shell(t, "yes drift | head -c 3000000; yes trouble | head -c 3000000 >&2", 5*time.Second)
	if r, err := n.Notify(t.Context(), stories(t)["one"]); err != nil || r.Ref != "drift" {
		t.Errorf("%v %v", r, err)
	}
}

func TestLog_WritesALineForEachStep(t *testing.T) {
	var out bytes.Buffer
	file := filepath.Join(t.TempDir(), "alerts.ndjson")
	for _, o := range []alerting.LogOptions{{Name: "log", W: &out}, {Name: "log", File: file}} {
		n, err := alerting.NewLog(o)
		if err != nil {
			t.Fatal(err)
		}
		lifeOf(t, n, alerting.Opened, alerting.Closed)
		tellsAnything(t, n)
	}
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{out.String(), string(written)} {
		all := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		if len(all) != 2+len(stories(t)) {
			t.Fatalf("%d lines", len(all))
		}
		for _, each := range all {
			if _, err := checkCloudEvent([]byte(each)); err != nil {
				t.Errorf("%v: %s", err, each)
			}
		}
	}
	n, err := alerting.NewLog(alerting.LogOptions{Name: "log", File: filepath.Join(t.TempDir(), "no", "folder")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Notify(t.Context(), stories(t)["one"]); err == nil {
		t.Error("a file that cannot be written is no error")
	}
}
