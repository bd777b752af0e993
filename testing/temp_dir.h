#ifndef HEAPWISE_TESTING_TEMP_DIR_H_
#define HEAPWISE_TESTING_TEMP_DIR_H_

#include <filesystem>
#include <string>

namespace heapwise::test {

// A directory of the test's own, removed with the object. Its name has a space and a quote in it: what a test does
// with it has to work in the folders that people have.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::filesystem::path& path() const { return path_; }

  // Writes a file below it, with the directories that it needs, and returns its path.
  std::filesystem::path Write(const std::string& name, const std::string& text) const;

 private:
  std::filesystem::path path_;
};

// The whole file; empty where there is none.
std::string ReadFile(const std::filesystem::path& path);

}  // namespace heapwise::test

#endif  // HEAPWISE_TESTING_TEMP_DIR_H_
