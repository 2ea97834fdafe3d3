#include "data/curl_library.h"

#include <dlfcn.h>

#include <string_view>

#include "base/fail.h"

namespace palate {
namespace {

constexpr const char* kName = "libcurl.so.4";

// A function of the library or of one that it needs; nullptr where there is none.
template <class Function>
bool find(void* library, Function*& function, const char* name) {
  function = reinterpret_cast<Function*>(dlsym(library, name));
  return function != nullptr;
}

std::optional<CurlsOpenSsl> find_openssl(void* library) {
  CurlsOpenSsl ssl{};
  const bool is_whole =
      find(library, ssl.set_verification, "SSL_CTX_set_cert_verify_callback") &&
      find(library, ssl.verify, "X509_verify_cert") &&
      find(library, ssl.set_verify_callback, "X509_STORE_CTX_set_verify_cb") &&
      find(library, ssl.set_ex_data, "X509_STORE_CTX_set_ex_data") &&
      find(library, ssl.get_ex_data, "X509_STORE_CTX_get_ex_data") &&
      find(library, ssl.set_error, "X509_STORE_CTX_set_error") &&
      find(library, ssl.get_error, "X509_STORE_CTX_get_error") &&
      find(library, ssl.get_error_depth, "X509_STORE_CTX_get_error_depth") &&
      find(library, ssl.get_current_certificate, "X509_STORE_CTX_get_current_cert") &&
      find(library, ssl.get_not_after, "X509_get0_notAfter") &&
      find(library, ssl.to_tm, "ASN1_TIME_to_tm");
  return is_whole ? std::optional(ssl) : std::nullopt;
}

CurlLibrary load() {
  void* const library = dlopen(kName, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    fail(
        ErrorCode::io,
        "downloads need libcurl, which is not installed here: \"apt install libcurl4\" installs it "
        "on Debian and Ubuntu, \"dnf install libcurl\" on Fedora ({})",
        dlerror());
  }
  CurlLibrary curl{};
  const auto require = [&]<class Function>(Function*& function, const char* name) {
    if (!find(library, function, name)) fail(ErrorCode::io, "{} lacks {}", kName, name);
  };
  require(curl.global_init, "curl_global_init");
  require(curl.easy_init, "curl_easy_init");
  require(curl.easy_setopt, "curl_easy_setopt");
  require(curl.easy_perform, "curl_easy_perform");
  require(curl.easy_getinfo, "curl_easy_getinfo");
  require(curl.easy_header, "curl_easy_header");
  require(curl.easy_strerror, "curl_easy_strerror");
  require(curl.easy_cleanup, "curl_easy_cleanup");
  require(curl.slist_append, "curl_slist_append");
  require(curl.slist_free_all, "curl_slist_free_all");
  if (curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    fail(ErrorCode::io, "{} cannot be started", kName);
  decltype(&curl_version_info) version_info = nullptr;
  require(version_info, "curl_version_info");
  const char* const tls = version_info(CURLVERSION_NOW)->ssl_version;
  curl.tls = tls != nullptr ? tls : "nothing";
  if (std::string_view(curl.tls).starts_with("OpenSSL/")) curl.openssl = find_openssl(library);
  return curl;
}

}  // namespace

const CurlLibrary& curl_library() {
  static const CurlLibrary library = load();
  return library;
}

}  // namespace palate
