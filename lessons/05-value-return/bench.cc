#include "benchmarks/harness/lesson.h"
#include "lessons/05-value-return/inlined.h"
#include "lessons/05-value-return/lesson.h"
#include "lessons/05-value-return/owners.h"
#include "lessons/05-value-return/records.h"

void RegisterLesson(heapwise::bench::Lesson& lesson) {
  lesson.Slow([] { return slow::CreateUser(); });
  lesson.Fast([] { return fast::CreateUser(); });

  // The pair with operator new. The caller reads one field and lets go of the User.
  lesson.Add("unique", [] { return slow::CreateUniqueUser()->age; });
  lesson.Add("inlined_unique", [] { return inlined::CreateUniqueUser()->age; });
  lesson.Add("inlined_slow", [] { return inlined::CreateUser()->age; });
  lesson.Add("inlined_fast", [] { return inlined::CreateUserValue().age; });

  lesson.Add("slow/1024", [] { return slow::CreateRecord<1024>(); });
  lesson.Add("fast/1024", [] { return fast::CreateRecord<1024>(); });
  lesson.Add("slow/8192", [] { return slow::CreateRecord<8192>(); });
  lesson.Add("fast/8192", [] { return fast::CreateRecord<8192>(); });
  lesson.Add("slow/65536", [] { return slow::CreateRecord<65536>(); });
  lesson.Add("fast/65536", [] { return fast::CreateRecord<65536>(); });

  lesson.Add("copied/256", [] { return CopyToOwners<256>(); });
  lesson.Add("shared/256", [] { return ShareWithOwners<256>(); });
  lesson.Add("copied/1024", [] { return CopyToOwners<1024>(); });
  lesson.Add("shared/1024", [] { return ShareWithOwners<1024>(); });
  lesson.Add("copied/8192", [] { return CopyToOwners<8192>(); });
  lesson.Add("shared/8192", [] { return ShareWithOwners<8192>(); });
  lesson.Add("copied/65536", [] { return CopyToOwners<65536>(); });
  lesson.Add("shared/65536", [] { return ShareWithOwners<65536>(); });
}
