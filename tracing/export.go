package tracing

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"go.opentelemetry.io/otel/sdk/trace"
	collector "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"
)

// How spans are sent.
const (
	requestTimeout = 10 * time.Second
	mostTries      = 5
	firstPause     = time.Second
	longestPause   = 10 * time.Second
	maxAnswer      = 64 << 10 // bytes of an answer that are read
)

// An exporter sends spans by OTLP over HTTP, as protobuf. It is ours because
// the one of the project brings gRPC with it, 11 MB of program.
type exporter struct {
	url    string
	header http.Header
	client *http.Client
	log    *slog.Logger

	mu      sync.Mutex
	trouble string // what was logged last; empty while all is well
}

func newExporter(o Options) *exporter {
	return &exporter{url: o.URL, header: o.header(), log: o.Log, client: &http.Client{
		Timeout: cmp.Or(o.Timeout, requestTimeout),
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // the headers are for this address alone
		},
	}}
}

// ExportSpans sends spans, or gives them up: trouble is logged when it begins
// and when it is over, and is nobody else's.
func (e *exporter) ExportSpans(ctx context.Context, spans []trace.ReadOnlySpan) error {
	body, err := proto.Marshal(encode(spans))
	if err == nil {
		err = e.insist(ctx, body)
	}
	e.report(err, len(spans))
	return nil
}

// Shutdown has nothing to end.
func (e *exporter) Shutdown(context.Context) error {
	e.client.CloseIdleConnections()
	return nil
}

// insist sends until it is taken, refused for good, or tried often enough.
func (e *exporter) insist(ctx context.Context, body []byte) (err error) {
	pause := firstPause
	for try := 1; ; try++ {
		wait, again, err := e.send(ctx, body)
		if err == nil || !again || try == mostTries {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(min(max(wait, pause), longestPause)):
			pause *= 2
		}
	}
}

// send makes one request. Statuses that OTLP says to try again are tried
// again, after as long as the collector asks for.
func (e *exporter) send(ctx context.Context, body []byte) (wait time.Duration, again bool, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url, bytes.NewReader(body))
	if err != nil {
		return 0, false, errors.New("the address cannot be asked")
	}
	r.Header = e.header.Clone()
	response, err := e.client.Do(r)
	if err != nil {
		return 0, true, cause(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return 0, true, cause(err)
	}
	switch response.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		again = true
	case http.StatusOK, http.StatusAccepted, http.StatusNoContent:
		return 0, false, rejected(text)
	}
	seconds, _ := strconv.Atoi(response.Header.Get("Retry-After")) // a date is as good as none: the pause grows anyway
	return time.Duration(seconds) * time.Second, again, fmt.Errorf("status %d", response.StatusCode)
}

// rejected is what a collector says about spans that it took only in part.
func rejected(text []byte) error {
	var answer collector.ExportTraceServiceResponse
	if proto.Unmarshal(text, &answer) != nil {
		return nil // taken, and said in another way
	}
	if n := answer.GetPartialSuccess().GetRejectedSpans(); n > 0 {
		return fmt.Errorf("the collector refused %d spans", n)
	}
	return nil
}

// cause is an error of asking without the address, which may hold a secret.
func cause(err error) error {
	if wrapped := (*url.Error)(nil); errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// report logs trouble when it begins, changes, and is over.
func (e *exporter) report(err error, spans int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	was := e.trouble
	if e.trouble = ""; err != nil {
		e.trouble = err.Error()
	}
	switch {
	case e.trouble == was:
	case e.trouble != "":
		e.log.Warn("traces cannot be sent: they are given up until they can", "spans", spans, "err", e.trouble)
	default:
		e.log.Info("traces can be sent again")
	}
}
