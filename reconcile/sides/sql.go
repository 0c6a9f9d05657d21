package sides

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"shapewatch/probes"
	"shapewatch/reconcile"
)

// SQLOptions say what is read from which database.
type SQLOptions struct {
	DSN     string   // postgres://…, mysql://user:password@host/database, sqlite:path; a secret
	Query   string   // one SELECT without a semicolon
	Columns []string // of the query, in the order of a row's cells
	Rules   []reconcile.Rule
	Keys    int  // how many of the columns are the key
	Updated bool // the last column is the time of the last change
	Right   bool // which side it is
}

// A dialect is what one kind of database writes in a way of its own.
type dialect struct {
	name    string
	open    func(dsn string, dial dialer) (*sql.DB, error)
	session []string // statements at the start of a transaction
	isolate sql.IsolationLevel
	quote   func(name string) string
	text    func(column string) string
	odd     func(column, kind string) string // the text of a type that text would spoil; "" for others; nil for none
	sums    *summing                         // nil when it cannot sum up
}

type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// A SQLSide is the answer to a query, read in one transaction that may change
// nothing.
type SQLSide struct {
	SQLOptions
	meter
	dialect *dialect
	hide    *probes.Redactor
	db      *sql.DB
	tx      *sql.Tx
	types   []string // of the columns, as the database names them; nil until known
}

// SQL returns a side that has no connection open yet, or an error that says
// what is wrong with the options.
func SQL(o SQLOptions) (*SQLSide, error) {
	d, err := dialectOf(o.DSN)
	if err != nil {
		return nil, err
	}
	o.Query = strings.TrimRight(strings.TrimSpace(o.Query), "; \t\r\n")
	if o.Query == "" {
		return nil, errors.New("no query")
	}
	return &SQLSide{SQLOptions: o, dialect: d, hide: probes.NewRedactor(secretsOf(o.DSN)...)}, nil
}

// CheckDSN says what is wrong with the name of a database, without connecting.
func CheckDSN(dsn string) error {
	_, err := dialectOf(dsn)
	return err
}

func dialectOf(dsn string) (*dialect, error) {
	scheme, _, _ := strings.Cut(dsn, ":")
	switch scheme {
	case "postgres", "postgresql":
		return &postgres, nil
	case "mysql":
		return &mysqlDialect, nil
	case "sqlite":
		return &sqlite, nil
	}
	return nil, errors.New("a database is postgres://…, mysql://… or sqlite:path")
}

// secretsOf are the parts of a DSN that no output may show.
func secretsOf(dsn string) []string {
	secrets := []string{dsn}
	if _, rest, ok := strings.Cut(dsn, "://"); ok {
		if at := strings.LastIndexByte(rest, '@'); at >= 0 {
			if _, password, ok := strings.Cut(rest[:at], ":"); ok {
				secrets = append(secrets, password)
			}
		}
	}
	return secrets
}

// begin opens the one transaction of a run.
func (s *SQLSide) begin(ctx context.Context) (err error) {
	if s.tx != nil {
		return nil
	}
	if s.db == nil {
		if s.db, err = s.dialect.open(s.DSN, s.dial); err != nil {
			return s.refused(err)
		}
		s.db.SetMaxOpenConns(1)
	}
	if s.tx, err = s.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: s.dialect.isolate}); err != nil {
		s.tx = nil
		return s.refused(err)
	}
	for _, statement := range s.dialect.session {
		if _, err := s.tx.ExecContext(ctx, statement); err != nil {
			return s.refused(err)
		}
	}
	return nil
}

// refused is an error of the database: nobody answered.
func (s *SQLSide) refused(err error) error { return asProblem(err, probes.Unreachable, s.hide) }

// failed is an error of the database about what was asked.
func (s *SQLSide) failed(err error) error {
	var network net.Error
	if errors.As(err, &network) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return s.refused(err)
	}
	return asProblem(err, probes.Status, s.hide)
}

// Close ends the transaction and the connection.
func (s *SQLSide) Close() error {
	var err error
	if s.tx != nil {
		if err = s.tx.Rollback(); errors.Is(err, sql.ErrTxDone) {
			err = nil
		}
		s.tx = nil
	}
	if s.db != nil {
		err = errors.Join(err, s.db.Close())
		s.db = nil
	}
	return err
}

// Rows hands over the query's rows, those of a part if the database can tell
// them.
func (s *SQLSide) Rows(ctx context.Context, part *reconcile.Part, yield func([]reconcile.Cell) error) error {
	statement, err := s.selection(ctx, part)
	if err != nil {
		return err
	}
	if err := s.begin(ctx); err != nil { // after the statement: who asks for types may have ended the transaction
		return err
	}
	rows, err := s.tx.QueryContext(ctx, statement)
	if err != nil {
		return s.failed(err)
	}
	defer rows.Close()
	into, cells := make([]any, len(s.Columns)), make([]reconcile.Cell, len(s.Columns))
	values := make([]sql.NullString, len(s.Columns))
	for i := range values {
		into[i] = &values[i]
	}
	for n := 0; rows.Next(); n++ {
		if n >= maxRows {
			return &Problem{Class: probes.OverLimit, Text: errTooMany.Error()}
		}
		if err := rows.Scan(into...); err != nil {
			return s.failed(err)
		}
		for i, v := range values {
			cells[i] = reconcile.Cell{Text: v.String}
			if !v.Valid {
				cells[i].State = reconcile.Null
			}
			if s.local() {
				s.bytes.Add(int64(len(v.String)))
			}
		}
		if err := yield(cells); err != nil {
			return fmt.Errorf("%w: %w", errOurs, err)
		}
	}
	if err := rows.Err(); err != nil {
		return s.failed(err)
	}
	return nil
}

// local reports a database that is a file: what is read of it is counted by
// cells, not on the wire.
func (s *SQLSide) local() bool { return s.dialect.name == sqlite.name }

// text is a column as text. Where a dialect has odd types they are known by now.
func (s *SQLSide) text(i int) string {
	column := "q." + s.dialect.quote(s.Columns[i])
	if s.dialect.odd != nil {
		if text := s.dialect.odd(column, s.types[i]); text != "" {
			return text
		}
	}
	return s.dialect.text(column)
}

func (s *SQLSide) selection(ctx context.Context, part *reconcile.Part) (statement string, err error) {
	if s.dialect.odd != nil {
		if err := s.know(ctx); err != nil {
			return "", err
		}
	}
	var columns []string
	for i := range s.Columns {
		columns = append(columns, s.text(i))
	}
	statement = "SELECT " + strings.Join(columns, ", ") + " FROM (" + s.Query + ") AS q"
	if part == nil {
		return statement, nil
	}
	if where, able := s.within(ctx, part); able {
		statement += " WHERE " + where
	}
	return statement, nil
}

// dial connects and counts what comes.
func (s *SQLSide) dial(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: 10 * time.Second}
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &metered{conn, &s.meter}, nil
}

type metered struct {
	net.Conn
	*meter
}

func (m *metered) Read(b []byte) (int, error) {
	n, err := m.Conn.Read(b)
	m.bytes.Add(int64(n))
	return n, err
}
