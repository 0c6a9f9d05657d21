package shape_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"shapewatch/contracts/shape"
)

// TestFormats_AndTheirNearMisses has a line for each format: what is one, and
// what only looks like one and is something else.
func TestFormats_AndTheirNearMisses(t *testing.T) {
	for format, texts := range map[string][]string{
		"date-time":       {"2026-03-01T12:00:00Z", "2026-03-01 12:00:00.123+01:00", "2024-02-29T23:59:60Z", "2026-03-01t12:00:00z", "2026-03-01T12:00:00+0100", "2026-03-01T12:00:00-05"},
		"date-time-local": {"2026-03-01T12:00:00", "2026-03-01 12:00:00.5"},
		"date":            {"2026-03-01", "2024-02-29", "2000-02-29"},
		"time":            {"23:59:59", "23:59:60", "12:00:00Z", "12:00:00.25+02:00"},
		"duration":        {"P3D", "PT1.5S", "P1Y2M3DT4H5M6S", "P4W"},
		"http-date":       {"Sun, 06 Nov 1994 08:49:37 GMT"},
		"uuid":            {"c0c9a7c2-4f0e-11ee-be56-0242ac120002", "F47AC10B-58CC-4372-A567-0E02B2C3D479", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f", "00000000-0000-0000-0000-000000000000"},
		"ulid":            {"01ARZ3NDEKTSV4RRFFQ69G5FAV"},
		"email":           {"a@b.example", "first.last+tag@sub.example.org"},
		"uri":             {"https://example.com/a?b=c#d", "urn+x://y", "https://example.com/" + strings.Repeat("a", 200)},
		"uri-reference":   {"/v1/charges", "/" + strings.Repeat("a", 200)},
		"hostname":        {"api.example.com", "xn--bcher-kva.example"},
		"ipv4":            {"192.0.2.1", "0.0.0.0", "255.255.255.255"},
		"ipv6":            {"2001:db8::1", "::1", "1::", "1:2:3:4:5:6:7:8"},
		"base64":          {"aGVsbG8gd29ybGQhISE+Lw==", "YWJjZGVmZ2hpamtsbW5vcDEyMw"},
		"hex":             {"9e107d9d372bb6826bd81d3542a419d6", "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709"},
		"jwt":             {"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U", "eyJ" + strings.Repeat("a", 200) + ".b.c"},
		"semver":          {"1.2.3", "v1.2.3", "1.0.0-rc.1+build.5", "0.0.0-20260301"},
		"currency":        {"EUR", "JPY"},
		"country":         {"DE", "US"},
		"locale":          {"en-US", "pt_BR"},
		"decimal":         {"12.50", "-0.1", "1.2"},
		"integer":         {"0", "-17", "12345678901234567890123"},
		"boolean":         {"true", "False", "TRUE"},
		"json":            {`{"a":1}`, `[1,{"b":"ü"}]`, `[]`},
		"html":            {"<p>hi</p>", "one<br>two", "<b/>"},
		"phone":           {"+4915112345678", "+1 (202) 555-0100", "(202) 555-0100"},
		"color":           {"#fff", "#F29513", "#11223344"},
		"slug":            {"hello-world", "in_progress", "cus_short", "g47ac10b-58cc-4372-a567-0e02b2c3d479"},
		"prefixed-id":     {"cus_9s6XKzkNRiz8i3", "sk_test_4eC39HqLyjWD"},
		"media-type":      {"application/json", "image/svg+xml"},
		"": {
			"open", "Found a bug", "ü", "12:00", "24:00:00", "12:60:00", "2026-02-29", "1900-02-29", "2026-13-01", "2026-3-1", "01/02/2026", "2026-03-01T25:00:00Z", "2026-03-01X12:00:00Z", "2026-03-01T12:00:00+25:00",
			"P", "P1", "P1S", "PASS", "8ZZZZZZZZZZZZZZZZZZZZZZZZZ", "01ARZ3NDEKTSV4RRFFQ69G5FAU", "a@b", "@b.example", "a@b@c.example", "a b@c.example",
			"://x", "http:/x", "README.md", "index.html", "example", "-a.example", "256.0.0.1", "1.2.3.4.5", "01.2.3.4", "1:2:3:4:5:6:7", ":1:2:3:4:5:6:7", "1::2::3", "12345::", "aa:bb:cc:dd:ee:ff",
			"deadbeef", "DEADBEEF", "eyJ.a.b", "v1.2", "1.02.3", "XYZ", "usd", "us", "en-XX", "EN-us", "1.", "-", "+", "tRUE", "yes", `{"a":}`, `{a}`, "[x]", "<", "a < b > c", "+49", "#ggg", "#12345",
			"-a-", "a--b", "Hello-World", "text/", "and/or", "application/a/b", "=", "====", "a=b", strings.Repeat("word ", 60), strings.Repeat("ab", 80) + "g",
		},
	} {
		for _, text := range texts {
			if got := formatOf(t, text); got != format {
				t.Errorf("%q is %q, want %q", text, got, format)
			}
		}
	}
}

func formatOf(t *testing.T, text string) string {
	t.Helper()
	body, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	s := shape.New(shape.Limits{})
	observe(t, s, string(body))
	f, _ := s.Field("")
	if len(f.Formats) != 1 || f.Formats[0].Share != 1 {
		t.Fatalf("%q: %+v", text, f.Formats)
	}
	return f.Formats[0].Format
}

func TestFormats_TellTheVersionOfAUUIDWhileItIsOne(t *testing.T) {
	s := shape.New(shape.Limits{})
	observe(t, s, `{"id":"f47ac10b-58cc-4372-a567-0e02b2c3d479"}`)
	if f, _ := s.Field("/id"); f.Formats[0].Detail != "v4" {
		t.Errorf("%+v", f.Formats)
	}
	observe(t, s, `{"id":"017f22e2-79b0-7cc3-98c4-dc0c0c07398f"}`)
	if f, _ := s.Field("/id"); len(f.Formats) != 1 || f.Formats[0].Detail != "" || f.Formats[0].Count != 2 {
		t.Errorf("%+v", f.Formats)
	}
}

// TestFormats_OfEpochTimes: an integer is a time when nearly all of them are
// within ten years of when they were seen, in one unit.
func TestFormats_OfEpochTimes(t *testing.T) {
	for body, want := range map[string]string{
		`[1772366400,1772366401]`:                   "epoch-s",
		`[1772366400000]`:                           "epoch-ms",
		`[1772366400000000]`:                        "epoch-us",
		`[1772366400000000000]`:                     "epoch-ns",
		`[1000000000]`:                              "", // 2001
		`[2147483647]`:                              "", // 2038
		`[1772366400,5,6]`:                          "", // by chance
		`[1772366400.5]`:                            "",
		`["1772366400"]`:                            "integer",
		`[-1772366400]`:                             "",
		`[9223372036854775807,9223372036854775806]`: "",
	} {
		s := shape.New(shape.Limits{})
		observe(t, s, body)
		got := ""
		if f, _ := s.Field("/[]"); len(f.Formats) > 0 {
			got = f.Formats[0].Format
		}
		if got != want {
			t.Errorf("%s is %q, want %q", body, got, want)
		}
	}
	s := shape.New(shape.Limits{})
	if err := s.Observe([]byte(`{"at":1000000000}`), time.Unix(1_000_000_500, 0)); err != nil {
		t.Fatal(err)
	}
	if f, _ := s.Field("/at"); len(f.Formats) != 1 || f.Formats[0].Format != "epoch-s" {
		t.Errorf("a time of its time: %+v", f.Formats)
	}
}
