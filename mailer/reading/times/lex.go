package times

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A token is a word, a number or a mark of the text.
type token struct {
	word       string // lower case
	number     int    // -1: none
	start, end int    // bytes of the text
	space      bool   // white space before it
}

// lex splits a text: runs of letters, runs of digits, single marks.
func lex(text string) []token {
	var tokens []token
	space := false
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if unicode.IsSpace(r) {
			if r == '\n' && i+1 < len(text) && text[i+1] == '\n' {
				tokens = append(tokens, token{word: "¶", number: -1, start: i, end: i})
			}
			space, i = true, i+size
			continue
		}
		class := func(r rune) int {
			switch {
			case unicode.IsDigit(r):
				return 1
			case unicode.IsLetter(r) || unicode.IsMark(r):
				return 2
			}
			return 3
		}
		end := i + size
		for kind := class(r); kind != 3 && end < len(text); {
			next, n := utf8.DecodeRuneInString(text[end:])
			if class(next) != kind {
				break
			}
			end += n
		}
		t := token{word: strings.ToLower(text[i:end]), number: -1, start: i, end: end, space: space}
		if class(r) == 1 && end-i <= 4 {
			t.number, _ = strconv.Atoi(text[i:end])
		}
		tokens = append(tokens, t)
		space, i = false, end
	}
	return tokens
}

// sentences splits tokens at the ends of sentences and paragraphs. A full stop inside a number, a
// date or an abbreviation ends nothing.
func sentences(tokens []token) [][]token {
	var all [][]token
	begin := 0
	for i, t := range tokens {
		ends := t.word == "¶" || t.word == "?" || t.word == "!" || t.word == ";"
		if t.word == "." && i+1 < len(tokens) && tokens[i+1].space && i > 0 && !abbreviations[tokens[i-1].word] && tokens[i-1].number < 0 {
			ends = true
		}
		if t.word == "." && i+1 < len(tokens) && tokens[i+1].space && i > 0 && tokens[i-1].number >= 0 {
			_, isMonth := months[tokens[i+1].word]
			ends = !isMonth
		}
		if ends {
			all = append(all, tokens[begin:i])
			begin = i + 1
		}
	}
	return append(all, tokens[begin:])
}

var abbreviations = map[string]bool{
	"a": true, "p": true, "m": true, "mon": true, "tue": true, "tues": true, "wed": true, "thu": true, "thur": true, "thurs": true, "fri": true, "sat": true,
	"sun": true, "jan": true, "feb": true, "mar": true, "apr": true, "jun": true, "jul": true, "aug": true, "sep": true, "sept": true, "oct": true, "nov": true,
	"dec": true, "approx": true, "ca": true, "mo": true, "di": true, "mi": true, "do": true, "fr": true,
}

var weekdays = map[string]time.Weekday{
	"monday": 1, "mon": 1, "tuesday": 2, "tue": 2, "tues": 2, "wednesday": 3, "wed": 3, "weds": 3, "thursday": 4, "thu": 4, "thur": 4, "thurs": 4,
	"friday": 5, "fri": 5, "saturday": 6, "sunday": 0,
	"mondays": 1, "tuesdays": 2, "wednesdays": 3, "thursdays": 4, "fridays": 5,
	"montag": 1, "dienstag": 2, "mittwoch": 3, "donnerstag": 4, "freitag": 5, "samstag": 6, "sonntag": 0,
	"lundi": 1, "mardi": 2, "mercredi": 3, "jeudi": 4, "vendredi": 5, "samedi": 6, "dimanche": 0,
	"lunes": 1, "martes": 2, "miércoles": 3, "miercoles": 3, "jueves": 4, "viernes": 5, "sábado": 6, "domingo": 0,
	"segunda": 1, "terça": 2, "quarta": 3, "quinta": 4, "sexta": 5,
}

// shy weekdays are words of their own: they count only beside a date or a clock.
var shyWeekdays = map[string]time.Weekday{"sat": 6, "sun": 0, "mo": 1, "di": 2, "mi": 3, "do": 4, "fr": 5, "mar": 2, "jeu": 4, "ven": 5, "lun": 1}

var months = map[string]time.Month{
	"january": 1, "jan": 1, "february": 2, "feb": 2, "march": 3, "mar": 3, "april": 4, "apr": 4, "may": 5, "june": 6, "jun": 6, "july": 7, "jul": 7,
	"august": 8, "aug": 8, "september": 9, "sep": 9, "sept": 9, "october": 10, "oct": 10, "november": 11, "nov": 11, "december": 12, "dec": 12,
	"januar": 1, "februar": 2, "märz": 3, "mai": 5, "juni": 6, "juli": 7, "oktober": 10, "dezember": 12, "dez": 12,
	"janvier": 1, "février": 2, "fevrier": 2, "mars": 3, "avril": 4, "juin": 6, "juillet": 7, "août": 8, "aout": 8, "septembre": 9, "octobre": 10,
	"novembre": 11, "décembre": 12, "decembre": 12,
	"enero": 1, "febrero": 2, "marzo": 3, "abril": 4, "mayo": 5, "junio": 6, "julio": 7, "agosto": 8, "septiembre": 9, "octubre": 10, "noviembre": 11, "diciembre": 12,
	"janeiro": 1, "fevereiro": 2, "março": 3, "maio": 5, "junho": 6, "julho": 7, "setembro": 9, "outubro": 10, "novembro": 11, "dezembro": 12,
}

var numberWords = map[string]int{
	"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "a": 1, "an": 1,
	"couple": 2,
}
