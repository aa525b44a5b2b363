//go:build race

package reading

// raced: the race detector makes sync.Pool forget, so that regular expressions allocate anew each time.
const raced = true
