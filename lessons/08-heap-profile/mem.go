// The tutorial's memory profile again: 100 MiB, then a heap profile. Arguments: "keep" holds on to the
// memory, "collect" collects before the profile is written.
//
//	go run mem.go && go tool pprof -top mem.prof
package main

import (
	"os"
	"runtime"
	"runtime/pprof"
)

var kept []byte

func fill() {
	data := make([]byte, 100<<20)
	_ = data
}

func fillAndKeep() {
	kept = make([]byte, 100<<20)
}

func asked(word string) bool {
	for _, argument := range os.Args[1:] {
		if argument == word {
			return true
		}
	}
	return false
}

func main() {
	if asked("keep") {
		fillAndKeep()
	} else {
		fill()
	}
	if asked("collect") {
		runtime.GC()
	}
	file, err := os.Create("mem.prof")
	if err != nil {
		panic(err)
	}
	defer file.Close()
	if err := pprof.WriteHeapProfile(file); err != nil {
		panic(err)
	}
}
