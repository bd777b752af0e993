// Test data.
namespace fast {
int Answer() { return 42; }
}  // namespace fast
