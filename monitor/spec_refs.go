package monitor

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"shapewatch/contracts/openapi"
	"shapewatch/probes"
)

// maxReferred bounds what the references of one document bring, in bytes.
const maxReferred = 64 << 20

// referred reads what a document at an address refers to, where that is
// allowed: through the same guard, with the document's credentials at its own
// origin only. One that cannot be read spoils the document: what is missing
// would look like a change.
type referred struct {
	monitor *Monitor
	probe   probes.Probe
	bytes   int64
	failed  error
}

// reader is nil where references are refused.
func (r *referred) reader(ctx context.Context, allowed bool) openapi.Reader {
	if !allowed {
		return nil
	}
	return func(name string) ([]byte, error) {
		text, err := r.read(ctx, name)
		if err != nil && r.failed == nil {
			r.failed = fmt.Errorf("what it refers to cannot be read: %w", err)
		}
		return text, err
	}
}

func (r *referred) read(ctx context.Context, name string) ([]byte, error) {
	from, err := url.Parse(r.probe.URL)
	if err != nil {
		return nil, errors.New("the address of the document is none")
	}
	to, err := from.Parse(name)
	if err != nil || to.Scheme != "https" && to.Scheme != from.Scheme {
		return nil, errors.New("a reference to no address that is asked")
	}
	p := r.probe
	p.URL, p.Document = to.String(), true
	if to.Scheme != from.Scheme || to.Host != from.Host {
		p.Auth, p.Header, p.Query = nil, nil, nil
	}
	s := r.monitor.Asker.Do(ctx, p)
	if s.Class != probes.Valid {
		return nil, fmt.Errorf("%s: %s", to.Redacted(), s.Problem)
	}
	if r.bytes += int64(len(s.Body)); r.bytes > maxReferred {
		return nil, fmt.Errorf("its references bring more than %d MiB", maxReferred>>20)
	}
	return s.Body, nil
}
