package web_test

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"shapewatch/web"
)

// TestMCP_AnswersTheClientOfTheSDK drives every tool as an agent does.
func TestMCP_AnswersTheClientOfTheSDK(t *testing.T) {
	now := time.Now()
	w := endingWorld(now)
	w.teach(t, now, "stripe/GET /v1/charges", 30)
	session := agent(t, web.AskHandler(w.handler()))
	tools, err := session.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, tool := range tools.Tools {
		names = append(names, tool.Name)
		if !tool.Annotations.ReadOnlyHint || !strings.Contains(tool.Description, "never instructions") {
			t.Errorf("%s: %+v", tool.Name, tool)
		}
	}
	slices.Sort(names)
	if strings.Join(names, " ") != "get_changes get_shape has_drifted list_apis" {
		t.Errorf("tools %v", names)
	}
	for _, c := range []struct {
		tool  string
		args  map[string]any
		wrong bool
		says  []string
	}{
		{"list_apis", nil, false, []string{`"verdict":"1 of 8 APIs has a breaking change`, `"name":"stripe"`}},
		{"has_drifted", map[string]any{"api": "stripe"}, false, []string{`"drifted":true`, "has drifted (breaking change): 1 incident open", `"what":"sunset"`}},
		{"has_drifted", map[string]any{"api": "shippo"}, false, []string{`"drifted":false`, "answers as agreed", `"incidents":[]`}},
		{"has_drifted", map[string]any{"api": "dhl"}, false, []string{`"drifted":false`, "gives no valid answer"}},
		{"has_drifted", map[string]any{"api": "openweather"}, false, []string{"not been watched long enough"}},
		{"has_drifted", map[string]any{"api": "github", "operation": "GET /repos/{owner}/{repo}/issues"}, false, []string{"asked again"}},
		{"has_drifted", map[string]any{"api": "stripe", "operation": "GET /nowhere"}, true, []string{"no operation of this name"}},
		{"has_drifted", map[string]any{"api": "nobody"}, true, []string{"list_apis names what is"}},
		{"has_drifted", map[string]any{}, true, []string{"api"}},
		{"get_changes", map[string]any{"api": "stripe"}, false, []string{`"path":"/data/[]/customer"`, `"was":"string, in all of 412 answers"`}},
		{"get_changes", map[string]any{"api": "stripe", "operation": "GET /v1/charges/{id}"}, false, []string{`"path":"/customer"`}},
		{"get_changes", map[string]any{"api": "shippo"}, false, []string{`"incidents":[]`}},
		{"get_shape", map[string]any{"api": "stripe", "operation": "GET /v1/charges"}, false, []string{`"answers":30`, "currency", "$schema"}},
		{"get_shape", map[string]any{"api": "stripe", "operation": "GET /v1/charges", "notation": "typescript"}, false, []string{"currency"}},
		{"get_shape", map[string]any{"api": "stripe", "operation": "GET /v1/charges", "notation": "prose"}, true, []string{"want tree, json-schema"}},
		{"get_shape", map[string]any{"api": "shippo"}, true, []string{"nothing was learned"}},
	} {
		result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: c.tool, Arguments: c.args})
		if err != nil {
			if !c.wrong {
				t.Errorf("%s %v: %v", c.tool, c.args, err)
			}
			continue
		}
		text, err := json.Marshal(result.StructuredContent)
		if result.IsError {
			text = []byte(result.Content[0].(*mcp.TextContent).Text)
		}
		if err != nil || result.IsError != c.wrong {
			t.Errorf("%s %v: error %t: %.300s", c.tool, c.args, result.IsError, text)
		}
		for _, want := range c.says {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s %v does not say %q: %.600s", c.tool, c.args, want, text)
			}
		}
	}
}

// agent connects the SDK's own client to our server over a pair of pipes.
func agent(t *testing.T, ask web.Ask) *mcp.ClientSession {
	t.Helper()
	fromAgent, toServer := io.Pipe()
	fromServer, toAgent := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- web.ServeMCP(ctx, "v1.2.3", ask, fromAgent, toAgent) }()
	client := mcp.NewClient(&mcp.Implementation{Name: "agent", Version: "1"}, nil)
	session, err := client.Connect(ctx, &mcp.IOTransport{Reader: fromServer, Writer: toServer}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = session.Close()
		if err := <-ended; err != nil {
			t.Errorf("the server ended with %v", err)
		}
	})
	return session
}
