//go:build unix

package store

import "golang.org/x/sys/unix"

// roomIn is how many bytes may still be written on the disk of a folder.
func roomIn(dir string) (uint64, error) {
	var s unix.Statfs_t
	err := unix.Statfs(dir, &s)
	return uint64(s.Bavail) * uint64(s.Bsize), err
}
