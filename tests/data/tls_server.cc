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

using Key = Owned<EVP_PKEY, EVP_PKEY_free>;

Key new_key() {
  Key key(EVP_EC_gen("P-256"));
  check(key != nullptr, "key");
  return key;
}

// A certificate of `subject` and its key, by the issuer and the key of its own.
Owned<X509, X509_free> signed_certificate(const char* subject, EVP_PKEY* key, Validity validity,
                                          X509_EXTENSION* extension, const char* issuer,
                                          EVP_PKEY* issuers_key) {
  constexpr long kDay = 24 * 60 * 60;
  Owned<X509, X509_free> certificate(X509_new());
  X509* x509 = certificate.get();
  check(X509_set_version(x509, X509_VERSION_3) == 1, "version");
  check(ASN1_INTEGER_set(X509_get_serialNumber(x509), 1) == 1, "serial number");
  check(X509_gmtime_adj(X509_getm_notBefore(x509), validity.begin * kDay) != nullptr, "start");
  check(X509_gmtime_adj(X509_getm_notAfter(x509), validity.end * kDay) != nullptr, "end");
  check(X509_set_pubkey(x509, key) == 1, "key");
  const auto add_name = [](X509_NAME* name, const char* text) {
    const auto bytes = reinterpret_cast<const unsigned char*>(text);
    check(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, bytes, -1, -1, 0) == 1, "name");
  };
  add_name(X509_get_subject_name(x509), subject);
  add_name(X509_get_issuer_name(x509), issuer);
  check(extension != nullptr && X509_add_ext(x509, extension, -1) == 1, "extension");
  check(X509_sign(x509, issuers_key, EVP_sha256()) > 0, "signature");
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

TlsServer::TlsServer(const std::string& host, Answers answers, Validity own,
                     std::optional<Validity> issuer)
    : TlsServer(
          host,
          [answers = std::move(answers)](const std::string& request, const Send& send) {
            const auto found = answers.find(path_of(request));
            found != answers.end() ? send(found->second) : send(http_not_found());
          },
          own, issuer) {}

TlsServer::TlsServer(const std::string& host, Handler handler, Validity own,
                     std::optional<Validity> issuer)
    : handler_(std::move(handler)) {
  using Extension = Owned<X509_EXTENSION, X509_EXTENSION_free>;
  const Extension hosts(X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, host.c_str()));
  const Extension may_sign(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, "critical,CA:TRUE"));
  const Key key = new_key();
  const Key issuers_key = new_key();
  const auto certificate = issuer ? signed_certificate("Palate test", key.get(), own, hosts.get(),
                                                       "Palate test CA", issuers_key.get())
                                  : signed_certificate("Palate test", key.get(), own, hosts.get(),
                                                       "Palate test", key.get());
  certificate_ =
      to_pem(issuer ? signed_certificate("Palate test CA", issuers_key.get(), *issuer,
                                         may_sign.get(), "Palate test CA", issuers_key.get())
                          .get()
                    : certificate.get());
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

std::string TlsServer::address() const { return fmt::format("127.0.0.1:{}", port_); }

std::string TlsServer::url(const std::string& path) const { return "https://" + address() + path; }

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
