#include "heapwise/specials.h"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <iterator>
#include <mutex>
#include <new>
#include <utility>

#include "heapwise/base/bdwgc.h"
#include "heapwise/base/fatal.h"
#include "heapwise/finalizer_thread.h"
#include "heapwise/gc/collector.h"
#include "heapwise/gc/cycle.h"
#include "heapwise/thread_heap.h"

namespace heapwise::runtime::internal {
namespace {

uintptr_t Hide(const void* pointer) { return ~reinterpret_cast<uintptr_t>(pointer); }

// The pointer as such, in a register or on the stack, where the collector sees it: the compiler is not to hide it again.
void* Reveal(uintptr_t hidden) {
  uintptr_t pointer = ~hidden;
  asm volatile("" : "+r"(pointer));
  return reinterpret_cast<void*>(pointer);  // NOLINT(performance-no-int-to-ptr): that is the point
}

// Up to here the caller's pointer retains its object.
void KeepAlive(const void* pointer) { asm volatile("" : : "r"(pointer) : "memory"); }

// Rings whose head is one of them, so that a node can be taken out without knowing which ring it is in.
template <class Node>
void InsertBefore(Node& place, Node& node) {
  node.next = &place;
  node.previous = place.previous;
  place.previous->next = &node;
  place.previous = &node;
}

template <class Node>
void TakeOut(Node& node) {
  node.previous->next = node.next;
  node.next->previous = node.previous;
  node.next = node.previous = nullptr;
}

struct Special {
  Special* next = nullptr;
  Special* previous = nullptr;
  Special* next_in_bucket = nullptr;
  uintptr_t hidden_base = 0;
  void (*run_finalizer)(void* base, void* argument) = nullptr;  // null: this is a cleanup
  void (*run_cleanup)(void* job) = nullptr;
  uintptr_t hidden_argument = 0;  // of the finalizer; or the job
  uint64_t id = 0;

  bool IsCleanup() const { return run_finalizer == nullptr; }
};

// All guarded by bdwgc's lock.
constinit Special attached{.next = &attached, .previous = &attached};  // finalizers first
constinit Special due{.next = &due, .previous = &due};                 // oldest first
constinit WeakEntry weak{.next = &weak, .previous = &weak};
constinit uint64_t last_id = 0;

// Those that are attached, by what they are attached to. Guarded by bdwgc's lock.
class Buckets {
 public:
  bool full() const { return entries_ >= size_; }
  size_t size() const { return size_; }

  void Insert(Special& special) {
    Special*& bucket = At(special.hidden_base);
    special.next_in_bucket = bucket;
    bucket = &special;
    ++entries_;
  }

  void Remove(Special& special) {
    Special** link = &At(special.hidden_base);
    while (*link != &special) link = &(*link)->next_in_bucket;
    *link = special.next_in_bucket;
    --entries_;
  }

  // The first of that object for which `wanted` is true, or null.
  template <class Wanted>
  Special* Find(uintptr_t hidden_base, Wanted wanted) const {
    if (size_ == 0) return nullptr;
    for (Special* s = At(hidden_base); s != nullptr; s = s->next_in_bucket) {
      if (s->hidden_base == hidden_base && wanted(*s)) return s;
    }
    return nullptr;
  }

  // Moves all to `table`, of zeros; its size is a power of two. Returns the old one.
  Special** MoveTo(Special** table, size_t size) {
    Special** const old = table_;
    table_ = table;
    size_ = size;
    shift_ = 64 - __builtin_ctzll(size);
    entries_ = 0;
    for (Special* s = attached.next; s != &attached; s = s->next) Insert(*s);
    return old;
  }

 private:
  // Objects lie at regular distances: all bits of an address are to count.
  Special*& At(uintptr_t hidden_base) const {
    // NOLINTNEXTLINE(clang-analyzer-core.uninitialized.UndefReturn): callers see to it that there is a table
    return table_[hidden_base * 0x9e3779b97f4a7c15 >> shift_];
  }

  Special** table_ = nullptr;
  size_t size_ = 0;
  int shift_ = 0;
  size_t entries_ = 0;
};
constinit Buckets buckets;

// Those whose turn has come: a list that begins with what was taken last, and its part that is still to run. The thread
// that runs them takes one after the other without a lock: it would wait for each while another thread collects. What it
// has taken stays where it is until it holds bdwgc's lock again.
struct Running {
  Special* taken = nullptr;  // guarded by bdwgc's lock
  std::atomic<Special*> next{nullptr};
};
constinit Running running;

// Marking goes over all that is attached, due or still to run, in batches: how far it has come. Two markers may ask at
// once.
class Cursor {
 public:
  struct Item {
    void* object;
    bool whole;  // the object too, not only what it leads to
  };

  void Start() { MoveTo(attached.next, Stage::kAttached); }

  void Stop() { next_ = nullptr; }

  // Before this one is taken out of its ring.
  void Avoid(const Special& special) {
    if (next_ == &special) MoveTo(next_->next, stage_);
  }

  // When those that are due have become those that are to run.
  void DueIsRunning() {
    if (next_ == nullptr) return;
    if (stage_ == Stage::kRunning) Stop();
    if (stage_ == Stage::kDue) stage_ = Stage::kRunning;
  }

  // The next ones, up to n of them; how many.
  size_t Take(Item* items, size_t n) {
    const std::lock_guard lock(mutex_);
    size_t taken = 0;
    for (; taken < n && next_ != nullptr; MoveTo(next_->next, stage_)) {
      const bool cleanup = next_->IsCleanup();
      items[taken++] = {Reveal(cleanup ? next_->hidden_argument : next_->hidden_base),
                        cleanup || stage_ != Stage::kAttached};
    }
    return taken;
  }

 private:
  enum class Stage { kAttached, kDue, kRunning };

  void MoveTo(Special* next, Stage stage) {
    if (next == &attached) {
      next = due.next;
      stage = Stage::kDue;
    }
    if (next == &due) {
      next = running.next.load();
      stage = Stage::kRunning;
    }
    next_ = next;
    stage_ = stage;
  }

  std::mutex
      mutex_;  // among markers; whoever changes the rings has bdwgc's lock, and then nobody marks
  Special* next_ = nullptr;
  Stage stage_ = Stage::kAttached;
};
constinit Cursor cursor;

// An object whose mark procedure is MarkSomeSpecials; hidden, since nothing else is to mark it.
constinit uintptr_t hidden_anchor = 0;

// Marks what the object leads to, except itself: an object that points to itself can die.
GC_ms_entry* MarkFrom(void* object, GC_ms_entry* top, GC_ms_entry* limit) {
  if (IsPointerFree(object)) return top;
  void** const begin = static_cast<void**>(object);
  void** const end = begin + GC_size(object) / sizeof(void*);
  for (void** word = begin; word < end; ++word) {
    void* const pointer = *word;
    if (pointer >= begin && pointer < end) continue;
    top = GC_MARK_AND_PUSH(pointer, top, limit, word);
  }
  return top;
}

// The anchor's mark procedure (gc_mark.h). Leaves the rest to another call of it, which comes when what this one has
// pushed is marked: so the mark stack does not overflow, however many there are.
GC_ms_entry* MarkSomeSpecials(GC_word* anchor, GC_ms_entry* top, GC_ms_entry* limit, GC_word) {
  Cursor::Item batch[64];
  const size_t n = cursor.Take(batch, std::size(batch));
  if (n == std::size(batch)) {
    GC_clear_mark_bit(anchor);
    top = GC_mark_and_push(anchor, top, limit, nullptr);
  }
  for (size_t i = 0; i < n; ++i) {
    top = batch[i].whole ? GC_mark_and_push(batch[i].object, top, limit, nullptr)
                         : MarkFrom(batch[i].object, top, limit);
  }
  return top;
}

void PushAnchor() {
  cursor.Start();
  void* anchor = Reveal(hidden_anchor);
  GC_clear_mark_bit(anchor);
  GC_push_all_eager(&anchor, &anchor + 1);
}

bool IsDead(uintptr_t hidden_base) { return GC_is_marked(Reveal(hidden_base)) == 0; }

void MakeDue() {
  cursor.Stop();
  for (WeakEntry* entry = weak.next; entry != &weak;) {
    WeakEntry& mine = *entry;
    entry = entry->next;
    if (!IsDead(mine.hidden_base)) continue;
    mine.hidden_object = 0;
    TakeOut(mine);
  }
  for (Special* special = attached.next; special != &attached;) {
    Special& mine = *special;
    special = special->next;
    if (!IsDead(mine.hidden_base)) continue;
    // The cleanups, which come behind the finalizers, see an object with a finalizer alive.
    if (!mine.IsCleanup()) GC_set_mark_bit(Reveal(mine.hidden_base));
    buckets.Remove(mine);
    TakeOut(mine);
    InsertBefore(due, mine);
  }
  if (due.next != &due) WakeFinalizerThread();
}

void InitSpecials() {
  static const bool done = [] {
    InitCollector();
    const unsigned proc = GC_new_proc(MarkSomeSpecials);
    const unsigned kind = GC_new_kind(GC_new_free_list(), GC_MAKE_PROC(proc, 0),
                                      /*add_size_to_descriptor=*/0, /*clear_new_objects=*/1);
    hidden_anchor = Hide(GC_generic_malloc(kGranule - 1, static_cast<int>(kind)));
    AtRootPushing(PushAnchor);
    AtMarkEnd(MakeDue);
    return true;
  }();
  (void)done;
}

// Before main, where there is one thread; a constructor that sets a finalizer may come even earlier.
const bool initialised_before_main = (InitSpecials(), true);

// In malloc's memory: it is neither scanned nor counted as the program's, nor as operator new's.
Special* NewSpecial(void* base) {
  void* const memory = std::malloc(sizeof(Special));
  if (memory == nullptr) (*GC_get_oom_fn())(sizeof(Special));
  return new (memory) Special{.hidden_base = Hide(base)};
}

// Calls `attach` with bdwgc's lock held and room for one more among the buckets.
template <class Attach>
void WithRoom(Attach attach) {
  InitSpecials();
  while (true) {
    size_t wanted;
    {
      const AllocLock lock;
      if (!buckets.full()) {
        attach();
        return;
      }
      wanted = buckets.size() == 0 ? 256 : 2 * buckets.size();
    }
    constexpr size_t kBucket = sizeof(Special*);  // NOLINT(bugprone-sizeof-expression): pointers
    auto* table = static_cast<Special**>(std::calloc(wanted, kBucket));
    if (table == nullptr) (*GC_get_oom_fn())(wanted * kBucket);
    {
      const AllocLock lock;
      if (buckets.size() < wanted) table = buckets.MoveTo(table, wanted);
    }
    std::free(table);
  }
}

// bdwgc's lock is held.
void Detach(Special& special) {
  cursor.Avoid(special);
  buckets.Remove(special);
  TakeOut(special);
}

}  // namespace

bool AddFinalizer(void* base, void (*run)(void* base, void* argument), void* argument) {
  Special* special = NewSpecial(base);
  special->run_finalizer = run;
  special->hidden_argument = Hide(argument);
  bool added = false;
  WithRoom([&] {
    added = buckets.Find(special->hidden_base, [](const Special& s) { return !s.IsCleanup(); }) ==
            nullptr;
    if (!added) return;
    buckets.Insert(*special);
    InsertBefore(*attached.next, *special);
  });
  KeepAlive(base);
  if (added) {
    StartFinalizerThread();
  } else {
    std::free(special);
  }
  return added;
}

void RemoveFinalizer(void* base) {
  Special* special;
  {
    const AllocLock lock;
    special = buckets.Find(Hide(base), [](const Special& s) { return !s.IsCleanup(); });
    if (special != nullptr) Detach(*special);
  }
  std::free(special);
}

uint64_t AddCleanup(void* base, void (*run)(void* job), void* job) {
  Special* special = NewSpecial(base);
  special->run_cleanup = run;
  special->hidden_argument = Hide(job);
  uint64_t id = 0;
  WithRoom([&] {
    id = special->id = ++last_id;
    buckets.Insert(*special);
    InsertBefore(attached, *special);
  });
  KeepAlive(base);
  KeepAlive(job);
  StartFinalizerThread();
  return id;
}

void* RemoveCleanup(uintptr_t hidden_base, uint64_t id) {
  Special* special;
  void* job;
  {
    const AllocLock lock;
    special = buckets.Find(hidden_base, [id](const Special& s) { return s.id == id; });
    if (special == nullptr) return nullptr;
    job = Reveal(special->hidden_argument);
    Detach(*special);
  }
  std::free(special);
  return job;
}

bool TakeDue() {
  Special* done;
  {
    const AllocLock lock;
    if (running.next.load() != nullptr) return true;
    done = std::exchange(running.taken, nullptr);
    cursor.DueIsRunning();
    if (due.next != &due) {
      running.taken = due.next;
      due.previous->next = nullptr;
      due.next = due.previous = &due;
      running.next.store(running.taken);
    }
  }
  while (done != nullptr) std::free(std::exchange(done, done->next));
  return running.next.load() != nullptr;
}

bool RunOneTaken() {
  const Special* const special = running.next.load();
  if (special == nullptr) return false;
  // From here on this stack retains what the list does not any more.
  void* const base = Reveal(special->hidden_base);
  void* const argument = Reveal(special->hidden_argument);
  running.next.store(special->next);
  if (special->IsCleanup()) {
    special->run_cleanup(argument);
  } else {
    special->run_finalizer(base, argument);
  }
  return true;
}

void AddWeak(WeakEntry& entry, void* object, void* base) {
  InitSpecials();
  entry.hidden_object = Hide(object);
  entry.hidden_base = Hide(base);
  {
    const AllocLock lock;
    InsertBefore(weak, entry);
  }
  KeepAlive(object);
}

void RemoveWeak(WeakEntry& entry) {
  const AllocLock lock;
  if (entry.next != nullptr) TakeOut(entry);
}

void* GetWeak(const WeakEntry& entry) {
  const AllocLock lock;
  return entry.hidden_object == 0 ? nullptr : Reveal(entry.hidden_object);
}

}  // namespace heapwise::runtime::internal
