package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"introd/daemon"
)

const readReply = "From: Dana Wu <dana@bigco.test>\r\nTo: Kim <kim@own.test>\r\nSubject: Re: A question\r\nDate: Mon, 30 Nov 2026 10:00:00 -0500\r\n" +
	"Message-ID: <a@bigco.test>\r\nIn-Reply-To: <q@own.test>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" +
	"Happy to! Thursday at 2pm works. My cell is 617-555-0140.\r\n\r\nOn Sun, Nov 29, 2026 at 9:00 AM Kim <kim@own.test> wrote:\r\n> Could we talk?\r\n"

// readRun runs `introd read` in a folder that holds the given files, and returns what it prints.
func readRun(t *testing.T, files map[string]string, in string, args ...string) (out, errs string, status int) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, content := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var o, e bytes.Buffer
	a := &app{in: strings.NewReader(in), out: &o, err: &e, clock: daemon.System()}
	root := a.commands()
	root.SetArgs(append([]string{"read"}, args...))
	status = a.report(root.ExecuteContext(t.Context()))
	return o.String(), e.String(), status
}

// objects are the lines of `introd read --json`.
func objects(t *testing.T, out string) []map[string]any {
	t.Helper()
	var all []map[string]any
	for line := range strings.Lines(out) {
		object := map[string]any{}
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			t.Fatalf("%v: %q", err, line)
		}
		all = append(all, object)
	}
	return all
}

// The keys of the contract (issue 3), each in every object, lists never null.
func TestReadKeepsTheContract(t *testing.T) {
	out, _, status := readRun(t, nil, readReply, "--json", "-")
	if status != 0 {
		t.Fatalf("exit status %d", status)
	}
	got := objects(t, out)[0]
	want := strings.Fields("file kind list intent new_text text times tz people link phone location return_date stand_in bounce invites message_id in_reply_to references " +
		"subject from date attachments because")
	slices.Sort(want)
	if keys := slices.Sorted(maps.Keys(got)); !slices.Equal(keys, want) {
		t.Errorf("keys %v\nwant %v", keys, want)
	}
	for key, want := range map[string]any{
		"file": "-", "kind": "person", "list": false, "intent": "accept_with_times", "new_text": "Happy to! Thursday at 2pm works. My cell is 617-555-0140.", "phone": "617-555-0140",
		"link": "", "message_id": "a@bigco.test", "date": "2026-11-30T10:00:00-05:00", "stand_in": nil, "bounce": nil, "subject": "Re: A question", "return_date": "",
	} {
		if got[key] != want {
			t.Errorf("%s: %v, want %v", key, got[key], want)
		}
	}
	for _, key := range []string{"people", "invites", "references", "attachments"} {
		if list, ok := got[key].([]any); !ok || len(list) != 0 {
			t.Errorf("%s: %v, want an empty list", key, got[key])
		}
	}
	time := got["times"].([]any)[0].(map[string]any)
	if keys := slices.Sorted(maps.Keys(time)); !slices.Equal(keys, []string{"alternatives", "end", "kind", "start", "text"}) || time["start"] != "2026-12-03T14:00:00-05:00" || time["kind"] != "exact" {
		t.Errorf("time %v", time)
	}
	if why := got["because"].([]any)[0].(map[string]any); len(why) != 3 || why["verdict"] == "" || why["evidence"] == "" || why["rule"] == "" {
		t.Errorf("because %v", why)
	}
}

// A folder is read with all in it, in order; what cannot be read is said, and the run goes on.
func TestReadGoesOn(t *testing.T) {
	files := map[string]string{"mail/b.eml": readReply, "mail/a/z.eml": readReply, "mail/a/empty.eml": "", "last.eml": readReply}
	out, errs, status := readRun(t, files, "", "--json", "mail", "missing.eml", "last.eml")
	if status != exitFault || errs != "introd: there is no file or folder missing.eml\n" {
		t.Fatalf("exit status %d: %s", status, errs)
	}
	var names []string
	for _, o := range objects(t, out) {
		name := o["file"].(string)
		if text, failed := o["error"]; failed {
			name += " failed"
			if text == "" || len(o) != 2 {
				t.Errorf("%v", o)
			}
		}
		names = append(names, filepath.ToSlash(name))
	}
	want := []string{"mail/a/empty.eml", "mail/a/z.eml", "mail/b.eml", "missing.eml failed", "last.eml"}
	if !slices.Equal(names, want) {
		t.Errorf("%v\nwant %v", names, want)
	}
}

func TestReadInPlainWords(t *testing.T) {
	out, _, status := readRun(t, map[string]string{"reply.eml": readReply}, "", "reply.eml")
	if status != 0 {
		t.Fatalf("exit status %d", status)
	}
	for _, want := range []string{
		"They say yes and name when.", "From         dana@bigco.test", "by a person", "Time         Thu 3 Dec 2026, 14:00 (-05:00) (“Thursday at 2pm”)", "Call         617-555-0140", "Because",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestReadAPhrase(t *testing.T) {
	const at = "2026-11-23T09:00:00-05:00"
	out, _, status := readRun(t, nil, "", "--text", "Tuesday at 3 works", "--at", at)
	if status != 0 || !strings.Contains(out, "Tue 24 Nov 2026, 15:00 (-05:00)") || !strings.Contains(out, "They say yes and name when.") {
		t.Errorf("exit status %d:\n%s", status, out)
	}
	out, _, _ = readRun(t, nil, "", "--json", "--text", "Tuesday at 3 works", "--at", at)
	if o := objects(t, out)[0]; o["intent"] != "accept_with_times" || o["date"] != at || o["file"] != "" {
		t.Errorf("%v", o)
	}
	if _, errs, status := readRun(t, nil, "", "--text", "x", "--at", "noon"); status == 0 || !strings.Contains(errs, "write it like") {
		t.Errorf("exit status %d: %s", status, errs)
	}
	if _, errs, status := readRun(t, nil, ""); status == 0 || !strings.Contains(errs, "name the files") {
		t.Errorf("exit status %d: %s", status, errs)
	}
}

// Every intent, kind and role has words for a person.
func TestReadHasWordsForAll(t *testing.T) {
	if len(meanings) != 18 || len(answers) != 18 || len(writers) != 6 {
		t.Errorf("%d meanings, %d writers", len(meanings), len(writers))
	}
	day := time.Date(2026, 12, 3, 0, 0, 0, 0, time.UTC)
	if got := dayWords(day.Format(time.DateOnly)); got != "on Thursday, 3 December 2026" {
		t.Error(got)
	}
}
