#include "data/curl_library.h"

#include <dlfcn.h>
#include <openssl/x509_vfy.h>

#include <string_view>

#include "base/fail.h"

namespace palate {
namespace {

CurlLibrary load() {
  constexpr const char* kName = "libcurl.so.4";
  void* const library = dlopen(kName, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr)
    fail(ErrorCode::io, "{} is not on this machine, and downloads need it: {}", kName, dlerror());
  CurlLibrary curl{};
  const auto find_if_there = [&]<class Function>(Function*& function, const char* name) {
    function = reinterpret_cast<Function*>(dlsym(library, name));
  };
  const auto find = [&]<class Function>(Function*& function, const char* name) {
    find_if_there(function, name);
    if (function == nullptr) fail(ErrorCode::io, "{} lacks {}", kName, name);
  };
  find(curl.global_init, "curl_global_init");
  find(curl.easy_init, "curl_easy_init");
  find(curl.easy_setopt, "curl_easy_setopt");
  find(curl.easy_perform, "curl_easy_perform");
  find(curl.easy_getinfo, "curl_easy_getinfo");
  find(curl.easy_header, "curl_easy_header");
  find(curl.easy_strerror, "curl_easy_strerror");
  find(curl.easy_cleanup, "curl_easy_cleanup");
  find(curl.slist_append, "curl_slist_append");
  find(curl.slist_free_all, "curl_slist_free_all");
  if (curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    fail(ErrorCode::io, "{} cannot be started", kName);
  decltype(&curl_version_info) version_info = nullptr;
  find(version_info, "curl_version_info");
  const char* const tls = version_info(CURLVERSION_NOW)->ssl_version;
  curl.tls = tls != nullptr ? tls : "nothing";
  decltype(&X509_verify_cert) verify = nullptr;
  find_if_there(verify, "X509_verify_cert");
  if (std::string_view(curl.tls).starts_with("OpenSSL/") && verify == &X509_verify_cert)
    find_if_there(curl.set_verification, "SSL_CTX_set_cert_verify_callback");
  return curl;
}

}  // namespace

const CurlLibrary& curl_library() {
  static const CurlLibrary library = load();
  return library;
}

}  // namespace palate
