// How deep a goroutine's stack gets, and what it costs: go run stack.go [DEPTH]
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
)

//go:noinline
func recurse(depth int, bottom func()) int {
	if depth == 0 {
		bottom()
		return 0
	}
	return 1 + recurse(depth-1, bottom)
}

// stackInUse is what the runtime holds for the stacks of all goroutines.
func stackInUse() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.StackInuse
}

func main() {
	depth := 500_000
	if len(os.Args) > 1 {
		depth, _ = strconv.Atoi(os.Args[1])
	}
	before := stackInUse()
	done := make(chan int)
	go func() {
		done <- recurse(depth, func() {
			fmt.Printf("%s: %d calls deep, stacks in use: %d KiB before, %d KiB now\n",
				runtime.Version(), depth, before>>10, stackInUse()>>10)
		})
	}()
	fmt.Println("came back from", <-done, "calls")
}
