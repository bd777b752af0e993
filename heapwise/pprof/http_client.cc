#include "heapwise/pprof/http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cctype>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <tuple>
#include <utility>

namespace heapwise::pprof {
namespace {

namespace http = boost::beast::http;

// The collector's signals interrupt a wait that has a limit.
ssize_t Receive(int socket, char* to, size_t size) {
  ssize_t n;
  do {
    n = recv(socket, to, size, 0);
  } while (n < 0 && errno == EINTR);
  return n;
}

}  // namespace

HttpClient::HttpClient(int port, std::chrono::milliseconds patience)
    : port_(port), patience_(patience) {}

HttpClient::HttpClient(HttpClient&& other) noexcept
    : port_(other.port_), patience_(other.patience_), socket_(std::exchange(other.socket_, -1)) {}

HttpClient::~HttpClient() { Close(); }

void HttpClient::Close() {
  if (socket_ >= 0) close(socket_);
  socket_ = -1;
}

void HttpClient::EndSending() { shutdown(socket_, SHUT_WR); }

bool HttpClient::Connect() {
  socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0) return false;
  const timeval timeout{patience_.count() / 1000, patience_.count() % 1000 * 1000};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  const int yes = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port_));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return true;
  Close();
  return false;
}

bool HttpClient::Send(std::string_view bytes) {
  if (socket_ < 0 && !Connect()) return false;
  while (!bytes.empty()) {
    const ssize_t n = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

std::string HttpClient::ReadAll() {
  std::string all;
  char chunk[4096];
  for (ssize_t n; (n = Receive(socket_, chunk, sizeof chunk)) > 0;) {
    all.append(chunk, static_cast<size_t>(n));
  }
  return all;
}

std::optional<Answer> HttpClient::Ask(const std::string& method, const std::string& target,
                                      const std::string& body) {
  std::string request =
      method + " " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) + "\r\n";
  if (!body.empty()) request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  request += "\r\n" + body;
  // A connection that the server has closed meanwhile is found out by using it.
  for (const bool kept : {socket_ >= 0, false}) {
    // What of the request was not taken may have been refused: there is an answer all the same.
    std::ignore = Send(request);
    if (socket_ < 0) return std::nullopt;
    std::optional<Answer> answer = ReadAnswer(method == "HEAD");
    if (answer) return answer;
    Close();
    if (!kept) break;
  }
  return std::nullopt;
}

std::optional<Answer> HttpClient::ReadAnswer(bool head) {
  http::response_parser<http::string_body> parser;
  parser.skip(head);
  parser.eager(true);
  parser.body_limit(std::numeric_limits<uint64_t>::max());
  boost::beast::error_code error;
  std::string unread;
  char chunk[16384];
  while (!parser.is_done()) {
    const ssize_t n = Receive(socket_, chunk, sizeof chunk);
    if (n < 0 || (n == 0 && !parser.got_some())) return std::nullopt;
    if (n == 0) {
      parser.put_eof(error);
      if (error) return std::nullopt;
      break;
    }
    unread.append(chunk, static_cast<size_t>(n));
    while (!parser.is_done() && !unread.empty()) {
      const size_t used = parser.put(boost::asio::buffer(unread), error);
      unread.erase(0, used);
      if (error == http::error::need_more) break;
      if (error) return std::nullopt;
    }
  }
  Answer answer;
  answer.status = static_cast<int>(parser.get().result_int());
  for (const auto& field : parser.get()) {
    std::string name(field.name_string().data(), field.name_string().size());
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    answer.headers[name] = std::string(field.value().data(), field.value().size());
  }
  const bool keep_alive = parser.keep_alive();
  answer.body = std::move(parser.get().body());
  if (!keep_alive) Close();
  return answer;
}

}  // namespace heapwise::pprof
