#include <cstdio>
#include <string>

extern "C" int AddWord(const char* text);
extern "C" const char* LastWord();

int main() {
  int n = 0;
  for (int i = 0; i < 1'000'000; ++i) n = AddWord(std::to_string(i).c_str());
  std::printf("%d words, the last is %s\n", n, LastWord());
}
