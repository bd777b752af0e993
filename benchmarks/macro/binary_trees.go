// Binary trees in Go: the twin of binary_trees.cc, with its flags as far as Go has them, its nodes
// of 32 bytes and its JSON object on the last line of output.
//
// Go keeps no peaks, so this program samples runtime/metrics each time it has built a subtree of
// sampledDepth: every 64 KiB of nodes, at about 0.2 us a sample, under half a percent of the time.
// The peaks are therefore too low by at most 64 KiB a thread. Their meaning:
//
//	peak_heap_bytes                 live objects and dead ones not yet swept (MemStats.HeapAlloc)
//	peak_sys_minus_released_bytes   what GOMEMLIMIT limits (MemStats.Sys - MemStats.HeapReleased)
//	max_pause_ms                    the longest sum of the stops of one collection (MemStats.PauseNs)
//
// With GODEBUG=gcstoptheworld=1 both pauses are null: Go then marks while no goroutine may run, but
// does not count that time as a pause.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

type node struct {
	left, right *node
	payload     [2]int64
}

// A subtree of this depth has 2047 nodes of 32 bytes.
const sampledDepth = 10

// MemStats holds the pauses of so many collections.
const pauseHistory = 256

// raise makes *peak at least value.
func raise(peak *uint64, value uint64) {
	for seen := atomic.LoadUint64(peak); seen < value; seen = atomic.LoadUint64(peak) {
		if atomic.CompareAndSwapUint64(peak, seen, value) {
			return
		}
	}
}

var (
	peakHeap     uint64
	peakMapped   uint64
	maxPauseNs   uint64
	pausesReadAt uint64 // NumGC when the pauses were last looked at
)

// sampler holds what one goroutine reads the metrics into.
type sampler struct {
	samples [5]metrics.Sample
}

func newSampler() *sampler {
	s := &sampler{}
	for i, name := range []string{
		"/memory/classes/heap/objects:bytes",
		"/memory/classes/total:bytes",
		"/memory/classes/heap/released:bytes",
		"/gc/cycles/total:gc-cycles",
		"/gc/limiter/last-enabled:gc-cycle",
	} {
		s.samples[i].Name = name
	}
	return s
}

func (s *sampler) note() {
	metrics.Read(s.samples[:])
	raise(&peakHeap, s.samples[0].Value.Uint64())
	raise(&peakMapped, s.samples[1].Value.Uint64()-s.samples[2].Value.Uint64())
	seen := atomic.LoadUint64(&pausesReadAt)
	if cycles := s.samples[3].Value.Uint64(); cycles >= seen+pauseHistory/2 {
		if atomic.CompareAndSwapUint64(&pausesReadAt, seen, cycles) {
			notePauses()
		}
	}
}

func (s *sampler) limited() bool { return s.samples[4].Value.Uint64() > 0 }

// notePauses takes the pauses that the runtime still remembers into account. It does not stop the
// world.
func notePauses() {
	var stats debug.GCStats
	debug.ReadGCStats(&stats)
	for _, pause := range stats.Pause {
		raise(&maxPauseNs, uint64(pause))
	}
}

func build(depth int) *node {
	if depth == 0 {
		return &node{}
	}
	return &node{left: build(depth - 1), right: build(depth - 1)}
}

func (s *sampler) build(depth int) *node {
	if depth <= sampledDepth {
		tree := build(depth)
		s.note()
		return tree
	}
	return &node{left: s.build(depth - 1), right: s.build(depth - 1)}
}

func (tree *node) count() uint64 {
	if tree == nil {
		return 0
	}
	return 1 + tree.left.count() + tree.right.count()
}

func buildTransientTrees(trees, depth int) {
	s := newSampler()
	expected := uint64(2)<<depth - 1
	for i := 0; i < trees; i++ {
		if s.build(depth).count() != expected {
			fmt.Fprintf(os.Stderr, "binary_trees.go: a transient tree of depth %d lost nodes\n", depth)
			os.Exit(1)
		}
	}
}

func check(name string, value, low, high int) {
	if value < low || value > high {
		fmt.Fprintf(os.Stderr, "binary_trees.go: -%s must be from %d to %d, not %d\n", name, low, high, value)
		os.Exit(2)
	}
}

func main() {
	liveDepth := flag.Int("live_depth", 18, "depth of the tree that lives throughout; negative for none")
	trees := flag.Int("trees", 1000, "transient trees, shared out among the threads")
	treeDepth := flag.Int("tree_depth", 14, "depth of a transient tree")
	threads := flag.Int("threads", 1, "goroutines that build transient trees")
	flag.Parse()
	check("live_depth", *liveDepth, -1, 28)
	check("trees", *trees, 0, 1_000_000_000)
	check("tree_depth", *treeDepth, 0, 28)
	check("threads", *threads, 1, 256)

	s := newSampler()
	began := time.Now()
	var live *node
	if *liveDepth >= 0 {
		live = s.build(*liveDepth)
	}
	var workers sync.WaitGroup
	share := *trees / *threads
	for i := 1; i < *threads; i++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			buildTransientTrees(share, *treeDepth)
		}()
	}
	buildTransientTrees(*trees-(*threads-1)*share, *treeDepth)
	workers.Wait()
	wall := time.Since(began)

	if *liveDepth >= 0 && live.count() != uint64(2)<<*liveDepth-1 {
		fmt.Fprintln(os.Stderr, "binary_trees.go: the tree that lives throughout lost nodes")
		os.Exit(1)
	}
	s.note()
	notePauses()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	mode := "concurrent"
	pauses := fmt.Sprintf("\"pause_total_ms\": %.3f, \"max_pause_ms\": %.3f",
		float64(stats.PauseTotalNs)/1e6, float64(maxPauseNs)/1e6)
	if strings.Contains(os.Getenv("GODEBUG"), "gcstoptheworld=1") {
		mode = "stop-the-world"
		pauses = "\"pause_total_ms\": null, \"max_pause_ms\": null"
	}
	fmt.Printf("{\"wall_s\": %.4f, \"num_gc\": %d, %s, "+
		"\"peak_heap_bytes\": %d, \"peak_sys_minus_released_bytes\": %d, \"gc_cpu_fraction\": %.4f, "+
		"\"limiter_on\": %t, \"mode\": \"%s\", \"markers\": %d}\n",
		wall.Seconds(), stats.NumGC, pauses, peakHeap, peakMapped,
		stats.GCCPUFraction, s.limited(), mode, runtime.GOMAXPROCS(0))
}
