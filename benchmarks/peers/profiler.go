// Nanoseconds per object of 32 bytes in Go, at one rate of the heap profile for the whole process:
// what rounds.h does in shorter rounds, in the same ring of static memory, with the same one line of output.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"sort"
	"time"
)

const (
	slots     = 1024
	batch     = 10000 // between two looks at the clock
	roundTime = 10 * time.Millisecond
)

type object32 struct {
	next    *object32
	payload [24]byte
}

var ring [slots]*object32

// round returns the nanoseconds for each object of one round.
func round() float64 {
	objects := 0
	began := time.Now()
	for {
		for i := 0; i < batch; i++ {
			ring[i%slots] = new(object32)
		}
		objects += batch
		if passed := time.Since(began); passed >= roundTime {
			return float64(passed.Nanoseconds()) / float64(objects)
		}
	}
}

func main() {
	rate := flag.Int("rate", 0, "runtime.MemProfileRate, bytes; 0: no profile")
	rounds := flag.Int("rounds", 4, "how often 10 ms are measured")
	flag.Parse()
	runtime.MemProfileRate = *rate
	if *rounds < 1 {
		fmt.Fprintf(os.Stderr, "profiler.go: -rounds must be at least 1, not %d\n", *rounds)
		os.Exit(2)
	}
	round()
	var each []float64
	for i := 0; i < *rounds; i++ {
		each = append(each, round())
	}
	sort.Float64s(each)
	var sampled int64
	if *rate > 0 {
		runtime.GC() // publishes
		records := make([]runtime.MemProfileRecord, 1000)
		n, _ := runtime.MemProfile(records, true)
		for _, record := range records[:n] {
			sampled += record.AllocObjects
		}
	}
	fmt.Printf("{\"go\": %.4f, \"samples\": %d}\n", (each[(len(each)-1)/2]+each[len(each)/2])/2, sampled)
}
