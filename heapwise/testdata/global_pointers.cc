// A library that roots_table_test loads with dlopen.

namespace {
void* pointers[100];
}  // namespace

extern "C" void** GlobalPointers() { return pointers; }
