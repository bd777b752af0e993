// Names in HTTP requests: addresses, hosts, paths and queries. No sockets.
#ifndef HEAPWISE_PPROF_HTTP_NAMES_H_
#define HEAPWISE_PPROF_HTTP_NAMES_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heapwise::pprof::internal {

// Whether only this machine can reach `host`: "localhost", 127.0.0.0/8 and ::1, also as IPv4 mapped into IPv6. No
// name but that one is looked up.
bool IsLoopback(const std::string& host);

// Whether a request with this Host header is for a server that listens on `bound`. A Host is an address or a name,
// IPv6 in brackets, and perhaps a port. It may be
//   - `bound` itself, or one of `allowed` ("*": anything);
//   - where `bound` is of the loopback interface, "localhost" or any address of it;
//   - where `bound` is every interface (0.0.0.0, ::), also any address: only names can be made to point elsewhere.
// The port may be any, since a tunnel (ssh -L) has one of its own.
bool IsHostServed(std::string_view header, const std::string& bound,
                  const std::vector<std::string>& allowed);

// %41 as A, and with `form` + as a space. Nothing where a % is not followed by two hexadecimal digits.
std::optional<std::string> PercentDecode(std::string_view text, bool form);

// The first value of that name in a query, decoded; nothing where there is none. As Go's url.ParseQuery, which skips
// pairs that are malformed or have a semicolon.
std::string QueryParameter(std::string_view query, std::string_view name);

// The path without empty, "." and ".." elements, and with a slash at its end if it had one: Go's cleanPath (server.go).
std::string CleanPath(std::string_view path);

// What a request asks for: "/path?query", or with a scheme and a host before it, as sent to proxies.
struct Target {
  std::string path{};                 // percent-encoded
  std::string query{};                // without the question mark
  std::optional<std::string> host{};  // of the latter form: counts instead of the Host header

  bool operator==(const Target&) const = default;
};
std::optional<Target> ParseTarget(std::string_view target);

}  // namespace heapwise::pprof::internal

#endif  // HEAPWISE_PPROF_HTTP_NAMES_H_
