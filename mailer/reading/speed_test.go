//go:build unix

package reading

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"
)

// Real mail, for the number of mails and megabytes in a second: people's replies with the threads that
// they quote, absence notices, delivery reports, and letters, each folder of the corpora by itself.
func BenchmarkReadCorpora(b *testing.B) {
	root := os.Getenv("INTROD_CORPORA")
	if root == "" {
		b.Skip("INTROD_CORPORA names no folder of corpora")
	}
	for _, name := range []string{"letters", "replies", "autoreplies", "bounces", "mime"} {
		b.Run(name, func(b *testing.B) {
			mails, size := corpus(b, filepath.Join(root, name))
			c := Context{Owner: []string{"sam@home.test"}, OwnerZone: time.UTC}
			b.SetBytes(int64(size))
			b.ReportAllocs()
			before := processor(b)
			for b.Loop() {
				for _, raw := range mails {
					Read(raw, c)
				}
			}
			spent := (processor(b) - before).Seconds()
			b.ReportMetric(float64(b.N*len(mails))/spent, "mails/cpu-s")
			b.ReportMetric(float64(b.N*size)/1e6/spent, "MB/cpu-s")
		})
	}
}

// processor is the time that this process has had of all cores, which a busy machine does not change.
func processor(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// corpus reads all mails in a folder, and counts their bytes.
func corpus(b *testing.B, folder string) (mails [][]byte, size int) {
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if ext := filepath.Ext(path); err != nil || d.IsDir() || !slices.Contains([]string{".eml", ".txt", ".raw"}, ext) {
			return err
		}
		raw, err := os.ReadFile(path)
		mails, size = append(mails, raw), size+len(raw)
		return err
	})
	if err != nil || len(mails) == 0 {
		b.Fatalf("%s: %d mails, %v", folder, len(mails), err)
	}
	return mails, size
}
