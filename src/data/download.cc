#include "data/download.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>

#include "base/fail.h"
#include "base/one_line.h"
#include "data/curl_library.h"

namespace palate {
namespace {

constexpr long kStallSpeed = 100;  // bytes a second: slower is as good as nothing

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
struct CloseHandle {
  void operator()(CURL* handle) const { curl_library().easy_cleanup(handle); }
};

std::unique_ptr<std::FILE, CloseFile> open_to_write(const std::string& path) {
  std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "wb"));
  if (!file) fail(ErrorCode::io, "{}: cannot be written: {}", path, std::strerror(errno));
  return file;
}

// libcurl's callbacks are C: what happened is left here, and told when the transfer has ended.
struct Transfer {
  const FetchOptions& options;
  std::uint64_t max_size;
  std::unique_ptr<std::FILE, CloseFile> file;
  std::uint64_t received = 0;
  bool too_large = false;
  bool not_written = false;
  bool stopped = false;
  std::exception_ptr thrown{};  // by a callback of the options
  std::array<char, CURL_ERROR_SIZE> detail{};
};

std::size_t on_bytes(char* bytes, std::size_t, std::size_t count, void* transfer_pointer) {
  Transfer& transfer = *static_cast<Transfer*>(transfer_pointer);
  transfer.too_large = count > transfer.max_size - transfer.received;
  if (transfer.too_large) return CURL_WRITEFUNC_ERROR;
  transfer.not_written = std::fwrite(bytes, 1, count, transfer.file.get()) != count;
  if (transfer.not_written) return CURL_WRITEFUNC_ERROR;
  transfer.received += count;
  return count;
}

int on_progress(void* transfer_pointer, curl_off_t total, curl_off_t, curl_off_t, curl_off_t) {
  Transfer& transfer = *static_cast<Transfer*>(transfer_pointer);
  try {
    if (transfer.options.on_progress && transfer.received > 0) {
      transfer.options.on_progress(transfer.received,
                                   total > 0 ? std::optional(static_cast<std::uint64_t>(total)) : std::nullopt);
    }
    transfer.stopped = transfer.options.stop_requested && transfer.options.stop_requested();
  } catch (...) {
    transfer.thrown = std::current_exception();
  }
  return transfer.stopped || transfer.thrown ? 1 : 0;
}

// Why there is no file, in words.
std::string reason(CURLcode code, CURL* handle, const Transfer& transfer, const std::string& ca_file) {
  std::string detail = one_line(transfer.detail[0] != '\0' ? transfer.detail.data() : curl_library().easy_strerror(code));
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      return fmt::format("no connection ({}): is there a network?", detail);
    case CURLE_PEER_FAILED_VERIFICATION:
      return fmt::format("the server's certificate cannot be trusted ({})", detail);
    case CURLE_SSL_CACERT_BADFILE:
      return fmt::format("the trusted certificates cannot be read from \"{}\"", ca_file);
    case CURLE_HTTP_RETURNED_ERROR: {
      long status = 0;
      curl_library().easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
      return fmt::format("the server answered {}{}", status, status == 404 ? ", not found" : "");
    }
    case CURLE_UNSUPPORTED_PROTOCOL: {
      const char* target = nullptr;
      curl_library().easy_getinfo(handle, CURLINFO_EFFECTIVE_URL, &target);
      return fmt::format("it redirects to {}, which is not https", one_line(target != nullptr ? target : "another address"));
    }
    case CURLE_PARTIAL_FILE:
      return fmt::format("the connection ended after {} bytes, before the end of the file", transfer.received);
    case CURLE_OPERATION_TIMEDOUT:
      return fmt::format("no answer in time ({}): is there a network?", detail);
    default:
      return detail;
  }
}

}  // namespace

bool download(const std::string& url, const std::string& path, std::uint64_t max_size, const FetchOptions& options) {
  if (!url.starts_with("https://")) {
    fail(ErrorCode::invalid_argument, "\"{}\" is not an address that begins with https://", url);
  }
  const CurlLibrary& curl = curl_library();
  const std::unique_ptr<CURL, CloseHandle> handle(curl.easy_init());
  if (!handle) fail(ErrorCode::io, "{}: libcurl cannot be started", url);
  Transfer transfer{.options = options, .max_size = max_size, .file = open_to_write(path)};

  const auto set = [&](CURLoption option, auto value) {
    if (curl.easy_setopt(handle.get(), option, value) != CURLE_OK) fail(ErrorCode::io, "{}: libcurl refuses an option", url);
  };
  set(CURLOPT_URL, url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, "https");
  set(CURLOPT_FOLLOWLOCATION, 1L);
  set(CURLOPT_MAXREDIRS, 5L);
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  const char* environment = std::getenv("SSL_CERT_FILE");
  const std::string ca_file = options.ca_file.empty() && environment != nullptr ? environment : options.ca_file;
  if (!ca_file.empty()) set(CURLOPT_CAINFO, ca_file.c_str());  // the system's folder of certificates stays trusted
  set(CURLOPT_FAILONERROR, 1L);
  set(CURLOPT_USERAGENT, "palate");
  set(CURLOPT_CONNECTTIMEOUT, static_cast<long>(options.connect_timeout));
  set(CURLOPT_LOW_SPEED_LIMIT, kStallSpeed);
  set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(options.stall_timeout));
  set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(max_size));
  set(CURLOPT_WRITEFUNCTION, &on_bytes);
  set(CURLOPT_WRITEDATA, static_cast<void*>(&transfer));
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, &on_progress);
  set(CURLOPT_XFERINFODATA, static_cast<void*>(&transfer));
  set(CURLOPT_ERRORBUFFER, transfer.detail.data());

  const CURLcode code = curl.easy_perform(handle.get());
  if (transfer.thrown) std::rethrow_exception(transfer.thrown);
  if (transfer.stopped) return false;
  transfer.not_written = std::fclose(transfer.file.release()) != 0 || transfer.not_written;
  if (transfer.not_written) fail(ErrorCode::io, "{}: cannot be written: is the disk full?", path);
  if (transfer.too_large || code == CURLE_FILESIZE_EXCEEDED) {
    fail(ErrorCode::bad_data, "{}: the file is larger than {} bytes, the most that this data set may have", url, max_size);
  }
  if (code != CURLE_OK) fail(ErrorCode::io, "{}: {}", url, reason(code, handle.get(), transfer, ca_file));
  return true;
}

}  // namespace palate
