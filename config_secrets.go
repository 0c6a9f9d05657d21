package main

import (
	"math"
	"regexp"
	"strings"
	"unicode/utf8"
)

// minSecret is the length from which a secret is masked wherever it occurs;
// masking shorter ones would make every text unreadable.
const minSecret = 4 // characters

var (
	secretName   = regexp.MustCompile(`(?i)(^|[^a-z])(auth|authorization|bearer|token|secret|passw(or)?d|passwd|pwd|pass|credentials?|cookie|session(_?id)?|signature|sig|jwt|api[-_]?key|apikey|access[-_]?key|private[-_]?key|key|webhook|appid|app_id)($|[^a-z])|token$|secret$|apikey$|password$`)
	tokenPrefix  = regexp.MustCompile(`^(sk|pk|rk)_(live|test)_|^xox[abpors]-|^gh[pousr]_|^github_pat_|^glpat-|^AKIA|^eyJ[A-Za-z0-9_-]+\.|^SG\.|^shp(at|ss)_|^AIza|^ya29\.`)
	tokenWord    = regexp.MustCompile(`[A-Za-z0-9_\-.+/=~]{16,}`)
	tokenLetters = regexp.MustCompile(`^[A-Za-z0-9_\-+=~.]+$`)
	userinfo     = regexp.MustCompile(`(://)([^/\s@"']+)(@)`)
	assignment   = regexp.MustCompile(`(?i)((?:bearer|password|passwd|secret|token|api[-_]?key|authorization|cookie|webhook|value|key)["']?\s*[:=]\s*["']?)([^\s"',}\]]+)`)
)

// looksSecretName reports whether what carries this name is likely a secret:
// Authorization, X-Api-Key, STRIPE_TOKEN, password.
func looksSecretName(name string) bool { return secretName.MatchString(name) }

// looksToken reports whether a text is likely a credential by its looks: a
// known prefix, or long and as random as only machines write.
func looksToken(text string) bool {
	if tokenPrefix.MatchString(text) {
		return true
	}
	if len(text) < 20 || !tokenLetters.MatchString(text) {
		return false
	}
	digits := strings.ContainsAny(text, "0123456789")
	letters := strings.ContainsAny(strings.ToLower(text), "abcdefghijklmnopqrstuvwxyz")
	return digits && letters && entropy(text) > 3.4 && !isUUID(text)
}

// entropy is the average information of a character of text, in bits.
func entropy(text string) (bits float64) {
	counts := map[rune]int{}
	for _, r := range text {
		counts[r]++
	}
	total := float64(utf8.RuneCountInString(text))
	for _, n := range counts {
		p := float64(n) / total
		bits -= p * math.Log2(p)
	}
	return bits
}

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$`)

func isUUID(text string) bool { return uuid.MatchString(text) }

// maskKnown replaces known secrets by as many asterisks.
func maskKnown(text string, secrets []string) string {
	for _, s := range secrets {
		if len(s) >= minSecret {
			text = strings.ReplaceAll(text, s, stars(s))
		}
	}
	return text
}

// maskLine makes a line of a configuration fit to be printed: known secrets
// go, and so does what looks like one, because a line with an error on it may
// not have been understood. The number of characters stays.
func maskLine(line string, secrets []string) string {
	line = maskKnown(line, secrets)
	line = maskGroup(userinfo, line, func(string) bool { return true })
	line = maskGroup(assignment, line, func(v string) bool { return !strings.HasPrefix(v, "${") && !strings.HasPrefix(v, "{") })
	return maskTokens(line)
}

// maskMessage makes a text that may quote a misplaced value fit to be printed.
func maskMessage(text string, secrets []string) string { return maskTokens(maskKnown(text, secrets)) }

// maskTokens replaces what looks like a credential.
func maskTokens(text string) string {
	return tokenWord.ReplaceAllStringFunc(text, func(word string) string {
		if looksToken(word) {
			return stars(word)
		}
		return word
	})
}

// maskGroup masks the second group of each match that pick picks.
func maskGroup(re *regexp.Regexp, line string, pick func(string) bool) string {
	return re.ReplaceAllStringFunc(line, func(match string) string {
		m := re.FindStringSubmatch(match)
		if len(m) < 3 || !pick(m[2]) {
			return match
		}
		return m[1] + stars(m[2]) + strings.Join(m[3:], "")
	})
}

func stars(s string) string { return strings.Repeat("*", utf8.RuneCountInString(s)) }
