#include "runtime/pprof/http_server.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "runtime/thread_heap.h"

namespace heapwise::pprof {
namespace {

using Clock = std::chrono::steady_clock;

// How often an idle connection looks whether the server is being stopped.
constexpr std::chrono::milliseconds kStopPeriod{100};

// How long, and how much, a client may go on sending after it has been refused.
constexpr std::chrono::milliseconds kDrainTime{500};
constexpr size_t kDrainBytes = size_t{1} << 20;

constexpr char kTooBusy[] =
    "HTTP/1.1 503 Service Unavailable\r\n"
    "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 9\r\nConnection: close\r\n\r\ntoo "
    "busy\n";

// Set while the accepting thread turns a connection away, instead of a worker answering it.
thread_local bool turning_away = false;

// httplib's ThreadPool, but for two things: its threads are registered with the collector, and its queue is
// bounded.
class Workers : public httplib::TaskQueue {
 public:
  Workers(int threads, size_t longest_queue) : longest_queue_(longest_queue) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
  }

  void enqueue(std::function<void()> task) override {
    {
      std::lock_guard lock(mutex_);
      if (tasks_.size() < longest_queue_) {
        tasks_.push_back(std::move(task));
        changed_.notify_one();
        return;
      }
    }
    turning_away = true;
    task();
    turning_away = false;
  }

  void shutdown() override {
    {
      std::lock_guard lock(mutex_);
      ending_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  void Work() {
    runtime::ThreadScope scope;
    while (true) {
      std::function<void()> task;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return ending_ || !tasks_.empty(); });
        if (tasks_.empty()) return;
        task = std::move(tasks_.front());
        tasks_.pop_front();
      }
      task();
    }
  }

  const size_t longest_queue_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace

// A connection on which a request has to be over by a deadline. httplib's own stream bounds each single
// read, so that a client that sends a byte every few seconds keeps a worker for hours.
class HttpServer::BoundedStream : public httplib::Stream {
 public:
  explicit BoundedStream(socket_t socket) : socket_(socket) {}

  void SetDeadline(Clock::time_point deadline) { deadline_ = deadline; }

  // Answers start late where the handler takes its time, as a delta profile does.
  void AllowForAnswer(std::chrono::milliseconds time) { answer_time_ = time; }

  bool is_readable() const override { return HasUnread() || Wait(POLLIN); }
  bool is_writable() const override { return Wait(POLLOUT); }

  ssize_t read(char* to, size_t size) override {
    if (!HasUnread()) {
      first_ = last_ = 0;
      if (!Wait(POLLIN)) return -1;
      ssize_t received;
      do {
        received = recv(socket_, buffer_, sizeof buffer_, 0);
      } while (received < 0 && errno == EINTR);
      if (received <= 0) return received;
      last_ = static_cast<size_t>(received);
    }
    const size_t n = std::min(size, last_ - first_);
    std::memcpy(to, buffer_ + first_, n);
    first_ += n;
    return static_cast<ssize_t>(n);
  }

  ssize_t write(const char* from, size_t size) override {
    if (!answering_) {
      answering_ = true;
      deadline_ = Clock::now() + answer_time_;
    }
    if (!Wait(POLLOUT)) return -1;
    ssize_t sent;
    do {
      sent = send(socket_, from, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 && errno == EAGAIN ? 0 : sent;
  }

  void BeginRequest(std::chrono::milliseconds time) {
    answering_ = false;
    deadline_ = Clock::now() + time;
  }

  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    Describe(getpeername, ip, port);
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    Describe(getsockname, ip, port);
  }
  socket_t socket() const override { return socket_; }

 private:
  bool Wait(short events) const {
    while (true) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(deadline_ - Clock::now()).count();
      if (left <= 0) return false;
      pollfd waiting{socket_, events, 0};
      const int ready = poll(&waiting, 1, static_cast<int>(left));
      if (ready > 0) return true;
      if (ready == 0 || errno != EINTR) return false;
    }
  }

  template <class GetName>
  void Describe(GetName get_name, std::string& ip, int& port) const {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    if (get_name(socket_, reinterpret_cast<sockaddr*>(&address), &length) != 0) return;
    char text[INET6_ADDRSTRLEN] = "";
    if (address.ss_family == AF_INET) {
      const auto* in = reinterpret_cast<sockaddr_in*>(&address);
      inet_ntop(AF_INET, &in->sin_addr, text, sizeof text);
      port = ntohs(in->sin_port);
    } else if (address.ss_family == AF_INET6) {
      const auto* in6 = reinterpret_cast<sockaddr_in6*>(&address);
      inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof text);
      port = ntohs(in6->sin6_port);
    }
    ip = text;
  }

  bool HasUnread() const { return first_ < last_; }

  const socket_t socket_;
  Clock::time_point deadline_{};
  std::chrono::milliseconds answer_time_{};
  bool answering_ = false;
  char buffer_[4096];
  size_t first_ = 0;
  size_t last_ = 0;
};

namespace {

// What a client reads of a request that no handler saw.
const char* Reason(int status) {
  switch (status) {
    case 400:
      return "this is not an HTTP request";
    case 404:
      return "page not found";
    case 413:
      return "the body is too large";
    case 414:
      return "the address is too long";
    default:
      return "refused";
  }
}

// A socket that is closed with bytes unread resets the connection, and the client may lose the answer that it has
// not read yet. So what has been sent is read first, as far as it comes soon and is not endless.
void CloseAfterAnswer(socket_t socket) {
  shutdown(socket, SHUT_WR);
  const auto end = Clock::now() + kDrainTime;
  char unread[4096];
  for (size_t drained = 0; drained < kDrainBytes && Clock::now() < end;) {
    const ssize_t n = recv(socket, unread, sizeof unread, MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) break;
    if (n > 0) {
      drained += static_cast<size_t>(n);
      continue;
    }
    pollfd waiting{socket, POLLIN, 0};
    poll(&waiting, 1, static_cast<int>(kStopPeriod.count()));
  }
  close(socket);
}

bool IsLoopback(const std::string& host) {
  if (host == "localhost") return true;
  in_addr v4;
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6;
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

}  // namespace

HttpServer::HttpServer(HttpBounds bounds) : bounds_(bounds) {
  new_task_queue = [this] { return new Workers(bounds_.workers, bounds_.waiting_connections); };
  set_payload_max_length(bounds_.body_bytes);
  set_tcp_nodelay(true);
  // What the Keep-Alive header says.
  set_keep_alive_max_count(bounds_.requests_per_connection);
  set_keep_alive_timeout(std::chrono::ceil<std::chrono::seconds>(bounds_.idle_time).count());
  // A second server on the same port is a mistake: httplib's default, SO_REUSEPORT, would share it.
  set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  set_error_handler([](const httplib::Request&, httplib::Response& response) {
    if (response.body.empty()) {
      response.set_content(absl::StrCat(response.status, " ", Reason(response.status), "\n"),
                           "text/plain; charset=utf-8");
    }
  });
  set_exception_handler(
      [](const httplib::Request&, httplib::Response& response, std::exception_ptr) {
        response.status = 500;
        response.set_content("internal error\n", "text/plain; charset=utf-8");
      });
}

absl::StatusOr<int> HttpServer::Bind(const std::string& host, int port, bool beyond_loopback) {
  if (port < 0 || port > 65535) {
    return absl::InvalidArgumentError(absl::StrCat("port ", port, ": must be from 0 to 65535"));
  }
  if (!beyond_loopback && !IsLoopback(host)) {
    return absl::InvalidArgumentError(
        absl::StrCat("host ", host,
                     ": other machines could reach it and read this program's memory profile; "
                     "say so expressly, or use 127.0.0.1"));
  }
  const int bound = port == 0 ? bind_to_any_port(host) : (bind_to_port(host, port) ? port : -1);
  if (bound < 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", host, ":", port, ": ", std::strerror(errno)));
  }
  return bound;
}

// In slices, so that Stop need not wait for clients that have nothing to ask.
bool HttpServer::AwaitRequest(BoundedStream& stream) {
  for (const auto end = Clock::now() + bounds_.idle_time;
       Clock::now() < end && svr_sock_ != INVALID_SOCKET;) {
    stream.SetDeadline(Clock::now() + std::min(bounds_.idle_time, kStopPeriod));
    if (stream.is_readable()) return true;
  }
  return false;
}

bool HttpServer::process_and_close_socket(socket_t socket) {
  if (turning_away) {
    [[maybe_unused]] const ssize_t sent =
        send(socket, kTooBusy, sizeof kTooBusy - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
  } else {
    BoundedStream stream(socket);
    stream.AllowForAnswer(bounds_.request_time);
    for (size_t left = bounds_.requests_per_connection; left > 0; --left) {
      // The first byte may take the idle time, the request from then on the request time.
      if (!AwaitRequest(stream)) break;
      stream.BeginRequest(bounds_.request_time);
      bool closed = false;
      if (!process_request(stream, left == 1, closed, nullptr) || closed) break;
    }
  }
  CloseAfterAnswer(socket);
  return true;
}

}  // namespace heapwise::pprof
