// libcurl, loaded when something is downloaded: it brings two dozen libraries along, and linking
// them would cost every other command several milliseconds at its start.
#pragma once

#define CURL_DISABLE_TYPECHECK  // functions, not macros
#include <curl/curl.h>
#include <openssl/ssl.h>

namespace palate {

struct CurlLibrary {
  decltype(&curl_global_init) global_init;
  decltype(&curl_easy_init) easy_init;
  decltype(&curl_easy_setopt) easy_setopt;
  decltype(&curl_easy_perform) easy_perform;
  decltype(&curl_easy_getinfo) easy_getinfo;
  decltype(&curl_easy_header) easy_header;
  decltype(&curl_easy_strerror) easy_strerror;
  decltype(&curl_easy_cleanup) easy_cleanup;
  decltype(&curl_slist_append) slist_append;
  decltype(&curl_slist_free_all) slist_free_all;
  const char* tls;  // what it speaks TLS by: "OpenSSL/3.0.19"
  // nullptr where that is another OpenSSL than Palate is linked to, or none
  decltype(&SSL_CTX_set_cert_verify_callback) set_verification;
};

// Loads and starts it the first time. Throws Error(io) where the machine does not have it.
const CurlLibrary& curl_library();

}  // namespace palate
