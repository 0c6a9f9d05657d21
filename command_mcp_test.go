package main

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// TestMCPCommand_TalksOverItsStreams connects an agent to the command where no
// server runs: the tools are there and say what to do.
func TestMCPCommand_TalksOverItsStreams(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "shapewatch.yaml", "apis: [{ name: shop, url: \"https://shop.example/v1\" }]\npage: { listen: \"127.0.0.1:1\" }\nstore: { path: \""+dir+"/none.db\" }\n")
	fromAgent, toServer := io.Pipe()
	fromServer, toAgent := io.Pipe()
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { ended <- serveMCP(ctx, dir+"/shapewatch.yaml", fromAgent, toAgent) }()
	session, err := mcp.NewClient(&mcp.Implementation{Name: "agent", Version: "1"}, nil).Connect(ctx, &mcp.IOTransport{Reader: fromServer, Writer: toServer}, nil)
	if err != nil {
		t.Fatal(err)
	}
	result, err := session.CallTool(ctx, &mcp.CallToolParams{Name: "has_drifted", Arguments: map[string]any{"api": "shop"}})
	if err != nil || !result.IsError || !strings.Contains(result.Content[0].(*mcp.TextContent).Text, "start shapewatch serve") {
		t.Errorf("%+v, %v", result, err)
	}
	cancel()
	_ = session.Close()
	if err := <-ended; err != nil {
		t.Errorf("ended with %v", err)
	}
}
