// libcurl, loaded when something is downloaded: it brings two dozen libraries along, and linking
// them would cost every other command several milliseconds at its start.
#pragma once

#define CURL_DISABLE_TYPECHECK  // functions, not macros
#include <curl/curl.h>
#include <openssl/ssl.h>

#include <optional>

namespace palate {

// The OpenSSL that libcurl speaks TLS by: its structures are for its own functions, which may be of
// another release than those that Palate is linked with.
struct CurlsOpenSsl {
  decltype(&SSL_CTX_set_cert_verify_callback) set_verification;
  decltype(&X509_verify_cert) verify;
  decltype(&X509_STORE_CTX_set_verify_cb) set_verify_callback;
  decltype(&X509_STORE_CTX_set_ex_data) set_ex_data;
  decltype(&X509_STORE_CTX_get_ex_data) get_ex_data;
  decltype(&X509_STORE_CTX_set_error) set_error;
  decltype(&X509_STORE_CTX_get_error) get_error;
  decltype(&X509_STORE_CTX_get_error_depth) get_error_depth;
  decltype(&X509_STORE_CTX_get_current_cert) get_current_certificate;
  decltype(&X509_get0_notAfter) get_not_after;
  decltype(&ASN1_TIME_to_tm) to_tm;
};

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
  const char* tls;                      // what it speaks TLS by: "OpenSSL/3.0.19"
  std::optional<CurlsOpenSsl> openssl;  // where it is that
};

// Loads and starts it the first time. Throws Error(io) that says what to install where the machine
// does not have it.
const CurlLibrary& curl_library();

}  // namespace palate
