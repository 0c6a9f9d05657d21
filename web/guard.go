package web

import "net/http"

// policy lets a page use its own style sheet, script, pictures and event
// stream, and nothing else: markup that slipped in could load nothing and run
// nothing.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; " +
	"connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// maxQuery bounds a request's query string, bytes.
const maxQuery = 2 << 10

// guard sets the headers of every answer, right or wrong, and turns away what
// is not a plain question.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-cache")
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "This page only answers questions: GET or HEAD.", http.StatusMethodNotAllowed)
		case len(r.URL.RawQuery) > maxQuery:
			http.Error(w, "The query is too long.", http.StatusRequestURITooLong)
		default:
			next.ServeHTTP(w, r)
		}
	})
}
