package web

import (
	_ "embed"
	"net/http"
)

// openapiDocument describes the interface of machines. It is written by hand
// and held against every answer by a test.
//
//go:embed openapi.json
var openapiDocument []byte

func (s *site) openapi(w http.ResponseWriter, _ *http.Request) {
	send(w, http.StatusOK, "application/json", openapiDocument)
}
