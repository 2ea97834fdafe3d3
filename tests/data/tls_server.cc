#include "data/tls_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

namespace palate {
namespace {

template <auto free_function>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    free_function(object);
  }
};
template <class T, auto free_function>
using Owned = std::unique_ptr<T, Freed<free_function>>;

void check(bool done, const char* what) {
  if (!done) throw std::runtime_error(fmt::format("TLS server: {} failed", what));
}

// A certificate that signs itself, valid for a day, for one host name or address ("DNS:localhost",
// "IP:127.0.0.1").
Owned<X509, X509_free> self_signed(EVP_PKEY* key, const std::string& host) {
  constexpr long kDay = 24 * 60 * 60;
  Owned<X509, X509_free> certificate(X509_new());
  X509* x509 = certificate.get();
  check(X509_set_version(x509, X509_VERSION_3) == 1, "version");
  check(ASN1_INTEGER_set(X509_get_serialNumber(x509), 1) == 1, "serial number");
  check(X509_gmtime_adj(X509_getm_notBefore(x509), -kDay) != nullptr, "start");
  check(X509_gmtime_adj(X509_getm_notAfter(x509), kDay) != nullptr, "end");
  check(X509_set_pubkey(x509, key) == 1, "key");
  X509_NAME* name = X509_get_subject_name(x509);
  const unsigned char common_name[] = "Palate test";
  check(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0) == 1, "name");
  check(X509_set_issuer_name(x509, name) == 1, "issuer");
  Owned<X509_EXTENSION, X509_EXTENSION_free> hosts(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, host.c_str()));
  check(hosts && X509_add_ext(x509, hosts.get(), -1) == 1, "host");
  check(X509_sign(x509, key, EVP_sha256()) > 0, "signature");
  return certificate;
}

std::string to_pem(X509* certificate) {
  Owned<BIO, BIO_free> memory(BIO_new(BIO_s_mem()));
  check(PEM_write_bio_X509(memory.get(), certificate) == 1, "PEM");
  char* text = nullptr;
  const long length = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(length)};
}

}  // namespace

TlsServer::TlsServer(const std::string& host, Answers answers)
    : TlsServer(host, [answers = std::move(answers)](const std::string& request, const Send& send) {
        const auto found = answers.find(path_of(request));
        found != answers.end() ? send(found->second) : send(http_not_found());
      }) {}

TlsServer::TlsServer(const std::string& host, Handler handler) : handler_(std::move(handler)) {
  Owned<EVP_PKEY, EVP_PKEY_free> key(EVP_EC_gen("P-256"));
  check(key != nullptr, "key");
  const auto certificate = self_signed(key.get(), host);
  certificate_ = to_pem(certificate.get());
  context_.reset(SSL_CTX_new(TLS_server_method()));
  check(SSL_CTX_use_certificate(context_.get(), certificate.get()) == 1, "certificate");
  check(SSL_CTX_use_PrivateKey(context_.get(), key.get()) == 1, "private key");

  std::signal(SIGPIPE, SIG_IGN);  // a client may hang up while it is being answered
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  const auto generic = reinterpret_cast<sockaddr*>(&address);
  check(bind(listener_, generic, size) == 0 && listen(listener_, 8) == 0, "listen");
  check(getsockname(listener_, generic, &size) == 0, "getsockname");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

TlsServer::~TlsServer() {
  stopping_ = true;
  thread_.join();
  close(listener_);
}

std::string TlsServer::url(const std::string& path) const {
  return fmt::format("https://127.0.0.1:{}{}", port_, path);
}

void TlsServer::serve() {
  constexpr int kLook = 20;  // milliseconds between looks at stopping_
  pollfd waiting{listener_, POLLIN, 0};
  while (!stopping_) {
    if (poll(&waiting, 1, kLook) <= 0) continue;
    const int connection = accept(listener_, nullptr, nullptr);
    if (connection < 0) continue;
    const timeval patience{30, 0};
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    answer(connection);
    close(connection);
  }
}

void TlsServer::answer(int connection) {
  Owned<SSL, SSL_free> ssl(SSL_new(context_.get()));
  SSL_set_fd(ssl.get(), connection);
  // a client that does not trust the certificate hangs up here
  if (SSL_accept(ssl.get()) != 1) return;
  std::string request;
  char block[4096];
  while (request.find("\r\n\r\n") == std::string::npos) {
    const int count = SSL_read(ssl.get(), block, sizeof(block));
    if (count <= 0) return;
    request.append(block, static_cast<std::size_t>(count));
  }
  ++requests_;
  handler_(request, [&](std::string_view bytes) {
    SSL_write(ssl.get(), bytes.data(), static_cast<int>(bytes.size()));
  });
  while (stalling_ && SSL_read(ssl.get(), block, sizeof(block)) > 0) continue;
  SSL_shutdown(ssl.get());
}

std::string http_ok(const std::string& body, std::size_t length) {
  return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}", length,
                     body);
}

std::string http_redirect(const std::string& target) {
  return fmt::format(
      "HTTP/1.1 302 Found\r\nLocation: {}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
      target);
}

std::string http_not_found() { return "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"; }

std::string path_of(const std::string& request) {
  const std::size_t begin = request.find(' ') + 1;
  return request.substr(begin, request.find(' ', begin) - begin);
}

std::string header_of(const std::string& request, const std::string& name) {
  const std::string before = "\r\n" + name + ": ";
  const std::size_t at = request.find(before);
  if (at == std::string::npos) return "";
  const std::size_t begin = at + before.size();
  return request.substr(begin, request.find("\r\n", begin) - begin);
}

}  // namespace palate
