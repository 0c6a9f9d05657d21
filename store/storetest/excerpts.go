package storetest

import "testing"

// excerpts are the promises about excerpts of contract files.
var excerpts = map[string]func(t *testing.T, s Store){
	"excerpts of contracts are kept as a whole": func(t *testing.T, s Store) {
		for _, want := range []map[string][]byte{
			{}, {"a": []byte("1"), "b": []byte("2")}, {"b": []byte("3"), "c": []byte("4")}, {},
		} {
			must(t, s.KeepExcerpts(t.Context(), want))
			got, err := s.Excerpts(t.Context())
			must(t, err)
			same(t, want, got)
			for key := range got {
				got[key][0] = 'x' // what is handed out is a copy
			}
			again, err := s.Excerpts(t.Context())
			must(t, err)
			same(t, want, again)
		}
	},
}
