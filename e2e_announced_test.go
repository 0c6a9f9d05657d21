package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

const announcedConfig = `
apis:
  - name: shop
    every: 1s
    probes:
      - webhook: { name: orders, signed: shopify, secrets: [canary-secret] }
      - name: announced orders
        reconcile:
          left:
            name: shopify
            webhook: orders
            types: [orders/create, orders/updated]
            deleted_by: [orders/delete]
          right: { name: books, sqlite: books.db, query: "SELECT ref, state, total, changed FROM orders" }
          key: [{ name: order, left: /id, right: ref }]
          fields:
            - { name: state, left: /financial_status, right: state }
            - { name: total, left: /total_price, right: total, as: number }
          updated: { left: /updated_at, right: changed }
          lag: 3s
`

// announce sends one order as Shopify does.
func announce(t *testing.T, s *server, kind, event, order string) {
	t.Helper()
	mac := hmac.New(sha256.New, []byte("canary-secret"))
	mac.Write([]byte(order))
	status := post(t, "http://"+s.addr+"/in/orders", order, map[string]string{
		"X-Shopify-Hmac-Sha256": base64.StdEncoding.EncodeToString(mac.Sum(nil)), "X-Shopify-Topic": kind, "X-Shopify-Webhook-Id": event,
	})
	if status != http.StatusOK {
		t.Fatalf("event %s: status %d", event, status)
	}
}

func announcedOrder(id int, state, updated string) string {
	return fmt.Sprintf(`{"id":%d,"financial_status":%q,"total_price":"%d.50","updated_at":%q,"customer":{"email":"canary-%d@example.org"}}`, id, state, id, updated, id)
}

// TestEndToEnd_HoldsWhatWasAnnouncedAgainstADatabase asks whether every order
// that a shop announced is in a database that has many more.
func TestEndToEnd_HoldsWhatWasAnnouncedAgainstADatabase(t *testing.T) {
	t.Parallel()
	bin, dir := builtBinary(t), t.TempDir()
	books := sqliteBooks(t, dir)
	books.exec(t, "PRAGMA busy_timeout = 30000") // the server reads while we write
	books.exec(t, "CREATE TABLE orders (ref TEXT, state TEXT, total TEXT, changed TEXT)")
	books.exec(t, "INSERT INTO orders WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 500) SELECT i, 'paid', i || '.50', '2026-01-01 10:00:00' FROM s")
	writeFile(t, dir, "shapewatch.yaml", announcedConfig)
	s := startServer(t, bin, dir)
	for id := 1000; id < 1040; id++ {
		announce(t, s, "orders/create", fmt.Sprint("e", id), announcedOrder(id, "pending", "2026-01-02T10:00:00Z"))
		if id != 1010 && id != 1020 {
			books.exec(t, fmt.Sprintf("INSERT INTO orders VALUES ('%d', 'paid', '%d.5', '2026-01-02 10:05:00')", id, id))
		}
	}
	for id := 1000; id < 1040; id++ {
		if id != 1030 {
			announce(t, s, "orders/updated", fmt.Sprint("u", id), announcedOrder(id, "paid", "2026-01-02T10:05:00Z"))
		}
	}
	announce(t, s, "orders/create", "late", announcedOrder(1005, "pending", "2026-01-02T10:01:00Z")) // an older word that comes last
	announce(t, s, "orders/delete", "gone", `{"id":1039}`)
	announce(t, s, "orders/delete", "early", `{"id":1041}`) // an end that comes before what it ends
	announce(t, s, "orders/create", "overtaken", announcedOrder(1041, "pending", "2026-01-02T10:00:00Z"))
	announce(t, s, "carts/create", "cart", `{"id":9999}`)
	s.kill() // what was answered with 200 is in the book
	s = startServer(t, bin, dir)
	within(t, 60*time.Second, "what is out of step told", func() bool {
		text := incidentsOf(t, s)
		return strings.Contains(text, "2 rows of shopify missing in books") && strings.Contains(text, "1 row of books missing in shopify") &&
			strings.Contains(text, "differs in 1 row of shopify and books")
	})
	books.exec(t, "INSERT INTO orders VALUES ('1010', 'paid', '1010.50', '2026-01-02 10:05:00'), ('1020', 'paid', '1020.50', '2026-01-02 10:05:00')")
	books.exec(t, "DELETE FROM orders WHERE ref = '1039'")
	announce(t, s, "orders/updated", "u1030", announcedOrder(1030, "paid", "2026-01-02T10:05:00Z"))
	within(t, 60*time.Second, "the end told", func() bool {
		text := incidentsOf(t, s)
		return strings.Contains(text, `"condition":"resolved"`) && !strings.Contains(text, `"condition":"firing"`)
	})
	for _, private := range []string{"canary-", "1010", "9999"} {
		if text := withoutTimes(incidentsOf(t, s)); strings.Contains(text, private) {
			t.Errorf("%s is told: %s", private, text)
		}
	}
	s.stop()
	if strings.Contains(s.log(), "canary-") {
		t.Error("a secret or a customer is in the log")
	}
}
