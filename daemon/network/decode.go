package network

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// decode makes text of a file: by its byte order mark, as UTF-8 where it is sound, else as windows-1252,
// which spreadsheets write.
func decode(raw []byte) string {
	for _, mark := range []struct {
		bytes  []byte
		endian unicode.Endianness
	}{{[]byte{0xff, 0xfe}, unicode.LittleEndian}, {[]byte{0xfe, 0xff}, unicode.BigEndian}} {
		if bytes.HasPrefix(raw, mark.bytes) {
			if text, err := unicode.UTF16(mark.endian, unicode.ExpectBOM).NewDecoder().Bytes(raw); err == nil {
				return string(text)
			}
		}
	}
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	if !utf8.Valid(raw) {
		if text, err := charmap.Windows1252.NewDecoder().Bytes(raw); err == nil {
			return string(text)
		}
	}
	return string(raw)
}
