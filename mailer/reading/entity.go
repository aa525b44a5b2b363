package reading

import (
	"bytes"
	"io"
	"mime"
	"regexp"
	"strings"
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
	mostText  = 1 << 20 // of one text part
)

// parts are what the body of a mail is made of.
type parts struct {
	header      message.Header
	plain, html []string // text parts that are shown, in order
	calendars   []calendar
	status      [][]byte // message/delivery-status
	feedback    [][]byte // message/feedback-report
	returned    [][]byte // message/rfc822 and text/rfc822-headers
	attachments []string // file names
	count       int
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
	entity, err := message.Read(bytes.NewReader(mendHeader(raw)))
	if entity == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		p.plain = []string{clean(raw)}
		return p
	}
	p.header = entity.Header
	p.walk(entity, 0, false)
	return p
}

// walk goes through an entity and its parts. alternative says that it is one of several forms of the
// same text.
func (p *parts) walk(e *message.Entity, depth int, alternative bool) {
	if p.count++; p.count > mostParts || depth > mostDepth {
		return
	}
	if reader := e.MultipartReader(); reader != nil {
		kind, _, _ := e.Header.ContentType()
		for {
			part, err := reader.NextPart()
			if part == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
				return
			}
			p.walk(part, depth+1, kind == "multipart/alternative")
		}
	}
	p.leaf(e)
}

func (p *parts) leaf(e *message.Entity) {
	kind, params, err := e.Header.ContentType()
	if err != nil || kind == "" {
		kind = "text/plain"
	}
	name := fileName(e.Header, params)
	if name != "" {
		p.attachments = append(p.attachments, name)
	}
	disposition, _, _ := e.Header.ContentDisposition()
	body, _ := io.ReadAll(io.LimitReader(e.Body, mostText)) // what was read before an error is kept
	switch {
	case kind == "text/calendar" || kind == "application/ics":
		p.calendars = append(p.calendars, calendar{strings.ToUpper(params["method"]), body})
	case kind == "message/delivery-status" || kind == "message/global-delivery-status":
		p.status = append(p.status, body)
	case kind == "message/feedback-report":
		p.feedback = append(p.feedback, body)
	case kind == "message/rfc822" || kind == "text/rfc822-headers" || kind == "message/global" || kind == "message/global-headers":
		p.returned = append(p.returned, body)
	case disposition == "attachment" || name != "" && !strings.HasPrefix(kind, "text/"):
	case kind == "text/html":
		p.html = append(p.html, clean(body))
	case strings.HasPrefix(kind, "text/"):
		text := clean(body)
		if strings.EqualFold(params["format"], "flowed") {
			text = unflow(text, strings.EqualFold(params["delsp"], "yes"))
		}
		p.plain = append(p.plain, text)
	}
}

func fileName(h message.Header, params map[string]string) string {
	_, disposition, _ := h.ContentDisposition()
	name := disposition["filename"]
	if name == "" {
		name = params["name"]
	}
	if decoded, err := words.DecodeHeader(name); err == nil {
		name = decoded
	}
	return name
}

// clean makes valid UTF-8 with LF line ends. Bytes that are none are read as windows-1252, which is
// what an undeclared charset mostly is.
func clean(body []byte) string {
	if !utf8.Valid(body) {
		if decoded, err := charmap.Windows1252.NewDecoder().Bytes(body); err == nil {
			body = decoded
		}
	}
	return strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u00a0", " ", "\ufeff", "").Replace(string(body))
}

// unflow joins the soft line breaks of format=flowed (RFC 3676 §4.1).
func unflow(text string, delSp bool) string {
	var out strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		quote := len(line) - len(strings.TrimLeft(line, ">"))
		body := strings.TrimPrefix(line[quote:], " ")
		if strings.HasSuffix(body, " ") && body != "-- " && quote == 0 {
			if delSp {
				body = strings.TrimSuffix(body, " ")
			}
			out.WriteString(body)
			continue
		}
		if quote == 0 {
			line = body
		}
		out.WriteString(line + "\n")
	}
	return out.String()
}

var fieldName = regexp.MustCompile(`^[!-9;-~]+[ \t]*:`)

// mendHeader drops what go-message refuses a whole mail for: lines of the header that are none, an
// mbox "From " line, leading empty lines; and it writes an unknown transfer encoding as the one it is.
func mendHeader(raw []byte) []byte {
	raw = bytes.TrimLeft(raw, "\r\n")
	var out bytes.Buffer
	keep := false
	for rest := raw; len(rest) > 0; {
		line := rest
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			line = rest[:i+1]
		}
		rest = rest[len(line):]
		bare := bytes.TrimRight(line, "\r\n")
		if len(bare) == 0 {
			out.WriteString("\r\n")
			out.Write(rest)
			return out.Bytes()
		}
		switch continued := bare[0] == ' ' || bare[0] == '\t'; {
		case continued && keep, !continued && fieldName.Match(bare):
			keep = true
			if !continued && len(bare) > 26 && bytes.EqualFold(bare[:26], []byte("content-transfer-encoding:")) {
				bare = encodingOf(bare)
			}
			out.Write(bare)
			out.WriteString("\r\n")
		default:
			keep = false
		}
		if out.Len() > mostHeader {
			return out.Bytes()
		}
	}
	return out.Bytes()
}

// mostHeader bounds the header that is read.
const mostHeader = 512 << 10

func encodingOf(field []byte) []byte {
	value := strings.ToLower(strings.Trim(strings.TrimSpace(string(field[26:])), `"';`))
	for _, known := range []string{"quoted-printable", "base64"} {
		if strings.HasPrefix(value, known) {
			return []byte("Content-Transfer-Encoding: " + known)
		}
	}
	return []byte("Content-Transfer-Encoding: 8bit")
}

func header(h message.Header, name string) string {
	value := h.Get(name)
	if decoded, err := words.DecodeHeader(value); err == nil {
		value = decoded
	}
	return strings.Join(strings.Fields(value), " ")
}
