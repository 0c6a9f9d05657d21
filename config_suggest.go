package main

import "slices"

// closest returns the candidate that a mistyped word most likely means; empty
// when none is near: a third of its letters, at least one, may differ.
func closest(word string, candidates []string) string {
	best, limit := "", max(1, len([]rune(word))/3)
	for _, c := range candidates {
		if d := distance(word, c); d <= limit {
			best, limit = c, d-1
		}
	}
	return best
}

// didYouMean is a hint: the nearest candidate, or all of them.
func didYouMean(word string, candidates []string) string {
	if c := closest(word, candidates); c != "" {
		return "did you mean " + quote(c) + "?"
	}
	return "want " + oneOf(candidates)
}

// distance counts insertions, deletions, changes and swaps of neighbours that
// turn a into b. Words beyond 64 letters are as far apart as they are long.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > 64 || len(y) > 64 {
		return max(len(x), len(y))
	}
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			rows[i][j] = step(rows, x, y, i, j)
		}
	}
	return rows[len(x)][len(y)]
}

func step(rows [][]int, x, y []rune, i, j int) int {
	change := 1
	if x[i-1] == y[j-1] {
		change = 0
	}
	d := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+change)
	if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
		d = min(d, rows[i-2][j-2]+1)
	}
	return d
}

// homeOf says where a key belongs; empty when it exists nowhere.
func homeOf(name string) string {
	for _, home := range homes {
		if slices.Contains(home.names(), name) {
			return home.where
		}
	}
	return ""
}
