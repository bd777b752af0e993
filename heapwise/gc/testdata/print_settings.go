// Prints what the Go runtime took from GOGC and GOMEMLIMIT: the percentage (-1 for off) and the limit
// in bytes.
package main

import (
	"fmt"
	"runtime/debug"
)

func main() {
	limit := debug.SetMemoryLimit(-1)
	fmt.Println(debug.SetGCPercent(-1), limit)
}
