// Compiled by the test itself, with every compiler and in every way that may change the debug information. Each place
// that allocates is marked "site NAME", its function "start NAME" and the call of that "call NAME".

#include <cstddef>
#include <stdexcept>
#include <string>
#include <thread>

// In a library without symbols.
extern "C" void* AllocateStripped(size_t bytes);
extern "C" void* (*FindStripped())(size_t bytes);
// In a file that another compiler has compiled.
void* AllocateElsewhere(size_t bytes);

namespace patterns {
namespace {

void* volatile sink;  // so that nothing is optimised away, and no call is a jump

void TwoLambdas(size_t n) {
  const auto one = [](size_t bytes) {  // start lambda1
    sink = new char[bytes];            // site lambda1
  };
  const auto two = [](size_t bytes) {  // start lambda2
    sink = new char[bytes];            // site lambda2
  };
  one(n);  // call lambda1
  {
    two(n);  // call lambda2
    sink = nullptr;
  }
}

void LocalClass(size_t n) {
  struct Local {
    void Grow(size_t bytes) {  // start local
      sink = new char[bytes];  // site local
    }
  };
  Local().Grow(n);  // call local
  sink = nullptr;
}

const auto global_lambda = [](size_t bytes) {  // start global
  sink = new char[bytes];                      // site global
};

[[gnu::always_inline]] inline void Inlined(size_t bytes) {  // start inlined
  sink = new char[bytes];                                   // site inlined
}

void Overloaded(int n) {                    // start overload1
  sink = new char[static_cast<size_t>(n)];  // site overload1
}
void Overloaded(size_t n) {  // start overload2
  sink = new char[n];        // site overload2
}

template <class T>
void Template(size_t n) {  // start template
  sink = new T[n];         // site template
}

class Shape {
 public:
  explicit Shape(size_t n)    // start constructor
      : room_(new char[n]) {  // site constructor
    sink = room_;
  }

 private:
  char* room_;
};

void Throw(const std::string& message) {  // start throw
  try {
    throw std::runtime_error(message);  // site throw
  } catch (const std::runtime_error& error) {
    sink = nullptr;
  }
}

void Grow(std::string& text, size_t n) {  // start string
  text.append(n, 'x');                    // site string
  sink = text.data();
}

void OnThread(size_t n) {
  std::thread([n] {      // start thread
    sink = new char[n];  // site thread
  })
      .join();
}

void Stripped(size_t n) {
  sink = AllocateStripped(n);  // call stripped
}

void Hidden(size_t n) {      // start hidden
  sink = FindStripped()(n);  // site hidden
}

void Elsewhere(size_t n) {
  sink = AllocateElsewhere(n);  // call elsewhere
  sink = nullptr;
}

}  // namespace

[[gnu::noinline]] void Everywhere(size_t n) {
  TwoLambdas(n);
  LocalClass(n);
  global_lambda(n);                 // call global
  Inlined(n);                       // call inlined
  Overloaded(static_cast<int>(n));  // call overload1
  Overloaded(n);                    // call overload2
  Template<char>(n);                // call template
  const Shape shape(n);             // call constructor
  std::string text;
  Grow(text, n);  // call string
  Throw(text);    // call throw
  OnThread(n);
  Stripped(n);
  Hidden(n);  // call hidden
  Elsewhere(n);
  sink = nullptr;
}

}  // namespace patterns

extern "C" void AllocateEverywhere(size_t bytes) { patterns::Everywhere(bytes); }
