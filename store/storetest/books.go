package storetest

import (
	"fmt"
	"testing"
	"time"

	"shapewatch/webhooks"
)

// books are the promises to reconciliations of what a source announces.
var books = map[string]func(*testing.T, Store){
	"a book has the newest word on each row, of what is new": func(t *testing.T, s Store) {
		first := start()
		book := webhooks.Book{Probe: "shop/orders", Form: "id,state", Window: time.Hour, Most: 10}
		post := poster(t, s, book, first)
		post("e1", 0, webhooks.Posting{Key: []byte("k1"), Row: []byte("new")})
		post("e2", time.Second, webhooks.Posting{Key: []byte("k2"), Row: []byte("new"), Order: 50}, webhooks.Posting{Key: []byte("k0"), Row: []byte("new")})
		post("e3", 2*time.Second, webhooks.Posting{Key: []byte("k1"), Row: []byte("paid")})
		post("e4", 3*time.Second, webhooks.Posting{Key: []byte("k2"), Row: []byte("older"), Order: 40})
		post("e1", 4*time.Second, webhooks.Posting{Key: []byte("k1"), Row: []byte("the same event again")})
		post("e5", 5*time.Second, webhooks.Posting{Key: []byte("k0")})
		same(t, "k0 gone, k1 paid, k2 new", paged(t, s, book))
		account, _, err := s.Postings(t.Context(), book, nil, 1)
		must(t, err)
		same(t, webhooks.Account{Form: "id,state", Since: first, Window: time.Hour, Most: 10, Rows: 3}, account)
		other := book
		other.Right = true
		same(t, "", paged(t, s, other))
	},
	"a row that is gone comes back with a newer word alone": func(t *testing.T, s Store) {
		book := webhooks.Book{Probe: "shop/orders", Form: "id", Window: time.Hour, Most: 10}
		post, n := poster(t, s, book, start()), 0
		says := func(want, row string, order int64) {
			t.Helper()
			p := webhooks.Posting{Key: []byte("k"), Order: order}
			if row != "gone" {
				p.Row = []byte(row)
			}
			n++
			post(fmt.Sprint("e", n), time.Duration(n)*time.Second, p)
			same(t, "k "+want, paged(t, s, book))
		}
		says("paid", "paid", 50)
		says("gone", "gone", 0) // an end that does not say when
		says("gone", "late", 40)
		says("gone", "paid", 50) // the last change, announced by another event too
		says("gone", "gone", 0)
		says("gone", "late", 45)
		says("created again", "created again", 60)
		says("created again", "gone", 55)
		says("gone", "gone", 60)
		says("gone", "created again", 60)
		says("undated", "undated", 0)
		says("gone", "gone", 0)
		says("dated", "dated", 10)
	},
	"an end that comes before its row keeps away what is older": func(t *testing.T, s Store) {
		book := webhooks.Book{Probe: "shop/orders", Form: "id", Window: time.Hour, Most: 10}
		post := poster(t, s, book, start())
		post("e1", 0, webhooks.Posting{Key: []byte("k"), Least: 50})
		same(t, "k gone", paged(t, s, book))
		post("e2", time.Second, webhooks.Posting{Key: []byte("k"), Row: []byte("late"), Order: 40})
		same(t, "k gone", paged(t, s, book))
		post("e3", 2*time.Second, webhooks.Posting{Key: []byte("k"), Row: []byte("created again"), Order: 60})
		same(t, "k created again", paged(t, s, book))
		post("e4", 3*time.Second, webhooks.Posting{Key: []byte("k"), Least: 55}) // it follows what came before it all the same
		same(t, "k gone", paged(t, s, book))
	},
	"a book forgets what is old, and what is too much": func(t *testing.T, s Store) {
		first := start()
		book := webhooks.Book{Probe: "shop/orders", Right: true, Form: "id", Window: time.Hour, Most: 3}
		post := poster(t, s, book, first)
		for i := range 5 {
			post(fmt.Sprint("e", i), time.Duration(i)*time.Minute, webhooks.Posting{Key: fmt.Append(nil, "k", i), Row: []byte("x")})
		}
		same(t, "k2 x, k3 x, k4 x", paged(t, s, book))
		account, _, err := s.Postings(t.Context(), book, nil, 1)
		must(t, err)
		same(t, first.Add(4*time.Minute), account.Full)
		post("late", 63*time.Minute+time.Second, webhooks.Posting{Key: []byte("k9"), Row: []byte("y")})
		same(t, "k4 x, k9 y", paged(t, s, book))
		register(t, s, first, "shop/orders")
		must(t, s.Sweep(t.Context(), first.Add(65*time.Minute)))
		same(t, "k9 y", paged(t, s, book))
	},
	"a book keeps its bound however many rows an event has": func(t *testing.T, s Store) {
		first := start()
		register(t, s, first, "shop/orders")
		book := webhooks.Book{Probe: "shop/orders", Form: "id", Window: 1000 * time.Hour, Most: 400}
		many := func(from, n int) (rows []webhooks.Posting) {
			for i := range n {
				rows = append(rows, webhooks.Posting{Key: fmt.Appendf(nil, "k%04d", from+i), Row: []byte("x")})
			}
			return rows
		}
		post := poster(t, s, book, first)
		for i := range 3 {
			post(fmt.Sprint("e", i), time.Duration(i)*time.Minute, many(300*i, 300)...)
			holds(t, s, book, min(400, 300*(i+1)))
		}
		book.Most = 5 // an event of one row pushes out a few only, the sweep the rest
		poster(t, s, book, first)("e3", 3*time.Minute, many(900, 1)...)
		holds(t, s, book, 400+1-64)
		must(t, s.Sweep(t.Context(), first.Add(4*time.Minute)))
		holds(t, s, book, 5)
		account, _, err := s.Postings(t.Context(), book, nil, 1)
		must(t, err)
		same(t, first.Add(4*time.Minute), account.Full)
	},
	"a book of another form begins anew, and ends with its reconciliation": func(t *testing.T, s Store) {
		first := start()
		register(t, s, first, "shop/orders")
		book := webhooks.Book{Probe: "shop/orders", Form: "id", Window: 1000 * time.Hour, Most: 3}
		poster(t, s, book, first)("e1", 0, webhooks.Posting{Key: []byte("k1"), Row: []byte("x")})
		wider := book
		wider.Form = "id,total"
		same(t, "", paged(t, s, wider))
		poster(t, s, wider, first)("e2", time.Minute, webhooks.Posting{Key: []byte("k2"), Row: []byte("y")})
		same(t, "k2 y", paged(t, s, wider))
		same(t, "", paged(t, s, book))
		must(t, s.Register(t.Context(), nil))
		must(t, s.Sweep(t.Context(), time.Now().Add(Keep.Hours+time.Hour)))
		same(t, "", paged(t, s, wider))
	},
}

// poster keeps events of a source that speak of rows of a book.
func poster(t *testing.T, s Store, book webhooks.Book, first time.Time) func(id string, after time.Duration, rows ...webhooks.Posting) {
	return func(id string, after time.Duration, rows ...webhooks.Posting) {
		t.Helper()
		at := first.Add(after)
		for i := range rows {
			rows[i].At = at
		}
		_, err := s.KeepArrival(t.Context(), "shop/webhook orders", webhooks.Arrival{
			ID: id, Type: "order", At: at, Body: []byte("{}"), Booked: []webhooks.Booked{{Book: book, Postings: rows}},
		})
		must(t, err)
	}
}

// holds counts the rows of a book.
func holds(t *testing.T, s Store, book webhooks.Book, want int) {
	t.Helper()
	account, rows, err := s.Postings(t.Context(), book, nil, 10_000)
	must(t, err)
	same(t, []int{want, want}, []int{account.Rows, len(rows)})
}

// paged reads a book two rows at a time.
func paged(t *testing.T, s Store, book webhooks.Book) (text string) {
	t.Helper()
	var after []byte
	for {
		_, rows, err := s.Postings(t.Context(), book, after, 2)
		must(t, err)
		for _, p := range rows {
			if text != "" {
				text += ", "
			}
			if text += string(p.Key) + " " + string(p.Row); p.Gone() {
				text += "gone"
			}
			after = p.Key
		}
		if len(rows) < 2 {
			return text
		}
	}
}
