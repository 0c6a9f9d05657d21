package sides

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgres is PostgreSQL 13 and later.
var postgres = dialect{
	name: "postgres",
	open: func(dsn string, dial dialer) (*sql.DB, error) {
		config, err := pgx.ParseConfig(dsn)
		if err != nil {
			return nil, err
		}
		config.DialFunc = pgconn.DialFunc(dial)
		config.DefaultQueryExecMode = pgx.QueryExecModeExec // no statement is left behind, whatever pool is in between
		return stdlib.OpenDB(*config), nil
	},
	session: []string{"SET LOCAL TIME ZONE 'UTC'", "SET LOCAL DateStyle = 'ISO'"},
	isolate: sql.LevelRepeatableRead,
	quote:   func(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` },
	text:    func(column string) string { return column + "::text" },
	sums: &summing{
		number: func(column string, minor int) string {
			if minor == 0 {
				return "trim_scale(" + column + "::numeric)::text"
			}
			return fmt.Sprintf("trim_scale(%s::numeric * 1e-%d)::text", column, minor)
		},
		moment: postgresMoment,
		whole:  func(text string) string { return text + "::bigint" },
		cell: func(text string) string {
			return "coalesce(octet_length(" + text + ")::text || ':' || " + text + ", '-')"
		},
		concat: func(texts []string) string { return "(" + strings.Join(texts, " || ") + ")" },
		bucket: func(key string) string { return "('x' || substr(md5(" + key + "), 1, 3))::bit(12)::int" },
		hash:   func(row string) string { return "('x' || substr(md5(" + row + "), 1, 15))::bit(60)::bigint" },
		swap:   func(text string, values map[string]string) string { return swap(text, text, values, quoteStandard) },
	},
}

// postgresMoment is a time in microseconds since 1970, rounded down.
func postgresMoment(column, kind string, zone *time.Location, precision time.Duration) string {
	name := "UTC"
	if zone != nil {
		name = zone.String()
	}
	switch strings.ToUpper(kind) {
	case "TIMESTAMPTZ":
	case "TIMESTAMP", "DATE":
		column = "(" + column + "::timestamp AT TIME ZONE " + quoteStandard(name) + ")"
	default:
		return ""
	}
	step := max(precision.Microseconds(), 1)
	return fmt.Sprintf("(floor(extract(epoch from %s) * 1000000 / %d) * %d)::bigint::text", column, step, step)
}

// swap is a text as the other side calls it; of is the text as it is compared.
func swap(of, text string, values map[string]string, quote func(string) string) string {
	var b strings.Builder
	b.WriteString("CASE " + of)
	for _, from := range slices.Sorted(maps.Keys(values)) {
		b.WriteString(" WHEN " + quote(from) + " THEN " + quote(values[from]))
	}
	return b.String() + " ELSE " + text + " END"
}

// quoteStandard is a text in the quotes of standard SQL.
func quoteStandard(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
