package reading

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// A line of the visible text, with what is known of it.
type line struct {
	text string
	mark mark
}

type mark uint8

const (
	fresh    mark = iota // the sender's own, until a rule says otherwise
	quoted               // older text, or the header above it
	below                // a mail program's sign that all from here on is older mail
	signed               // a signature, by the structure of HTML
	attached             // a file
)

// fromPlain takes plain text apart. Lines that begin with ">" are quoted.
func fromPlain(text string) []line {
	rows := strings.Split(text, "\n")
	lines := make([]line, len(rows))
	for i, row := range rows {
		lines[i].text = row
		if isCited(row) {
			lines[i].mark = quoted
		}
	}
	mendCitations(lines)
	markEncoded(lines)
	return lines
}

// isCited says whether a line begins with ">", and not as an ornament: ">>> Read this <<<".
func isCited(row string) bool {
	row = strings.TrimSpace(row)
	return strings.HasPrefix(row, ">") && !(strings.HasPrefix(row, ">>") && strings.HasSuffix(row, "<<")) && !attributionTail(row)
}

// mendCitations marks the pieces of quoted lines that a mail program wrapped: they lie between quoted
// lines and close a bracket that was opened there, or have the ">" at their end.
func mendCitations(lines []line) {
	for i := 1; i+1 < len(lines); i++ {
		if lines[i].mark != fresh || lines[i-1].mark != quoted || lines[i+1].mark != quoted {
			continue
		}
		text := strings.TrimSpace(lines[i].text)
		if strings.HasSuffix(text, " >") || openBracket(lines[i-1].text) && strings.Count(text, ")") > strings.Count(text, "(") {
			lines[i].mark = quoted
		}
	}
}

var beginFile = regexp.MustCompile(`^begin [0-7]{3,4} \S`)

// markEncoded marks files that stand in the text in the manner of uuencode.
func markEncoded(lines []line) {
	for i := 0; i < len(lines); i++ {
		if !beginFile.MatchString(lines[i].text) {
			continue
		}
		end := slices.IndexFunc(lines[i:], func(l line) bool { return strings.TrimSpace(l.text) == "end" })
		if end < 0 {
			return
		}
		for ; end >= 0; end-- {
			lines[i].mark = attached
			i++
		}
		i--
	}
}

func openBracket(s string) bool { return strings.Count(s, "(") > strings.Count(s, ")") }

// visible is HTML's text as it is seen; what is quoted has a ">" in front.
func visible(lines []line) string {
	var out strings.Builder
	for _, l := range lines {
		if l.mark == quoted && l.text != "" {
			out.WriteString("> ")
		}
		out.WriteString(l.text)
		out.WriteByte('\n')
	}
	return strings.TrimSpace(out.String())
}

// structured says whether the structure of HTML marked anything.
func structured(lines []line) bool {
	return slices.ContainsFunc(lines, func(l line) bool { return l.mark != fresh })
}

// mostNew bounds what is kept of the sender's own text, in bytes. Nobody answers at such length.
const mostNew = 64 << 10

// newText is what the sender wrote anew: without quoted lines, the headers above them, signatures,
// and what devices and companies add. Answers between quoted lines stay, in order. older is what was quoted.
func (f *facts) newText(lines []line) (own, older string) {
	end, size := markOlder(lines, f.at), 0
	var mine, part, theirs []string
	finish := func() {
		mine = join(mine, f.withoutFooters(part, len(mine) == 0))
		part = part[:0]
	}
	for i, l := range lines {
		switch {
		case i >= end || l.mark == quoted:
			finish()
			theirs = append(theirs, strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(l.text), ">"), " "))
		case l.mark == fresh && size < mostNew:
			size += len(l.text) + 1
			part = append(part, strings.TrimRight(shorten(l.text, mostNew), " \t"))
		}
	}
	finish()
	return strings.TrimSpace(strings.Join(mine, "\n")), strings.Join(theirs, "\n")
}

// shorten cuts a text to at most n bytes, and no character.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// join puts the parts of the sender's text together, one empty line between them.
func join(mine, part []string) []string {
	part = trimBlank(part)
	if len(part) == 0 {
		return mine
	}
	if len(mine) > 0 {
		mine = append(mine, "")
	}
	return append(mine, part...)
}

// trimBlank takes empty lines off both ends.
func trimBlank(rows []string) []string {
	for len(rows) > 0 && strings.TrimSpace(rows[0]) == "" {
		rows = rows[1:]
	}
	for len(rows) > 0 && strings.TrimSpace(rows[len(rows)-1]) == "" {
		rows = rows[:len(rows)-1]
	}
	return rows
}
