package signin_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"introd/mailer/signin"
)

func TestSecrets(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("CREDENTIALS_DIRECTORY", dir)
	at := func(name, words string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.WriteFile(path, []byte(words), mode), os.Chmod(path, mode)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, c := range map[string]struct {
		secret signin.Secret
		want   string // the secret, or the words of the error
		none   bool
	}{
		"file":                   {signin.Secret{File: at("good", "s3cret\r\nnot this\n", 0o600)}, "s3cret", false},
		"file, others read it":   {signin.Secret{File: at("open", "s3cret\n", 0o644)}, "run chmod 600 on it", false},
		"file, not there":        {signin.Secret{File: filepath.Join(dir, "gone")}, "there is no file", true},
		"command":                {signin.Secret{Command: "printf 's3cret\\nmore'"}, "s3cret", false},
		"command, it fails":      {signin.Secret{Command: "echo s3cret; exit 3"}, "password_command failed (exit status 3)", false},
		"command, says nothing":  {signin.Secret{Command: "true"}, "password_command printed nothing", false},
		"credential":             {signin.Secret{Credential: "good"}, "s3cret", false},
		"credential, not given":  {signin.Secret{Credential: "other"}, "write LoadCredential=other:… into the unit", true},
		"credential, not a name": {signin.Secret{Credential: "../good"}, "is a name, not a path", false},
	} {
		have, err := c.secret.Get(t.Context())
		if err != nil {
			have = err.Error()
			if strings.Contains(have, "s3cret") {
				t.Errorf("%s: the secret stands in the error: %s", name, have)
			}
		}
		if !strings.Contains(have, c.want) || (c.want == "s3cret") != (err == nil) || errors.Is(err, signin.ErrNone) != c.none {
			t.Errorf("%s: %q, %v", name, have, err)
		}
	}
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	if _, err := (signin.Secret{Credential: "good"}).Get(t.Context()); err == nil || !strings.Contains(err.Error(), "works in a service of systemd alone") {
		t.Error(err)
	}
}

// What introd keeps itself is for nobody else to read, and replaced as a whole.
func TestSecretsThatAreWritten(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	at := signin.Secret{File: filepath.Join(dir, "sign-in-main")}
	for _, secret := range []string{"first", "second"} {
		if err := at.Put(t.Context(), secret); err != nil {
			t.Fatal(err)
		}
		if have, err := at.Get(t.Context()); err != nil || have != secret {
			t.Errorf("%q, %v", have, err)
		}
	}
	info, err1 := os.Stat(at.File)
	folder, err2 := os.Stat(dir)
	files, err3 := os.ReadDir(dir)
	if err := errors.Join(err1, err2, err3); err != nil || info.Mode() != 0o600 || folder.Mode().Perm() != 0o700 || len(files) != 1 {
		t.Errorf("%v %v, %d files, %v", info.Mode(), folder.Mode(), len(files), err)
	}
	if err := errors.Join(at.Delete(t.Context()), at.Delete(t.Context())); err != nil {
		t.Error(err)
	}
	if _, err := at.Get(t.Context()); !errors.Is(err, signin.ErrNone) {
		t.Error(err)
	}
	if err := (signin.Secret{Command: "true"}).Put(t.Context(), "s3cret"); err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Error(err)
	}
}
