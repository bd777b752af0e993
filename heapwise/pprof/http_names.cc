#include "heapwise/pprof/http_names.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cctype>

namespace heapwise::pprof::internal {
namespace {

// IPv4 or IPv6, as 16 bytes of IPv6 (IPv4 mapped).
std::optional<in6_addr> ParseAddress(const std::string& host) {
  in6_addr v6;
  if (inet_pton(AF_INET6, host.c_str(), &v6) == 1) return v6;
  if (inet_pton(AF_INET6, ("::ffff:" + host).c_str(), &v6) == 1 &&
      host.find(':') == std::string::npos) {
    return v6;
  }
  return std::nullopt;
}

bool IsLoopbackAddress(const in6_addr& address) {
  if (IN6_IS_ADDR_V4MAPPED(&address)) return address.s6_addr[12] == 127;
  return IN6_IS_ADDR_LOOPBACK(&address);
}

bool IsEveryInterface(const in6_addr& address) {
  if (IN6_IS_ADDR_UNSPECIFIED(&address)) return true;
  return IN6_IS_ADDR_V4MAPPED(&address) &&
         std::all_of(address.s6_addr + 12, address.s6_addr + 16, [](uint8_t b) { return b == 0; });
}

bool SameName(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

// The host of "host", "host:port", "[v6]" or "[v6]:port".
std::optional<std::string> HostOf(std::string_view header) {
  std::string_view host;
  std::string_view port;
  if (header.starts_with('[')) {
    const size_t end = header.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    host = header.substr(1, end - 1);
    port = header.substr(end + 1);
  } else {
    host = header.substr(0, header.find(':'));
    port = header.substr(host.size());
  }
  const bool port_is_good =
      port.empty() ||
      (port.size() <= 6 && port.front() == ':' &&
       std::all_of(port.begin() + 1, port.end(), [](char c) { return c >= '0' && c <= '9'; }));
  if (host.empty() || !port_is_good) return std::nullopt;
  return std::string(host);
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

bool IsLoopback(const std::string& host) {
  if (SameName(host, "localhost")) return true;
  const auto address = ParseAddress(host);
  return address && IsLoopbackAddress(*address);
}

bool IsHostServed(std::string_view header, const std::string& bound,
                  const std::vector<std::string>& allowed) {
  if (std::ranges::find(allowed, "*") != allowed.end()) return true;
  const auto host = HostOf(header);
  if (!host) return false;
  if (SameName(*host, bound)) return true;
  if (std::ranges::any_of(allowed, [&](const std::string& a) { return SameName(*host, a); })) {
    return true;
  }
  const auto bound_address = ParseAddress(bound);
  const bool everywhere = bound_address && IsEveryInterface(*bound_address);
  if (IsLoopback(bound) || everywhere) {
    if (IsLoopback(*host)) return true;
  }
  return everywhere && ParseAddress(*host).has_value();
}

std::optional<std::string> PercentDecode(std::string_view text, bool form) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = HexDigit(text[i + 1]);
      const int low = HexDigit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      decoded += form && text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

std::string QueryParameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.find(';') != std::string_view::npos) continue;
    const size_t equals = std::min(pair.find('='), pair.size());
    const auto key = PercentDecode(pair.substr(0, equals), true);
    const auto value = PercentDecode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (key && value && *key == name) return *value;
  }
  return "";
}

std::string CleanPath(std::string_view path) {
  std::vector<std::string_view> elements;
  bool slash_at_end = true;
  while (!path.empty()) {
    const std::string_view element = path.substr(0, path.find('/'));
    slash_at_end = element.size() < path.size();
    path.remove_prefix(std::min(element.size() + 1, path.size()));
    if (element == "..") {
      if (!elements.empty()) elements.pop_back();
    } else if (!element.empty() && element != ".") {
      elements.push_back(element);
    }
  }
  std::string clean = "/";
  for (size_t i = 0; i < elements.size(); ++i) {
    clean += elements[i];
    if (i + 1 < elements.size() || slash_at_end) clean += '/';
  }
  return clean;
}

std::optional<Target> ParseTarget(std::string_view target) {
  Target parsed;
  const size_t scheme = target.find("://");
  if (scheme != std::string_view::npos &&
      (SameName(target.substr(0, scheme), "http") || SameName(target.substr(0, scheme), "https"))) {
    target.remove_prefix(scheme + 3);
    const size_t end = std::min(target.find_first_of("/?"), target.size());
    parsed.host = std::string(target.substr(0, end));
    target.remove_prefix(end);
    if (!target.starts_with('/')) parsed.path = "/";
  } else if (!target.starts_with('/')) {
    return std::nullopt;
  }
  const size_t question = std::min(target.find('?'), target.size());
  parsed.path += target.substr(0, question);
  parsed.query = target.substr(std::min(question + 1, target.size()));
  return parsed;
}

}  // namespace heapwise::pprof::internal
