package shape_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"shapewatch/contracts/shape"
)

// BenchmarkAgainstWalk reads the same bytes in turns of a tenth of a
// millisecond, by the bare walk of the tokens and by observing them into a
// baseline. Of each piece the best turn counts, so that what else the machine
// does disturbs neither. It reports both throughputs and what the one is of the
// other.
func BenchmarkAgainstWalk(b *testing.B) {
	docs := records(2000)
	var lists [][]byte
	for i := 0; i < len(docs); i += pieceSize {
		lists = append(lists, list(docs[i:i+pieceSize]))
	}
	b.Run("records", func(b *testing.B) { againstWalk(b, docs, pieceSize) })
	b.Run("lists", func(b *testing.B) { againstWalk(b, lists, 1) })
}

const pieceSize = 100 // records

func againstWalk(b *testing.B, docs [][]byte, piece int) {
	decoder := jsontext.NewDecoder(bytes.NewBuffer(nil), jsontext.AllowDuplicateNames(true))
	known := shape.New(shape.Limits{})
	walked, observed := make([]time.Duration, len(docs)/piece), make([]time.Duration, len(docs)/piece)
	size := 0
	for _, d := range docs {
		size += len(d)
	}
	for b.Loop() {
		for i := range walked {
			part := docs[i*piece : (i+1)*piece]
			best(b, &walked[i], part, func(d []byte) error {
				decoder.Reset(bytes.NewBuffer(d), jsontext.AllowDuplicateNames(true))
				return walk(decoder)
			})
			best(b, &observed[i], part, func(d []byte) error { return known.Observe(d, noon) })
		}
	}
	var walks, observations time.Duration
	for i := range walked {
		walks, observations = walks+walked[i], observations+observed[i]
	}
	b.ReportMetric(float64(size)/1e6/walks.Seconds(), "walk-MB/s")
	b.ReportMetric(float64(size)/1e6/observations.Seconds(), "observe-MB/s")
	b.ReportMetric(float64(walks)/float64(observations), "of-walk")
	b.ReportMetric(0, "ns/op")
}

// best times one turn and keeps the best.
func best(b *testing.B, so *time.Duration, docs [][]byte, each func([]byte) error) {
	start := time.Now()
	for _, d := range docs {
		if err := each(d); err != nil {
			b.Fatal(err)
		}
	}
	if took := time.Since(start); *so == 0 || took < *so {
		*so = took
	}
}
