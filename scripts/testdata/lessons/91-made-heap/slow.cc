// Test data.
namespace slow {
int Percent() { return 50; }
}  // namespace slow
