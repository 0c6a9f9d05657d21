package shape

func isLocale(b []byte) bool {
	return classes[b[0]]&(lower|lowerHex) != 0 && classes[b[1]]&(lower|lowerHex) != 0 && isCountry(b[3:])
}

func isCountry(b []byte) bool {
	i, j := b[0]-'A', b[1]-'A'
	return i < 26 && j < 26 && countries[i]>>j&1 == 1
}

func isCurrency(b []byte) bool {
	i, j, k := b[0]-'A', b[1]-'A', b[2]-'A'
	return i < 26 && j < 26 && k < 26 && currencies[26*int(i)+int(j)]>>k&1 == 1
}

// currencies has a bit for each third letter of the active codes of ISO 4217,
// by the first two.
var currencies = currencyTable("AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG ")

func currencyTable(codes string) (t [26 * 26]uint32) {
	for i := 0; i+3 <= len(codes); i += 4 {
		t[26*int(codes[i]-'A')+int(codes[i+1]-'A')] |= 1 << (codes[i+2] - 'A')
	}
	return t
}

// countries has a bit for each second letter of ISO 3166-1 alpha-2, by first letter.
var countries = countryTable("AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW ")

func countryTable(codes string) (t [26]uint32) {
	for i := 0; i+2 <= len(codes); i += 3 {
		t[codes[i]-'A'] |= 1 << (codes[i+1] - 'A')
	}
	return t
}
