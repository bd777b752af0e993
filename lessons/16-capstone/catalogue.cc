#include "lessons/16-capstone/catalogue.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <random>
#include <span>

#include "runtime/heap.h"

namespace {

// A static variable is a root: the collector scans it, so what it reaches lives on.
std::span<Product> catalogue;

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
  catalogue = heapwise::runtime::MakeSlice<Product>(kProducts);
  for (int number = 0; number < kProducts; ++number) {
    catalogue[number] = {.name = Copy(ProductName(number)),
                         .about = Copy(About(random, 160 + random() % 160)),
                         .price = static_cast<int64_t>(random() % 100'000)};
  }
  std::ranges::sort(catalogue, {}, &Product::name);
}

void DropCatalogue() { catalogue = {}; }

const Product* Find(std::string_view name) {
  const auto product = std::ranges::lower_bound(catalogue, name, {}, &Product::name);
  return product != catalogue.end() && product->name == name ? &*product : nullptr;
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
