package templates

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// greetingWords begin a mail to somebody, in the languages that introd reads.
var greetingWords = regexp.MustCompile(`(?i)^(?:dear|hello|hi|hey|good (?:morning|afternoon|evening|day)|greetings|guten (?:tag|morgen|` +
	`abend)|hallo|moin|liebe[rs]?|sehr geehrte[rs]?|bonjour|bonsoir|ch(?:er|ère|ers|ères)|` +
	`hola|estimad[oa]s?|querid[oa]s?|buenos días|buenas tardes|olá|oi|prezad[oa]s?|car[oaie]|ciao|buongiorno|gentile)(?:[\s,:!.–—;]+|$)`)

// A greeted says whom the first line of a mail greets.
type greeted int

const (
	greetsThem   greeted = iota
	greetsNoName         // "Good morning,"
	greetsOther          // somebody who is no recipient
	greetsNobody         // there is no greeting
)

// longGreeting is the number of words from which a first line without a comma is more than a greeting.
const longGreeting = 6

// mostGreeting bounds what is looked at of a first line, in bytes.
const mostGreeting = 200

// greeting looks whom the first line greets; name is what stands there. Where no name is known of a
// recipient, or it is written in another script, any name will do.
func greeting(body string, recipients []string, count int) (name string, verdict greeted) {
	line, _, _ := strings.Cut(strings.TrimSpace(body), "\n")
	line = strings.TrimSpace(line[:min(len(line), mostGreeting)])
	word := greetingWords.FindString(line)
	rest := line[len(word):]
	switch {
	case word == "" && !startsName(line, recipients):
		return "", greetsNobody
	case rest == "", strings.ContainsAny(word, ",:!.–—;") && !startsName(rest, recipients):
		return "", nobodyNamed(word)
	}
	if name = strings.TrimSpace(untilPause(rest)); name == "" {
		return "", greetsNobody
	}
	return name, greets(name, recipients, count)
}

// nobodyNamed tells a greeting that needs no name from one whose name was left out: "Dear ,".
func nobodyNamed(words string) greeted {
	if strings.Contains(words, " ,") || strings.HasPrefix(strings.ToLower(words), "dear") {
		return greetsNobody
	}
	return greetsNoName
}

func startsName(line string, recipients []string) bool {
	words := strings.Fields(untilPause(line))
	return len(words) > 0 && len(words) <= longGreeting && len(nameWords(words[0])) > 0 && isName(nameWords(words[0])[0], known(recipients))
}

// pause ends the name in a greeting; a full stop only where it ends no title and no initial.
var pause = regexp.MustCompile(`[,:!–—;(]|\s-\s|\.\s`)

func untilPause(line string) string {
	for _, at := range pause.FindAllStringIndex(line, -1) {
		if line[at[0]] != '.' || !isTitle(lastWord(line[:at[0]])) {
			return line[:at[0]]
		}
	}
	return line
}

func isTitle(word string) bool { return len([]rune(word)) == 1 || titles[fold(word)] }

func lastWord(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '.' })
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}

// greets compares the words of a greeting with the recipients' names. A word in lower case that is no
// name ends the greeting: "Hi Dana thanks for the note".
func greets(name string, recipients []string, count int) greeted {
	names := known(recipients)
	words := strings.Fields(name)
	found, title := 0, false
	for _, word := range words {
		for _, w := range strings.FieldsFunc(word, isJoint) {
			f := fold(w)
			switch {
			case titles[f]:
				title = true
			case several[f] && count > 1, len(names) == 0 && !anybody[f]:
				found++
			case joins[f]:
			case isName(f, names), otherScript(w, names):
				found++
			case found > 0 && (unicode.IsLower([]rune(w)[0]) || len(words) >= longGreeting):
				return greetsThem
			case anybody[f] || several[f] && count <= 1:
				return greetsNoName
			default:
				return greetsOther
			}
		}
	}
	if found == 0 && !title {
		return greetsNoName
	}
	return greetsThem // "Dear Professor," and "Bonjour Madame," are greetings as they stand
}

func isJoint(r rune) bool { return strings.ContainsRune(" .,'’()\"-/&", r) }

// The words of greetings that are no names.
var (
	titles = words(`prof professor professorin professeur profesor profesora dr doctor dra doutor dott dottssa mr mrs ms mx miss
		sir herr frau herrn m mme mlle monsieur madame señor señora sr sra sig signor signora dean rev hon phd md jr
		ing lic`)
	joins = words("and und et y e i von van de der den la le du di da or oder ou")
	// several stand for all recipients, and are wrong where there is one.
	several = words("all both everyone everybody team folks beide ihr alle tous todos amigos")
	// anybody are words for a stranger whose name the writer does not know.
	anybody = words("there madam damen herren colleague whom whomever hiring manager recruiter friend")
)

func words(list string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(list) {
		set[fold(w)] = true
	}
	return set
}

// known are the folded words of the recipients' names; letters with two dots count in both spellings.
func known(recipients []string) []string {
	var list []string
	for _, r := range recipients {
		list = append(list, nameWords(r)...)
		list = append(list, nameWords(strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue", "ø", "oe", "å", "aa").Replace(r))...)
	}
	return list
}

// nameWords are the folded words of a name, without titles.
func nameWords(name string) []string {
	var list []string
	for _, w := range strings.FieldsFunc(name, func(r rune) bool { return isJoint(r) || unicode.IsSpace(r) }) {
		if w = fold(w); !titles[w] {
			list = append(list, w)
		}
	}
	return list
}

var unfoldable = strings.NewReplacer("ß", "ss", "ø", "o", "ł", "l", "đ", "d", "æ", "ae", "œ", "oe", "ı", "i")

// fold writes a word in lower case and without accents.
func fold(word string) string {
	var out strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(word)) {
		if !unicode.Is(unicode.Mn, r) {
			out.WriteRune(r)
		}
	}
	return unfoldable.Replace(out.String())
}

// isName says whether a word is one of these names, or a short form that people use of one: Dan is
// Daniel, but not Dana.
func isName(word string, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		short, long := word, name
		if len(short) > len(long) {
			short, long = long, short
		}
		begins := len(short) >= 3 && len(long)-len(short) >= 2 && strings.HasPrefix(long, short)
		return short == long || begins || slices.Contains(strings.Fields(nicknames[short]), long) || slices.Contains(strings.Fields(nicknames[long]), short)
	})
}

// nicknames are short forms that are not the beginning of the name.
var nicknames = map[string]string{
	"bill": "william", "billy": "william", "will": "william", "liam": "william", "bob": "robert", "bobby": "robert", "rob": "robert",
	"dick": "richard", "rick": "richard", "jim": "james",
	"jimmy": "james", "jamie": "james", "jack": "john jackson", "johnny": "john", "mike": "michael", "mick": "michael", "tom": "thomas",
	"tommy": "thomas", "tony": "anthony antonio", "ted": "edward theodore", "ed": "edward edmund edwin",
	"ned": "edward", "hank": "henry", "harry": "henry harold", "charlie": "charles", "chuck": "charles", "andy": "andrew andreas",
	"drew": "andrew", "larry": "lawrence", "jerry": "gerald jerome", "steve": "steven stephen",
	"dave": "david", "joe": "joseph", "greg": "gregory", "jeff": "jeffrey geoffrey", "geoff": "geoffrey", "nick": "nicholas",
	"alex": "alejandro alexis", "sandy": "alexander sandra", "sasha": "alexander alexandra",
	"liz": "elizabeth", "beth": "elizabeth", "betsy": "elizabeth", "betty": "elizabeth", "lisa": "elizabeth", "peggy": "margaret",
	"meg": "margaret", "maggie": "margaret", "kate": "katherine catherine kathryn",
	"katie": "katherine catherine kathryn", "cathy": "catherine", "kathy": "katherine kathleen", "kit": "katherine christopher",
	"becky": "rebecca", "sue": "susan", "peg": "margaret", "trish": "patricia", "patty": "patricia",
	"molly": "mary", "polly": "mary", "nancy": "ann", "annie": "ann anne anna", "jenny": "jennifer", "abby": "abigail", "gabby": "gabrielle",
	"debbie": "deborah", "vicky": "victoria", "mandy": "amanda", "mindy": "melinda",
	"pepe": "jose", "paco": "francisco", "pancho": "francisco", "nacho": "ignacio", "lupe": "guadalupe", "hans": "johannes", "jan": "johannes",
	"uli": "ulrich ulrike", "bernie": "bernard bernhard",
}

// otherScript says whether a word and all the names are written in different scripts.
func otherScript(word string, names []string) bool {
	return !slices.ContainsFunc(names, func(n string) bool { return isLatin(n) == isLatin(word) })
}

func isLatin(word string) bool {
	return strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(unicode.Latin, r) })
}
