package reading

import (
	"bytes"
	"cmp"
	"io"
	"mime"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/emersion/go-message"
	"github.com/emersion/go-message/charset"
	"golang.org/x/text/encoding/charmap"
)

// Limits of what is read of one mail. go-message's cost is quadratic in nesting.
const (
	mostMail  = 25 << 20
	mostDepth = 20
	mostParts = 500
	mostPart  = 512 << 10 // of one part that is read
	mostText  = 4 << 20   // of all of them
)

// parts are what the body of a mail is made of.
type parts struct {
	header      message.Header
	bodies      []*body  // the texts that are shown, in order
	html        []string // the sources of those that are HTML
	calendars   []calendar
	status      [][]byte // message/delivery-status
	feedback    [][]byte // message/feedback-report
	returned    [][]byte // message/rfc822 and text/rfc822-headers
	attachments []string // file names
	count       int
	read        int64 // bytes of all parts that were kept
}

type calendar struct {
	method string
	body   []byte
}

var words = mime.WordDecoder{CharsetReader: charset.Reader}

// split takes a mail apart. It reads what can be read: a part that breaks ends there, with its text kept.
func split(raw []byte) *parts {
	if len(raw) > mostMail {
		raw = raw[:mostMail]
	}
	p := &parts{}
	head, rest := mendHeader(raw)
	entity, err := message.Read(io.MultiReader(bytes.NewReader(head), bytes.NewReader(rest)))
	if entity == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		p.bodies = []*body{{plain: []string{clean(raw[:min(len(raw), mostPart)])}}}
		return p
	}
	p.header = entity.Header
	p.walk(entity, 0, nil, false)
	if len(p.bodies) == 0 && p.read == 0 && len(p.attachments) == 0 { // no part was found: a boundary or a part's header is wrong
		p.bodies = []*body{{plain: []string{clean(rest[:min(len(rest), mostPart)])}}}
	}
	return p
}

// A body is one text of the mail, in one form or several (RFC 2046 §5.1.4).
type body struct{ plain, html []string }

// walk goes through an entity and its parts. forms is the text of which the part is one of several
// forms; nil where it stands alone. one says that the part by itself is such a form, not a piece of it.
func (p *parts) walk(e *message.Entity, depth int, forms *body, one bool) {
	if p.count++; p.count > mostParts || depth > mostDepth {
		return
	}
	reader := e.MultipartReader()
	if reader == nil {
		p.leaf(e, forms, one)
		return
	}
	kind, _, _ := e.Header.ContentType()
	if kind == "multipart/alternative" && forms == nil {
		forms = &body{}
		p.bodies = append(p.bodies, forms)
	}
	for {
		part, err := reader.NextPart()
		if part == nil || p.count > mostParts || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
			return
		}
		p.walk(part, depth+1, forms, kind == "multipart/alternative")
	}
}

func (p *parts) leaf(e *message.Entity, forms *body, one bool) {
	kind, params := parameters(e.Header.Get("Content-Type"))
	disposition, more := parameters(e.Header.Get("Content-Disposition"))
	name := fileName(cmp.Or(more["filename"], params["name"]))
	if name != "" {
		p.attachments = append(p.attachments, name)
	}
	if id := e.Header.Get("Message-Id"); id != "" && p.count > 1 { // a mail as a part, without message/rfc822 around it
		p.returned = append(p.returned, []byte("Message-ID: "+id+"\n"))
	}
	switch {
	case kind == "text/calendar" || kind == "application/ics":
		p.calendars = append(p.calendars, calendar{strings.ToUpper(params["method"]), []byte(inert(tidy.Replace(string(p.content(e)))))})
	case kind == "message/delivery-status" || kind == "message/global-delivery-status":
		p.status = append(p.status, p.content(e))
	case kind == "message/feedback-report":
		p.feedback = append(p.feedback, p.content(e))
	case kind == "message/rfc822" || kind == "text/rfc822-headers" || kind == "message/global" || kind == "message/global-headers":
		p.returned = append(p.returned, p.content(e))
	case disposition == "attachment" && kind == "text/plain":
		p.returned = append(p.returned, p.content(e)) // some servers attach the header of what came back
	case disposition == "attachment" || name != "" && !strings.HasPrefix(kind, "text/"):
	case kind == "" || strings.HasPrefix(kind, "text/"):
		p.addText(kind, clean(p.content(e)), params, forms, one)
	}
}

// content reads what a part holds, within the limits. What was read before an error is kept.
func (p *parts) content(e *message.Entity) []byte {
	body, _ := io.ReadAll(io.LimitReader(e.Body, min(mostPart, mostText-p.read)))
	p.read += int64(len(body))
	return body
}

// addText adds a part to the text it belongs to. Of several parts that are forms by themselves the first
// of its sort is taken; text/enriched and the like are read where there is nothing better.
func (p *parts) addText(kind, text string, params map[string]string, forms *body, one bool) {
	if forms == nil {
		forms = &body{}
		p.bodies = append(p.bodies, forms)
	}
	if kind == "text/html" {
		if !one || len(forms.html) == 0 {
			forms.html, p.html = append(forms.html, text), append(p.html, text)
		}
		return
	}
	if one && len(forms.plain) > 0 {
		return
	}
	if strings.EqualFold(params["format"], "flowed") {
		text = unflow(text, strings.EqualFold(params["delsp"], "yes"))
	}
	forms.plain = append(forms.plain, text)
}

// parameters reads a Content-Type or Content-Disposition, also one that breaks RFC 2045: with bytes
// beyond ASCII, or with a value that should be quoted.
func parameters(field string) (value string, params map[string]string) {
	if value, params, err := mime.ParseMediaType(field); err == nil {
		return value, params
	}
	pieces := strings.Split(field, ";")
	params = map[string]string{}
	for _, piece := range pieces[1:] {
		if name, v, ok := strings.Cut(piece, "="); ok {
			params[strings.ToLower(strings.TrimSpace(name))] = strings.Trim(strings.TrimSpace(v), `"`)
		}
	}
	return strings.ToLower(strings.TrimSpace(pieces[0])), params
}

// fileName decodes a name, which by RFC 2047 should not be encoded words and often is. Bytes of another
// charset come as they are.
func fileName(name string) string {
	if strings.Contains(name, "?utf-8?") && strings.HasPrefix(name, "?") {
		name = "=" + name
	}
	return strings.TrimSpace(clean([]byte(decode(name))))
}

// tidy makes LF of all line ends, and drops what is not seen.
var tidy = strings.NewReplacer("\r\r\n", "\n", "\r\n", "\n", "\r", "\n", "\u00a0", " ", "\ufeff", "", "\u200b", "", "\u00ad", "")

// clean makes valid UTF-8 with LF line ends. Bytes that are none are read as windows-1252, which is
// what an undeclared charset mostly is.
func clean(body []byte) string {
	body = whole(body)
	if !utf8.Valid(body) {
		if decoded, err := charmap.Windows1252.NewDecoder().Bytes(body); err == nil {
			body = decoded
		}
	}
	return inert(tidy.Replace(string(body)))
}

// inert takes out what a terminal would obey: a mail can say anything, and what is read of it is shown at one.
func inert(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t', !unicode.IsControl(r):
			return r
		case unicode.IsSpace(r):
			return ' '
		}
		return -1
	}, text)
}

// whole leaves out the first bytes of a character that a limit cut at the end.
func whole(body []byte) []byte {
	for i := 1; i <= min(utf8.UTFMax, len(body)); i++ {
		if tail := body[len(body)-i:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				return body[:len(body)-i]
			}
			break
		}
	}
	return body
}

// unflow joins the soft line breaks of format=flowed (RFC 3676 §4). Lines join only with lines of the
// same depth of quoting, and one space of stuffing goes.
func unflow(text string, delSp bool) string {
	var out strings.Builder
	depth, soft := -1, false
	for row := range strings.SplitSeq(text, "\n") {
		body := strings.TrimLeft(row, ">")
		quotes := len(row) - len(body)
		body = strings.TrimPrefix(body, " ")
		if !soft || quotes != depth {
			if depth >= 0 {
				out.WriteByte('\n')
			}
			if quotes > 0 {
				out.WriteString(strings.Repeat(">", quotes) + " ")
			}
		}
		depth, soft = quotes, strings.HasSuffix(body, " ") && body != "-- "
		if soft && delSp {
			body = strings.TrimSuffix(body, " ")
		}
		out.WriteString(body)
	}
	return out.String()
}

var fieldName = regexp.MustCompile(`^[!-9;-~]+[ \t]*:`)

// mendHeader returns the header and what comes after it. It drops what go-message refuses a whole mail for:
// lines that are none of a header, an mbox "From " line, leading empty lines, and what is too much; and it
// writes an unknown transfer encoding as the one it is.
func mendHeader(raw []byte) (head, rest []byte) {
	rest = bytes.TrimLeft(raw, "\r\n")
	var out bytes.Buffer
	keep := false
	for len(rest) > 0 {
		line := rest
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			line = rest[:i+1]
		}
		rest = rest[len(line):]
		bare := bytes.TrimRight(line, "\r\n")
		if len(bare) == 0 {
			break
		}
		if continued := bare[0] == ' ' || bare[0] == '\t'; !continued {
			keep = fieldName.Match(bare)
			bare = mendEncoding(bare)
		}
		if keep = keep && out.Len()+len(bare) < mostHeader; keep {
			out.Write(bare)
			out.WriteString("\r\n")
		}
	}
	out.WriteString("\r\n")
	return out.Bytes(), rest
}

// Limits of the header that is read, and of one value that is shown.
const (
	mostHeader = 512 << 10
	mostValue  = 4 << 10
)

const encodingField = "content-transfer-encoding:"

// mendEncoding writes a Content-Transfer-Encoding that is unknown, or has more than a word, as the one it is.
func mendEncoding(field []byte) []byte {
	if len(field) < len(encodingField) || !strings.EqualFold(string(field[:len(encodingField)]), encodingField) {
		return field
	}
	value := strings.ToLower(strings.Trim(strings.TrimSpace(string(field[len(encodingField):])), `"';`))
	for _, known := range []string{"quoted-printable", "base64"} {
		if strings.HasPrefix(value, known) {
			return []byte("Content-Transfer-Encoding: " + known)
		}
	}
	return []byte("Content-Transfer-Encoding: 8bit")
}

func header(h message.Header, name string) string {
	value := h.Get(name)
	return strings.Join(strings.Fields(clean([]byte(decode(value[:min(len(value), mostValue)])))), " ")
}

var base64Word = regexp.MustCompile(`(?i)(\?b\?[^?\s]*?)=*\?=`)

// decode decodes encoded words (RFC 2047 §2); a word whose base64 lacks its padding gets it.
func decode(value string) string {
	if !strings.Contains(value, "=?") {
		return value
	}
	decoded, err := words.DecodeHeader(value)
	if err == nil && !strings.Contains(decoded, "=?") {
		return decoded
	}
	padded := base64Word.ReplaceAllStringFunc(value, func(word string) string {
		text := strings.TrimRight(strings.TrimSuffix(word, "?="), "=")
		return text + strings.Repeat("=", (4-(len(text)-len("?b?"))%4)%4) + "?="
	})
	if decoded, err := words.DecodeHeader(padded); err == nil {
		return decoded
	}
	return cmp.Or(decoded, value)
}
