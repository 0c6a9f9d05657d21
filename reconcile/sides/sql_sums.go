package sides

import (
	"context"
	"database/sql"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"shapewatch/reconcile"
)

// A summing is how a database computes digests of rows where they are. Each
// expression is of a column, and what it yields is text; "" means that it cannot
// be said.
type summing struct {
	number func(column string, minor int) string
	moment func(column, kind string, zone *time.Location, precision time.Duration) string
	whole  func(text string) string    // a number of what [summing.moment] says, so that the latest is the highest
	cell   func(text string) string    // as [reconcile.AppendCell] writes it
	concat func(texts []string) string // one after the other
	bucket func(key string) string     // of the text of a key, a number
	hash   func(row string) string     // of the text of a row, a number below 2^60
	swap   func(text string, values map[string]string) string
}

// An expression is one cell in the database's own words. It is exact when it is
// the canonical text, and otherwise a text that is another one for another cell.
type expression struct {
	text  string
	exact bool
}

// expressions are the cells of a row; able is false when one cannot be said.
func (s *SQLSide) expressions(ctx context.Context) (all []expression, able bool) {
	if s.dialect.sums == nil || s.know(ctx) != nil {
		return nil, false // whoever reads the rows will say why
	}
	n := len(s.Columns)
	if s.Updated {
		n--
	}
	for i := range n {
		e := s.express(i)
		if e.text == "" {
			return nil, false
		}
		all = append(all, e)
	}
	return all, true
}

func (s *SQLSide) express(i int) expression {
	rule, column, kind := s.Rules[i], "q."+s.dialect.quote(s.Columns[i]), s.types[i]
	side, sums := rule.Left, s.dialect.sums
	if s.Right {
		side = rule.Right
	}
	text := s.text(i)
	if len(side.Values) > 0 {
		if rule.As != reconcile.Text {
			return expression{}
		}
		text = sums.swap(text, side.Values)
	}
	switch {
	case rule.As == reconcile.Number && isNumber(kind):
		return expression{sums.number(column, side.Minor), true}
	case rule.As == reconcile.Number && side.Minor != 0:
		return expression{}
	case rule.As == reconcile.Boolean && isWhole(kind) && len(side.Values) == 0:
		return expression{"CASE " + column + " WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE " + text + " END", true}
	case rule.As == reconcile.Time:
		return expression{sums.moment(column, kind, side.Zone, rule.Precision), true}
	case rule.As == reconcile.Date && !strings.EqualFold(kind, "date"):
		return expression{}
	case rule.As == reconcile.Text:
		return expression{text, !rule.IgnoreCase && !rule.Trim && rule.Form == reconcile.AsIs && !rule.EmptyIsNull}
	}
	return expression{text, false}
}

// isWhole reports a type whose values are whole numbers, or bits.
func isWhole(kind string) bool {
	kind = strings.ToUpper(kind)
	return kind == "BIT" || isNumber(kind) && kind != "NUMERIC" && kind != "DECIMAL"
}

// isNumber reports a type whose values are decimal numbers, exactly.
func isNumber(kind string) bool {
	kind = strings.TrimPrefix(strings.ToUpper(kind), "UNSIGNED ")
	for _, exact := range []string{"INT2", "INT4", "INT8", "NUMERIC", "DECIMAL", "INT", "BIGINT", "SMALLINT", "MEDIUMINT", "TINYINT"} {
		if kind == exact {
			return true
		}
	}
	return false
}

// know asks for the types of the columns, once, or says in the database's
// words why they cannot be known.
func (s *SQLSide) know(ctx context.Context) error {
	if s.types != nil {
		return nil
	}
	if err := s.begin(ctx); err != nil {
		return err
	}
	types, err := s.ask(ctx)
	if err != nil {
		s.abandon()
		return s.failed(err)
	}
	for _, t := range types {
		s.types = append(s.types, t.DatabaseTypeName())
	}
	return nil
}

func (s *SQLSide) ask(ctx context.Context) ([]*sql.ColumnType, error) {
	var columns []string
	for _, name := range s.Columns {
		columns = append(columns, "q."+s.dialect.quote(name))
	}
	rows, err := s.tx.QueryContext(ctx, "SELECT "+strings.Join(columns, ", ")+" FROM ("+s.Query+") AS q LIMIT 0")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err == nil && len(types) != len(columns) {
		err = fmt.Errorf("%d columns where %d were asked for", len(types), len(columns))
	}
	return types, err
}

// abandon ends a transaction in which something failed, so that rows can be
// read in another.
func (s *SQLSide) abandon() {
	_ = s.tx.Rollback() // it is over in any case
	s.tx = nil
}

func texts(all []expression) (list []string) {
	for _, e := range all {
		list = append(list, e.text)
	}
	return list
}

// key is the text of the key.
func (s *SQLSide) key(all []expression) string {
	var cells []string
	for _, text := range texts(all[:s.Keys]) {
		cells = append(cells, s.dialect.sums.cell(text))
	}
	return s.dialect.sums.concat(cells)
}

// within is a condition for the rows of a part.
func (s *SQLSide) within(ctx context.Context, part *reconcile.Part) (where string, able bool) {
	all, able := s.expressions(ctx)
	if !able {
		return "", false
	}
	var buckets []string
	for b := range reconcile.Buckets {
		if part.Has(b) {
			buckets = append(buckets, strconv.Itoa(b))
		}
	}
	if len(buckets) == 0 {
		return "1 = 0", true
	}
	return s.dialect.sums.bucket(s.key(all)) + " IN (" + strings.Join(buckets, ",") + ")", true
}

// exactKey reports that the database puts a key into the bucket that we do.
func (s *SQLSide) exactKey(all []expression) bool {
	for _, e := range all[:s.Keys] {
		if !e.exact {
			return false
		}
	}
	return true
}

// Sums asks for the digest of each bucket.
func (s *SQLSide) Sums(ctx context.Context, part *reconcile.Part) (*reconcile.Sums, bool, error) {
	all, able := s.expressions(ctx)
	if !able || part != nil && !s.exactKey(all) {
		return nil, false, nil
	}
	if s.begin(ctx) != nil { // the types may be known from a transaction that was abandoned
		return nil, false, nil
	}
	rows, err := s.tx.QueryContext(ctx, s.summary(all, part))
	if err != nil {
		s.abandon() // an old release, or a value that is not of its type: its rows are read instead
		return nil, false, nil
	}
	defer rows.Close()
	var sums reconcile.Sums
	for rows.Next() {
		var bucket, count int64
		var sum string
		var newest *string
		if err := rows.Scan(&bucket, &count, &sum, &newest); err != nil {
			return nil, false, s.failed(err)
		}
		n, ok := new(big.Int).SetString(sum, 10)
		if !ok || bucket < 0 || bucket >= reconcile.Buckets || n.BitLen() > 127 {
			return nil, false, s.failed(fmt.Errorf("a digest that is none"))
		}
		low := new(big.Int).And(n, new(big.Int).SetUint64(^uint64(0)))
		sums.Of[bucket] = reconcile.Digest{Rows: count, Hi: n.Rsh(n, 64).Uint64(), Lo: low.Uint64()}
		s.note(&sums, newest)
	}
	if err := rows.Err(); err != nil {
		s.abandon()
		return nil, false, nil
	}
	return &sums, true, nil
}

// note keeps the newest of the last changes.
func (s *SQLSide) note(sums *reconcile.Sums, newest *string) {
	if newest == nil {
		return
	}
	if micros, err := strconv.ParseInt(*newest, 10, 64); err == nil {
		if at := time.UnixMicro(micros); at.After(sums.Newest) {
			sums.Newest = at
		}
	}
}

// summary is the statement that sums up.
func (s *SQLSide) summary(all []expression, part *reconcile.Part) string {
	sums := s.dialect.sums
	var cells []string
	for _, text := range texts(all[s.Keys:]) {
		cells = append(cells, sums.cell(text))
	}
	rest := "''"
	if len(cells) > 0 {
		rest = sums.concat(cells)
	}
	newest := ""
	if s.Updated {
		i := len(s.Columns) - 1
		side := s.Rules[i].Left
		if s.Right {
			side = s.Rules[i].Right
		}
		newest = sums.moment("q."+s.dialect.quote(s.Columns[i]), s.types[i], side.Zone, 0)
	}
	if newest == "" {
		newest = "NULL"
	}
	inner := fmt.Sprintf("SELECT %s AS k, %s AS f, %s AS u FROM (%s) AS q", s.key(all), rest, newest, s.Query)
	statement := fmt.Sprintf("SELECT %s AS b, count(*), %s, max(%s) FROM (%s) AS t",
		sums.bucket("k"), s.dialect.text("sum("+sums.hash(sums.concat([]string{"k", "f"}))+")"), sums.whole("u"), inner)
	if where, able := s.within(context.Background(), part); part != nil && able {
		statement = strings.Replace(statement, inner, inner+" WHERE "+where, 1)
	}
	return statement + " GROUP BY 1"
}
