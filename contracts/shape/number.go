package shape

import (
	"bytes"
	"math"
	"strconv"
)

// number is a scanned literal.
type number struct {
	literal  []byte
	mantissa uint64 // its digits without sign, point and exponent, when exact
	exponent int    // value = ±mantissa × 10^exponent
	exact    bool   // mantissa and exponent hold the value
	negative bool
	frac     bool // has a point or an exponent
}

// int64 returns the value of an integer literal that fits.
func (v *number) int64() (int64, bool) {
	if v.frac || !v.exact || v.exponent != 0 || v.mantissa > math.MaxInt64 {
		return 0, false
	}
	if v.negative {
		return -int64(v.mantissa), true
	}
	return int64(v.mantissa), true
}

var powers = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// near is the value to within float64 precision; never used for identity.
func (v *number) near() float64 {
	if !v.exact || v.exponent < -22 || v.exponent > 22 {
		f, _ := strconv.ParseFloat(string(v.literal), 64) // ±Inf and 0 are fine here
		return f
	}
	f := float64(v.mantissa)
	if v.exponent < 0 {
		f /= powers[-v.exponent]
	} else {
		f *= powers[v.exponent]
	}
	if v.negative {
		return -f
	}
	return f
}

// decimals is the number of decimal places the literal asks for, up to 255.
func (v *number) decimals() uint32 {
	if v.exact {
		return uint32(min(max(-v.exponent, 0), 255))
	}
	mantissa, exponent, _ := bytes.Cut(bytes.ToLower(v.literal), []byte("e"))
	_, fraction, _ := bytes.Cut(mantissa, []byte("."))
	shift, err := strconv.Atoi(string(exponent))
	if len(exponent) > 0 && err != nil {
		return 255
	}
	return uint32(min(max(len(fraction)-shift, 0), 255))
}
