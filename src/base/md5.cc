#include "base/md5.h"

#include <openssl/evp.h>

#include <array>

#include "base/assert.h"
#include "base/fail.h"
#include "base/sha256.h"

namespace palate {

void Md5::Free::operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }

Md5::Md5() : context_(EVP_MD_CTX_new()) {
  PALATE_ASSERT(context_ != nullptr);
  if (EVP_DigestInit_ex(context_.get(), EVP_md5(), nullptr) != 1)
    fail(ErrorCode::io, "OpenSSL has no MD5 here");
}

void Md5::update(std::string_view bytes) {
  PALATE_ASSERT(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
}

std::string Md5::finish() {
  std::array<std::uint8_t, 16> digest;
  PALATE_ASSERT(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1);
  return to_hex(digest);
}

}  // namespace palate
