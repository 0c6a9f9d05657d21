package main

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"
)

// folderTypes are the media types that a folder of a script sends.
var folderTypes = map[string]string{
	".json": "application/json", ".xml": "application/xml", ".csv": "text/csv; charset=utf-8", ".ndjson": "application/x-ndjson",
}

// scriptFolder serves a folder as a vendor does; $VENDOR is its address.
func scriptFolder(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: folder DIR")
	}
	dir := ts.MkAbs(args[0])
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", folderTypes[filepath.Ext(r.URL.Path)])
		http.ServeFile(w, r, filepath.Join(dir, filepath.Base(r.URL.Path)))
	}))
	ts.Defer(server.Close)
	ts.Setenv("VENDOR", server.URL)
}
