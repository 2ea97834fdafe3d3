// An HTTPS server on the loopback interface, for tests of downloads.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace palate {

// When a certificate is in force, in days from now.
struct Validity {
  int begin = -1;
  int end = 1;
};
inline constexpr Validity kExpired{-3, -2};
inline constexpr Validity kNotYet{2, 3};

// Serves given answers under a certificate of its own, made for `host`. One connection at a time,
// one request a connection.
class TlsServer {
 public:
  // What it answers, byte for byte, by path ("/set.zip"); the connection is closed after it. Any
  // other path is a 404.
  using Answers = std::map<std::string, std::string>;
  // Sends the answer to a whole request, "GET PATH HTTP/1.1\r\nHost: ...", on the server's thread.
  using Send = std::function<void(std::string_view bytes)>;
  using Handler = std::function<void(const std::string& request, const Send& send)>;

  // The certificate signs itself where it has no issuer.
  TlsServer(const std::string& host, Answers answers, Validity own = {},
            std::optional<Validity> issuer = std::nullopt);
  TlsServer(const std::string& host, Handler handler, Validity own = {},
            std::optional<Validity> issuer = std::nullopt);
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  std::string address() const;                     // 127.0.0.1:PORT
  std::string url(const std::string& path) const;  // https://127.0.0.1:PORT/PATH
  // PEM: what a client must trust, the issuer's where there is one.
  const std::string& certificate() const { return certificate_; }
  // after an answer, leave the connection open
  void stall() { stalling_ = true; }
  int requests() const { return requests_; }

 private:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  void serve();
  void answer(int connection);

  Handler handler_;
  std::string certificate_;
  std::unique_ptr<SSL_CTX, Free> context_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> stalling_{false};
  std::atomic<int> requests_{0};
  std::thread thread_;
};

// An answer with the whole of `body`, or that claims `length` bytes.
std::string http_ok(const std::string& body, std::size_t length);
inline std::string http_ok(const std::string& body) { return http_ok(body, body.size()); }
std::string http_redirect(const std::string& target);
std::string http_not_found();

// "/set.zip" of a request.
std::string path_of(const std::string& request);
// What follows "NAME: " in a request; empty where it has no such header.
std::string header_of(const std::string& request, const std::string& name);

}  // namespace palate
