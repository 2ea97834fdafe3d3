// SHA-256, for digests of data and of model files.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct evp_md_ctx_st;  // OpenSSL's EVP_MD_CTX

namespace palate {

using Sha256Digest = std::array<std::uint8_t, 32>;

// Takes bytes in pieces; how they are cut does not matter.
class Sha256 {
 public:
  Sha256();
  void update(std::span<const std::byte> bytes);
  void update(std::string_view bytes) { update(std::as_bytes(std::span(bytes))); }
  Sha256Digest finish();  // of all that was given; call once, last

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

// In lower-case hexadecimal.
std::string to_hex(std::span<const std::uint8_t> digest);

}  // namespace palate
