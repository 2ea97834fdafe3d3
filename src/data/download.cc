#include "data/download.h"

#include <array>
#include <charconv>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "base/fail.h"
#include "data/curl_library.h"

namespace palate {
namespace {

constexpr std::string_view kScheme = "https://";
constexpr long kStallSpeed = 100;  // bytes a second: slower is as good as nothing
constexpr long kOk = 200;
constexpr long kPartialContent = 206;
constexpr long kNotFound = 404;
constexpr long kRangeNotSatisfiable = 416;

struct CloseHandle {
  void operator()(CURL* handle) const { curl_library().easy_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_library().slist_free_all(list); }
};

// One request and its answer. libcurl's callbacks are C: what is thrown within them is kept, and
// thrown again behind it.
class Transfer {
 public:
  Transfer(const WantedFile& wanted, const FetchOptions& options);

  void ask_for_rest(std::uint64_t begin, const std::string& version);

  // Hands on the bytes of the answer. False where a stop was requested.
  bool perform(std::function<void(std::string_view)> take);

  // From the first bytes of the answer on.
  long status() const;
  // A header of the answer; empty where it has none.
  std::string header(const char* name) const;
  // How many bytes of the file were there before, as on_progress is told.
  void set_bytes_before(std::uint64_t bytes) { bytes_before_ = bytes; }

  bool failed() const { return code_ != CURLE_OK; }
  // The trusted certificates cannot be read: a fault of this machine.
  bool bad_ca_file() const { return code_ == CURLE_SSL_CACERT_BADFILE; }
  // The answer says so of its size.
  bool too_large() const { return code_ == CURLE_FILESIZE_EXCEEDED; }
  std::string reason() const;  // in words
  // "the certificate of files.example.org expired on 2026-08-28" of all that were excused, if any.
  const std::string& expired() const { return expired_; }

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    if (curl_.easy_setopt(handle_.get(), option, value) != CURLE_OK)
      fail(ErrorCode::io, "{}: libcurl refuses an option", wanted_.url);
  }
  // Why a certificate that has expired is not excused, if there is a reason.
  std::string no_excuse() const;
  // The address that is being asked, behind redirects.
  std::string effective_url() const;
  // OpenSSL's verification of a server's certificates, with excuse_expired as its say on each
  // fault. It hands them the transfer as the datum kTransfer of a chain.
  static constexpr int kTransfer = 0;
  static const CurlsOpenSsl& openssl() { return *curl_library().openssl; }
  static CURLcode on_tls(CURL*, void* context, void* transfer);
  static int verify(X509_STORE_CTX* chain, void* transfer);
  static int excuse_expired(int is_fine, X509_STORE_CTX* chain);
  static std::size_t on_bytes(char* bytes, std::size_t, std::size_t count, void* transfer);
  static int on_progress(void* transfer, curl_off_t total, curl_off_t, curl_off_t, curl_off_t);

  const CurlLibrary& curl_ = curl_library();
  const WantedFile& wanted_;
  const FetchOptions& options_;
  std::string ca_file_;
  std::unique_ptr<CURL, CloseHandle> handle_{curl_.easy_init()};
  std::unique_ptr<curl_slist, FreeList> headers_;
  std::array<char, CURL_ERROR_SIZE> detail_{};
  std::function<void(std::string_view)> take_;
  std::uint64_t bytes_before_ = 0;
  std::uint64_t received_ = 0;
  bool stopped_ = false;
  std::string expired_;
  std::exception_ptr thrown_;
  CURLcode code_ = CURLE_OK;
};

Transfer::Transfer(const WantedFile& wanted, const FetchOptions& options)
    : wanted_(wanted), options_(options) {
  const std::string& url = wanted.url;
  if (!url.starts_with(kScheme)) {
    fail(ErrorCode::invalid_argument, "\"{}\" is not an address that begins with https://", url);
  }
  // They would be told in messages, kept beside the part file, and sent to whoever is excused.
  if (url.substr(0, url.find('/', kScheme.size())).find('@') != std::string::npos)
    fail(ErrorCode::invalid_argument, "`url` may have no user name and password");
  if (!handle_) fail(ErrorCode::io, "{}: libcurl cannot be started", url);
  set(CURLOPT_URL, url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, "https");
  set(CURLOPT_FOLLOWLOCATION, 1L);
  set(CURLOPT_MAXREDIRS, 5L);
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  if (wanted.is_proved_by_sha256 && curl_.openssl) {
    set(CURLOPT_SSL_CTX_FUNCTION, &Transfer::on_tls);
    set(CURLOPT_SSL_CTX_DATA, static_cast<void*>(this));
  }
  const char* environment = std::getenv("SSL_CERT_FILE");
  ca_file_ = options.ca_file.empty() && environment != nullptr ? environment : options.ca_file;
  // the system's folder of certificates stays trusted
  if (!ca_file_.empty()) set(CURLOPT_CAINFO, ca_file_.c_str());
  set(CURLOPT_FAILONERROR, 1L);
  set(CURLOPT_USERAGENT, "palate");
  set(CURLOPT_CONNECTTIMEOUT, static_cast<long>(options.connect_timeout));
  set(CURLOPT_LOW_SPEED_LIMIT, kStallSpeed);
  set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(options.stall_timeout));
  set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(wanted.max_size));
  set(CURLOPT_WRITEFUNCTION, &Transfer::on_bytes);
  set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, &Transfer::on_progress);
  set(CURLOPT_XFERINFODATA, static_cast<void*>(this));
  set(CURLOPT_ERRORBUFFER, detail_.data());
}

void Transfer::ask_for_rest(std::uint64_t begin, const std::string& version) {
  set(CURLOPT_RANGE, fmt::format("{}-", begin).c_str());
  headers_.reset(curl_.slist_append(nullptr, ("If-Range: " + version).c_str()));
  set(CURLOPT_HTTPHEADER, headers_.get());
}

bool Transfer::perform(std::function<void(std::string_view)> take) {
  take_ = std::move(take);
  code_ = curl_.easy_perform(handle_.get());
  if (thrown_) std::rethrow_exception(thrown_);
  if (stopped_) return false;
  return true;
}

std::size_t Transfer::on_bytes(char* bytes, std::size_t, std::size_t count,
                               void* transfer_pointer) {
  Transfer& transfer = *static_cast<Transfer*>(transfer_pointer);
  transfer.received_ += count;
  try {
    transfer.take_(std::string_view(bytes, count));
  } catch (...) {
    transfer.thrown_ = std::current_exception();
    return CURL_WRITEFUNC_ERROR;
  }
  return count;
}

int Transfer::on_progress(void* transfer_pointer, curl_off_t total, curl_off_t, curl_off_t,
                          curl_off_t) {
  Transfer& transfer = *static_cast<Transfer*>(transfer_pointer);
  const std::uint64_t before = transfer.bytes_before_;
  try {
    if (transfer.options_.on_progress && transfer.received_ > 0) {
      transfer.options_.on_progress(
          before + transfer.received_,
          total > 0 ? std::optional(before + static_cast<std::uint64_t>(total)) : std::nullopt);
    }
    transfer.stopped_ = transfer.options_.stop_requested && transfer.options_.stop_requested();
  } catch (...) {
    transfer.thrown_ = std::current_exception();
  }
  return transfer.stopped_ || transfer.thrown_ ? 1 : 0;
}

CURLcode Transfer::on_tls(CURL*, void* context, void* transfer) {
  openssl().set_verification(static_cast<SSL_CTX*>(context), &Transfer::verify, transfer);
  return CURLE_OK;
}

int Transfer::verify(X509_STORE_CTX* chain, void* transfer) {
  openssl().set_ex_data(chain, kTransfer, transfer);
  openssl().set_verify_callback(chain, &Transfer::excuse_expired);
  return openssl().verify(chain);
}

int Transfer::excuse_expired(int is_fine, X509_STORE_CTX* chain) {
  const CurlsOpenSsl& ssl = openssl();
  const bool is_servers_own = ssl.get_error_depth(chain) == 0;
  if (is_fine != 0 || !is_servers_own || ssl.get_error(chain) != X509_V_ERR_CERT_HAS_EXPIRED)
    return is_fine;
  Transfer& transfer = *static_cast<Transfer*>(ssl.get_ex_data(chain, kTransfer));
  try {
    std::tm end{};
    ssl.to_tm(ssl.get_not_after(ssl.get_current_certificate(chain)), &end);
    const std::string address = transfer.effective_url().substr(kScheme.size());
    const std::string expired = fmt::format("the certificate of {} expired on {:04}-{:02}-{:02}",
                                            address.substr(0, address.find('/')),
                                            1900 + end.tm_year, 1 + end.tm_mon, end.tm_mday);
    std::string& told = transfer.expired_;
    if (told.find(expired) == told.npos) told += (told.empty() ? "" : ", ") + expired;
  } catch (...) {
    transfer.thrown_ = std::current_exception();
    return 0;
  }
  ssl.set_error(chain, X509_V_OK);
  return 1;
}

std::string Transfer::effective_url() const {
  const char* url = nullptr;
  curl_.easy_getinfo(handle_.get(), CURLINFO_EFFECTIVE_URL, &url);
  return url != nullptr ? url : wanted_.url;
}

long Transfer::status() const {
  long status = 0;
  curl_.easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
  return status;
}

std::string Transfer::header(const char* name) const {
  curl_header* found = nullptr;
  return curl_.easy_header(handle_.get(), name, 0, CURLH_HEADER, -1, &found) == CURLHE_OK
             ? found->value
             : "";
}

std::string Transfer::no_excuse() const {
  if (wanted_.is_proved_by_sha256) {
    if (curl_.openssl) return "";
    return fmt::format("; an expired one is excused where libcurl has OpenSSL, and here it has {}",
                       curl_.tls);
  }
  long fault = X509_V_OK;
  curl_.easy_getinfo(handle_.get(), CURLINFO_SSL_VERIFYRESULT, &fault);
  return fault == X509_V_ERR_CERT_HAS_EXPIRED
             ? "; no SHA-256 is known that would prove the file without it"
             : "";
}

std::string Transfer::reason() const {
  std::string detail = detail_[0] != '\0' ? detail_.data() : curl_.easy_strerror(code_);
  switch (code_) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      return fmt::format("no connection ({}; is there a network?)", detail);
    case CURLE_PEER_FAILED_VERIFICATION:
      return fmt::format("the server's certificate cannot be trusted ({}{})", detail, no_excuse());
    case CURLE_SSL_CACERT_BADFILE:
      return fmt::format("the trusted certificates cannot be read from \"{}\"", ca_file_);
    case CURLE_HTTP_RETURNED_ERROR:
      return fmt::format("the server answered {}{}", status(),
                         status() == kNotFound ? ", not found" : "");
    case CURLE_UNSUPPORTED_PROTOCOL:
      return fmt::format("it redirects to {}, which is not https", effective_url());
    case CURLE_PARTIAL_FILE:
      return fmt::format("the connection ended after {} bytes, before the end of the file",
                         bytes_before_ + received_);
    case CURLE_OPERATION_TIMEDOUT:
      return fmt::format("no answer in time ({}; is there a network?)", detail);
    default:
      return detail;
  }
}

// What marks the version of the file that an answer begins with. A weak ETag promises no equal
// bytes.
std::string version_of(const Transfer& transfer) {
  std::string version = transfer.header("ETag");
  if (!version.starts_with('"')) version = transfer.header("Last-Modified");
  constexpr std::size_t kLongest = 500;
  return version.size() <= kLongest && one_line(version) == version ? version : "";
}

// "bytes 100-299/300": the size of the whole, of which the answer is what is from `begin` on;
// nothing where it is something else.
std::optional<std::uint64_t> size_of_whole(std::string_view content_range, std::uint64_t begin) {
  const std::string before = fmt::format("bytes {}-", begin);
  if (!content_range.starts_with(before)) return std::nullopt;
  content_range.remove_prefix(before.size());
  const char* const end = content_range.data() + content_range.size();
  std::uint64_t last = 0;
  std::uint64_t size = 0;
  const auto after_last = std::from_chars(content_range.data(), end, last);
  if (after_last.ec != std::errc{} || after_last.ptr == end || *after_last.ptr != '/')
    return std::nullopt;
  const auto after_size = std::from_chars(after_last.ptr + 1, end, size);
  const bool whole = after_size.ec == std::errc{} && after_size.ptr == end && last >= begin &&
                     last < size && size - last == 1;
  return whole ? std::optional(size) : std::nullopt;
}

}  // namespace

bool download(const WantedFile& wanted, PartFile& part, const FetchOptions& options) {
  if (part.size() > wanted.max_size) part.restart("");
  const std::uint64_t before = part.size();
  Transfer transfer(wanted, options);
  if (before > 0) transfer.ask_for_rest(before, part.version());
  const auto refuse = [&](ErrorCode code, const std::string& reason) {
    fail(code, "{}: {}{}{}", wanted.url, reason,
         part.can_go_on() ? fmt::format("; the next run goes on from {} bytes, or ", part.size())
                          : ": ",
         wanted.advice);
  };
  const auto refuse_size = [&] {
    part.discard();
    refuse(ErrorCode::bad_data, fmt::format("the file is larger than {} bytes, the most that it "
                                            "may have",
                                            wanted.max_size));
  };
  const auto tell_expired = [&] {
    if (transfer.expired().empty() || !options.on_notice) return;
    options.on_notice(transfer.expired() +
                      "; what comes is taken all the same where its SHA-256 is the known one");
  };
  std::optional<std::uint64_t> expected_size;
  bool begun = false;
  const auto begin = [&] {
    begun = true;
    tell_expired();
    const long status = transfer.status();
    if (status == kPartialContent && before > 0) {
      expected_size = size_of_whole(transfer.header("Content-Range"), before);
      if (!expected_size) {
        part.discard();
        refuse(ErrorCode::io, fmt::format("the server answered with \"{}\" where the bytes from {} "
                                          "on were asked for",
                                          transfer.header("Content-Range"), before));
      }
      if (*expected_size > wanted.max_size) refuse_size();
      transfer.set_bytes_before(before);
      return;
    }
    part.restart("");
    if (status != kOk) refuse(ErrorCode::io, fmt::format("the server answered {}", status));
    part.restart(version_of(transfer));
  };
  const bool completed = transfer.perform([&](std::string_view bytes) {
    if (!begun) begin();
    if (bytes.size() > wanted.max_size - part.size()) refuse_size();
    part.append(bytes);
  });
  if (!completed) return false;
  if (transfer.too_large()) refuse_size();
  if (before > 0 && transfer.failed() && transfer.status() == kRangeNotSatisfiable) {
    if (transfer.header("Content-Range") == fmt::format("bytes */{}", before)) {
      tell_expired();
      return true;  // it was whole already
    }
    part.restart("");
    return download(wanted, part, options);
  }
  if (!transfer.failed() && !begun) begin();  // an answer without bytes
  if (transfer.bad_ca_file()) fail(ErrorCode::io, "{}: {}", wanted.url, transfer.reason());
  if (transfer.failed()) refuse(ErrorCode::io, transfer.reason());
  if (expected_size && part.size() != *expected_size) {
    refuse(ErrorCode::io,
           fmt::format("the connection ended after {} of {} bytes", part.size(), *expected_size));
  }
  return true;
}

}  // namespace palate
