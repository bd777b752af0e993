// Test data.
namespace slow {
int Answer() { return 42; }
}  // namespace slow
