#include "heapwise/pprof/http_reader.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <iterator>
#include <optional>
#include <utility>

namespace heapwise::pprof::internal {
namespace {

namespace http = boost::beast::http;

// Of this a connection keeps its buffer between requests.
constexpr size_t kKeptBytes = 4096;

template <class View>
std::string_view AsStd(const View& view) {
  return {view.data(), view.size()};
}

}  // namespace

// Made anew for each request, in the same place.
struct RequestReader::Parser {
  std::optional<http::request_parser<http::string_body>> request;
};

RequestReader::RequestReader(size_t header_bytes, size_t body_bytes)
    : header_bytes_(header_bytes), body_bytes_(body_bytes), parser_(std::make_unique<Parser>()) {
  Next();
}

RequestReader::~RequestReader() = default;

void RequestReader::Next() {
  parser_->request.emplace();
  parser_->request->header_limit(static_cast<uint32_t>(header_bytes_));
  parser_->request->body_limit(body_bytes_);
  header_checked_ = false;
  if (unread_.empty() && unread_.capacity() > kKeptBytes) unread_.shrink_to_fit();
}

bool RequestReader::begun() const { return parser_->request->got_some() || !unread_.empty(); }

RequestReader::State RequestReader::Refuse(int status, std::string text) {
  refusal_ = {status, std::move(text)};
  return State::kRefused;
}

// What Beast leaves to its user, as Go's net/http decides it (server.go readRequest, transfer.go).
RequestReader::State RequestReader::CheckHeader() {
  header_checked_ = true;
  const auto& message = parser_->request->get();
  const auto hosts = message.equal_range(http::field::host);
  const auto n = std::distance(hosts.first, hosts.second);
  if (n == 0 && message.version() == 11) return Refuse(400, "missing required Host header");
  if (n > 1) return Refuse(400, "too many Host headers");
  const auto encodings = message.equal_range(http::field::transfer_encoding);
  if (encodings.first != encodings.second &&
      !boost::beast::iequals(encodings.first->value(), "chunked")) {
    return Refuse(501, "unsupported transfer encoding");
  }
  const auto expect = message.find(http::field::expect);
  if (expect == message.end()) return State::kWhole;
  if (!boost::beast::iequals(expect->value(), "100-continue")) {
    return Refuse(417, "this expectation cannot be met");
  }
  const bool waits = message.version() == 11 && !parser_->request->is_done() && unread_.empty();
  return waits ? State::kContinue : State::kWhole;
}

RequestReader::State RequestReader::Read(bool end) {
  auto& request = *parser_->request;
  while (!request.is_done()) {
    // An empty line before a request is tolerated (RFC 9112, 2.2).
    if (!request.got_some()) {
      while (unread_.starts_with("\r\n")) unread_.erase(0, 2);
    }
    boost::beast::error_code error;
    size_t used = 0;
    if (unread_.empty()) {
      error = http::error::need_more;
    } else {
      used = request.put(boost::asio::buffer(unread_), error);
    }
    if (error == http::error::need_more) {
      unread_.erase(0, used);
      if (end) return Refuse(400, "the request is not complete");
      return State::kMore;
    }
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
      const bool line_is_whole =
          !request.get().target().empty() || unread_.find('\n') != std::string::npos;
      return line_is_whole ? Refuse(431, "the header is too long")
                           : Refuse(414, "the address is too long");
    }
    if (error == http::error::body_limit) return Refuse(413, "the body is too large");
    if (error) return Refuse(400, "this is not an HTTP request: " + error.message());
    unread_.erase(0, used);
    if (request.is_header_done() && !header_checked_) {
      const State checked = CheckHeader();
      if (checked != State::kWhole) return checked;
    }
  }
  return State::kWhole;
}

std::string_view RequestReader::method() const {
  return AsStd(parser_->request->get().method_string());
}
std::string_view RequestReader::target() const { return AsStd(parser_->request->get().target()); }
std::string_view RequestReader::host() const {
  const auto& message = parser_->request->get();
  const auto host = message.find(http::field::host);
  return host == message.end() ? std::string_view() : AsStd(host->value());
}
bool RequestReader::has_host() const {
  return parser_->request->get().count(http::field::host) > 0;
}
std::string& RequestReader::body() { return parser_->request->get().body(); }
bool RequestReader::keep_alive() const { return parser_->request->keep_alive(); }
bool RequestReader::is_http_10() const { return parser_->request->get().version() == 10; }

std::string_view ReasonOf(int status) {
  return AsStd(http::obsolete_reason(http::int_to_status(static_cast<unsigned>(status))));
}

}  // namespace heapwise::pprof::internal
