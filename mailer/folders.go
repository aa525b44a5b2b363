package mailer

import (
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// Role is the part that a folder plays.
type Role string

// The roles that introd knows (RFC 6154), and its own two folders.
const (
	RoleInbox     Role = "inbox"
	RoleStrangers Role = "strangers" // where Web.de and GMX put mail from people whom the owner never wrote to
	RoleSent      Role = "sent"
	RoleDrafts    Role = "drafts"
	RoleArchive   Role = "archive"
	RoleAll       Role = "all"
	RoleJunk      Role = "junk"
	RoleTrash     Role = "trash"
	RoleSend      Role = "introd-send" // approval mails are moved here to approve
	RoleDrop      Role = "introd-drop" // and here to drop
)

// A Folder is one mailbox of the account, with its role ("" for none) and how that was found out.
type Folder struct {
	Name string
	Role Role
	Why  string
}

// Common is the folder's name without what is its owner's own in it, and whether thousands have a
// folder of that name. "Sent" and "[Gmail]/Gesendet" are common; of introd's own folders the random
// tail is left out.
func (f Folder) Common() (name string, common bool) {
	for _, own := range []string{"introd-send-", "introd-drop-"} {
		if strings.HasPrefix(f.Name[strings.LastIndexAny(f.Name, "/.")+1:], own) {
			return own + "…", true
		}
	}
	if strings.EqualFold(f.Name, "INBOX") {
		return "INBOX", true
	}
	last := f.Name
	for _, above := range []string{"INBOX.", "INBOX/", "[Gmail]/", "[Google Mail]/", "[Gmail].", "[Google Mail]."} {
		last = strings.TrimPrefix(last, above)
	}
	for _, names := range folderNames {
		if slices.Contains(names, strings.ToLower(last)) {
			return f.Name, true
		}
	}
	return "", false
}

// Folders lists the folders that can be opened. Roles come from the owner's config, then from
// SPECIAL-USE, then from the names that mail programs and providers give them.
func (s *Session) Folders() ([]Folder, error) {
	defer s.asking()()
	list, err := s.client.List("", "*", nil).Collect()
	if err != nil {
		return nil, s.failed("listing the folders", err)
	}
	if s.caps.SpecialUse && !anyRole(list) { // a plain LIST need not show the attributes
		if list, err = s.client.List("", "*", &imap.ListOptions{ReturnSpecialUse: true}).Collect(); err != nil {
			return nil, s.failed("listing the folders", err)
		}
	}
	list = slices.DeleteFunc(list, func(d *imap.ListData) bool { return !opens(d) })
	for _, data := range list {
		s.known[data.Mailbox] = true
	}
	var folders []Folder
	taken := map[Role]bool{}
	for _, find := range []func(*imap.ListData) (Role, string){s.byConfig, bySpecialUse, byName} {
		for _, data := range list {
			if role, why := find(data); role != "" && !taken[role] && !named(folders, data.Mailbox) {
				taken[role] = true
				folders = append(folders, Folder{data.Mailbox, role, why})
			}
		}
	}
	for _, data := range list {
		if !named(folders, data.Mailbox) {
			folders = append(folders, Folder{Name: data.Mailbox})
		}
	}
	return folders, nil
}

// opens says whether a folder can be opened at all.
func opens(data *imap.ListData) bool {
	return !slices.Contains(data.Attrs, imap.MailboxAttrNoSelect) && !slices.Contains(data.Attrs, imap.MailboxAttrNonExistent)
}

func named(folders []Folder, name string) bool {
	return slices.ContainsFunc(folders, func(f Folder) bool { return f.Name == name })
}

func anyRole(list []*imap.ListData) bool {
	return slices.ContainsFunc(list, func(d *imap.ListData) bool { role, _ := bySpecialUse(d); return role != "" && role != RoleInbox })
}

func (s *Session) byConfig(data *imap.ListData) (Role, string) {
	for role, name := range s.account.Folders {
		if name == data.Mailbox {
			return role, "the config"
		}
	}
	return "", ""
}

func bySpecialUse(data *imap.ListData) (Role, string) {
	if strings.EqualFold(data.Mailbox, "INBOX") {
		return RoleInbox, "its name"
	}
	for _, attr := range data.Attrs {
		switch attr {
		case imap.MailboxAttrSent:
			return RoleSent, "special use"
		case imap.MailboxAttrDrafts:
			return RoleDrafts, "special use"
		case imap.MailboxAttrArchive:
			return RoleArchive, "special use"
		case imap.MailboxAttrAll:
			return RoleAll, "special use"
		case imap.MailboxAttrJunk:
			return RoleJunk, "special use"
		case imap.MailboxAttrTrash:
			return RoleTrash, "special use"
		}
	}
	return "", ""
}

// byName knows the last part of a folder's name.
func byName(data *imap.ListData) (Role, string) {
	name := strings.ToLower(data.Mailbox)
	if data.Delim != 0 {
		name = name[strings.LastIndex(name, string(data.Delim))+1:]
	}
	for role, names := range folderNames {
		if slices.Contains(names, name) {
			return role, "its name"
		}
	}
	return "", ""
}

// folderNames are the names, lower case, that servers without SPECIAL-USE give their folders.
var folderNames = map[Role][]string{
	RoleSent: {"sent", "sent items", "sent messages", "sent mail", "gesendet", "gesendete elemente", "gesendete objekte", "envoyés", "éléments envoyés",
		"messages envoyés", "enviados", "elementos enviados", "itens enviados", "mensagens enviadas", "posta inviata", "inviata", "verzonden", "verzonden items",
		"skickat", "skickade objekt", "sendt", "sendt post", "wysłane", "elementy wysłane", "отправленные", "已发送", "已发送邮件", "送信済み", "送信済みアイテム"},
	RoleDrafts: {"drafts", "draft", "entwürfe", "entwurf", "brouillons", "borradores", "rascunhos", "bozze", "concepten", "utkast", "kladder", "szkice", "kopie robocze",
		"черновики", "草稿", "草稿箱", "下書き"},
	RoleStrangers: {"unbekannt"},
	RoleArchive:   {"archive", "archives", "archiv", "archivo", "arquivo", "archivio", "archief", "arkiv", "archiwum", "архив", "存档", "アーカイブ"},
	RoleAll:       {"all mail", "alle nachrichten", "tous les messages", "todos", "todos os e-mails", "tutti i messaggi"},
	RoleJunk: {"junk", "spam", "junk email", "junk e-mail", "bulk mail", "bulk", "spamverdacht", "courrier indésirable", "pourriel", "correo no deseado", "lixo eletrônico",
		"posta indesiderata", "ongewenste e-mail", "skräppost", "søppelpost", "wiadomości-śmieci", "спам", "垃圾邮件", "迷惑メール"},
	RoleTrash: {"trash", "deleted items", "deleted messages", "bin", "papierkorb", "gelöschte elemente", "corbeille", "éléments supprimés", "papelera",
		"elementos eliminados", "lixeira", "itens excluídos", "cestino", "prullenbak", "papperskorgen", "kosz", "корзина", "удаленные", "удалённые", "已删除", "已删除邮件", "ごみ箱"},
}
