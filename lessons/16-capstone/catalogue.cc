#include "lessons/16-capstone/catalogue.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <iterator>
#include <random>
#include <span>
#include <unordered_map>
#include <utility>

#include "heapwise/heap.h"

namespace {

using Catalogue =
    std::unordered_map<std::string_view, Product, std::hash<std::string_view>, std::equal_to<>,
                       heapwise::runtime::Allocator<std::pair<const std::string_view, Product>>>;

// A static variable is a root: the collector scans it, so what it reaches lives on.
Catalogue catalogue;

// Words of four letters and a space, `letters` of them in all.
std::string About(std::mt19937_64& random, size_t letters) {
  std::string about(letters, ' ');
  for (size_t i = 0; i < letters; ++i) {
    if (i % 5 < 4) about[i] = static_cast<char>('a' + random() % 26);
  }
  return about;
}

}  // namespace

std::string ProductName(int number) {
  const std::string name = "item-" + std::to_string(number);
  return number % 8 == 0 ? name + "-in-the-large-box-with-the-blue-ribbon" : name;
}

void LoadCatalogue() {
  DropCatalogue();
  std::mt19937_64 random(16);  // the same catalogue each time
  for (int number = 0; number < kProducts; ++number) {
    const std::string_view name = Copy(ProductName(number));
    const std::string_view about = Copy(About(random, 160 + random() % 160));
    catalogue[name] = {
        .name = name, .about = about, .price = static_cast<int64_t>(random() % 100'000)};
  }
}

void DropCatalogue() { catalogue = Catalogue(); }

const Product* Find(std::string_view name) {
  const auto found = catalogue.find(name);
  return found == catalogue.end() ? nullptr : &found->second;
}

std::string_view CutName(std::string_view& list) {
  const size_t comma = std::min(list.find(','), list.size());
  const std::string_view name = list.substr(0, comma);
  list.remove_prefix(std::min(comma + 1, list.size()));
  return name;
}

std::string_view Copy(std::string_view text) {
  const std::span<char> memory = heapwise::runtime::MakeSlice<char>(text.size());
  std::ranges::copy(text, memory.begin());
  return {memory.data(), memory.size()};
}

void WriteNumber(int64_t number, Buffer& buffer) {
  char digits[20];  // as many as an int64_t has, with its sign
  const char* end = std::to_chars(std::begin(digits), std::end(digits), number).ptr;
  buffer.Write(std::string_view(digits, end));
}
