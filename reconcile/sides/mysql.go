package sides

import (
	"database/sql"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// mysqlDialect is MySQL 8 and MariaDB.
var mysqlDialect = dialect{
	name: "mysql",
	open: openMySQL,
	// A backslash is an escape in the texts that we write, whatever the server says.
	session: []string{"SET time_zone = '+00:00', sql_mode = REPLACE(@@sql_mode, 'NO_BACKSLASH_ESCAPES', '')"},
	isolate: sql.LevelRepeatableRead,
	quote:   func(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" },
	text:    mysqlText,
	odd:     mysqlOdd,
	sums: &summing{
		number: mysqlNumber,
		moment: mysqlMoment,
		whole:  func(text string) string { return "CAST(" + text + " AS SIGNED)" },
		cell:   func(text string) string { return "COALESCE(CONCAT(LENGTH(" + text + "), ':', " + text + "), '-')" },
		concat: func(texts []string) string { return "CONCAT(" + strings.Join(texts, ", ") + ")" },
		bucket: func(key string) string { return "CAST(CONV(SUBSTR(MD5(" + key + "), 1, 3), 16, 10) AS UNSIGNED)" },
		hash:   func(row string) string { return "CAST(CONV(SUBSTR(MD5(" + row + "), 1, 15), 16, 10) AS UNSIGNED)" },
		swap: func(text string, values map[string]string) string {
			return swap("BINARY "+text, text, values, func(s string) string { return quoteStandard(strings.ReplaceAll(s, `\`, `\\`)) })
		},
	},
}

func openMySQL(dsn string, dial dialer) (*sql.DB, error) {
	u, err := url.Parse(dsn)
	if err != nil {
		return nil, fmt.Errorf("mysql://user:password@host:port/database: not a URL")
	}
	config := mysql.NewConfig()
	config.User, config.Net, config.Addr = u.User.Username(), "tcp", u.Host
	config.Passwd, _ = u.User.Password()
	config.DBName = strings.TrimPrefix(u.Path, "/")
	if u.Port() == "" {
		config.Addr += ":3306"
	}
	if socket := u.Query().Get("socket"); socket != "" {
		config.Net, config.Addr = "unix", socket
	}
	config.TLSConfig = u.Query().Get("tls")
	config.Collation = "utf8mb4_bin"
	config.DialFunc = dial
	config.Logger = &mysql.NopLogger{} // what goes wrong is returned
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

func mysqlText(column string) string { return "CAST(" + column + " AS CHAR CHARACTER SET utf8mb4)" }

// mysqlOdd is the text of what is no text. Bytes would lose whatever is no
// UTF-8, so they are written in hex, as PostgreSQL writes them; bits are a number.
func mysqlOdd(column, kind string) string {
	switch kind {
	case "BINARY", "VARBINARY", "TINYBLOB", "BLOB", "MEDIUMBLOB", "LONGBLOB":
		return mysqlText(`CONCAT('\\x', LOWER(HEX(` + column + ")))")
	case "BIT":
		return mysqlText("(" + column + " + 0)")
	}
	return ""
}

// mysqlNumber is a number in its plain form. It is never cast to a DECIMAL of
// another size: what does not fit would become the largest that does.
func mysqlNumber(column string, minor int) string {
	number := "(" + column + " + 0)" // without the zeros of ZEROFILL
	if minor > 0 {
		number = "(" + column + " * 0." + strings.Repeat("0", minor-1) + "1)" // a decimal; 1e-2 would be a floating number
	}
	text := mysqlText(number)
	return "IF(LOCATE('.', " + text + ") > 0, TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM " + text + ")), " + text + ")"
}

// mysqlMoment is a time in microseconds since 1970, rounded down; the session
// is in UTC, and zones need tables that a server may not have. It divides
// nothing: a quotient is rounded. A day that is none stays a text.
func mysqlMoment(column, kind string, zone *time.Location, precision time.Duration) string {
	switch strings.ToUpper(kind) {
	case "TIMESTAMP":
	case "DATETIME", "DATE":
		if zone != nil && zone.String() != "UTC" {
			return ""
		}
	default:
		return ""
	}
	micros, step := "TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', "+column+")", max(precision.Microseconds(), 1)
	if step > 1 {
		micros = fmt.Sprintf("(%s - MOD(MOD(%s, %d) + %d, %d))", micros, micros, step, step, step)
	}
	return "COALESCE(" + mysqlText(micros) + ", " + mysqlText(column) + ")"
}
