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
	name:    "mysql",
	open:    openMySQL,
	session: []string{"SET time_zone = '+00:00'"},
	isolate: sql.LevelRepeatableRead,
	quote:   func(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" },
	text:    func(column string) string { return "CAST(" + column + " AS CHAR CHARACTER SET utf8mb4)" },
	sums: &summing{
		number: func(column string, minor int) string {
			if minor > 0 {
				column += " * 0." + strings.Repeat("0", minor-1) + "1" // a decimal; 1e-2 would be a floating number
			}
			return "TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST(CAST(" + column + " AS DECIMAL(65,30)) AS CHAR CHARACTER SET utf8mb4)))"
		},
		moment: mysqlMoment,
		cell:   func(text string) string { return "COALESCE(CONCAT(LENGTH(" + text + "), ':', " + text + "), '-')" },
		concat: func(texts []string) string { return "CONCAT(" + strings.Join(texts, ", ") + ")" },
		bucket: func(key string) string { return "CAST(CONV(SUBSTR(MD5(" + key + "), 1, 3), 16, 10) AS UNSIGNED)" },
		hash:   func(row string) string { return "CAST(CONV(SUBSTR(MD5(" + row + "), 1, 15), 16, 10) AS UNSIGNED)" },
		swap: func(text string, values map[string]string) string {
			return swap(text, values, func(s string) string { return quoteStandard(strings.ReplaceAll(s, `\`, `\\`)) })
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
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// mysqlMoment is a time in microseconds since 1970, rounded down; the session
// is in UTC, and zones need tables that a server may not have.
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
	step := max(precision.Microseconds(), 1)
	return fmt.Sprintf("CAST(FLOOR(TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', %s) / %d) * %d AS CHAR CHARACTER SET utf8mb4)", column, step, step)
}
