package web_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// focused tells what the keyboard is at: its text, and whether it can be seen
// and is marked.
const focused = `(() => {
	const e = document.activeElement, at = e.getBoundingClientRect(), style = getComputedStyle(e);
	const seen = at.width > 0 && at.height > 0 && at.right > 0 && at.bottom > 0;
	const marked = parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== "none";
	const name = (e.getAttribute("aria-label") || e.innerText || e.id || e.tagName).trim().split("\n")[0];
	return (seen ? "" : "UNSEEN ") + (marked ? "" : "UNMARKED ") + name;
})()`

// TestPages_ByKeyboard walks through an incident's page with the Tab key alone:
// the first stop leads past the menu, each stop shows, Enter unfolds what is
// folded and Escape folds it, and nothing holds the keyboard.
func TestPages_ByKeyboard(t *testing.T) {
	t.Parallel()
	ctx := newBrowser(t)
	w, incident := changedWorld(t, time.Now())
	server := newTestServer(t, w)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(server+"/incidents/"+incident)); err != nil {
		t.Fatal(err)
	}
	press := func(key string) string {
		t.Helper()
		if err := chromedp.Do(ctx, chromedp.KeyEvent(key)); err != nil {
			t.Fatal(err)
		}
		return evaluated[string](t, ctx, focused)
	}
	var stops []string
	for len(stops) < 100 {
		at := press(kb.Tab)
		if strings.Contains(at, "BODY") || len(stops) > 0 && strings.HasSuffix(at, stops[0]) {
			break
		}
		stops = append(stops, at)
		if strings.Contains(at, "UNSEEN") || strings.Contains(at, "UNMARKED") {
			t.Errorf("stop %d: %s", len(stops), at)
		}
	}
	want := []string{"Skip to the content", "Acme integrations", "Overview", "Incidents", "Calendar", "Silences", "About", "Overview", "adyen", "adyen", "reason", "Acknowledge", "Accept", "Reject", "Resolve"}
	if len(stops) < len(want) || len(stops) == 100 || strings.Join(stops[:len(want)], ", ") != strings.Join(want, ", ") {
		t.Errorf("stops: %q", stops)
	}
	openDetails := func() int64 { return evaluated[int64](t, ctx, `document.querySelectorAll("details[open]").length`) }
	evaluated[bool](t, ctx, `document.querySelector("#acts-help summary").focus(), true`)
	if press(kb.Enter); openDetails() != 1 {
		t.Error("Enter does not unfold")
	}
	if at := press(kb.Escape); openDetails() != 0 || at != "What each of these does" {
		t.Errorf("Escape does not fold; the keyboard is at %q", at)
	}
	evaluated[bool](t, ctx, `document.querySelector(".skip").focus(), true`)
	press(kb.Enter)
	if at := press(kb.Tab); at != "Overview" {
		t.Errorf("behind the skip link comes %q, not the first link of the content", at)
	}
}

func evaluated[T any](t *testing.T, ctx context.Context, script string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script))
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	return v
}
