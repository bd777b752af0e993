#ifndef HEAPWISE_RUNTIME_BDWGC_H_
#define HEAPWISE_RUNTIME_BDWGC_H_

// bdwgc's headers with its thread functions declared, but without its macros that rename
// pthread_create.
#define GC_THREADS
#define GC_NO_THREAD_REDIRECTS
#include <gc/gc.h>
#include <gc/gc_inline.h>
#include <gc/gc_mark.h>

#endif  // HEAPWISE_RUNTIME_BDWGC_H_
