package reading

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// quoteMark stands for the beginning of a quoted part whose structure said so.
const quoteMark = "\x01"

// fromHTML renders HTML as text. Quoted parts, known by their structure, come as lines that begin
// with "> "; a mark of a mail program that everything below is quoted comes as a line of quoteMark.
func fromHTML(source string) string {
	r := &renderer{}
	tokenizer := html.NewTokenizer(strings.NewReader(source))
	for {
		switch tokenizer.Next() {
		case html.ErrorToken:
			return tidyHTML(r.out.String())
		case html.TextToken:
			r.text(string(tokenizer.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			r.open(tokenizer.Token())
		case html.EndTagToken:
			r.close(tokenizer.Token())
		}
	}
}

type renderer struct {
	out    strings.Builder
	hidden atom.Atom // inside an element that is not shown
	quotes []atom.Atom
	depth  []int // open elements of the same name inside each quote
	line   bool  // something stands on the current line
	space  bool
	pre    int
}

func (r *renderer) text(s string) {
	if r.hidden != 0 {
		return
	}
	s = html.UnescapeString(s)
	if r.pre > 0 {
		for i, line := range strings.Split(s, "\n") {
			if i > 0 {
				r.newline()
			}
			r.write(line)
		}
		return
	}
	for i, word := range strings.Fields(s) {
		if i > 0 || strings.HasPrefix(s, " ") || strings.HasPrefix(s, "\n") || strings.HasPrefix(s, "\u00a0") || strings.HasPrefix(s, "\t") {
			r.space = true
		}
		r.write(word)
	}
	if s != "" && strings.TrimRight(s, " \n\t\u00a0") != s {
		r.space = true
	}
}

func (r *renderer) write(word string) {
	if word == "" {
		return
	}
	if !r.line {
		r.out.WriteString(strings.Repeat("> ", min(len(r.quotes), 1)))
	} else if r.space {
		r.out.WriteByte(' ')
	}
	r.out.WriteString(word)
	r.line, r.space = true, false
}

func (r *renderer) newline() {
	r.out.WriteByte('\n')
	r.line, r.space = false, false
}

// breakLine ends the current line if something stands on it.
func (r *renderer) breakLine() {
	if r.line {
		r.newline()
	}
}

// blocks begin and end on lines of their own.
var blocks = map[atom.Atom]bool{
	atom.P: true, atom.Div: true, atom.Li: true, atom.Ul: true, atom.Ol: true, atom.Tr: true, atom.Table: true, atom.H1: true, atom.H2: true, atom.H3: true,
	atom.Blockquote: true, atom.Pre: true, atom.Hr: true, atom.Body: true, atom.Section: true, atom.Article: true, atom.Header: true, atom.Footer: true,
}

func (r *renderer) open(t html.Token) {
	if r.hidden != 0 {
		return
	}
	class, id, style := attr(t, "class"), attr(t, "id"), strings.ReplaceAll(strings.ToLower(attr(t, "style")), " ", "")
	switch t.DataAtom {
	case atom.Head, atom.Style, atom.Script, atom.Title:
		r.hidden = t.DataAtom
		return
	case atom.Br:
		r.newline()
		return
	case atom.Td, atom.Th:
		r.space = true
	case atom.Pre:
		r.pre++
	}
	if strings.Contains(style, "display:none") && !voidElement(t) {
		r.hidden = t.DataAtom
		return
	}
	if blocks[t.DataAtom] {
		r.breakLine()
		if t.DataAtom == atom.P {
			r.newline()
		}
	}
	for i, q := range r.quotes {
		if q == t.DataAtom && t.Type == html.StartTagToken {
			r.depth[i]++
		}
	}
	switch {
	case below(id, class, style):
		r.breakLine()
		r.out.WriteString(quoteMark + "\n")
	case quotes(t, id, class):
		r.breakLine()
		r.quotes, r.depth = append(r.quotes, t.DataAtom), append(r.depth, 1)
	}
}

// below says that everything after an element is quoted: what Outlook puts before the older mail.
func below(id, class, style string) bool {
	return strings.HasSuffix(id, "divRplyFwdMsg") || strings.HasSuffix(id, "appendonsend") || id == "mail-editor-reference-message-container" ||
		strings.Contains(class, "OutlookMessageHeader") || strings.Contains(style, "border-top:solid#e1e1e11.0pt") || strings.Contains(style, "border-top:solid#b5c4df1.0pt")
}

func quotes(t html.Token, id, class string) bool {
	names := strings.Fields(class)
	for _, known := range []string{"gmail_quote", "gmail_extra", "yahoo_quoted", "protonmail_quote", "moz-cite-prefix", "gmail_attr", "zmail_extra", "tutanota_quote"} {
		if slices.Contains(names, known) {
			return true
		}
	}
	return t.DataAtom == atom.Blockquote && (attr(t, "type") == "cite" || attr(t, "cite") != "" || len(names) == 0 || strings.Contains(class, "quote")) ||
		strings.HasPrefix(id, "yahoo_quoted")
}

func (r *renderer) close(t html.Token) {
	if r.hidden != 0 {
		if r.hidden == t.DataAtom {
			r.hidden = 0
		}
		return
	}
	if blocks[t.DataAtom] {
		r.breakLine()
		if t.DataAtom == atom.P {
			r.newline()
		}
	}
	if t.DataAtom == atom.Pre && r.pre > 0 {
		r.pre--
	}
	for i := len(r.quotes) - 1; i >= 0; i-- {
		if r.quotes[i] != t.DataAtom {
			continue
		}
		if r.depth[i]--; r.depth[i] == 0 {
			r.breakLine()
			r.quotes, r.depth = r.quotes[:i], r.depth[:i]
		}
	}
}

func attr(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func voidElement(t html.Token) bool {
	return t.Type == html.SelfClosingTagToken || t.DataAtom == atom.Img || t.DataAtom == atom.Input || t.DataAtom == atom.Meta || t.DataAtom == atom.Link
}

// tidyHTML leaves at most one empty line in a row.
func tidyHTML(text string) string {
	var out []string
	blank := true
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimRight(line, " \t")
		if line == "" && blank {
			continue
		}
		blank = line == ""
		out = append(out, line)
	}
	return strings.TrimSpace(strings.Join(out, "\n"))
}
