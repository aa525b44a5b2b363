// Package bounce reads delivery reports (RFC 3464) and the loose forms of real servers.
package bounce

// Bounce is what a delivery report says (RFC 3464).
type Bounce struct {
	Class             string   `json:"class"` // bounce, delay, complaint, delivered
	Reports           []Report `json:"reports"`
	OriginalMessageID string   `json:"original_message_id"`
}

// Report is one recipient's fate.
type Report struct {
	Recipient string `json:"recipient"`
	Status    string `json:"status"`    // enhanced status code, "5.1.1" (RFC 3463)
	SMTPCode  string `json:"smtp_code"` // "550"
	Permanent bool   `json:"permanent"`
}
