#ifndef HEAPWISE_GC_GCTRACE_H_
#define HEAPWISE_GC_GCTRACE_H_

#include <cstddef>

#include "heapwise/gc/gc_events.h"

namespace heapwise::runtime {

inline constexpr size_t kGctraceLineBytes = 512;

// The line that Go prints after each collection under GODEBUG=gctrace=1 (mgc.go:1588-1633),
// readable by tools that read Go's:
//   gc N @S.SSSs U%: a+b+c ms clock, a+assist/bg/idle+c ms cpu, h0->h1->h2 MB, G MB goal, S MB stacks,
//   B MB globals, P P[ (forced)]
// where here
//   a        stopping the threads (in Go: sweep termination); all of a + c is stop-the-world time, as in Go
//   b        marking steps with the world running: 0 except in incremental mode
//   c        marking and restarting the threads with the world stopped (in Go: mark termination)
//   assist   the same as b: the steps run in the allocating threads
//   bg/idle  0: there are no background marking workers
//   cpu      a and c times P: while the world stands still, no processor works for the program
//   U        of the CPU time since the start of the process, what the collector used
//   h0, h1   the heap at the start of the collection; equal, as nothing is allocated while it marks
//   h2       what survived
//   G        the goal that the collection was started for; with GOGC=off and no memory limit some 8532210231537, as in Go
// Times have at most three decimals, whole milliseconds from 10 ms on; MB is 2^20 bytes, truncated.
//
// Writes the line with its newline, not null-terminated, to out and returns its length. Neither
// allocates nor throws.
size_t FormatGctrace(const Collection& collection, double gc_cpu_fraction, int processors,
                     char (&out)[kGctraceLineBytes]);

}  // namespace heapwise::runtime

#endif  // HEAPWISE_GC_GCTRACE_H_
