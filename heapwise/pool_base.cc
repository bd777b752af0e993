#include "heapwise/pool_base.h"

#include <linux/membarrier.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "heapwise/base/bdwgc.h"
#include "heapwise/gc/collector.h"
#include "heapwise/gc/cycle.h"
#include "heapwise/thread_heap.h"

namespace heapwise::sync {
namespace {

using runtime::internal::AllocateOwn;
using runtime::internal::AllocLock;
using runtime::internal::FreeOwn;

// A double-ended queue in a ring. Whoever works on it has it alone; the atomics only let others
// peep at its size.
class Deque {
 public:
  bool empty() const { return Load(head_) == Load(tail_); }
  bool full() const { return Load(head_) - Load(tail_) == capacity_; }

  void PushHead(void* object) {
    const size_t head = Load(head_);
    slots_[head & (capacity_ - 1)] = object;
    Store(head_, head + 1);
  }

  void* PopHead() {
    if (empty()) return nullptr;
    const size_t head = Load(head_) - 1;
    Store(head_, head);
    return std::exchange(slots_[head & (capacity_ - 1)], nullptr);
  }

  void* PopTail() {
    if (empty()) return nullptr;
    const size_t tail = Load(tail_);
    Store(tail_, tail + 1);
    return std::exchange(slots_[tail & (capacity_ - 1)], nullptr);
  }

  void Grow() {
    Deque larger;
    larger.capacity_ = capacity_ == 0 ? 16 : 2 * capacity_;
    larger.slots_ = static_cast<void**>(AllocateOwn(larger.capacity_ * sizeof(void*)));
    size_t n = 0;
    while (void* object = PopTail()) larger.slots_[n++] = object;
    FreeSlots();
    capacity_ = larger.capacity_;
    slots_ = larger.slots_;
    Store(tail_, 0);
    Store(head_, n);
  }

  void Clear() {
    if (!empty()) std::memset(slots_, 0, capacity_ * sizeof(void*));
    Store(tail_, 0);
    Store(head_, 0);
  }

  void Swap(Deque& other) {
    std::swap(slots_, other.slots_);
    std::swap(capacity_, other.capacity_);
    const size_t head = Load(head_);
    const size_t tail = Load(tail_);
    Store(head_, Load(other.head_));
    Store(tail_, Load(other.tail_));
    Store(other.head_, head);
    Store(other.tail_, tail);
  }

  void FreeSlots() {
    if (slots_ != nullptr) FreeOwn(slots_);
  }

  // Makes it an empty one, whatever state it is in; its memory is lost.
  void Forget() {
    slots_ = nullptr;
    capacity_ = 0;
    Store(tail_, 0);
    Store(head_, 0);
  }

 private:
  static size_t Load(const std::atomic<size_t>& n) { return n.load(std::memory_order_relaxed); }
  static void Store(std::atomic<size_t>& n, size_t value) {
    n.store(value, std::memory_order_relaxed);
  }

  void** slots_ = nullptr;
  size_t capacity_ = 0;  // zero or a power of two
  std::atomic<size_t> head_{0};
  std::atomic<size_t> tail_{0};
};

// Of `attention`: a thief is at work, and one rotation is due.
constexpr uint32_t kBlocked = 1;
constexpr uint32_t kRotation = 2;

bool MemoryBarrierOfAllThreads() {
  return syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0;
}

// Without membarrier(2) (Linux before 4.14, or forbidden) threads do not steal from each other.
bool RegisterForBarriers() {
  return syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
}
bool can_steal = false;

// As early as a program may: once there is another thread, such as the collector's, the kernel lets a registration wait
// for all processors, which takes 5 to 20 ms.
[[gnu::constructor(101)]] void RegisterAtStart() { can_steal = RegisterForBarriers(); }

}  // namespace

// In uncollectable GC memory.
struct PoolBase::Local {
  std::atomic<uint32_t> pinned{0};
  std::atomic<uint32_t> attention{0};  // 0, or kBlocked and kRotation for each rotation that is due
  void* slot = nullptr;
  Deque list;
  void* victim_slot = nullptr;
  Deque victims;
  // The thread, by the address of its table; null when it has ended. Allocation lock.
  const void* owner;
  Local* next = nullptr;

  void Rotate() {
    victim_slot = std::exchange(slot, nullptr);
    victims.Clear();
    victims.Swap(list);
  }

  void MakeDueRotations() {
    // Two drop everything already.
    const uint32_t due = attention.load(std::memory_order_relaxed) / kRotation;
    for (uint32_t i = 0; i < due && i < 2; ++i) Rotate();
    attention.fetch_sub(due * kRotation, std::memory_order_relaxed);
  }

  // Whether its owner or a thief is in the middle of something.
  bool AtWork() const { return pinned.load() != 0 || (attention.load() & kBlocked) != 0; }

  // Gives up all objects without a look at them.
  void Forget() {
    slot = victim_slot = nullptr;
    list.Forget();
    victims.Forget();
    pinned.store(0);
    attention.store(0);
  }

  bool TryEnter() {
    pinned.store(1, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    return attention.load(std::memory_order_acquire) == 0;
  }

  // For the owner. Waits while a thief is at work, which is for a few instructions.
  void Enter() {
    while (!TryEnter()) {
      if ((attention.load(std::memory_order_acquire) & kBlocked) == 0) {
        MakeDueRotations();
        return;
      }
      Leave();
      sched_yield();
    }
  }

  void Leave() {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    pinned.store(0, std::memory_order_release);
  }

  // For a thief. False when the owner or another thief is at work.
  bool TryBlock() {
    uint32_t seen = attention.load(std::memory_order_relaxed);
    if ((seen & kBlocked) != 0 || !attention.compare_exchange_strong(seen, seen | kBlocked))
      return false;
    if (MemoryBarrierOfAllThreads() && pinned.load(std::memory_order_acquire) == 0) {
      MakeDueRotations();
      return true;
    }
    Unblock();
    return false;
  }

  void Unblock() { attention.fetch_sub(kBlocked, std::memory_order_release); }
};

namespace {

// The calling thread's Locals, by the index of the pool. Where the id is another one's, that pool is gone.
struct Entry {
  uint64_t id;
  void* local;
};
struct Table {
  Entry* entries = nullptr;
  size_t size = 0;
};
constinit thread_local Table table;

}  // namespace

struct PoolBase::Place {
  size_t index;
  Place* next = nullptr;
};

struct PoolRegistry {
  // All guarded by the allocation lock.
  static inline constinit PoolBase* pools = nullptr;
  static inline constinit uint64_t last_id = 0;  // 0 is no pool's
  static inline constinit PoolBase::Place* free_places = nullptr;
  static inline constinit size_t places = 0;

  // The place of a pool that is gone, or null.
  static PoolBase::Place* TakeFreePlace() {
    const AllocLock lock;
    PoolBase::Place* const place = free_places;
    if (place != nullptr) free_places = place->next;
    return place;
  }

  static size_t NextIndex() {
    const AllocLock lock;
    return places++;
  }

  static void RotateAll() {
    for (PoolBase* pool = pools; pool != nullptr; pool = pool->next_) {
      for (PoolBase::Local* local = pool->locals_.load(); local != nullptr; local = local->next) {
        if (local->pinned.load() != 0 || local->attention.load() != 0) {
          local->attention.fetch_add(kRotation);
        } else {
          local->Rotate();
        }
      }
    }
  }

  // In the child of a fork, where the other threads are gone: what they owned is left to whoever comes to use the pool,
  // except that a Local which was being worked on is given up, with its objects.
  static void DisownOthers() {
    can_steal = RegisterForBarriers();
    const AllocLock lock;
    for (PoolBase* pool = pools; pool != nullptr; pool = pool->next_) {
      for (PoolBase::Local* local = pool->locals_.load(); local != nullptr; local = local->next) {
        if (local->owner != &table) local->owner = nullptr;
        if (local->AtWork()) local->Forget();
      }
    }
  }

  // Leaves the thread's Locals, with what is in them, to the next thread that comes to use the
  // pool.
  static void Disown() {
    {
      const AllocLock lock;
      for (PoolBase* pool = pools; pool != nullptr; pool = pool->next_) {
        for (PoolBase::Local* local = pool->locals_.load(); local != nullptr; local = local->next) {
          if (local->owner == &table) local->owner = nullptr;
        }
      }
    }
    std::free(table.entries);
    table = {};
  }
};

namespace {

void InitPools() {
  static const bool done = [] {
    runtime::internal::InitCollector();
    runtime::internal::AtCollectionStart(PoolRegistry::RotateAll);
    runtime::internal::AtThreadDetach(PoolRegistry::Disown);
    runtime::internal::AtForkChild(PoolRegistry::DisownOthers);
    return true;
  }();
  (void)done;
}

// Before main, where there is one thread; a constructor that makes a pool may come even earlier.
const bool initialised_before_main = (InitPools(), true);

}  // namespace

PoolBase::PoolBase() {
  InitPools();
  place_ = PoolRegistry::TakeFreePlace();
  if (place_ == nullptr) place_ = new Place{PoolRegistry::NextIndex()};
  index_ = place_->index;
  const AllocLock lock;
  id_ = ++PoolRegistry::last_id;
  next_ = PoolRegistry::pools;
  PoolRegistry::pools = this;
}

PoolBase::~PoolBase() {
  {
    const AllocLock lock;
    PoolBase** link = &PoolRegistry::pools;
    while (*link != this) link = &(*link)->next_;
    *link = next_;
    place_->next = PoolRegistry::free_places;
    PoolRegistry::free_places = place_;
  }
  for (Local* local = locals_.load(); local != nullptr;) {
    Local* const next = local->next;
    local->list.FreeSlots();
    local->victims.FreeSlots();
    FreeOwn(local);
    local = next;
  }
}

// The calling thread's Local, or null when it has none yet.
inline PoolBase::Local* PoolBase::Find() const {
  if (index_ >= table.size || table.entries[index_].id != id_) return nullptr;
  return static_cast<Local*>(table.entries[index_].local);
}

// Gives the calling thread a Local: one that an ended thread has left, or a new one.
PoolBase::Local* PoolBase::Adopt() {
  runtime::internal::RequireRegisteredThread();
  auto* fresh = new (AllocateOwn(sizeof(Local))) Local;
  Local* local;
  {
    const AllocLock lock;
    local = locals_.load();
    while (local != nullptr && local->owner != nullptr) local = local->next;
    if (local == nullptr) {
      local = std::exchange(fresh, nullptr);
      local->next = locals_.load();
      locals_.store(local, std::memory_order_release);
    }
    local->owner = &table;
  }
  if (fresh != nullptr) FreeOwn(fresh);
  if (index_ >= table.size) {
    const size_t size = 2 * (index_ + 8);
    void* grown = std::realloc(table.entries, size * sizeof(Entry));
    if (grown == nullptr) throw std::bad_alloc();
    table.entries = static_cast<Entry*>(grown);
    std::fill(table.entries + table.size, table.entries + size, Entry{});
    table.size = size;
  }
  table.entries[index_] = {id_, local};
  return local;
}

void* PoolBase::Take() {
  Local* local = Find();
  if (local == nullptr) [[unlikely]]
    local = Adopt();
  if (!local->TryEnter()) [[unlikely]]
    local->Enter();
  void* object = std::exchange(local->slot, nullptr);
  if (object == nullptr) object = local->list.PopHead();
  local->Leave();
  if (object == nullptr) [[unlikely]]
    object = TakeElsewhere(local);
  return object;
}

void PoolBase::Give(void* object) {
  Local* local = Find();
  if (local == nullptr) [[unlikely]]
    local = Adopt();
  if (!local->TryEnter()) [[unlikely]]
    local->Enter();
  if (local->slot == nullptr) {
    local->slot = object;
  } else {
    if (local->list.full()) [[unlikely]]
      local->list.Grow();
    local->list.PushHead(object);
  }
  local->Leave();
}

void* PoolBase::TakeElsewhere(Local* own) {
  const auto steal = [&](Deque Local::*deque) -> void* {
    if (!can_steal) return nullptr;
    for (Local* local = locals_.load(std::memory_order_acquire); local != nullptr;
         local = local->next) {
      if (local == own || (local->*deque).empty() || !local->TryBlock()) continue;
      void* object = (local->*deque).PopTail();
      local->Unblock();
      if (object != nullptr) return object;
    }
    return nullptr;
  };
  if (void* object = steal(&Local::list)) return object;
  own->Enter();
  void* object = std::exchange(own->victim_slot, nullptr);
  if (object == nullptr) object = own->victims.PopTail();
  own->Leave();
  return object != nullptr ? object : steal(&Local::victims);
}

}  // namespace heapwise::sync
