#include <cstring>
#include <span>

#include "heapwise/heap.h"

namespace {

struct Word {
  Word* next;
  std::span<char> text;
};
Word* words = nullptr;
int count = 0;

}  // namespace

extern "C" int AddWord(const char* text) {
  const std::span<char> copy = heapwise::runtime::MakeSlice<char>(std::strlen(text) + 1);
  std::memcpy(copy.data(), text, copy.size());
  words = heapwise::runtime::New<Word>(words, copy);
  return ++count;
}

extern "C" const char* LastWord() { return words->text.data(); }
