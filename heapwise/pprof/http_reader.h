// HTTP/1.1 requests out of the bytes of a connection: Beast's parser, behind an interface without its headers. No
// sockets.
#ifndef HEAPWISE_PPROF_HTTP_READER_H_
#define HEAPWISE_PPROF_HTTP_READER_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace heapwise::pprof::internal {

// Why a request is refused before anybody sees it: a status, and a line for people.
struct Refusal {
  int status = 0;
  std::string text;
};

// One thread at a time.
class RequestReader {
 public:
  enum class State {
    kMore,      // the request is not whole yet
    kContinue,  // the same, and the client waits for a "100 Continue"; said once
    kWhole,
    kRefused,
  };

  RequestReader(size_t header_bytes, size_t body_bytes);
  ~RequestReader();

  // Takes what the connection brought. Bytes behind the end of the request are kept for the next one.
  void Append(std::string_view bytes) { unread_.append(bytes); }
  // Bytes that no request has used yet.
  size_t unread() const { return unread_.size(); }

  // Reads on in what was appended. `end`: nothing more will come.
  State Read(bool end = false);

  // Whether a part of the request is there.
  bool begun() const;

  // For kRefused.
  const Refusal& refusal() const { return refusal_; }

  // For kWhole, up to Next. `host` is empty where there is no header Host, which only HTTP/1.0 may leave out.
  std::string_view method() const;
  std::string_view target() const;
  std::string_view host() const;
  bool has_host() const;
  std::string& body();
  bool keep_alive() const;
  bool is_http_10() const;

  // Goes on to the next request.
  void Next();

 private:
  struct Parser;

  State Refuse(int status, std::string text);
  State CheckHeader();

  const size_t header_bytes_;
  const size_t body_bytes_;
  std::unique_ptr<Parser> parser_;
  std::string unread_;
  bool header_checked_ = false;
  Refusal refusal_;
};

// "Not Found" for 404.
std::string_view ReasonOf(int status);

}  // namespace heapwise::pprof::internal

#endif  // HEAPWISE_PPROF_HTTP_READER_H_
