// Nanoseconds per object in Go: what allocation.cc does, in the same ring of static memory, with
// the same one line of output.
package main

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

const slots = 1024

type object16 struct {
	next    *object16
	payload [8]byte
}

type object32 struct {
	next    *object32
	payload [24]byte
}

type object64 struct {
	next    *object64
	payload [56]byte
}

type object1024 struct {
	next    *object1024
	payload [1016]byte
}

var (
	ring16   [slots]*object16
	ring32   [slots]*object32
	ring64   [slots]*object64
	ring1024 [slots]*object1024
)

func main() {
	testing.Init()
	benchtime := flag.String("benchtime", "200ms", "how long each size is measured")
	flag.Parse()
	if err := flag.Set("test.benchtime", *benchtime); err != nil {
		fmt.Fprintf(os.Stderr, "allocation.go: -benchtime=%s: %v\n", *benchtime, err)
		os.Exit(2)
	}
	for i, size := range []struct {
		name string
		body func(b *testing.B)
	}{
		{"16", func(b *testing.B) {
			for i := 0; i < b.N; i++ {
				ring16[i%slots] = new(object16)
			}
		}},
		{"32", func(b *testing.B) {
			for i := 0; i < b.N; i++ {
				ring32[i%slots] = new(object32)
			}
		}},
		{"64", func(b *testing.B) {
			for i := 0; i < b.N; i++ {
				ring64[i%slots] = new(object64)
			}
		}},
		{"1024", func(b *testing.B) {
			for i := 0; i < b.N; i++ {
				ring1024[i%slots] = new(object1024)
			}
		}},
	} {
		result := testing.Benchmark(size.body)
		separator := ", "
		if i == 0 {
			separator = "{"
		}
		fmt.Printf("%s\"go/%s\": %.3f", separator, size.name, float64(result.T.Nanoseconds())/float64(result.N))
	}
	fmt.Println("}")
}
