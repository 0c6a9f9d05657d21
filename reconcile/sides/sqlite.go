package sides

import (
	"database/sql"
	"net/url"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// sqlite is a file of SQLite, opened so that nothing can change it. It is read
// here, so there is nowhere else to sum it up.
var sqlite = dialect{
	name: "sqlite",
	open: func(dsn string, _ dialer) (*sql.DB, error) {
		path := (&url.URL{Scheme: "file", Opaque: url.PathEscape(strings.TrimPrefix(dsn, "sqlite:"))}).String()
		path = strings.ReplaceAll(path, "%2F", "/")
		return sql.Open("sqlite", path+"?mode=ro&_pragma=query_only(1)&_pragma=busy_timeout(5000)")
	},
	quote: func(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` },
	text:  func(column string) string { return "CAST(" + column + " AS TEXT)" },
}
