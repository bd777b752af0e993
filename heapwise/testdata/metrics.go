// For metrics_go_test.cc: prints every metric of this Go with its kind and whether it is cumulative, and the boundaries of
// one histogram, each on a line. With an argument it collects, and prints nothing: what GODEBUG=gctrace=1 says is asked for.
package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/metrics"
)

func main() {
	if len(os.Args) > 1 {
		runtime.GC()
		runtime.GC() // begins when the line of the first one is out
		return
	}
	kinds := map[metrics.ValueKind]string{
		metrics.KindUint64:           "uint64",
		metrics.KindFloat64:          "float64",
		metrics.KindFloat64Histogram: "histogram",
	}
	for _, description := range metrics.All() {
		fmt.Println(description.Name, kinds[description.Kind], description.Cumulative)
	}
	sample := []metrics.Sample{{Name: "/sched/pauses/total/gc:seconds"}}
	metrics.Read(sample)
	for _, boundary := range sample[0].Value.Float64Histogram().Buckets {
		fmt.Println("boundary", boundary)
	}
}
