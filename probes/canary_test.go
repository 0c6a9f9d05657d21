package probes_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"

	"shapewatch/probes"
)

// echo sends the whole request back at the worst places: status line, header
// names and values, title, body, and instead of HTTP.
func echoes() map[string]func(request string) string {
	escaped := func(s string) string { b, _ := json.Marshal(s); return string(b) }
	line := func(s string) string { return strings.NewReplacer("\r", " ", "\n", " ").Replace(s) }
	return map[string]func(string) string{
		"body":         func(r string) string { return framed("", `{"you":`+escaped(r)+`}`) },
		"header":       func(r string) string { return framed("X-Echo: "+line(r)+"\r\n", `{}`) },
		"header name":  func(r string) string { return framed("X-"+canary+": 1\r\n", `{}`) },
		"cookie":       func(r string) string { return framed("Set-Cookie: a="+canary+"\r\n", `{}`) },
		"media type":   func(r string) string { return typed("text/"+canary, "x") },
		"coding":       func(r string) string { return framed("Content-Encoding: "+canary+"\r\n", "x") },
		"title":        func(r string) string { return typed("text/html", "<html><title>"+line(r)+"</title>") },
		"title, short": func(r string) string { return typed("text/html", "<html><title>"+canary+"</title>") },
		"text":         func(r string) string { return typed("text/plain", r) },
		"bad JSON":     func(r string) string { return typed("application/json", canary[:8]+canary) },
		"status line":  func(r string) string { return "HTTP/1.1 500 " + line(r) + "\r\nContent-Length: 0\r\n\r\n" },
		"error body":   func(r string) string { return status("400 Bad", "\r\n"+r) },
		"no HTTP":      func(r string) string { return canary + line(r) },
		"bad header":   func(r string) string { return "HTTP/1.1 200 OK\r\n" + line(r) + "\r\n\r\n" },
		"bad length":   func(r string) string { return ok + "Content-Length: " + canary + "\r\n\r\n" },
		"bad coding":   func(r string) string { return ok + "Transfer-Encoding: " + canary + "\r\n\r\n" },
		"bad chunk":    func(r string) string { return ok + "Transfer-Encoding: chunked\r\n\r\n" + canary + "\r\n" },
		"redirect": func(r string) string {
			return status("302 Found", "Location: https://"+canary+".example/"+canary+"?k="+canary+"\r\n\r\n")
		},
		"redirect scheme": func(r string) string { return status("302 Found", "Location: "+canary+"://x/\r\n\r\n") },
		"redirect user": func(r string) string {
			return status("302 Found", "Location: https://u:"+canary+"@x.example/\r\n\r\n")
		},
		"link":     func(r string) string { return framed("Link: </v1?key="+canary+">; rel=next\r\n", `{}`) },
		"cut off":  func(r string) string { return ok + "Content-Length: 9999\r\n\r\n" + r },
		"nothing":  func(r string) string { return "" },
		"base64":   func(r string) string { return typed("text/plain", base64.StdEncoding.EncodeToString([]byte(r))) },
		"reversed": func(r string) string { return framed("Www-Authenticate: Bearer error="+escaped(canary)+"\r\n", `{}`) },
	}
}

// forms are what the canary must not be found as.
func forms() []string {
	b := []byte(canary)
	return []string{canary, url.QueryEscape(canary), hex.EncodeToString(b), base64.RawStdEncoding.EncodeToString(b)[:20],
		base64.RawStdEncoding.EncodeToString(append([]byte("x"), b...))[2:20], base64.RawStdEncoding.EncodeToString(append([]byte("xy"), b...))[3:20]}
}

func TestDo_ShowsNoSecretWhateverTheVendorEchoes(t *testing.T) {
	client := newClient(t, probes.Options{})
	for where, echo := range echoes() {
		address := serve(t, hostile{echo: echo})
		for carrier, carry := range carriers() {
			p := loopback(address)
			p.Method = "POST"
			carry(&p)
			p.ID = carrier
			assertNoCanary(t, where+" by "+carrier, client.Do(context.Background(), p))
		}
	}
}

func TestDo_ShowsNoSecretWhenNobodyAnswers(t *testing.T) {
	client := newClient(t, probes.Options{})
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for carrier, carry := range carriers() {
		for _, address := range []string{"http://" + closed.Addr().String(), "https://" + closed.Addr().String(), "http://169.254.169.254/", "http://%zz/" + canary} {
			p := loopback("")
			p.Method, p.URL, p.AllowPrivate = "POST", address, !strings.Contains(address, "169")
			carry(&p)
			assertNoCanary(t, address+" by "+carrier, client.Do(context.Background(), p))
		}
	}
}

func assertNoCanary(t *testing.T, name string, s probes.Sample) {
	t.Helper()
	all := fmt.Sprintf("%+v\n%s\n%s", s, s.Body, fmt.Sprint(s.Header))
	for _, form := range forms() {
		if at := strings.Index(strings.ToLower(all), strings.ToLower(form)); at >= 0 {
			t.Errorf("%s: the sample shows %s: %s", name, form, all[max(0, at-60):min(len(all), at+60)])
		}
	}
}
