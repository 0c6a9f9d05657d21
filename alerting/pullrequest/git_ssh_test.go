package pullrequest_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"shapewatch/alerting/pullrequest"
	"shapewatch/alerting/pullrequest/forgetest"
)

// TestGit_OverSSH pushes with a key to a server that is known, and to none
// that is not.
func TestGit_OverSSH(t *testing.T) {
	bare := forgetest.NewBare(t)
	_, ours, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(ours, "")
	if err != nil {
		t.Fatal(err)
	}
	address, host := serveSSH(t, ours)
	known := filepath.Join(t.TempDir(), "known_hosts")
	t.Setenv("SSH_KNOWN_HOSTS", known)
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(known, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	key := string(pem.EncodeToMemory(block))
	g := newGit(t, pullrequest.GitOptions{URL: "ssh://git@" + address + bare.Dir, Key: key})

	write("")
	_, err = g.Tip(t.Context(), "")
	if r := refusal(t, err); !r.Permanent || !strings.Contains(r.Text, "not the one in known_hosts") {
		t.Errorf("asks an unknown server: %v", err)
	}
	write(knownhosts.Line([]string{knownhosts.Normalize(address)}, host) + "\n")
	_, other, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if block, err = ssh.MarshalPrivateKey(other, ""); err != nil {
		t.Fatal(err)
	}
	_, err = newGit(t, pullrequest.GitOptions{URL: "ssh://git@" + address + bare.Dir, Key: string(pem.EncodeToMemory(block))}).Tip(t.Context(), "")
	if r := refusal(t, err); !r.Permanent || !strings.Contains(r.Text, "does not take this key") {
		t.Errorf("with another key: %v", err)
	}
	c := pullrequest.Commit{Branch: "shapewatch/x", Message: "m", Files: []pullrequest.File{{Path: "README.md", Content: []byte("over ssh\n")}}}
	first, err := g.Commit(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "over ssh", bare.Git("show", "shapewatch/x:README.md"))
	bare.Push("shapewatch/x", "README.md", "by hand")
	c.Expect, c.Message = first, "another"
	if _, err := g.Commit(t.Context(), c); !errors.Is(err, pullrequest.ErrMoved) {
		t.Errorf("error %v", err)
	}
	for _, s := range g.Doctor(t.Context()) {
		if !s.OK {
			t.Errorf("%+v", s)
		}
	}
}

// serveSSH runs git's two commands for whoever has the key, until the test
// ends. It returns its address and its own key.
func serveSSH(t *testing.T, client ed25519.PrivateKey) (address string, host ssh.PublicKey) {
	t.Helper()
	_, own, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(own)
	if err != nil {
		t.Fatal(err)
	}
	allowed, err := ssh.NewPublicKey(client.Public())
	if err != nil {
		t.Fatal(err)
	}
	config := &ssh.ServerConfig{PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if string(key.Marshal()) != string(allowed.Marshal()) {
			return nil, errors.New("another key")
		}
		return &ssh.Permissions{}, nil
	}}
	config.AddHostKey(signer)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go sessions(connection, config)
		}
	}()
	return listener.Addr().String(), signer.PublicKey()
}

func sessions(connection net.Conn, config *ssh.ServerConfig) {
	defer connection.Close()
	_, channels, requests, err := ssh.NewServerConn(connection, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for offered := range channels {
		channel, asked, err := offered.Accept()
		if err != nil {
			return
		}
		go session(channel, asked)
	}
}

// session runs the one command that it is asked for.
func session(channel ssh.Channel, asked <-chan *ssh.Request) {
	defer channel.Close()
	for request := range asked {
		var command struct{ Text string }
		if request.Type != "exec" || ssh.Unmarshal(request.Payload, &command) != nil {
			_ = request.Reply(false, nil)
			continue
		}
		_ = request.Reply(true, nil)
		name, path, _ := strings.Cut(command.Text, " ")
		if name != "git-upload-pack" && name != "git-receive-pack" {
			return
		}
		run := exec.Command("git", strings.TrimPrefix(name, "git-"), strings.Trim(path, "'")) //nolint:gosec // a folder of the test
		run.Stdin, run.Stdout, run.Stderr = channel, channel, channel.Stderr()
		code := 0
		if run.Run() != nil {
			code = 1
		}
		_, _ = channel.SendRequest("exit-status", false, []byte{0, 0, 0, byte(code)})
		return
	}
}
