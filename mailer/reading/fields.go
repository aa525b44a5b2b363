package reading

import "strings"

// A field is a line of the block that Outlook and others put above the older mail.
type field uint8

const (
	noField field = iota
	authorField
	dateField
	toField
	copyField
	subjectField
)

// fieldNames has the names of the fields in the languages of Outlook and Apple Mail.
var fieldNames = map[field]string{
	authorField: "from|von|de|da|fra|från|van|od|от|від|lähettäjä|kimden|gönderen|feladó|από|de la|发件人|寄件者|差出人|보낸 사람|מאת|من|reply-to|expéditeur|remitente|dari",
	dateField: "date|sent|gesendet|datum|envoyé|envoyé le|date d'envoi|message du|fecha|enviado|enviado el|enviado em|enviada|enviada em|data|inviato|sendt|dato|skickat|verzonden|wysłano|data wysłania|" +
		"отправлено|дата|надіслано|lähetetty|päivämäärä|gönderme tarihi|tarih|elküldve|dátum|odesláno|odoslané|ημερομηνία|trimis|发送时间|日期|寄件日期|送信日時|日付|보낸 날짜|날짜|received",
	toField:      "to|an|à|a|para|til|till|aan|do|dla|кому|vastaanottaja|kime|alıcı|címzett|komu|προς|către|收件人|收件者|宛先|받는 사람|אל|kepada|destinataire",
	copyField:    "cc|kopie|copie|copie à|kopi|kopia|копия|копія|bcc|抄送|副本|참조",
	subjectField: "subject|betreff|objet|asunto|assunto|oggetto|emne|ämne|onderwerp|temat|тема|aihe|konu|tárgy|předmět|predmet|θέμα|subiect|主题|主旨|件名|제목|נושא|sujet|perihal",
}

var fields = byName(fieldNames)

func byName(names map[field]string) map[string]field {
	known := map[string]field{}
	for f, list := range names {
		for name := range strings.SplitSeq(list, "|") {
			known[name] = f
		}
	}
	return known
}

// fieldOf reads a line as a field; the name may be in bold ("*From:*").
func fieldOf(text string) (f field, value string) {
	text = strings.TrimLeft(text, " \t*|_\u00a0")
	i := strings.IndexAny(text[:min(len(text), 40)], ":：")
	if i <= 0 {
		return noField, ""
	}
	name := strings.ToLower(strings.Trim(text[:i], " *_\u00a0"))
	return fields[name], strings.Trim(text[i:], ":： *\u00a0\t\u200e")
}

// headerBlock says whether such a block begins here: an author and a date, or three kinds of
// field of which one is the author, or a full date and a receiver, in lines that follow each other or have
// one empty line between them. The author must be given with an address, or the date with a year or a time:
// "From: 3pm", "To: 5pm" is somebody's free afternoon.
func (s *search) headerBlock(lines []line) bool {
	if f, _ := fieldOf(lines[0].text); f == noField || s.tries == 0 {
		return false
	}
	s.tries--
	seen := map[field]bool{}
	author, date, full, gap := false, false, false, 0
	for _, l := range lines[:min(len(lines), 14)] {
		f, value := fieldOf(l.text)
		if f == noField {
			if gap++; gap > 1 {
				break
			}
			continue
		}
		gap, seen[f] = 0, true
		addressed := strings.Contains(value, "@")
		author = author || f == authorField && addressed
		if f == dateField {
			hasYear, hasTime := year.MatchString(value), timeOfDay.MatchString(value)
			date, full = hasYear || hasTime, hasYear && hasTime
		}
		if full && f == toField && addressed {
			return true
		}
	}
	return seen[authorField] && (author || date) && (seen[dateField] || len(seen) >= 3)
}
