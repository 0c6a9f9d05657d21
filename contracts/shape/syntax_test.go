package shape_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"shapewatch/contracts/shape"
)

func TestSyntax_BecomesJSONText(t *testing.T) {
	for name, test := range map[string]struct {
		as         shape.Syntax
		body, want string
	}{
		"an element of text":         {shape.XML, `<a> x </a>`, `{"a":"x"}`},
		"an empty root":              {shape.XML, `<a/>`, `{"a":{}}`},
		"once and often":             {shape.XML, `<a><b>1</b><c>2</c><b>3</b></a>`, `{"a":{"b":["1","3"],"c":["2"]}}`},
		"attributes of an element":   {shape.XML, `<a id="1"><b x="2"/></a>`, `{"a":{"@id":"1","b":[{"@x":"2"}]}}`},
		"attributes beside a text":   {shape.XML, `<a><p c="EUR">9</p><p>8</p></a>`, `{"a":{"p":["9","8"],"p@c":["EUR"]}}`},
		"attributes of a text root":  {shape.XML, `<a x="1">t</a>`, `{"a":{"@x":"1","#text":"t"}}`},
		"an empty element":           {shape.XML, `<a><b/><b></b><b> </b></a>`, `{"a":{"b":[]}}`},
		"nil":                        {shape.XML, `<a xmlns:xsi="u"><b xsi:nil="true"/></a>`, `{"a":{"b":[null]}}`},
		"mixed content":              {shape.XML, `<a>x<b>1</b>y</a>`, `{"a":{"#text":"xy","b":["1"]}}`},
		"prefixes and namespaces":    {shape.XML, `<s:E xmlns:s="u" xmlns="v"><s:B a:b="1" xmlns:a="w"/></s:E>`, `{"s:E":{"s:B":[{"@a:b":"1"}]}}`},
		"character data":             {shape.XML, `<a><![CDATA[<&"\]]></a>`, `{"a":"<&\"\\"}`},
		"characters by number":       {shape.XML, `<a>&#x1F600;&amp;&#10;x</a>`, `{"a":"😀&\u000ax"}`},
		"a mark, comments, a prolog": {shape.XML, "\ufeff<?xml version=\"1.0\"?><!-- c --><a>1</a><!-- d -->", `{"a":"1"}`},
		"Latin-1":                    {shape.XML, "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xfc</a>", `{"a":"ü"}`},

		"a table":                 {shape.CSV, "id,name\n1,x\n2,y\n", `[{"id":"1","name":"x"},{"id":"2","name":"y"}]`},
		"a header alone":          {shape.CSV, "id,name\n", `[]`},
		"no header":               {shape.CSV, "1,2026-03-01\n2,2026-03-02\n", `[{"column1":"1","column2":"2026-03-01"},{"column1":"2","column2":"2026-03-02"}]`},
		"a name twice":            {shape.CSV, "a,a\n1,2\n", `[{"column1":"a","column2":"a"},{"column1":"1","column2":"2"}]`},
		"semicolons":              {shape.CSV, "a;b\n1,5;2\n", `[{"a":"1,5","b":"2"}]`},
		"tabs":                    {shape.CSV, "a\tb\n1\t2\n", `[{"a":"1","b":"2"}]`},
		"bars":                    {shape.CSV, "a|b\n1|2\n", `[{"a":"1","b":"2"}]`},
		"one column":              {shape.CSV, "a\nx\n", `[{"a":"x"}]`},
		"quotes":                  {shape.CSV, "a,b\n\"x\ny\",\"\"\"q\"\"\"\n", `[{"a":"x\u000ay","b":"\"q\""}]`},
		"short and long lines":    {shape.CSV, "a,b\n1\n1,2,3\n", `[{"a":"1"},{"a":"1","b":"2","column3":"3"}]`},
		"empty fields":            {shape.CSV, "a,b\n,\n", `[{"a":"","b":""}]`},
		"a mark and line ends":    {shape.CSV, "\ufeffa,b\r\n1,2\r\n", `[{"a":"1","b":"2"}]`},
		"lines":                   {shape.Lines, "{\"a\":1}\n\n[2]\r\n 3", `[{"a":1},[2],3]`},
		"lines without ends":      {shape.Lines, `{}{}`, `[{},{}]`},
		"a sequence with marks":   {shape.Lines, "\x1e{}\n\x1e{}\n", `[{},{}]`},
		"no lines":                {shape.Lines, " \n", `[]`},
		"JSON stays what it is":   {shape.JSON, ` {"a":` + "\n1}", ` {"a":` + "\n1}"},
		"JSON that is none stays": {shape.JSON, `{"a"`, `{"a"`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := test.as.JSON([]byte(test.body), shape.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(got)); diff != "" {
				t.Error(diff)
			}
			if test.as != shape.JSON && !json.Valid(got) {
				t.Error("no JSON")
			}
		})
	}
}

// TestSyntax_GivesEveryBadBodyItsOutcome: where it goes wrong, and why.
func TestSyntax_GivesEveryBadBodyItsOutcome(t *testing.T) {
	for name, test := range map[string]struct {
		as         shape.Syntax
		body, want string
	}{
		"no element":           {shape.XML, ` `, `not XML at byte 1, path "": the text ends before an element`},
		"text":                 {shape.XML, `x`, `not XML at byte 1, path "": text outside the root element`},
		"cut":                  {shape.XML, `<a><b>1`, `not XML at byte 7, path "/a/b": the text ends inside the element b`},
		"cut in a tag":         {shape.XML, `<a><b c="`, `not XML at byte 9, path "/a": unexpected EOF`},
		"two roots":            {shape.XML, `<a/><b/>`, `not XML at byte 8, path "": a second root element, b`},
		"wrong end":            {shape.XML, `<a></b>`, `not XML at byte 7, path "/a": </b> closes nothing that is open`},
		"a type declaration":   {shape.XML, `<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>`, `not XML at byte 40, path "": a document type declaration is refused, and so are the entities it could define`},
		"a billion laughs":     {shape.XML, `<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><a>&d;</a>`, `not XML at byte 50, path "": a document type declaration is refused, and so are the entities it could define`},
		"an entity of its own": {shape.XML, `<a>&b;</a>`, `not XML at byte 6, path "/a": invalid character entity &b;`},
		"invalid UTF-8":        {shape.XML, "<a>\xff</a>", `not XML at byte 4, path "/a": invalid UTF-8`},
		"another encoding":     {shape.XML, `<?xml version="1.0" encoding="utf-16"?><a/>`, `not XML at byte 39, path "": xml: opening charset "utf-16": encoding "utf-16": only UTF-8 and ISO-8859-1 are read`},
		"too deep":             {shape.XML, strings.Repeat("<a>", 33), `over limit at path "` + strings.Repeat("/a", 32) + `": elements nested deeper than 32`},

		"no line":          {shape.CSV, ``, `not CSV at byte 0, path "": the text ends before a line`},
		"an open quote":    {shape.CSV, "a,b\n1,\"2\n", `not CSV at byte 9, path "": line 2: extraneous or missing " in quoted-field`},
		"a stray quote":    {shape.CSV, "a,b\n1,2\"3\n", `not CSV at byte 10, path "": line 2: bare " in non-quoted-field`},
		"bytes in a table": {shape.CSV, "a,b\n1,\xff\n", `not CSV at byte 6, path "": invalid UTF-8`},
		"lines cut":        {shape.Lines, "{}\n{\"a\":", `not JSON at byte 8, path "/a": the text ends before a value`},
		"lines that break": {shape.Lines, "{}\nx\n{}", `not JSON at byte 3, path "": invalid value`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := test.as.JSON([]byte(test.body), shape.Limits{})
			if err == nil {
				t.Fatal("accepted")
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSniff_TellsByTheBeginning(t *testing.T) {
	for body, want := range map[string]shape.Syntax{
		"": shape.JSON, "\ufeff {": shape.JSON, "[1]": shape.JSON, `"a"`: shape.JSON, "17": shape.JSON, "null": shape.JSON,
		"<a/>": shape.XML, "\ufeff\n<?xml?>": shape.XML, "a,b\n1,2": shape.CSV, "1,2\n3,4": shape.CSV, "1;2": shape.CSV,
	} {
		if got := shape.Sniff([]byte(body)); got != want {
			t.Errorf("%q: %s, want %s", body, got, want)
		}
	}
}

func TestSyntaxOf_KnowsMediaTypes(t *testing.T) {
	for media, want := range map[string]shape.Syntax{
		"application/json": shape.JSON, "application/vnd.api+json": shape.JSON, "text/json": shape.JSON, "application/x-ndjson": shape.Lines,
		"application/jsonl": shape.Lines, "application/json-seq": shape.Lines, "application/xml": shape.XML, "application/atom+xml": shape.XML,
		"application/soap+xml": shape.XML, "text/csv": shape.CSV, "text/tab-separated-values": shape.CSV,
		"text/html": "", "application/xhtml+xml": "", "": "", "text/plain": "",
	} {
		if got := shape.SyntaxOf(media); got != want {
			t.Errorf("%s: %q, want %q", media, got, want)
		}
	}
}

// FuzzSyntax: what is accepted is JSON that a shape observes, or is over a
// limit; nothing panics.
func FuzzSyntax(f *testing.F) {
	for _, seed := range []string{"<a b='1'><c>2</c></a>", "a,b\n1,2\n", "a;b\n\"x\ny\";2", "{}\n[1]", "<a>&#0;</a>", "\ufeffa\tb", "<a:b xmlns:a=''/>", "<a \xff='1'/>"} {
		for as := range len(syntaxes) {
			f.Add(as, seed)
		}
	}
	f.Fuzz(func(t *testing.T, as int, body string) {
		text, err := syntaxes[max(as, -as)%len(syntaxes)].JSON([]byte(body), shape.Limits{})
		if err != nil {
			return
		}
		s := shape.New(shape.Limits{Depth: 250})
		if err := s.Observe(text, noon); err != nil {
			t.Errorf("%q became %q: %v", body, text, err)
		}
	})
}

var syntaxes = []shape.Syntax{shape.XML, shape.CSV, shape.Lines}
