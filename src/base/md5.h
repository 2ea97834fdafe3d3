// MD5, to compare with what others publish: it finds accidents, not intent.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;  // OpenSSL's EVP_MD_CTX

namespace palate {

// Takes bytes in pieces; how they are cut does not matter.
class Md5 {
 public:
  Md5();  // throws Error(io) where OpenSSL is set up to have no MD5
  void update(std::string_view bytes);
  std::string finish();  // of all that was given, in lower-case hexadecimal; call once, last

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace palate
