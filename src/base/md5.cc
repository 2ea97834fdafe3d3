#include "base/md5.h"

#include <openssl/evp.h>

#include <array>

#include "base/assert.h"
#include "base/fail.h"
#include "base/sha256.h"

namespace palate {
namespace {
EVP_MD_CTX* evp(void* context) { return static_cast<EVP_MD_CTX*>(context); }
}  // namespace

void Md5::Free::operator()(void* context) const { EVP_MD_CTX_free(evp(context)); }

Md5::Md5() : context_(EVP_MD_CTX_new()) {
  PALATE_ASSERT(context_ != nullptr);
  if (EVP_DigestInit_ex(evp(context_.get()), EVP_md5(), nullptr) != 1) fail(ErrorCode::io, "OpenSSL has no MD5 here");
}

void Md5::update(std::string_view bytes) {
  PALATE_ASSERT(EVP_DigestUpdate(evp(context_.get()), bytes.data(), bytes.size()) == 1);
}

std::string Md5::finish() {
  std::array<std::uint8_t, 16> digest;
  PALATE_ASSERT(EVP_DigestFinal_ex(evp(context_.get()), digest.data(), nullptr) == 1);
  return to_hex(digest);
}

}  // namespace palate
