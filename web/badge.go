package web

import (
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"unicode/utf8"
)

// badgeColors are the grounds of a badge, dark enough for white text.
var badgeColors = [numStates]string{
	waiting: "#616a76", agreed: "#00735c", learning: "#0a62ad", suspected: "#0a62ad",
	drifted: "#8a5800", failing: "#8f2a6c", breaking: "#b5340a",
}

// badge is the state of one API as a picture for a README. It tells the state
// and nothing else; an API that is not watched says so.
func (s *site) badge(w http.ResponseWriter, r *http.Request) {
	name, isPicture := strings.CutSuffix(r.PathValue("file"), ".svg")
	if !isPicture {
		http.Error(w, "no such badge: /badge/NAME.svg", http.StatusNotFound)
		return
	}
	l, err := s.look(r.Context())
	if err != nil {
		s.unreadable(r.Context(), "badge", err)
		http.Error(w, "the store cannot be read", http.StatusServiceUnavailable)
		return
	}
	word, color, status := "not watched", badgeColors[waiting], http.StatusNotFound
	if a := l.find(name); a != nil {
		word, color, status = a.state.Word(), badgeColors[a.state], http.StatusOK
	}
	w.Header().Set("Cache-Control", "no-cache, max-age=60")
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin") // a picture for other pages
	send(w, status, "image/svg+xml", visible([]byte(drawBadge(clip(40, name), word, color))))
}

// drawBadge draws a badge; widths are those of an 11 px sans serif, roughly.
func drawBadge(name, word, color string) string {
	left, right := 14+7*utf8.RuneCountInString(name), 14+7*utf8.RuneCountInString(word)
	name, word = template.HTMLEscapeString(name), template.HTMLEscapeString(word)
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="20" role="img" aria-label="%[4]s: %[5]s"><title>%[4]s: %[5]s</title>`+
		`<rect width="%[1]d" height="20" rx="4" fill="#333c46"/><path d="M%[2]d 0h%[3]da4 4 0 0 1 4 4v12a4 4 0 0 1-4 4h-%[3]dz" fill="%[6]s"/>`+
		`<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle"><text x="%[7]d" y="14">%[4]s</text><text x="%[8]d" y="14">%[5]s</text></g></svg>`+"\n",
		left+right, left, right-4, name, word, color, left/2, left+right/2)
}
