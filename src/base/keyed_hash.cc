#include "base/keyed_hash.h"

#include <random>

namespace palate {

const KeyedHash::Keys& KeyedHash::process_keys() {
  static const Keys keys = [] {
    std::random_device random;
    const auto word = [&] { return std::uint64_t{random()} << 32 | random(); };
    const std::uint64_t one = word();
    return Keys{one, word() | 1};  // a factor is not zero
  }();
  return keys;
}

}  // namespace palate
