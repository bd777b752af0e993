#include "heapwise/pprof/http_server.h"

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "heapwise/base/signals.h"
#include "heapwise/pprof/http_names.h"
#include "heapwise/pprof/http_reader.h"
#include "heapwise/thread_heap.h"

namespace heapwise::pprof {

namespace asio = boost::asio;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using Strand = asio::strand<asio::io_context::executor_type>;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Strand>;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Strand>;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Strand>;
using internal::RequestReader;

namespace {

// How often deadlines are looked at.
constexpr std::chrono::milliseconds kSweepPeriod{50};

// How long, and how much, a client may go on sending after it has been refused.
constexpr std::chrono::milliseconds kDrainTime{500};
constexpr size_t kDrainBytes = size_t{1} << 20;

// How long Stop leaves clients to take the answers that are on their way.
constexpr std::chrono::milliseconds kStopTime{1000};

// Before the next try to accept where there is no file descriptor, or no memory, for it.
constexpr std::chrono::milliseconds kAcceptPause{20};

// As Go, which says of what kind the answer is only where there might have been a page.
void Redirect(Response& response, std::string_view method, const std::string& path,
              const std::string& query) {
  response.status = 307;
  const bool page = method == "GET" || method == "HEAD";
  response.content_type = page ? "text/html; charset=utf-8" : "";
  response.headers.emplace_back("Location", query.empty() ? path : path + "?" + query);
}

}  // namespace

class Session;

// What one path is answered with.
struct Route {
  HttpServer::Handler handler;
  bool post = false;
};

class HttpServer::Impl {
 public:
  explicit Impl(const HttpBounds& bounds) : bounds_(bounds) {}

  // Before Bind.
  void AddRoute(const std::string& path, Route route) { routes_[path] = std::move(route); }
  void AllowHost(const std::string& host) { allowed_hosts_.push_back(host); }

  absl::StatusOr<int> Bind(const std::string& host, int port, bool beyond_loopback);
  bool Serve();
  void Stop();

  // For the sessions, which are on any thread:

  const HttpBounds& bounds() const { return bounds_; }
  bool stopping() const { return stopping_; }
  bool IsHostServed(std::string_view host) const {
    return internal::IsHostServed(host, host_, allowed_hosts_);
  }
  // The answer of a route, or to the lack of one.
  void Answer(const Request& request, Response& response) const;

  // Whether there is a place among the requests that are answered; it is then taken, up to EndAnswer. `sure`: there is.
  bool BeginAnswer(bool sure = false) {
    return ++answering_ <= bounds_.workers + bounds_.waiting_requests || sure ||
           (--answering_, false);
  }
  void EndAnswer() { --answering_; }
  // The same for delayed answers.
  bool BeginDelay() { return ++delayed_ <= bounds_.delayed_answers || (--delayed_, false); }
  void EndDelay() { --delayed_; }

  // Calls session->Run() on its strand, which is the caller's: now, or as soon as a worker is free.
  void RunWhenFree(const std::shared_ptr<Session>& session);
  // Run has done its work.
  void EndRun();

  void Remove(const std::shared_ptr<Session>& session);

 private:
  void Accept();
  void Welcome(Socket socket);
  bool MakeRoom();
  bool LetSilentestLeave();
  void Sweep();
  const Route* Find(std::string_view path) const;

  const HttpBounds bounds_;
  std::map<std::string, Route, std::less<>> routes_;
  std::vector<std::string> allowed_hosts_;
  std::string host_;
  size_t slots_ = 0;

  asio::io_context io_;
  Strand strand_{asio::make_strand(io_)};  // of all that follows, up to sweeping_
  Acceptor acceptor_{strand_};
  Timer accept_timer_{strand_};
  Timer sweep_timer_{strand_};
  bool sweeping_ = false;

  std::atomic<bool> stopping_{false};
  std::atomic<int> answering_{0};
  std::atomic<int> delayed_{0};

  std::mutex mutex_;  // guards what follows
  std::set<std::shared_ptr<Session>> sessions_;
  int running_ = 0;                                  // calls of Session::Run
  std::deque<std::shared_ptr<Session>> for_worker_;  // wait for theirs
};

// A connection. Everything runs on its strand, but for what is said to be for other threads.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(HttpServer::Impl& server, Socket socket)
      : server_(server),
        socket_(std::move(socket)),
        delay_timer_(socket_.get_executor()),
        reader_(server.bounds().header_bytes, server.bounds().body_bytes) {}

  // --- Any thread ---

  void Start() {
    Post([](Session& self) {
      error_code ignored;
      self.socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
      self.AwaitRequest();
    });
  }

  // When the client was last heard. Nothing while it is being answered: its slot is not to be had.
  std::optional<Clock::rep> SilentSince() const {
    if (!replaceable_ || leaving_) return std::nullopt;
    return heard_at_.load();
  }
  bool leaving() const { return leaving_; }

  // Gives up the slot: at once if nothing is being answered, else after the answer.
  void Leave() {
    leaving_ = true;
    Post([](Session& self) {
      if (self.replaceable_) self.Close();
    });
  }

  void CloseIfLate(Clock::rep now) {
    if (now < deadline_) return;
    Post([](Session& self) {
      if (Now() >= self.deadline_) self.Close();
    });
  }

  void Stop() {
    leaving_ = true;
    Post([](Session& self) {
      if (self.replaceable_) {
        self.Close();
      } else if (self.state_ == State::kDelayed) {
        self.EndDelay(State::kRefusing);
      } else if (self.state_ == State::kWriting) {
        self.deadline_ = std::min(self.deadline_.load(), After(kStopTime));
      }
    });
  }

  void PostRun() {
    Post([](Session& self) { self.Run(); });
  }

  // --- On the strand ---

  // Lets the handler work, for as long as it takes.
  void Run() {
    Response response;
    try {
      if (then_) {
        then_(response);
      } else {
        server_.Answer(request_, response);
      }
    } catch (...) {
      response = Response();
      response.status = 500;
      response.body = "internal error\n";
    }
    then_ = nullptr;
    if (response.then_) {
      Delay(std::move(response));
    } else {
      Write(State::kWriting, std::move(response));
    }
    server_.EndRun();
  }

 private:
  enum class State {
    kReading,    // a request, or waits for one
    kAnswering,  // a handler works, or has to wait for its turn
    kDelayed,    // the answer is put off; what else the client sends is kept
    kWriting,    // an answer
    kRefusing,   // writing, without having counted as a request that is answered
    kDraining,   // all is said; reads until the client closes, or a bound
    kClosed,
  };

  static Clock::rep Now() { return Clock::now().time_since_epoch().count(); }
  static Clock::rep After(std::chrono::milliseconds time) {
    return (Clock::now() + time).time_since_epoch().count();
  }

  // The client has so much time from now on.
  void Await(std::chrono::milliseconds time) { deadline_ = After(time); }

  void Enter(State state) {
    state_ = state;
    replaceable_ =
        state == State::kReading || state == State::kRefusing || state == State::kDraining;
    if (state == State::kAnswering || state == State::kDelayed) {
      deadline_ = std::numeric_limits<Clock::rep>::max();
    }
  }

  template <class Function>
  void Post(Function function) {
    asio::post(socket_.get_executor(), [self = shared_from_this(), function] {
      if (self->state_ != State::kClosed) function(*self);
    });
  }

  void Close() {
    if (state_ == State::kClosed) return;
    GiveUpPlaces();
    Enter(State::kClosed);
    then_ = nullptr;
    error_code ignored;
    socket_.close(ignored);
    delay_timer_.cancel();
    server_.Remove(shared_from_this());
  }

  void GiveUpPlaces() {
    if (has_answer_place_) server_.EndAnswer();
    if (has_delay_place_) server_.EndDelay();
    has_answer_place_ = has_delay_place_ = false;
  }

  void AwaitRequest() {
    Enter(State::kReading);
    heard_at_ = Now();
    Await(server_.bounds().idle_time);
    Receive();
  }

  void Receive() {
    socket_.async_read_some(
        asio::buffer(chunk_),
        [self = shared_from_this()](error_code error, size_t n) { self->Received(error, n); });
  }

  void Received(error_code error, size_t n) {
    if (state_ == State::kClosed) return;
    const bool end = error == asio::error::eof;
    if (error && !end && error != asio::error::operation_aborted) return Close();
    heard_at_ = Now();
    switch (state_) {
      case State::kReading:
        if (!reader_.begun()) {
          if (end) return Close();
          Await(server_.bounds().request_time);
        }
        reader_.Append({chunk_.data(), n});
        return Read(end);
      case State::kDelayed:
        reader_.Append({chunk_.data(), n});
        // As in Go, a client that closes only its own direction counts as gone.
        if (end) return Refuse({500, "the client has gone away"});
        if (after_delay_) return ContinueAfterDelay();
        if (reader_.unread() > server_.bounds().header_bytes) return Close();
        return Receive();
      case State::kDraining:
        drained_ += n;
        if (end || drained_ > kDrainBytes) return Close();
        return Receive();
      default:
        return Close();
    }
  }

  // What has come of a request.
  void Read(bool end) {
    switch (reader_.Read(end)) {
      case RequestReader::State::kMore:
        return Receive();
      case RequestReader::State::kContinue:
        return asio::async_write(socket_,
                                 asio::buffer(std::string_view("HTTP/1.1 100 Continue\r\n\r\n")),
                                 [self = shared_from_this()](error_code error, size_t) {
                                   return error ? self->Close() : self->Receive();
                                 });
      case RequestReader::State::kRefused:
        return Refuse(reader_.refusal());
      case RequestReader::State::kWhole:
        return Begin();
    }
  }

  // A request is there, whole.
  void Begin() {
    const auto target = internal::ParseTarget(reader_.target());
    const auto path = target ? internal::PercentDecode(target->path, /*form=*/false) : std::nullopt;
    if (!path) return Refuse({400, "this is not an address"});
    keep_alive_ = reader_.keep_alive();
    head_ = reader_.method() == "HEAD";
    if ((target->host || reader_.has_host()) &&
        !server_.IsHostServed(target->host ? *target->host : reader_.host())) {
      Response response;
      response.status = 403;
      response.body =
          "this server does not listen on the host of the request; "
          "ask for its address, or let it allow the name\n";
      return Write(State::kRefusing, std::move(response));
    }
    if (const std::string clean = internal::CleanPath(target->path); clean != target->path) {
      Response response;
      Redirect(response, reader_.method(), clean, target->query);
      return Write(State::kRefusing, std::move(response));
    }
    if (!server_.BeginAnswer()) return Refuse({503, "too busy"});
    has_answer_place_ = true;
    request_.method = reader_.method();
    request_.path = *path;
    request_.query = target->query;
    request_.body = std::move(reader_.body());
    Enter(State::kAnswering);
    server_.RunWhenFree(shared_from_this());
  }

  void Delay(Response response) {
    GiveUpPlaces();
    if (server_.stopping()) return Refuse({503, "the server is being stopped"});
    if (!server_.BeginDelay()) return Refuse({503, "too many answers are waiting for their time"});
    has_delay_place_ = true;
    Enter(State::kDelayed);
    then_ = std::move(response.then_);
    after_delay_.reset();
    delay_timer_.expires_after(response.delay_);
    delay_timer_.async_wait([self = shared_from_this()](error_code error) {
      if (!error && self->state_ == State::kDelayed) self->EndDelay(State::kAnswering);
    });
    Receive();
  }

  // Received goes on, with what comes or without.
  void EndDelay(State next) {
    after_delay_ = next;
    socket_.cancel();
  }

  void ContinueAfterDelay() {
    delay_timer_.cancel();
    if (after_delay_ == State::kRefusing) return Refuse({503, "the server is being stopped"});
    GiveUpPlaces();
    has_answer_place_ = server_.BeginAnswer(/*sure=*/true);
    Enter(State::kAnswering);
    server_.RunWhenFree(shared_from_this());
  }

  // The last answer on this connection.
  void Refuse(const internal::Refusal& refusal) {
    GiveUpPlaces();
    then_ = nullptr;
    delay_timer_.cancel();
    keep_alive_ = false;
    Response response;
    response.status = refusal.status;
    response.body = absl::StrCat(refusal.text, "\n");
    Write(State::kRefusing, std::move(response));
  }

  void Write(State state, Response response) {
    if (leaving_ || server_.stopping()) keep_alive_ = false;
    out_header_ = absl::StrCat("HTTP/1.1 ", response.status, " ");
    out_header_ += internal::ReasonOf(response.status);
    if (!response.content_type.empty()) AddHeader("Content-Type", response.content_type);
    for (const auto& [name, value] : response.headers) AddHeader(name, value);
    AddHeader("Content-Length", absl::StrCat(response.body.size()));
    if (!keep_alive_) {
      AddHeader("Connection", "close");
    } else if (reader_.is_http_10()) {
      AddHeader("Connection", "keep-alive");
    }
    out_header_ += "\r\n\r\n";
    out_body_ = head_ ? "" : std::move(response.body);
    Enter(state);
    Await(server_.stopping() ? kStopTime : server_.bounds().request_time);
    const std::array<asio::const_buffer, 2> buffers = {asio::buffer(out_header_),
                                                       asio::buffer(out_body_)};
    asio::async_write(socket_, buffers, [self = shared_from_this()](error_code error, size_t) {
      if (self->state_ != State::kClosed) self->Written(error);
    });
  }

  void AddHeader(std::string_view name, std::string_view value) {
    out_header_ += "\r\n";
    out_header_ += name;
    out_header_ += ": ";
    // A handler that puts a line break into a header must not make two of it.
    for (const char c : value) {
      if (c != '\r' && c != '\n') out_header_ += c;
    }
  }

  void Written(error_code error) {
    GiveUpPlaces();
    std::string().swap(out_body_);
    request_ = Request();
    if (error) return Close();
    if (!keep_alive_ || leaving_) return Drain();
    reader_.Next();
    head_ = false;
    if (reader_.unread() == 0) return AwaitRequest();
    Enter(State::kReading);
    Await(server_.bounds().request_time);
    Read(/*end=*/false);
  }

  // A socket that is closed with bytes unread resets the connection, and the client may lose the answer that it has
  // not read yet. So what it has sent is read first, as far as it comes soon and is not endless.
  void Drain() {
    Enter(State::kDraining);
    error_code ignored;
    socket_.shutdown(asio::socket_base::shutdown_send, ignored);
    Await(kDrainTime);
    Receive();
  }

  HttpServer::Impl& server_;
  Socket socket_;
  Timer delay_timer_;
  RequestReader reader_;
  std::array<char, 2048> chunk_;  // what comes, on its way to reader_

  State state_ = State::kReading;
  Request request_;
  bool head_ = false;  // the answer has no body
  bool keep_alive_ = true;
  bool has_answer_place_ = false;
  bool has_delay_place_ = false;
  Response::Handler then_;            // of a delayed answer
  std::optional<State> after_delay_;  // kAnswering or kRefusing; nothing while it lasts
  std::string out_header_;
  std::string out_body_;
  size_t drained_ = 0;

  // Read by other threads too.
  std::atomic<bool> replaceable_{true};
  std::atomic<bool> leaving_{false};
  std::atomic<Clock::rep> heard_at_{Now()};
  std::atomic<Clock::rep> deadline_{std::numeric_limits<Clock::rep>::max()};
};

// --- The server ---

const Route* HttpServer::Impl::Find(std::string_view path) const {
  if (const auto exact = routes_.find(path); exact != routes_.end()) return &exact->second;
  while (true) {
    const size_t slash = path.rfind('/');
    if (slash == std::string_view::npos) return nullptr;
    path = path.substr(0, slash + 1);
    if (const auto below = routes_.find(path); below != routes_.end()) return &below->second;
    path.remove_suffix(1);
  }
}

void HttpServer::Impl::Answer(const Request& request, Response& response) const {
  const Route* route = Find(request.path);
  const std::string with_slash = request.path + "/";
  const bool lacks_slash = route == nullptr && routes_.contains(with_slash);
  if (lacks_slash) route = &routes_.find(with_slash)->second;
  if (route == nullptr) {
    response.status = 404;
    response.body = "404 page not found\n";
  } else if (request.method != "GET" && request.method != "HEAD" &&
             !(route->post && request.method == "POST")) {
    response.status = 405;
    response.headers.emplace_back("Allow", route->post ? "GET, HEAD, POST" : "GET, HEAD");
    response.body = "Method Not Allowed\n";
  } else if (lacks_slash) {
    Redirect(response, request.method, with_slash, request.query);
  } else {
    return route->handler(request, response);
  }
  if (response.status >= 400) response.headers.emplace_back("X-Content-Type-Options", "nosniff");
}

void HttpServer::Impl::RunWhenFree(const std::shared_ptr<Session>& session) {
  {
    std::lock_guard lock(mutex_);
    if (running_ == bounds_.workers) {
      for_worker_.push_back(session);
      return;
    }
    ++running_;
  }
  session->Run();
}

void HttpServer::Impl::EndRun() {
  std::lock_guard lock(mutex_);
  if (for_worker_.empty()) {
    --running_;
    return;
  }
  for_worker_.front()->PostRun();
  for_worker_.pop_front();
}

void HttpServer::Impl::Remove(const std::shared_ptr<Session>& session) {
  std::lock_guard lock(mutex_);
  sessions_.erase(session);
}

absl::StatusOr<int> HttpServer::Impl::Bind(const std::string& host, int port,
                                           bool beyond_loopback) {
  if (port < 0 || port > 65535) {
    return absl::InvalidArgumentError(absl::StrCat("port ", port, ": must be from 0 to 65535"));
  }
  if (!beyond_loopback && !internal::IsLoopback(host)) {
    return absl::InvalidArgumentError(
        absl::StrCat("host ", host,
                     ": other machines could reach it and read this program's memory profile; "
                     "say so expressly, or use 127.0.0.1"));
  }
  error_code error;
  asio::ip::address address = asio::ip::make_address(host, error);
  if (error) {
    asio::ip::tcp::resolver resolver(io_);
    const auto found = resolver.resolve(host, "", error);
    if (error || found.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("host ", host, ": no address is known for it; use one, such as 127.0.0.1"));
    }
    address = found.begin()->endpoint().address();
  }
  const asio::ip::tcp::endpoint endpoint(address, static_cast<uint16_t>(port));
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (!error) acceptor_.non_blocking(true, error);
  if (error) {
    error_code ignored;
    acceptor_.close(ignored);
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", host, ":", port, ": ", error.message()));
  }
  host_ = host;
  rlimit files{};
  slots_ = static_cast<size_t>(std::max(1, bounds_.connections));
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    slots_ = std::clamp<size_t>(files.rlim_cur / 2, 1, slots_);
  }
  return acceptor_.local_endpoint().port();
}

bool HttpServer::Impl::Serve() {
  if (slots_ == 0) return false;
  asio::post(strand_, [this] { Accept(); });
  // Threads begin with the mask of the one that makes them.
  // One more than may be in handlers: connections are looked after at any time.
  std::vector<std::thread> threads;
  {
    const runtime::internal::ProgramSignalsBlocked blocked;
    for (int i = 0; i <= bounds_.workers; ++i) {
      threads.emplace_back([this] {
        runtime::ThreadScope scope;
        io_.run();
      });
    }
  }
  for (std::thread& thread : threads) thread.join();
  return true;
}

void HttpServer::Impl::Stop() {
  stopping_ = true;
  asio::post(strand_, [this] {
    error_code ignored;
    acceptor_.close(ignored);
    accept_timer_.cancel();
    std::lock_guard lock(mutex_);
    for (const std::shared_ptr<Session>& session : sessions_) session->Stop();
  });
}

// Waits for a client before it asks for the connection: accept(2) takes a descriptor first, so where there is none it
// fails though nobody is there for whom somebody else would have to leave.
void HttpServer::Impl::Accept() {
  if (stopping_) return;
  acceptor_.async_wait(Acceptor::wait_read, [this](error_code) {
    if (stopping_) return;
    Socket socket(asio::make_strand(io_));
    error_code error;
    acceptor_.accept(socket, error);
    if (!error && MakeRoom()) Welcome(std::move(socket));
    if (!error || error == asio::error::would_block || error == asio::error::connection_aborted) {
      return Accept();
    }
    // No descriptor or no memory for it: the client waits in the system's queue, and this does not spin.
    LetSilentestLeave();
    accept_timer_.expires_after(kAcceptPause);
    accept_timer_.async_wait([this](error_code) { Accept(); });
  });
}

void HttpServer::Impl::Welcome(Socket socket) {
  const auto session = std::make_shared<Session>(*this, std::move(socket));
  {
    std::lock_guard lock(mutex_);
    sessions_.insert(session);
  }
  session->Start();
  if (!sweeping_) Sweep();
}

// Whether there is a slot for one more client, at the cost of another one if need be.
bool HttpServer::Impl::MakeRoom() {
  size_t staying = 0;
  {
    std::lock_guard lock(mutex_);
    for (const std::shared_ptr<Session>& session : sessions_) staying += !session->leaving();
  }
  return staying < slots_ || LetSilentestLeave();
}

// The client that has been silent longest. False if all are being answered.
bool HttpServer::Impl::LetSilentestLeave() {
  std::lock_guard lock(mutex_);
  Session* silentest = nullptr;
  Clock::rep since = std::numeric_limits<Clock::rep>::max();
  for (const std::shared_ptr<Session>& session : sessions_) {
    const std::optional<Clock::rep> heard = session->SilentSince();
    if (heard && *heard < since) {
      silentest = session.get();
      since = *heard;
    }
  }
  if (silentest == nullptr) return false;
  silentest->Leave();
  return true;
}

// Ends what is late, as long as there are connections.
void HttpServer::Impl::Sweep() {
  std::lock_guard lock(mutex_);
  sweeping_ = !sessions_.empty();
  if (!sweeping_) return;
  const Clock::rep now = Clock::now().time_since_epoch().count();
  for (const std::shared_ptr<Session>& session : sessions_) session->CloseIfLate(now);
  sweep_timer_.expires_after(kSweepPeriod);
  sweep_timer_.async_wait([this](error_code) { Sweep(); });
}

// --- What the header declares ---

std::string Request::Parameter(const std::string& name) const {
  return internal::QueryParameter(query, name);
}

HttpServer::HttpServer(HttpBounds bounds) : impl_(std::make_unique<Impl>(bounds)) {}
HttpServer::~HttpServer() = default;

void HttpServer::Get(const std::string& path, Handler handler) {
  impl_->AddRoute(path, {.handler = std::move(handler)});
}
void HttpServer::GetOrPost(const std::string& path, Handler handler) {
  impl_->AddRoute(path, {.handler = std::move(handler), .post = true});
}
void HttpServer::AllowHost(const std::string& host) { impl_->AllowHost(host); }
absl::StatusOr<int> HttpServer::Bind(const std::string& host, int port, bool beyond_loopback) {
  return impl_->Bind(host, port, beyond_loopback);
}
bool HttpServer::Serve() { return impl_->Serve(); }
void HttpServer::Stop() { impl_->Stop(); }

}  // namespace heapwise::pprof
