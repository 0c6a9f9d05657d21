package probes

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// next is the request for the page after this one; more is false when there is
// none, or none that may be asked for, which page.Broken then explains.
func (r *pageReader) next(asked Probe, page *Page) (next Probe, more bool) {
	if page.Class != Valid || r.says(page) == "no" {
		return asked, false
	}
	switch r.By {
	case ByLink:
		return r.follow(asked, page, linkNext(page.Header))
	case ByNext:
		return r.follow(asked, page, textAt(page.Body, r.At))
	case ByCursor:
		cursor := textAt(page.Body, r.At)
		if cursor == "" || r.says(page) == "" && strings.Contains(r.At, "/-1") && r.short(page) {
			return asked, false
		}
		return r.turn(asked, page, cursor)
	}
	if len(page.Items) == 0 || r.short(page) {
		return asked, false
	}
	at := r.First + int64(page.Number)
	if r.By == ByOffset {
		at = r.First + r.count
	}
	return r.turn(asked, page, strconv.FormatInt(at, 10))
}

// says is "yes", "no", or "" when the answer does not say whether there is more.
func (r *pageReader) says(page *Page) string {
	if r.More != "" {
		switch raw, _, there := rawAt(page.Body, r.More); {
		case !there:
		case string(raw) == "false" || string(raw) == "null" || string(raw) == "0":
			return "no"
		default:
			return "yes"
		}
	}
	if page.Total >= 0 && (r.By == ByPage || r.By == ByOffset) {
		if r.count >= page.Total {
			return "no"
		}
		return "yes"
	}
	return ""
}

// short reports a page that is shorter than asked for, and that nothing says is
// not the last.
func (r *pageReader) short(page *Page) bool {
	return r.says(page) == "" && (len(page.Items) == 0 || r.size > 0 && int64(len(page.Items)) < r.size)
}

// turn puts a cursor or a number where the request carries it.
func (r *pageReader) turn(asked Probe, page *Page, value string) (next Probe, more bool) {
	if r.seen[value] {
		page.Broken = "the next page has the same cursor as one before: the list goes round in circles"
		return asked, false
	}
	r.seen[value] = true
	next = r.first
	if strings.HasPrefix(r.Param, "/") {
		var ok bool
		if next.Body, ok = withValue(next.Body, r.Param, value, r.By != ByCursor); !ok {
			page.Broken = "the request has no place for the cursor: see paginate: param"
			return asked, false
		}
		return next, true
	}
	u, err := url.Parse(next.URL)
	if err != nil {
		return asked, false // reported by the first page
	}
	query := u.Query()
	query.Set(r.Param, value)
	u.RawQuery = query.Encode()
	next.URL, next.Query = u.String(), next.Query.Clone()
	delete(next.Query, r.Param)
	return next, true
}

// follow goes to an address that the answer names, within the probe's origin
// and without secrets in it: those are added to every request anyway.
func (r *pageReader) follow(asked Probe, page *Page, address string) (next Probe, more bool) {
	if address == "" {
		return asked, false
	}
	here, err := url.Parse(asked.URL)
	if err != nil {
		return asked, false
	}
	there, err := here.Parse(address)
	switch {
	case err != nil:
		page.Broken = "the address of the next page cannot be read"
		return asked, false
	case !sameOrigin(here, there) || there.User != nil:
		page.Broken = "the address of the next page leads to " + readableHost(there) + ", which is not asked"
		return asked, false
	case r.seen[there.String()]:
		page.Broken = "the address of the next page is one that was read before: the list goes round in circles"
		return asked, false
	}
	r.seen[there.String()] = true
	there.Fragment = ""
	next = r.first
	next.URL, next.Query = taken(there, r.first.Query)
	return next, true
}

// taken is an address that an answer named, with the parameters that the probe
// adds to it. What the answer says wins, but for secrets, which were taken out
// of it.
func taken(there *url.URL, own http.Header) (address string, added http.Header) {
	query, added := there.Query(), own.Clone()
	for name, values := range query {
		if strings.Contains(strings.Join(values, ""), Redacted) {
			query.Del(name)
		} else {
			delete(added, name)
		}
	}
	there.RawQuery = query.Encode()
	return there.String(), added
}

// linkNext is the target of rel="next" in Link headers; "" when there is none.
func linkNext(header http.Header) string {
	for _, line := range header.Values("Link") {
		for line != "" {
			_, after, found := strings.Cut(line, "<")
			if !found {
				break
			}
			target, params, _ := strings.Cut(after, ">")
			params, line, _ = strings.Cut(params, "<")
			if isNext(params) {
				return target
			}
			line = "<" + line
			if line == "<" {
				break
			}
		}
	}
	return ""
}

// isNext reads ; rel="next" among the parameters of one link.
func isNext(params string) bool {
	for param := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(strings.TrimRight(strings.TrimSpace(param), ", "), "=")
		if !strings.EqualFold(strings.TrimSpace(name), "rel") {
			continue
		}
		for rel := range strings.FieldsSeq(strings.Trim(strings.TrimSpace(value), `"`)) {
			if strings.EqualFold(rel, "next") {
				return true
			}
		}
	}
	return false
}

// withValue is a JSON body with another value at a pointer: what counts is a
// number unless a text stands there, a cursor a text unless a number does.
func withValue(body []byte, pointer, value string, counts bool) (changed []byte, ok bool) {
	tokens := pointerTokens(pointer)
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var root map[string]any
	if len(tokens) == 0 || decoder.Decode(&root) != nil || root == nil {
		return body, false
	}
	at := root
	for _, token := range tokens[:len(tokens)-1] {
		below, isObject := at[token].(map[string]any)
		if !isObject {
			below = map[string]any{}
			at[token] = below
		}
		at = below
	}
	name := tokens[len(tokens)-1]
	_, isText := at[name].(string)
	_, isNumber := at[name].(json.Number)
	at[name] = value
	if isNumber || counts && !isText {
		at[name] = json.Number(value)
	}
	changed, err := json.Marshal(root)
	return changed, err == nil
}
