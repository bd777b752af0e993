// Exercise: headroom that was measured, not guessed.
//
// As it stands, every service gets 90 % of its container, whatever it holds outside of the collected heap. One with
// many connections dies of that, one with few wastes memory.
//
//   make check LESSON=12
//
// builds this file and runs the tests of the suite Exercise on it. Change only this file. Hints:
//   1. Which of the measured runs decides: the first, the average one, the greatest?
//   2. A limit in bytes is right to the byte, but people read MiB. Which way must it be rounded?
//   3. Go's units are B, KiB, MiB, GiB and TiB. With another one the program does not even start (lesson 11).
#include "lessons/12-container-headroom/lesson.h"

namespace exercise {

std::string MemoryLimitFor(int64_t container_bytes, std::span<const int64_t> /*outside_bytes*/) {
  return std::to_string(container_bytes / 10 * 9 / kMiB) + "MiB";
}

}  // namespace exercise
