// A small HTTP client for tests and loads: one connection to 127.0.0.1, one request at a time.
#ifndef HEAPWISE_PPROF_HTTP_CLIENT_H_
#define HEAPWISE_PPROF_HTTP_CLIENT_H_

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace heapwise::pprof {

struct Answer {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;

  // Empty where there is none.
  std::string Header(const std::string& name_in_lower_case) const {
    const auto found = headers.find(name_in_lower_case);
    return found == headers.end() ? "" : found->second;
  }
};

// Connects with the first request, keeps the connection for the next ones, and connects again where the server has
// closed it between two. Nothing is thrown; one thread at a time.
class HttpClient {
 public:
  // The server may leave each single wait of the client so long without a byte.
  explicit HttpClient(int port, std::chrono::milliseconds patience = std::chrono::seconds(60));
  ~HttpClient();
  HttpClient(HttpClient&& other) noexcept;
  HttpClient& operator=(HttpClient&&) = delete;

  // `target` with its query. Nothing where no whole answer comes. Redirects are not followed.
  std::optional<Answer> Get(const std::string& target) { return Ask("GET", target); }
  std::optional<Answer> Ask(const std::string& method, const std::string& target,
                            const std::string& body = "");

  // Sends bytes as they are, connecting first where need be. False if that failed.
  bool Send(std::string_view bytes);
  // All that comes until the server closes or the patience is over.
  std::string ReadAll();
  // Sends nothing more; the other direction stays open.
  void EndSending();
  void Close();

 private:
  bool Connect();
  std::optional<Answer> ReadAnswer(bool head);

  const int port_;
  const std::chrono::milliseconds patience_;
  int socket_ = -1;
};

}  // namespace heapwise::pprof

#endif  // HEAPWISE_PPROF_HTTP_CLIENT_H_
