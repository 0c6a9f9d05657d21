package web_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"shapewatch/web"
)

// browserPages are the addresses a person meets.
var browserPages = []struct{ name, address string }{
	{"overview", "/"},
	{"api", "/apis/stripe"},
	{"api-learning", "/apis/openweather"},
	{"api-waiting", "/apis/fresh"},
	{"api-failing", "/apis/dhl"},
	{"history-of-one", "/apis/stripe/history?operation=GET+/v1/charges"},
	{"incident", "/incidents/inc_00000000000000a1"},
	{"history", "/incidents"},
	{"api-deadlines", "/apis/adyen"},
	{"calendar", "/calendar"},
	{"silences", "/silences"},
	{"about", "/about"},
	{"missing", "/nowhere"},
}

// newBrowser starts Debian's chromium with an empty profile.
func newBrowser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("SHAPEWATCH_REQUIRE_ALL") == "1" {
			t.Fatal("chromium is not installed: apt-get install chromium")
		}
		t.Skip("chromium is not installed: apt-get install chromium")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	t.Cleanup(cancel)
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
	}
	for _, flag := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync", "hide-scrollbars"} {
		options = append(options, chromedp.Flag(flag, true))
	}
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	return ctx
}

// newTestServer serves a world on the loopback interface.
func newTestServer(t *testing.T, w *world) string {
	t.Helper()
	server := httptest.NewUnstartedServer(w.handler())
	server.Config = web.Server("", w.handler())
	server.Start()
	t.Cleanup(func() { _ = server.Config.Shutdown(context.Background()) })
	return server.URL
}

// TestPages_InABrowser opens every page narrow and wide, light and dark, and
// fails on a console message, on sideways scrolling, and on a page that is
// empty. Pictures go to the folder named by SHAPEWATCH_SCREENSHOTS.
func TestPages_InABrowser(t *testing.T) {
	ctx := newBrowser(t)
	folder := os.Getenv("SHAPEWATCH_SCREENSHOTS") // pictures take most of the time: only for who looks at them
	now := time.Now()
	w := endingWorld(now)
	w.teach(t, now, "stripe/GET /v1/charges", 60)
	w.problems = nil
	w.contract = stripeContract
	w.said(t)
	server := newTestServer(t, w)
	public := endingWorld(now)
	public.access = web.Access{Token: token, Public: true}
	outside := newTestServer(t, public)
	evidence, incident := changedWorld(t, now)
	noise := consoleNoise(t, ctx)
	axe := axeScript(t)
	pages := append(slices.Clone(browserPages), struct{ name, address string }{"public", outside + "/"}, struct{ name, address string }{"login", outside + "/login"},
		struct{ name, address string }{"evidence", newTestServer(t, evidence) + "/incidents/" + incident})
	for _, width := range []int64{390, 1280, 2560} {
		for _, p := range pages {
			address := p.address
			if strings.HasPrefix(address, "/") {
				address = server + address
			}
			openPage(t, ctx, address, width)
			for _, scheme := range []string{"light", "dark"} {
				if width > 1280 && scheme == "dark" {
					continue // nothing of the colours depends on the width
				}
				showAs(t, ctx, scheme)
				if axe != "" && width <= 1280 {
					checkAccessible(t, ctx, axe, fmt.Sprintf("%s, %s, %d px", p.name, scheme, width))
				}
				if *picture1280 && p.name == "overview" && scheme == "light" && width == 1280 {
					keepPicture(t, ctx)
				}
				takePicture(t, ctx, folder, fmt.Sprintf("%s-%s-%d.png", p.name, scheme, width))
			}
		}
	}
	for _, line := range noise() {
		if !strings.Contains(line, "404 (Not Found)") { // the missing page is one on purpose
			t.Errorf("the console says: %s", line)
		}
	}
}

// TestPages_Print draws pages as paper gets them: no buttons, no menu, no
// sideways scrolling, and all that is said.
func TestPages_Print(t *testing.T) {
	ctx := newBrowser(t)
	w, incident := changedWorld(t, time.Now())
	server := newTestServer(t, w)
	for _, address := range []string{"/", "/apis/adyen", "/incidents/" + incident, "/incidents", "/calendar"} {
		openPage(t, ctx, server+address, 794) // A4 at 96 dots an inch
		if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
			t.Fatal(err)
		}
		const seen = `[...document.querySelectorAll("nav, form, button, .skip")].filter(e => e.getClientRects().length > 0).length + 1000 * Math.max(0, document.documentElement.scrollWidth - 794)`
		n, err := chromedp.Run(ctx, chromedp.Evaluate[int64](seen))
		if err != nil || n != 0 {
			t.Errorf("%s on paper: %d controls (thousands: pixels too wide), %v", address, n%1000, err)
		}
		takePicture(t, ctx, os.Getenv("SHAPEWATCH_SCREENSHOTS"), "print"+strings.ReplaceAll(address, "/", "-")+".png")
	}
}

// picture1280 writes the picture that the README shows.
var picture1280 = flag.Bool("picture", false, "write docs/overview.png")

func keepPicture(t *testing.T, ctx context.Context) {
	t.Helper()
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("../docs/overview.png", picture, 0o644); err != nil {
		t.Fatal(err)
	}
}

// axeScript is axe-core, which .ci/tools installs; "" without it.
func axeScript(t *testing.T) string {
	t.Helper()
	script, err := os.ReadFile("../node_modules/axe-core/axe.min.js")
	if err != nil {
		if os.Getenv("SHAPEWATCH_REQUIRE_ALL") == "1" {
			t.Fatal("axe-core is not installed: npm install --no-save axe-core")
		}
		t.Log("accessibility is not checked: npm install --no-save axe-core")
	}
	return string(script)
}

// checkAccessible has axe-core look at the page that is open.
func checkAccessible(t *testing.T, ctx context.Context, axe, where string) {
	t.Helper()
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](axe+";true")); err != nil {
		t.Fatal(err)
	}
	found, err := chromedp.Run(ctx, chromedp.Evaluate[string](`axe.run().then(r => r.violations.map(v => v.id + ": " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 200) + " " + n.failureSummary).join(" | ")).join("\n"))`, chromedp.EvalAwaitPromise))
	if err != nil || found != "" {
		t.Errorf("%s: %v\n%s", where, err, found)
	}
}

// TestActs_ByClicks acknowledges and silences with the mouse.
func TestActs_ByClicks(t *testing.T) {
	ctx := newBrowser(t)
	w := newWorld(time.Now())
	server := newTestServer(t, w)
	const page = "/incidents/inc_00000000000000b2"
	for n, c := range []struct{ button, says string }{{"acknowledge", "acknowledged"}, {"silence", "open"}} {
		err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(server+page),
			chromedp.SendKeys("#reason", "clicked "+c.button), chromedp.Click(`button[value="`+c.button+`"]`))
		if err != nil {
			t.Fatalf("%s: %v", c.button, err)
		}
		for deadline := time.Now().Add(20 * time.Second); w.acted() <= n && time.Now().Before(deadline); {
			time.Sleep(20 * time.Millisecond)
		}
		err = errors.New("not tried")
		for range 5 { // the form's own way back to the page may still be under way
			if err = chromedp.Do(ctx, chromedp.Navigate(server+page)); err == nil {
				break
			}
			time.Sleep(200 * time.Millisecond)
		}
		if err != nil {
			t.Fatalf("%s: %v", c.button, err)
		}
		text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector("#title").innerText`))
		if err != nil || !strings.Contains(text, c.says) {
			t.Fatalf("after %s the page says %q, %v", c.button, text, err)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.desk.acts) != 2 || w.desk.acts[0].Reason != "clicked acknowledge" || w.desk.acts[0].Through != "page" || len(w.desk.silences) != 1 {
		t.Errorf("acts %+v, silences %+v", w.desk.acts, w.desk.silences)
	}
}

// showAs has the page that is open be light or dark, at once.
func showAs(t *testing.T, ctx context.Context, scheme string) {
	t.Helper()
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, media); err != nil {
		t.Fatal(err)
	}
}

// takePicture keeps a picture of the whole page in a folder; none when there is
// no folder.
func takePicture(t *testing.T, ctx context.Context, folder, name string) {
	t.Helper()
	if folder == "" {
		return
	}
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if err := os.WriteFile(filepath.Join(folder, name), picture, 0o600); err != nil {
		t.Fatal(err)
	}
}

// openPage opens a page, and wants it to show something and to fit.
func openPage(t *testing.T, ctx context.Context, address string, width int64) {
	t.Helper()
	showAs(t, ctx, "light")
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate(address)); err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	wide, err := chromedp.Run(ctx, chromedp.Evaluate[int64]("document.documentElement.scrollWidth"))
	if err != nil || wide > width {
		t.Errorf("%s at %d px scrolls sideways: %d px wide (%v)", address, width, wide, err)
	}
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.querySelector('main').innerText"))
	if err != nil || len(text) < 40 {
		t.Errorf("%s at %d px shows next to nothing: %q (%v)", address, width, text, err)
	}
}

// consoleNoise listens to the console; the result returns what it heard.
func consoleNoise(t *testing.T, ctx context.Context) func() []string {
	t.Helper()
	listening, stop := context.WithCancel(ctx)
	messages := chromedp.Console(listening)
	heard := make(chan []string, 1)
	go func() {
		var lines []string
		for m, err := range messages {
			if err != nil {
				break
			}
			lines = append(lines, string(m.Type)+" "+m.Text)
		}
		heard <- lines
	}()
	return func() []string {
		stop()
		return <-heard
	}
}

// TestHistory_ZoomsWithScriptAndStaysWithout draws the history by uPlot, zooms
// into it with the mouse, and has the server's picture where scripts are off.
func TestHistory_ZoomsWithScriptAndStaysWithout(t *testing.T) {
	ctx := newBrowser(t)
	server := newTestServer(t, endingWorld(time.Now()))
	noise := consoleNoise(t, ctx)
	const page = "/apis/stripe/history?operation=GET+/v1/charges"
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(server+page)); err != nil {
		t.Fatal(err)
	}
	drawn := chromedp.Poll[bool](`document.querySelectorAll("#c-latency canvas").length == 1 && document.querySelector("#c-latency .plot").getClientRects().length == 0`, chromedp.WithPollingTimeout(20*time.Second))
	if _, err := chromedp.Run(ctx, drawn); err != nil {
		t.Fatalf("nothing to zoom into: %v", err)
	}
	const drag = `(async () => {
		const over = document.querySelector("#c-latency .u-over"), at = over.getBoundingClientRect(), seen = () => document.querySelector("#c-latency .u-axis") && document.querySelector("#c-latency canvas").toDataURL();
		const before = seen(), send = (kind, x) => (kind === "mouseup" ? document : over).dispatchEvent(new MouseEvent(kind, {bubbles: true, movementX: 10, clientX: at.left + x, clientY: at.top + 40, button: 0, buttons: kind === "mouseup" ? 0 : 1}));
		const steps = [["mouseenter", 100], ["mousemove", 100], ["mousedown", 100], ["mousemove", 250], ["mousemove", 400], ["mouseup", 400]];
		for (const [kind, x] of steps) { send(kind, x); await new Promise(done => setTimeout(done, 100)); }
		await new Promise(done => setTimeout(done, 300));
		return seen() !== before;
	})()`
	takePicture(t, ctx, os.Getenv("SHAPEWATCH_SCREENSHOTS"), "zoom.png")
	zoomed, err := chromedp.Run(ctx, chromedp.Evaluate[bool](drag, chromedp.EvalAwaitPromise))
	if err != nil || !zoomed {
		t.Errorf("dragging does not zoom: %v", err)
	}
	off := emulation.SetScriptExecutionDisabledParams{Value: true}
	if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, off); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(server+page)); err != nil {
		t.Fatal(err)
	}
	still, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.querySelectorAll("canvas").length == 0 && document.querySelector("#c-latency .plot").getClientRects().length == 1 && document.querySelectorAll(".spans a").length == 3`))
	if err != nil || !still {
		t.Errorf("without scripts there is no picture: %v", err)
	}
	if lines := noise(); len(lines) > 0 {
		t.Errorf("the console says: %s", strings.Join(lines, "\n"))
	}
}

// TestPages_WorkWithoutScript reads the overview with JavaScript off.
func TestPages_WorkWithoutScript(t *testing.T) {
	ctx := newBrowser(t)
	server := newTestServer(t, newWorld(time.Now()))
	off := emulation.SetScriptExecutionDisabledParams{Value: true}
	if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, off); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(390, 900), chromedp.Navigate(server+"/")); err != nil {
		t.Fatal(err)
	}
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1 of 8 APIs has a breaking change", "stripe", " s ago", "learning: 3 of about 20 answers seen"} {
		if !strings.Contains(text, want) {
			t.Errorf("without JavaScript the overview does not say %q:\n%s", want, text)
		}
	}
}

// TestPages_ShowNewsWithoutReload changes the world under an open page.
func TestPages_ShowNewsWithoutReload(t *testing.T) {
	ctx := newBrowser(t)
	now := time.Now()
	w := newWorld(now)
	server := newTestServer(t, w)
	events := make(chan struct{}, 1)
	opened := chromedp.Events(ctx, network.EventSourceMessageReceived)
	go func() {
		for range opened {
			events <- struct{}{}
			return
		}
	}()
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(server+"/")); err != nil {
		t.Fatal(err)
	}
	select {
	case <-events:
	case <-time.After(20 * time.Second):
		t.Fatal("no event stream")
	}
	w.change(func() {
		w.incidents[0].Title = "`refunds` is gone"
		w.incidents[0].Version++
	})
	changed := chromedp.Poll[bool](`document.querySelector("#open").innerText.includes("refunds")`, chromedp.WithPollingTimeout(20*time.Second))
	if _, err := chromedp.Run(ctx, changed); err != nil {
		t.Fatalf("the open page does not show the change: %v", err)
	}
}
