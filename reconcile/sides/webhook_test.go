package sides_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/reconcile"
	"shapewatch/reconcile/sides"
	"shapewatch/webhooks"
)

// kept is a book in memory.
type kept struct {
	webhooks.Account
	rows map[string]webhooks.Posting
}

func (k *kept) Postings(_ context.Context, book webhooks.Book, after []byte, max int) (webhooks.Account, []webhooks.Posting, error) {
	if book.Form != k.Form {
		return webhooks.Account{}, nil, nil
	}
	var page []webhooks.Posting
	for _, p := range k.rows {
		if string(p.Key) > string(after) {
			page = append(page, p)
		}
	}
	slices.SortFunc(page, func(a, b webhooks.Posting) int { return strings.Compare(string(a.Key), string(b.Key)) })
	return k.Account, page[:min(max, len(page))], nil
}

// announced is a reconciliation of a shop's events with rows in memory.
func announced() (*reconcile.Reconciliation, sides.WebhookOptions) {
	updated := field("at", reconcile.Rule{As: reconcile.Time})
	r := &reconcile.Reconciliation{Left: "shop", Right: "books", Keys: []reconcile.Field{field("id", reconcile.Rule{IgnoreCase: true})},
		Fields: []reconcile.Field{field("state", reconcile.Rule{})}, Updated: &updated}
	return r, sides.WebhookOptions{
		Probe: "shop/orders", Columns: r.Columns(false), Rules: r.Rules(), Keys: 1, Updated: true, Lag: time.Minute,
		List: "/data", Types: []string{"order.created", "order.changed"}, Deletes: []string{"order.deleted"}, Window: 24 * time.Hour,
	}
}

// take keeps what an event says, as a store does.
func (k *kept) take(o *sides.WebhookOptions, kind, body string) {
	k.takeAt(o, kind, body, time.Now(), time.Time{})
}

func (k *kept) takeAt(o *sides.WebhookOptions, kind, body string, at, happened time.Time) {
	if k.rows == nil {
		k.Account, k.rows = webhooks.Account{Form: o.Book().Form, Since: time.Now()}, map[string]webhooks.Posting{}
	}
	for _, p := range o.Post(kind, []byte(body), at, happened) {
		if before, known := k.rows[string(p.Key)]; !known || p.Follows(&before) {
			k.rows[string(p.Key)] = p.Dated(&before)
		}
	}
}

// rows is a side of CSV lines in memory: id, state, at.
type rows []string

func (r rows) Rows(_ context.Context, _ *reconcile.Part, yield func([]reconcile.Cell) error) error {
	for _, line := range r {
		var cells []reconcile.Cell
		for cell := range strings.SplitSeq(line, ",") {
			cells = append(cells, reconcile.Cell{Text: cell})
		}
		if err := yield(cells); err != nil {
			return err
		}
	}
	return nil
}

func (r rows) Read() int64 { return 0 }

// TestWebhook_IsWhatWasAnnouncedWithinTheWindow lives through three days of a
// shop's events.
func TestWebhook_IsWhatWasAnnouncedWithinTheWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, o := announced()
		k := &kept{}
		see := func(all bool, right ...string) []string {
			t.Helper()
			o.All = all
			result, err := r.Compare(t.Context(), sides.Webhook(o, k), rows(right), 0)
			if err != nil {
				t.Fatal(err)
			}
			return found(result)
		}
		now := func() string { return time.Now().UTC().Format(time.RFC3339) }
		same := func(want, got []string) {
			t.Helper()
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		}
		same(nil, see(true, "old,new,"+now()))
		k.take(&o, "order.created", `{"data":[{"id":"A1","state":"new","at":"`+now()+`"},{"id":"a2","state":"new","at":"`+now()+`"}]}`)
		k.take(&o, "order.archived", `{"data":{"id":"a3","state":"new"}}`)
		k.take(&o, "order.created", `{"data":{"state":"no key"}}`)
		k.take(&o, "order.created", `{"data":"no row"}`)
		k.take(&o, "order.created", `{"data":{"id":"large","state":"`+strings.Repeat("x", 20_000)+`"}}`)
		old := now()
		time.Sleep(time.Hour)
		k.take(&o, "order.changed", `{"data":{"id":"a1","state":"paid","at":"`+now()+`"}}`)
		k.take(&o, "order.changed", `{"data":{"id":"a1","state":"older","at":"`+old+`"}}`)
		same([]string{"differs a1 [0]", "missing-right a2 []"}, see(false, "a1,new,"+old, "old,new,"+old, "unannounced,new,"+now()))
		same([]string{"missing-left unannounced []", "missing-right a2 []"}, see(true, "A1,paid,"+now(), "old,new,"+old, "unannounced,new,"+now()))
		k.take(&o, "order.deleted", `{"data":{"id":"A2"}}`)
		same([]string{"missing-left a2 []"}, see(false, "a1,paid,"+now(), "a2,new,"+old))
		time.Sleep(23*time.Hour + time.Minute)
		same([]string{"missing-right a1 []"}, see(true, "gone-by,new,"+old))
		time.Sleep(time.Hour)
		same(nil, see(true))
	})
}

func TestWebhook_IsNoSideWhenRowsHadToGiveWay(t *testing.T) {
	r, o := announced()
	k := &kept{Account: webhooks.Account{Form: o.Book().Form, Full: time.Now()}}
	_, err := r.Compare(t.Context(), sides.Webhook(o, k), rows{}, 0)
	var p *sides.Problem
	if !errors.As(err, &p) || !strings.Contains(p.Text, "more than 200000 rows announced") {
		t.Errorf("%v", err)
	}
	k.Full = time.Now().Add(-25 * time.Hour)
	if _, err := r.Compare(t.Context(), sides.Webhook(o, k), rows{}, 0); err != nil {
		t.Errorf("long after: %v", err)
	}
}

// TestWebhook_BeginsAnewWhenARowIsAnotherOne changes what makes a row, and what
// does not.
func TestWebhook_BeginsAnewWhenARowIsAnotherOne(t *testing.T) {
	_, o := announced()
	form := o.Book().Form
	for name, change := range map[string]func(*sides.WebhookOptions){
		"columns": func(o *sides.WebhookOptions) { o.Columns = []string{"id", "total", "at"} },
		"types":   func(o *sides.WebhookOptions) { o.Types = nil },
		"the key": func(o *sides.WebhookOptions) { o.Rules[0].IgnoreCase = false },
		"zone":    func(o *sides.WebhookOptions) { o.Rules[0].Left.Zone = time.FixedZone("x", 3600) },
	} {
		_, o := announced()
		if change(&o); o.Book().Form == form {
			t.Errorf("%s: the same form", name)
		}
	}
	o.Lag, o.Window, o.All, o.Rules[1].Trim = time.Hour, time.Hour, true, true
	if o.Book().Form != form {
		t.Error("another form for the same rows")
	}
}

// TestWebhook_ReadsAnyEvent posts what a vendor may send by mistake.
func TestWebhook_ReadsAnyEvent(t *testing.T) {
	_, o := announced()
	for _, body := range []string{"", "null", "[]", "{", `{"data":[[],1,null,{"id":{"a":1}}]}`, `{"data":[` + strings.Repeat(`{"id":1},`, 20_000) + `1]}`} {
		postings := o.Post("order.created", []byte(body), time.Now(), time.Time{})
		if len(postings) > 10_000 {
			t.Errorf("%.20s: %d rows of one event", body, len(postings))
		}
		for _, p := range postings {
			if got := len(reconcile.ReadCells(p.Row, 3)); got != 3 {
				t.Errorf("%.40s: %s", body, fmt.Sprint(p, got))
			}
		}
	}
}
