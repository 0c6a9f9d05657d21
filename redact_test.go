package main

import (
	"bytes"
	"encoding/base64"
	"log"
	"os"
	"strings"
	"testing"
)

// TestRedacting_LetsNoSecretPass writes through the door what a library or a
// vendor might have said, before and after a reload changes the secrets.
func TestRedacting_LetsNoSecretPass(t *testing.T) {
	var out bytes.Buffer
	door := newRedacting(&out, []string{"sk_live_first_one"})
	t.Cleanup(func() { log.SetOutput(os.Stderr) })
	log.Print("unsolicited response: sk_live_first_one")
	door.hide([]string{"sk_live_second_one"})
	log.Print("the one before: sk_live_first_one")
	log.Print("again: " + base64.StdEncoding.EncodeToString([]byte("sk_live_second_one")))
	for _, secret := range []string{"first_one", "second_one", base64.StdEncoding.EncodeToString([]byte("sk_live_second_one"))} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("the log shows %q", secret)
		}
	}
	if got := strings.Count(out.String(), "\n"); got != 3 {
		t.Errorf("%d lines passed, want 3:\n%s", got, out.String())
	}
}
