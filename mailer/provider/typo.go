package provider

import (
	"slices"
	"strings"
)

// DidYouMean is the address that a person may have meant whose domain looks like a mistyped one of the table, or "" if
// it does not: sam@gmial.com is sam@gmail.com. Ask before anything else: many such domains exist, and wait for passwords.
func DidYouMean(address string) string {
	local, domain := split(address)
	if local == "" || domain == "" || ByAddress(address).Known() {
		return ""
	}
	best, least := "", tooMany
	for _, p := range table {
		for _, known := range p.Domains {
			if far := mistyped(domain, known); far < least {
				best, least = local+"@"+known, far
			}
		}
	}
	return best
}

// tooMany slips are no slip of a finger.
const tooMany = 3

// mistyped is how many slips lie between a domain and one that is known: one in the name, if it is long enough (mae.com
// need not be mac.com), and one in what ends it, unless both are countries.
func mistyped(domain, known string) int {
	name, end, _ := strings.Cut(domain, ".")
	knownName, knownEnd, _ := strings.Cut(known, ".")
	if end == "" || end == knownEnd+"."+knownEnd { // "gmail", "gmail.com.com"
		end = knownEnd
	}
	inName, inEnd := Slips(name, knownName), Slips(end, knownEnd)
	switch {
	case inName > 1, inEnd > 1, inName > 0 && len(knownName) < 5, inEnd > 0 && len(end) == 2 && len(knownEnd) == 2:
		return tooMany
	}
	return inName + inEnd
}

// Slips is the distance of two words in letters left out, put in, mistaken, or swapped with their neighbour (optimal
// string alignment).
func Slips(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		now := []int{i + 1}
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			least := min(last[j]+cost, last[j+1]+1, now[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				least = min(least, before[j-1]+1)
			}
			now = append(now, least)
		}
		before, last = last, slices.Clone(now)
	}
	return last[len(b)]
}
