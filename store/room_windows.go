package store

import "golang.org/x/sys/windows"

// roomIn is how many bytes may still be written on the disk of a folder.
func roomIn(dir string) (free uint64, err error) {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, err
	}
	return free, windows.GetDiskFreeSpaceEx(name, &free, nil, nil)
}
