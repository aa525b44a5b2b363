package main

import "testing"

// Each promise of DESIGN §1 has its tests here. Their scripts lie in testdata/promises under its number.

func TestP1_AskedFirst(t *testing.T) {
	t.Parallel()
	runScripts(t, "testdata/promises/p1-*.txtar")
}

func TestP2_Once(t *testing.T) {
	t.Parallel()
	runScripts(t, "testdata/promises/p2-*.txtar")
}

func TestP3_Fresh(t *testing.T) {
	t.Parallel()
	runScripts(t, "testdata/promises/p3-*.txtar")
}

func TestP4_AsFoundOnAPoorServer(t *testing.T) {
	t.Parallel()
	runScripts(t, "testdata/promises/p4-*.txtar")
}

func TestP5_NothingMissed(t *testing.T) {
	t.Parallel()
	runScripts(t, "testdata/promises/p5-*.txtar")
}

func TestP6_OnlyTheOwnerCommands(t *testing.T) {
	t.Parallel()
	runScripts(t, "testdata/promises/p6-*.txtar")
}

func TestP7_NoMeansNo(t *testing.T) {
	t.Parallel()
	runScripts(t, "testdata/promises/p7-*.txtar")
}

func TestP8_Explains(t *testing.T) {
	t.Parallel()
	runScripts(t, "testdata/promises/p8-*.txtar")
}

// Export and forget come with issues of their own; until then the listings are what there is to take away.
func TestP10_TheirsToKeep(t *testing.T) {
	t.Parallel()
	runScripts(t, "testdata/promises/p10-*.txtar")
}
