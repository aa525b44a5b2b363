package reading

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// fromHTML renders HTML as lines of text, each with what the structure says of it. It reads tokens,
// not a tree, so that its cost stays linear whatever the nesting.
func fromHTML(source string) []line {
	r := &renderer{}
	tokenizer := html.NewTokenizer(strings.NewReader(source))
	for {
		switch tokenizer.Next() {
		case html.ErrorToken:
			r.leave(0)
			r.breakLine()
			return singleSpaced(r.lines)
		case html.TextToken:
			r.text(string(tokenizer.Text()))
		case html.StartTagToken:
			r.open(tagOf(tokenizer))
		case html.SelfClosingTagToken:
			r.lay(tagOf(tokenizer), true)
		case html.EndTagToken:
			r.close(tagOf(tokenizer))
		}
	}
}

// A tag with the attributes that say something of its text.
type tag struct {
	name                  atom.Atom // 0 for what HTML does not know
	class, id, kind, cite string
	block                 bool   // data-signatureblock
	style                 string // lower case, without blanks; only where it hides or draws a border
}

// tagOf reads the tag at which the tokenizer stands, and copies no attribute that nobody looks at.
func tagOf(z *html.Tokenizer) (t tag) {
	name, more := z.TagName()
	t.name = atom.Lookup(name)
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		switch string(key) {
		case "class":
			t.class = string(value)
		case "id":
			t.id = string(value)
		case "type":
			t.kind = string(value)
		case "cite":
			t.cite = string(value)
		case "data-signatureblock":
			t.block = string(value) == "true"
		case "style":
			if value = bytes.ToLower(value); bytes.Contains(value, []byte("none")) || bytes.Contains(value, []byte("border")) {
				t.style = strings.ReplaceAll(string(value), " ", "")
			}
		}
	}
	return t
}

// A role is what the structure makes of the text inside an element.
type role uint8

const (
	plainRole role = iota
	hidden         // not shown
	cite           // older text
	box            // the frame that a mail program puts around older text, and around answers between it
	signature
	verbatim // white space counts
)

// mostOpen bounds how many elements with a role may be open in each other; deeper ones have none.
const mostOpen = 64

// element is an open element with a role.
type element struct {
	name  atom.Atom
	role  role
	depth int // open elements of the same name that began inside it, and itself
	begin int // its first line
	cites bool
}

type renderer struct {
	lines   []line
	current strings.Builder
	stack   []element
	space   bool // a blank is due before the next word
	solid   bool // a blank that does not break stands on the line
}

func (r *renderer) in(role role) bool {
	return slices.ContainsFunc(r.stack, func(e element) bool { return e.role == role })
}

// bullet stands before each item of a list.
const bullet = "-"

const blanks = " \t\r\n\f\u00a0"

func (r *renderer) text(s string) {
	if r.in(hidden) {
		return
	}
	s = inert(html.UnescapeString(s))
	if r.in(verbatim) {
		for i, row := range strings.Split(s, "\n") {
			if i > 0 {
				r.newline()
			}
			r.current.WriteString(row)
		}
		return
	}
	r.solid = r.solid || strings.Contains(s, "\u00a0")
	r.space = r.space || strings.TrimLeft(s, blanks) != s
	for word := range strings.FieldsSeq(s) {
		if r.space && r.current.Len() > 0 {
			r.current.WriteByte(' ')
		}
		r.current.WriteString(word)
		r.space = true
	}
	r.space = s != "" && strings.TrimRight(s, blanks) != s || strings.TrimSpace(s) == "" && r.space
}

func (r *renderer) newline() {
	mark := fresh
	if r.in(cite) {
		mark = quoted
	} else if r.in(signature) {
		mark = signed
	}
	r.lines = append(r.lines, line{r.current.String(), mark})
	r.current.Reset()
	r.space, r.solid = false, false
}

// breakLine ends the current line if something stands on it.
func (r *renderer) breakLine() {
	if r.current.Len() > 0 || r.solid {
		r.newline()
	}
}

// blocks begin and end on lines of their own.
var blocks = map[atom.Atom]bool{
	atom.P: true, atom.Div: true, atom.Li: true, atom.Ul: true, atom.Ol: true, atom.Tr: true, atom.Table: true, atom.H1: true, atom.H2: true, atom.H3: true,
	atom.Blockquote: true, atom.Pre: true, atom.Hr: true, atom.Body: true, atom.Section: true, atom.Article: true, atom.Header: true, atom.Footer: true,
	atom.H4: true, atom.Dl: true, atom.Dt: true, atom.Dd: true, atom.Center: true,
}

// lay lays the line out as a tag wants it.
func (r *renderer) lay(t tag, opens bool) {
	switch {
	case r.in(hidden):
	case t.name == atom.Br:
		r.newline()
	case t.name == atom.Td || t.name == atom.Th:
		r.space = true
	case r.current.String() == bullet && opens: // a block in a list item begins beside its bullet
	case blocks[t.name]:
		r.breakLine()
		if t.name == atom.P && opens && !strings.Contains(t.class, "Mso") { // Word's paragraphs have no margin
			r.newline()
		}
	}
}

func (r *renderer) open(t tag) {
	if last := len(r.stack) - 1; last >= 0 && r.stack[last].name == atom.P && blocks[t.name] {
		r.leave(last) // a paragraph ends where the next block begins, closed or not
	}
	r.lay(t, true)
	if t.name == atom.Li && !r.in(hidden) {
		r.current.WriteString(bullet)
		r.space = true
	}
	role, before := r.roleOf(t)
	if before {
		r.breakLine()
		r.lines = append(r.lines, line{mark: below})
	}
	if role != plainRole && len(r.stack) < mostOpen {
		if role == cite || role == box || role == signature {
			r.breakLine()
		}
		r.stack = append(r.stack, element{name: t.name, role: role, depth: 1, begin: len(r.lines)})
		return
	}
	if i := r.innermost(t.name); i >= 0 {
		r.stack[i].depth++
	}
}

func (r *renderer) innermost(name atom.Atom) int {
	for i := len(r.stack) - 1; i >= 0; i-- {
		if r.stack[i].name == name {
			return i
		}
	}
	return -1
}

func (r *renderer) close(t tag) {
	if blocks[t.name] {
		r.lay(t, false)
	}
	if i := r.innermost(t.name); i >= 0 {
		if r.stack[i].depth--; r.stack[i].depth == 0 {
			r.leave(i)
		}
	}
}

// leave closes the elements from the i-th on. A frame in which nothing is cited, or in which a mail is
// forwarded, is older text as a whole; in one with citations, what stands between them are answers.
func (r *renderer) leave(i int) {
	for len(r.stack) > i {
		last := len(r.stack) - 1
		e := r.stack[last]
		if e.role == cite || e.role == box || e.role == signature {
			r.breakLine()
		}
		r.stack = r.stack[:last]
		for j := range r.stack {
			r.stack[j].cites = r.stack[j].cites || e.role == cite && e.name == atom.Blockquote
		}
		if inside := r.lines[e.begin:]; e.role == box && (!e.cites || forwards(inside)) {
			for k := range inside {
				inside[k].mark = quoted
			}
		}
	}
}

// forwards says whether the first line with words says that a mail is forwarded.
func forwards(lines []line) bool {
	for _, l := range lines {
		if text := strings.TrimSpace(l.text); text != "" {
			return isDivider(text)
		}
	}
	return false
}

// Class names and ids of mail programs, without the prefix that Outlook gives those of others.
var (
	frames     = []string{"gmail_quote", "gmail_extra", "protonmail_quote", "zmail_extra", "tutanota_quote"}
	citations  = []string{"moz-cite-prefix", "gmail_attr"}
	signatures = []string{"gmail_signature", "moz-signature", "protonmail_signature_block", "ms-outlook-mobile-signature", "AppleMailSignature", "Signature"}
	befores    = []string{"divRplyFwdMsg", "appendonsend", "mail-editor-reference-message-container", "OutlookMessageHeader", "stopSpelling"}
)

// roleOf says what an element makes of its text, and whether all that comes after its beginning is older mail.
func (r *renderer) roleOf(t tag) (as role, before bool) {
	switch t.name {
	case atom.Head, atom.Style, atom.Script, atom.Title:
		return hidden, false
	case atom.Pre:
		return verbatim, false
	case 0, atom.Img, atom.Input, atom.Meta, atom.Link, atom.Br:
		return plainRole, false
	}
	names := append(strings.Fields(t.class), t.id)
	for i := range names {
		names[i] = strings.TrimPrefix(names[i], "x_")
	}
	known := func(list []string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return slices.Contains(list, n) })
	}
	switch {
	case strings.Contains(t.style, "display:none"):
		return hidden, false
	case known(befores) || strings.Contains(t.style, "border:none;border-top:solid") && strings.Contains(t.style, "padding:3.0pt0"):
		return plainRole, true
	case known(citations):
		return cite, false
	case t.name == atom.Blockquote:
		return r.blockquote(t, names), false
	case known(frames) || slices.ContainsFunc(names, func(n string) bool { return strings.Contains(n, "yahoo_quoted") }):
		return box, false
	case known(signatures) || t.block:
		return signature, false
	}
	return plainRole, false
}

// blockquote tells citations from text that the sender indented: a button of the mail program makes
// blockquotes too, but without a border, or (Gmail) outside the frame that is around citations.
func (r *renderer) blockquote(t tag, names []string) role {
	switch {
	case t.kind == "cite" || t.cite != "":
		return cite
	case strings.Contains(t.style, "border:none"):
		return plainRole
	case slices.Contains(names, "gmail_quote") && !r.in(box) && !r.introduced():
		return plainRole
	}
	return cite
}

// introduced says whether the last line with words announces a citation.
func (r *renderer) introduced() bool {
	for i := len(r.lines) - 1; i >= 0 && i >= len(r.lines)-3; i-- {
		if text := strings.TrimSpace(r.lines[i].text); text != "" {
			return strings.HasSuffix(text, ":")
		}
	}
	return false
}

// singleSpaced leaves at most one empty line in a row.
func singleSpaced(lines []line) []line {
	out := lines[:0]
	blank := true
	for _, l := range lines {
		l.text = strings.TrimRight(l.text, blanks)
		if l.text == "" && blank && l.mark != below {
			continue
		}
		blank = l.text == ""
		out = append(out, l)
	}
	return out
}
