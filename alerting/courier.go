package alerting

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxAnswer bounds what is read of a channel's answer, in bytes.
const maxAnswer = 64 << 10

// A courier carries JSON to a channel over HTTP and says what its answer means
// for the delivery. No secret is in its errors: addresses are left out, and
// what the channel says is searched for them.
type courier struct {
	name    string // of the channel
	client  *http.Client
	secrets []string
}

func newCourier(name string, client *http.Client, secrets ...string) courier {
	if client == nil {
		client = http.DefaultClient
	}
	return courier{name, client, secrets}
}

// A statusError is an HTTP answer that is no success.
type statusError struct {
	code  int
	words string // what the channel said, one line
}

func (e *statusError) Error() string {
	text := strconv.Itoa(e.code) + " " + http.StatusText(e.code)
	if e.words != "" {
		text += ": " + e.words
	}
	return text
}

// answered reports whether err is an answer with one of the statuses.
func answered(err error, codes ...int) bool {
	var status *statusError
	if errors.As(err, &status) {
		for _, code := range codes {
			if status.code == code {
				return true
			}
		}
	}
	return false
}

// errUntold is what a trace says of a failure that is no answer.
var errUntold = errors.New("not told; the log says why")

// traced is what a trace may say of a failure: what a channel answers may hold
// what we sent it, and a trace leaves the house.
func traced(err error) error {
	var status *statusError
	if errors.As(err, &status) {
		return fmt.Errorf("status %d", status.code)
	}
	return errUntold
}

// send makes one request with a JSON body (nil for none) and reads a JSON
// answer into answer (nil for none).
func (c courier) send(ctx context.Context, method, url string, header http.Header, body, answer any) error {
	var text []byte
	if body != nil {
		var err error
		if text, err = marshal(body); err != nil {
			return c.fail(err, true, 0)
		}
	}
	got, err := c.raw(ctx, method, url, header, text)
	if err != nil || answer == nil {
		return err
	}
	if err := json.Unmarshal(got, answer); err != nil {
		return c.fail(fmt.Errorf("an answer that is not the JSON it should be: %w", err), false, 0)
	}
	return nil
}

// marshal writes JSON without escaping < and >: size limits count characters.
func marshal(body any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		return nil, err
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}

// raw makes one request and returns the answer's body when it is a success.
func (c courier) raw(ctx context.Context, method, url string, header http.Header, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return nil, c.fail(errors.New("its address cannot be asked"), true, 0)
	}
	request.Header.Set("User-Agent", "shapewatch")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for key, values := range header {
		request.Header[key] = values
	}
	response, err := c.client.Do(request)
	if err != nil {
		return nil, c.fail(cause(err), false, 0)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, c.fail(cause(err), false, 0)
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return nil, c.refusal(response, text)
	}
	return text, nil
}

// refusal says what an answer without success means: 429 and what asks to wait
// are for later, 408, 425 and 5xx as well, all else stays as it is.
func (c courier) refusal(response *http.Response, text []byte) error {
	status := &statusError{response.StatusCode, c.mask(line(strings.TrimSpace(string(text)), 400))}
	wait := retryAfter(response.Header.Get("Retry-After"), time.Now())
	switch code := status.code; {
	case code == http.StatusTooManyRequests:
		return c.fail(status, false, max(wait, time.Second))
	case code >= 500 || code == http.StatusRequestTimeout || code == http.StatusTooEarly:
		return c.fail(status, false, wait)
	}
	return c.fail(status, true, 0)
}

// retryAfter reads the header of this name: seconds, or a date.
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds >= 0 && seconds < 1e6 {
		return time.Duration(seconds * float64(time.Second))
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// fail is an error of the channel without its secrets.
func (c courier) fail(err error, permanent bool, wait time.Duration) error {
	if text := err.Error(); c.mask(text) != text {
		err = errors.New(c.mask(text))
	}
	return &DeliveryError{Err: fmt.Errorf("%s: %w", c.name, err), Permanent: permanent, RetryAfter: wait}
}

// receipt is what a channel notes of a step that it told.
func receipt(channel string, n Notice, ref string) Receipt {
	return Receipt{Channel: channel, Incident: n.Incident.ID, Ref: ref, Version: max(n.Incident.Version, n.Transition.Version)}
}

// urlSecrets are the parts of an address in which services keep a token.
func urlSecrets(address string) (secrets []string) {
	path, query, _ := strings.Cut(address, "?")
	secrets = []string{address, path[strings.LastIndexByte(path, '/')+1:]}
	for pair := range strings.SplitSeq(query, "&") {
		if _, value, _ := strings.Cut(pair, "="); len(value) >= 8 {
			secrets = append(secrets, value)
		}
	}
	return secrets
}

// mask hides the channel's secrets in a text.
func (c courier) mask(text string) string {
	for _, secret := range c.secrets {
		if len(secret) >= 4 {
			text = strings.ReplaceAll(text, secret, "****")
		}
	}
	return text
}
