package times

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A token is a word, a number or a mark of the text.
type token struct {
	word       string // lower case, with straight apostrophes
	number     int    // the value of up to four digits; -1: none
	digits     int    // how many digits; 0: none
	start, end int    // bytes of the text
	space      bool   // white space before it
	letters    bool   // a word
	upper      bool   // begins with a capital
	begins     bool   // begins a line
	paragraph  bool   // begins a paragraph
}

// A line is the tokens of one sentence.
type line []token

// at returns the token i, or an empty one beyond the sentence.
func (l line) at(i int) token {
	if i < 0 || i >= len(l) {
		return token{number: -1}
	}
	return l[i]
}

// word is that of token i, or "" beyond the sentence.
func (l line) word(i int) string {
	if i < 0 || i >= len(l) {
		return ""
	}
	return l[i].word
}

// is says whether token i is one of the words.
func (l line) is(i int, words ...string) bool {
	w := l.word(i)
	for _, x := range words {
		if w == x {
			return true
		}
	}
	return false
}

// in says whether token i is a word of a set.
func (l line) in(i int, s set) bool { return s[l.word(i)] }

// says reads a run of words and returns its length, or 0.
func (l line) says(i int, words string) int {
	if i < 0 || i >= len(l) || !strings.HasPrefix(words, l[i].word) {
		return 0
	}
	n := 0
	for w := range strings.FieldsSeq(words) {
		if l.word(i+n) != w {
			return 0
		}
		n++
	}
	return n
}

// glued says whether token i stands at the one before it without a space.
func (l line) glued(i int) bool { return i > 0 && i < len(l) && !l[i].space }

// lex splits a text: runs of letters with their inner apostrophes, runs of digits, single marks.
func lex(text string) []token {
	var tokens []token
	space, lines := true, 1
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' {
			if r == '\n' {
				lines++
			}
			space, i = true, i+size
			continue
		}
		end := wordEnd(text, i)
		t := token{word: fold(text[i:end]), number: -1, start: i, end: end, space: space, letters: unicode.IsLetter(r), upper: unicode.IsUpper(r), begins: lines > 0, paragraph: lines > 1}
		if r >= '0' && r <= '9' {
			t.digits = end - i
			if t.digits <= 4 {
				t.number, _ = strconv.Atoi(text[i:end])
			}
		}
		tokens = append(tokens, t)
		space, lines, i = false, 0, end
	}
	return tokens
}

func fold(word string) string {
	return strings.ReplaceAll(strings.ToLower(word), "’", "'")
}

// wordEnd returns where the token that begins at i ends.
func wordEnd(text string, i int) int {
	const (
		digit = iota
		letter
		mark
	)
	class := func(r rune) int {
		switch {
		case r >= '0' && r <= '9':
			return digit
		case unicode.IsLetter(r) || unicode.IsMark(r):
			return letter
		}
		return mark
	}
	r, size := utf8.DecodeRuneInString(text[i:])
	kind, end := class(r), i+size
	for kind != mark && end < len(text) {
		next, n := utf8.DecodeRuneInString(text[end:])
		if class(next) == kind {
			end += n
			continue
		}
		if kind != letter || next != '\'' && next != '’' {
			break
		}
		if elided[strings.ToLower(text[i:end])] { // l'après-midi
			return end + n
		}
		after, _ := utf8.DecodeRuneInString(text[end+n:])
		if class(after) != letter {
			break
		}
		end += n
	}
	return hyphenated(text, compound(text, i, end))
}

// compound ends a German weekday before the part of the day that is written with it: "Mittwochnachmittag".
func compound(text string, begin, end int) int {
	for _, tail := range []string{"vormittag", "nachmittag", "mittag", "abend", "morgen"} {
		if at := end - len(tail); at > begin && strings.EqualFold(text[at:end], tail) {
			if _, day := weekdays[strings.ToLower(text[begin:at])]; day {
				return at
			}
		}
	}
	return end
}

// hyphenated takes in what belongs to a word behind a hyphen.
func hyphenated(text string, end int) int {
	for _, tail := range []string{"-feira", "-midi", "-end"} {
		if strings.HasPrefix(text[end:], tail) {
			return end + len(tail)
		}
	}
	return end
}

// longestSentence bounds, in tokens, what is read as one sentence: then no rule costs more than so much.
const longestSentence = 300

// sentences splits tokens at the ends of sentences and paragraphs and before the points of a list. A
// full stop inside a number, a date or an abbreviation ends nothing.
func sentences(tokens []token) []line {
	var all []line
	begin, day := 0, false // whether a day was named since
	cut := func(end, next int) {
		if end > begin {
			all = append(all, tokens[begin:end])
		}
		begin, day = next, false
	}
	for i, t := range tokens {
		if n := bullet(tokens, i); t.begins && n > 0 {
			cut(i, i+n)
		} else if t.paragraph || t.begins && day && entry(tokens, i) {
			cut(i, i)
		}
		day = day || isDate(tokens, i)
		if stop(tokens, i) || i-begin >= longestSentence {
			cut(i+1, i+1)
		}
	}
	cut(len(tokens), len(tokens))
	return all
}

// entry says that a line of its own begins at token i with a day or an hour: one of a list without marks.
func entry(l line, i int) bool {
	goesOn := l.in(i-1, linkWords) && !l.is(i-1, ".", ")")
	return (l.at(i).upper && isDate(l, i) || l.at(i).digits > 0) && !goesOn && !l.in(i-1, orWords) && !l.in(i-1, fromWords) && !l.in(i-1, betweenWords) && !isDate(l, i-1)
}

// bullet returns how many tokens begin a point of a list: "-", "*", "2)", "2.".
func bullet(l line, i int) int {
	if l.is(i, "-", "*", "•", "–", "·", "+", ">") && l.at(i+1).space {
		return 1
	}
	_, month := months[l.word(i+2)]
	if d := l.at(i); d.digits > 0 && d.digits <= 2 && l.is(i+1, ")", ".") && l.at(i+2).space && !month {
		return 2
	}
	return 0
}

// stop says whether a sentence ends with token i.
func stop(l line, i int) bool {
	switch l[i].word {
	case "?", "!", ";":
		return true
	case ".":
	default:
		return false
	}
	next, before := l.at(i+1), l.at(i-1)
	if i+1 == len(l) {
		return true
	}
	if !next.space {
		return false
	}
	_, month := months[next.word]
	_, weekday := weekdays[next.word]
	_, zone := zoneNames[next.word]
	switch {
	case before.digits > 0:
		return next.upper && !month
	case abbreviations[before.word]:
		return next.upper && !month && !weekday && !zone
	}
	return true
}
