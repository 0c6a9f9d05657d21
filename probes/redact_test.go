package probes_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"shapewatch/probes"
)

func TestRedactor_FindsASecretInEveryForm(t *testing.T) {
	secret := `s3cr<et/"+&k=y é`
	asJSON, _ := json.Marshal(secret)
	r := probes.NewRedactor(secret)
	for _, form := range []string{
		secret, string(asJSON), url.QueryEscape(secret), url.PathEscape(secret), hex.EncodeToString([]byte(secret)),
		base64.StdEncoding.EncodeToString([]byte("user:" + secret)),
		base64.URLEncoding.EncodeToString([]byte("u:" + secret + "tail")),
		base64.RawStdEncoding.EncodeToString([]byte("us:" + secret)),
	} {
		got := r.String("before " + form + " after")
		if !strings.HasPrefix(got, "before ") || !strings.HasSuffix(got, " after") || !strings.Contains(got, probes.Redacted) {
			t.Errorf("%s became %s", form, got)
		}
	}
}

func TestRedactor_UnitesSecretsThatOverlap(t *testing.T) {
	got := probes.NewRedactor("abcdXYZ", "XYZefgh", "cdXY").String("<abcdXYZefgh|cdXY|abcdXYZ>")
	if want := "<[redacted]|[redacted]|[redacted]>"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestRedactor_LeavesTheRest(t *testing.T) {
	for _, r := range []*probes.Redactor{nil, probes.NewRedactor(), probes.NewRedactor("", "abc"), probes.NewRedactor("not here")} {
		body := []byte(`{"a":"abc"}`)
		if got := r.Bytes(body); &got[0] != &body[0] || r.String("abc") != "abc" {
			t.Errorf("changed or copied %s", got)
		}
	}
}

func TestRedactor_KeepsJSONWhereTheSecretIsANumber(t *testing.T) {
	got := probes.NewRedactor("1234567890").Bytes([]byte(`{"pin":1234567890,"text":"x1234567890"}`))
	if want := `{"pin":1111111111,"text":"x1111111111"}`; string(got) != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestRedactor_NoSecretSurvives is the law: whatever stands around it, no
// secret is left, and the text around it is.
func TestRedactor_NoSecretSurvives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secrets := rapid.SliceOfN(rapid.StringMatching(`[A-Z0-9/+]{4,90}`), 1, 5).Draw(t, "secrets")
		around := rapid.SliceOfN(rapid.StringMatching(`[a-z ]{0,80}`), len(secrets)+1, len(secrets)+1).Draw(t, "around")
		text := around[0]
		for i, secret := range secrets {
			text += secret + around[i+1]
		}
		got := probes.NewRedactor(secrets...).String(text)
		for _, secret := range secrets {
			if strings.Contains(got, secret) {
				t.Fatalf("%q is left in %q", secret, got)
			}
		}
		if left, want := strings.ReplaceAll(got, probes.Redacted, ""), strings.Join(around, ""); left != want {
			t.Fatalf("left %q of %q", left, want)
		}
	})
}

func FuzzRedactor(f *testing.F) {
	f.Add("Bearer token-1234", "token-1234")
	f.Add("aaaaaaaa", "aaaa")
	f.Fuzz(func(t *testing.T, text, secret string) {
		got := probes.NewRedactor(secret).String(text)
		if len(secret) >= 4 && !strings.Contains(probes.Redacted, secret) && strings.Contains(strings.ReplaceAll(got, probes.Redacted, "\x00\x01"), secret) {
			t.Errorf("%q is left in %q", secret, got)
		}
	})
}

func TestAuth_PrintsNoSecret(t *testing.T) {
	for _, auth := range []probes.Auth{
		probes.Bearer(canary), probes.Basic("me", canary), probes.Header("X-Key", canary), probes.Query("key", canary),
		probes.OAuth2(probes.OAuth2Options{ClientID: "me", ClientSecret: canary}), probes.MTLS("cert.pem", "key.pem"),
	} {
		p := probes.Probe{ID: "api/op", Auth: auth}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			if got := fmt.Sprintf(verb+verb+verb, auth, p, &p); strings.Contains(got, canary) || strings.Contains(got, hex.EncodeToString([]byte(canary))) {
				t.Errorf("%s prints %s", verb, got)
			}
		}
		if got, err := json.Marshal(auth); strings.Contains(string(got), canary) {
			t.Errorf("JSON is %s, %v", got, err)
		}
	}
}
