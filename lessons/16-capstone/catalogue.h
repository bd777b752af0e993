// What all versions of the service share: the catalogue, and texts on the collected heap.
#ifndef HEAPWISE_LESSONS_16_CAPSTONE_CATALOGUE_H_
#define HEAPWISE_LESSONS_16_CAPSTONE_CATALOGUE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "lessons/07-buffer-pool/buffer.h"

inline constexpr int kProducts = 3200;  // a multiple of 8

// The names and texts are on the collected heap, as a Go string is: an address and a length.
struct Product {
  std::string_view name;
  std::string_view about;
  int64_t price;  // in cents
};

// The name of product `number`, 0 to kProducts - 1. Every eighth name is a long one.
std::string ProductName(int number);

// Builds the catalogue, about 1.5 MiB, and keeps it reachable; one that is there already is dropped.
void LoadCatalogue();

// Drops the catalogue.
void DropCatalogue();

// The product of this name, or null. Allocates nothing.
const Product* Find(std::string_view name);

// Cuts the first name and the comma behind it off the list. Allocates nothing.
std::string_view CutName(std::string_view& list);

// The same text in memory of its own, on the collected heap: one allocation.
std::string_view Copy(std::string_view text);

// Appends the number in decimal.
void WriteNumber(int64_t number, Buffer& buffer);

#endif  // HEAPWISE_LESSONS_16_CAPSTONE_CATALOGUE_H_
