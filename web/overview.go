package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"shapewatch/contracts"
	"shapewatch/probes"
)

// Sizes of the overview: it stays one look, and below 200 KB, however many
// APIs are watched.
const (
	rowsOnPage  = 100 // APIs
	cardsOnPage = 12  // open incidents
	alwaysOpen  = 30  // up to so many APIs no group is folded
)

type overviewContent struct {
	State    state
	Verdict  string
	Checked  moment
	Facts    string
	Cards    []incidentLine
	MoreOpen int
	Groups   []groupRows
	Watched  int // APIs in all
	Search   string
	Found    int
	Older    string // address of the page with the next APIs
	Newer    string
}

// A groupRows is a heading with the APIs below it.
type groupRows struct {
	Name    string
	Summary string
	State   state
	Open    bool // unfolded
	Rows    []apiRow
}

// An apiRow is one API on the overview.
type apiRow struct {
	Name, Link string
	State      state
	Word       string
	Note       string // one line below the name
	History    history90
	Spark      string // path of the latency of the last day
	Deadline   deadline
	Checked    moment
	Items      string
	Latency    string
}

func (s *site) overviewPage(r *http.Request, l *look) (page, error) {
	c := overviewContent{
		State: l.worst(), Verdict: l.sentence(), Watched: len(l.apis),
		Checked: moment{l.newest, l.now}, Facts: l.facts(),
		Search: clip(80, strings.TrimSpace(r.URL.Query().Get("q"))),
	}
	for _, i := range l.open[:min(len(l.open), cardsOnPage)] {
		c.Cards = append(c.Cards, newIncidentLine(i, l.now))
	}
	c.MoreOpen = len(l.open) - len(c.Cards)
	err := s.fillRows(r.Context(), l, &c, pageNumber(r))
	return page{template: "overview", Here: "overview", Content: c}, err
}

// pageNumber is the page of APIs that is asked for, from 1.
func pageNumber(r *http.Request) int {
	n, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil {
		return 1
	}
	return max(n, 1)
}

// facts is the line below the verdict: how much is watched.
func (l *look) facts() string {
	operations := 0
	for _, a := range l.apis {
		operations += len(a.probes)
	}
	return fmt.Sprintf("%s, %s", count(len(l.apis), "API"), count(operations, "operation"))
}

// fillRows puts the APIs of one page into the content, by group.
func (s *site) fillRows(ctx context.Context, l *look, c *overviewContent, number int) error {
	found := l.search(c.Search)
	c.Found = len(found)
	first := min((number-1)*rowsOnPage, max(0, (len(found)-1)/rowsOnPage*rowsOnPage))
	last := min(first+rowsOnPage, len(found))
	if first > 0 {
		c.Newer = overviewLink(c.Search, first/rowsOnPage)
	}
	if last < len(found) {
		c.Older = overviewLink(c.Search, first/rowsOnPage+2)
	}
	for _, a := range found[first:last] {
		row, err := s.row(ctx, a, l.now)
		if err != nil {
			return err
		}
		if n := len(c.Groups); n == 0 || c.Groups[n-1].Name != a.group {
			c.Groups = append(c.Groups, groupRows{Name: a.group, State: a.state})
		}
		g := &c.Groups[len(c.Groups)-1]
		g.State = max(g.State, a.state)
		g.Rows = append(g.Rows, row)
	}
	for i := range c.Groups {
		g := &c.Groups[i]
		g.Open = len(found) <= alwaysOpen || g.State > learning || c.Search != ""
		g.Summary = g.summary()
	}
	return nil
}

// search returns the APIs whose name, group or owner contains a text, group
// by group: the group with the worst API first.
func (l *look) search(text string) (found []*watchedAPI) {
	worst := map[string]state{}
	for _, a := range l.apis {
		if text == "" || containsFold(a.name, text) || containsFold(a.group, text) || containsFold(a.owner, text) {
			found = append(found, a)
			worst[a.group] = max(worst[a.group], a.state)
		}
	}
	slices.SortStableFunc(found, func(a, b *watchedAPI) int {
		return cmp.Or(-cmp.Compare(worst[a.group], worst[b.group]), cmp.Compare(a.group, b.group))
	})
	return found
}

func containsFold(s, part string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(part))
}

func overviewLink(search string, number int) string {
	q := url.Values{}
	if search != "" {
		q.Set("q", search)
	}
	if number > 1 {
		q.Set("page", strconv.Itoa(number))
	}
	if len(q) == 0 {
		return "/"
	}
	return "/?" + q.Encode()
}

// row tells one API in a line.
func (s *site) row(ctx context.Context, a *watchedAPI, now time.Time) (apiRow, error) {
	var hours []contracts.Hour
	since := now.UTC().Truncate(time.Hour).Add(-(dayHours - 1) * time.Hour)
	for _, p := range a.probes {
		h, err := s.Source.Hours(ctx, p.ID, since)
		if err != nil {
			return apiRow{}, fmt.Errorf("hours of %s: %w", p.ID, err)
		}
		hours = append(hours, h...)
	}
	last := a.lastCheck()
	row := apiRow{
		Name: a.name, Link: apiLink(a.name), State: a.state, Word: a.word(), Note: a.note(),
		Spark: sparkline(hours, now), Deadline: a.nextDeadline(now), Checked: moment{last.At, now},
	}
	var err error
	if row.History, err = s.history90(ctx, a, now); err != nil {
		return apiRow{}, err
	}
	if last.Class == probes.Valid {
		row.Latency = latency(last.Latency)
		if last.Items >= 0 && len(a.probes) == 1 {
			row.Items = count(int(last.Items), "item")
		}
	}
	return row, nil
}

func apiLink(name string) string { return "/apis/" + url.PathEscape(name) }

func incidentLink(id string) string { return "/incidents/" + url.PathEscape(id) }

// word is the API's state; a failing one says more exactly how.
func (a *watchedAPI) word() string {
	if a.state != failing {
		return a.state.Word()
	}
	for _, p := range a.probes {
		if p.state == failing && p.last.Class.Answered() {
			return failing.Word()
		}
	}
	return "unreachable"
}

// note is the line below an API's name: what to know beyond its state.
func (a *watchedAPI) note() string {
	for _, p := range a.probes {
		if p.state == failing && a.state == failing {
			return clip(120, p.last.Problem)
		}
	}
	if a.state == learning {
		return a.learningNote()
	}
	if len(a.probes) > 1 {
		return count(len(a.probes), "operation")
	}
	return clip(80, a.probes[0].Operation)
}

func (a *watchedAPI) learningNote() string {
	least := learnedAfter
	for _, p := range a.probes {
		if p.state == learning {
			least = min(least, p.valid)
		}
	}
	return fmt.Sprintf("learning: %d of about %d answers seen", least, learnedAfter)
}

// summary tells a group while it is folded.
func (g groupRows) summary() string {
	var n [numStates]int
	for _, r := range g.Rows {
		n[r.State]++
	}
	if n[agreed] == len(g.Rows) {
		return count(len(g.Rows), "API") + ", all as agreed"
	}
	parts := []string{}
	for s := numStates; s > 0; s-- {
		if k := n[s-1]; k > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", k, (s-1).Word()))
		}
	}
	return count(len(g.Rows), "API") + ": " + strings.Join(parts, ", ")
}
