// Nanoseconds per Get and Put of a 1 KiB buffer in Go: sync.Pool, and a fresh buffer each time, by
// one goroutine and by two. The wall time is divided by the pairs of all goroutines.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
)

type buffer struct {
	bytes [1024]byte
}

var pool = sync.Pool{New: func() any { return new(buffer) }}

func usePooled() {
	b := pool.Get().(*buffer)
	b.bytes[0]++
	pool.Put(b)
}

// fresh is not inlined, so that its buffer is on the heap.
//
//go:noinline
func fresh() *buffer { return new(buffer) }

func useFresh() { fresh().bytes[0]++ }

// together has each of so many goroutines do its share of n operations.
func together(goroutines, n int, operations func(n int)) {
	var running sync.WaitGroup
	for i := 1; i < goroutines; i++ {
		running.Add(1)
		go func() {
			defer running.Done()
			operations(n / goroutines)
		}()
	}
	operations(n - (goroutines-1)*(n/goroutines))
	running.Wait()
}

func main() {
	testing.Init()
	benchtime := flag.String("benchtime", "200ms", "how long each is measured")
	flag.Parse()
	if err := flag.Set("test.benchtime", *benchtime); err != nil {
		fmt.Fprintf(os.Stderr, "pool.go: -benchtime=%s: %v\n", *benchtime, err)
		os.Exit(2)
	}
	var results []string
	for _, kind := range []struct {
		name       string
		operations func(n int)
	}{
		{"go_pool", func(n int) {
			for i := 0; i < n; i++ {
				usePooled()
			}
		}},
		{"go_fresh", func(n int) {
			for i := 0; i < n; i++ {
				useFresh()
			}
		}},
	} {
		for _, goroutines := range []int{1, 2} {
			result := testing.Benchmark(func(b *testing.B) { together(goroutines, b.N, kind.operations) })
			results = append(results, fmt.Sprintf("\"%s/%d\": %.3f", kind.name, goroutines,
				float64(result.T.Nanoseconds())/float64(result.N)))
		}
	}
	fmt.Printf("{%s}\n", strings.Join(results, ", "))
}
