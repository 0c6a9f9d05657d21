package alerting_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"shapewatch/alerting"
)

// A vendor is a fake of one channel's API: check says what the vendor would
// find wrong with a request, and what it answers to a good one.
type vendor struct {
	*httptest.Server
	check func(r *http.Request, body []byte) (answer any, fault error)
	good  int // status of a good answer

	mu     sync.Mutex
	calls  []vendorCall
	faults []error
	next   []fault
}

type vendorCall struct {
	Method, Path string
	Header       http.Header
	Body         string
}

// A fault is an answer instead of the usual.
type fault struct {
	status int
	after  string // header Retry-After
	body   string
}

func newVendor(t *testing.T, good int, check func(r *http.Request, body []byte) (any, error)) *vendor {
	t.Helper()
	v := &vendor{check: check, good: good}
	v.Server = httptest.NewServer(v)
	t.Cleanup(func() {
		v.Close()
		for _, err := range v.faults {
			t.Errorf("the vendor would refuse: %v", err)
		}
	})
	return v
}

func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	v.calls = append(v.calls, vendorCall{r.Method, r.URL.RequestURI(), r.Header, string(body)})
	answer, err := v.check(r, body)
	if err != nil {
		v.faults = append(v.faults, fmt.Errorf("%s %s: %w: %s", r.Method, r.URL.Path, err, body))
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if len(v.next) > 0 {
		next := v.next[0]
		v.next = v.next[1:]
		w.Header().Set("Retry-After", next.after)
		w.WriteHeader(next.status)
		_, _ = io.WriteString(w, next.body)
		return
	}
	w.WriteHeader(v.good)
	if answer != nil {
		_ = json.NewEncoder(w).Encode(answer)
	}
}

func (v *vendor) answer(next ...fault) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.next = next
}

// take returns the calls so far, and forgets them.
func (v *vendor) take() []vendorCall {
	v.mu.Lock()
	defer v.mu.Unlock()
	calls := v.calls
	v.calls = nil
	return calls
}

// lines are the calls as "POST /v2/alerts".
func lines(calls []vendorCall) (list []string) {
	for _, c := range calls {
		list = append(list, c.Method+" "+c.Path)
	}
	return list
}

// strictly decodes JSON that may have no other fields.
func strictly(body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// within reports the first text that is longer than its limit in characters.
func within(texts map[string]int) error {
	for text, limit := range texts {
		if n := len([]rune(text)); n > limit {
			return fmt.Errorf("a text of %d characters, at most %d: %s", n, limit, text[:80])
		}
	}
	return nil
}

// lifeOf tells an incident from its opening over a step to its end, and returns
// the receipts.
func lifeOf(t *testing.T, n alerting.Notifier, kinds ...alerting.TransitionKind) []alerting.Receipt {
	t.Helper()
	var receipts []alerting.Receipt
	var last alerting.Receipt
	for _, kind := range kinds {
		notice := stories(t)["one"]
		if kind == alerting.Closed {
			notice = stories(t)["resolved"]
		}
		notice.Transition.Kind, notice.Receipt = kind, last
		receipt, err := n.Notify(t.Context(), notice)
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		last = receipt
		receipts = append(receipts, receipt)
	}
	return receipts
}

// tellsAnything tells hostile and huge incidents; the vendor's check judges.
func tellsAnything(t *testing.T, n alerting.Notifier) {
	t.Helper()
	for name, notice := range stories(t) {
		notice.Proposal = strings.Repeat("+ <b>@everyone</b> ``` [x](http://evil.example)\n", 200)
		if _, err := n.Notify(t.Context(), notice); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// classes holds a notifier to what answers mean for a delivery, and its errors
// to hold no secret.
func classes(t *testing.T, v *vendor, n alerting.Notifier, secrets ...string) {
	t.Helper()
	echo := strings.Join(secrets, " ")
	for _, c := range []struct {
		fault fault
		want  alerting.DeliveryError
	}{
		{fault{http.StatusTooManyRequests, "7", echo}, alerting.DeliveryError{RetryAfter: 7 * time.Second}},
		{fault{http.StatusTooManyRequests, "", ""}, alerting.DeliveryError{RetryAfter: time.Second}},
		{fault{http.StatusServiceUnavailable, "30", echo}, alerting.DeliveryError{RetryAfter: 30 * time.Second}},
		{fault{http.StatusInternalServerError, "", echo}, alerting.DeliveryError{}},
		{fault{http.StatusUnauthorized, "", echo}, alerting.DeliveryError{Permanent: true}},
		{fault{http.StatusForbidden, "", ""}, alerting.DeliveryError{Permanent: true}},
	} {
		v.answer(c.fault)
		wantClass(t, fmt.Sprint(c.fault.status), n, c.want, secrets)
	}
	v.Close()
	wantClass(t, "unreachable", n, alerting.DeliveryError{}, secrets)
}

func wantClass(t *testing.T, name string, n alerting.Notifier, want alerting.DeliveryError, secrets []string) {
	t.Helper()
	_, err := n.Notify(t.Context(), stories(t)["one"])
	var failure *alerting.DeliveryError
	if !errors.As(err, &failure) || failure.Permanent != want.Permanent || failure.RetryAfter != want.RetryAfter {
		t.Errorf("%s: %#v, want %+v", name, err, want)
		return
	}
	for _, secret := range secrets {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error holds a secret: %v", name, err)
		}
	}
	if !strings.HasPrefix(err.Error(), n.Channel()+":") {
		t.Errorf("%s: the error does not say which channel: %v", name, err)
	}
}
