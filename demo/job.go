package demo

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

func (v *Vendor) serveExports() {
	v.mux.HandleFunc("GET /v1/exports/last", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, v.export())
	})
}

// An export is what one run of the nightly export came to.
type export struct {
	Exported int    `json:"exported"`
	Refused  string `json:"refused,omitempty"` // why nothing was
}

func (v *Vendor) export() export {
	if v.has("refused") {
		return export{Refused: "order ord_4711: unknown warehouse"}
	}
	return export{Exported: 120}
}

// Work runs the export again and again until ctx is done, and says so at the
// address of its heartbeat: "http://…/beat/export". What is refused it tries
// again for ever. A call that nobody answers is made again the next time.
func (v *Vendor) Work(ctx context.Context, beat string, every time.Duration) {
	for attempt := 1; ; attempt++ {
		last := v.export()
		address, body := fmt.Sprintf("%s?items=%d", beat, last.Exported), ""
		if last.Refused != "" {
			address, body = fmt.Sprintf("%s/fail?attempt=%d", beat, attempt), last.Refused
		} else {
			attempt = 0
		}
		call(ctx, address, body, nil)
		if sleep(ctx, every); ctx.Err() != nil {
			return
		}
	}
}

// call posts and forgets.
func call(ctx context.Context, address, body string, header http.Header) {
	if _, err := url.Parse(address); err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return
	}
	for name, values := range header {
		request.Header[name] = values
	}
	if response, err := http.DefaultClient.Do(request); err == nil {
		_, _ = io.Copy(io.Discard, response.Body) // nobody reads what it says
		_ = response.Body.Close()
	}
}
