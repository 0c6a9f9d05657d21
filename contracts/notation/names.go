package notation

import (
	"strconv"
	"strings"
	"unicode"
)

// typeName makes a type's name of any text: "v1/order-lines" gives
// "V1OrderLines"; without a letter it is Answer.
func typeName(text string) string {
	var b strings.Builder
	up := true
	for _, r := range text {
		switch {
		case r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r):
			up = true
			continue
		case up:
			r = unicode.ToUpper(r)
		}
		b.WriteRune(r)
		up = false
	}
	name := b.String()
	switch {
	case name == "":
		return "Answer"
	case unicode.IsDigit(rune(name[0])):
		return "N" + name
	}
	return name
}

// A namer gives every type a name of its own.
type namer map[string]bool

func (n namer) take(name string) string {
	unique := name
	for i := 2; n[unique]; i++ {
		unique = name + strconv.Itoa(i)
	}
	n[unique] = true
	return unique
}

// singular names one thing of many: "Orders" gives "Order".
func singular(name string) string {
	switch {
	case strings.HasSuffix(name, "ies") && len(name) > 4:
		return strings.TrimSuffix(name, "ies") + "y"
	case strings.HasSuffix(name, "ss"), strings.HasSuffix(name, "us"), strings.HasSuffix(name, "is"), len(name) < 4:
		return name + "Item"
	case strings.HasSuffix(name, "s"):
		return strings.TrimSuffix(name, "s")
	}
	return name + "Item"
}
