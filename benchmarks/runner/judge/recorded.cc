#include "benchmarks/runner/judge/recorded.h"

#include <vector>

#include "benchmarks/runner/format/lesson_file.h"

namespace heapwise::runner {

absl::StatusOr<JudgedLesson> JudgeRecorded(const std::filesystem::path& root,
                                           const LessonRecord& record) {
  const absl::StatusOr<LessonFile> lesson = ReadLessonFile(root, record.lesson);
  if (!lesson.ok()) return lesson.status();
  std::vector<std::string> measured;
  for (const RecordedVariant& variant : record.variants) measured.push_back(variant.name);
  return JudgedLesson{lesson->title, Analyze(OnlyVariants(*lesson, measured), record.blocks)};
}

}  // namespace heapwise::runner
