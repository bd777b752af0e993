// Test data.
namespace fast {
int Percent() { return 200; }
}  // namespace fast
