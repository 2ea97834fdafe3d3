// Hashes of what comes from outside: nobody can choose ids that meet in one place of a table, since
// the keys are drawn at random anew in each process. So nothing that is shown, written or computed
// may depend on a hash, nor on the order of a table that is made by it.
//
// Numbers are multiplied to 128 bits whose halves are folded into one, as in wyhash (Wang Yi,
// public domain, https://github.com/wangyi-fudan/wyhash), but both factors are keyed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace palate {

class KeyedHash {
 public:
  // With the keys of this process.
  KeyedHash() : KeyedHash(process_keys()) {}
  KeyedHash(std::uint64_t key, std::uint64_t other_key) : keys_{key, other_key} {}

  // All 64 bits are equally good.
  std::uint64_t operator()(std::int64_t number) const {
    return finish(Product(static_cast<std::uint64_t>(number) ^ keys_.one, keys_.other));
  }
  std::uint64_t operator()(std::string_view text) const {
    const char* at = text.data();
    std::size_t left = text.size();
    std::uint64_t state = keys_.other ^ left;
    for (; left > 16; at += 16, left -= 16)
      state = Product(read<8>(at) ^ keys_.one, read<8>(at + 8) ^ state).folded();
    // The last 1 to 16 bytes are two numbers, whose bytes may be the same ones.
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    if (left >= 8) {
      first = read<8>(at);
      last = read<8>(at + left - 8);
    } else if (left >= 4) {
      first = read<4>(at);
      last = read<4>(at + left - 4);
    } else if (left > 0) {
      first = read<1>(at) | read<1>(at + left / 2) << 8 | read<1>(at + left - 1) << 16;
    }
    return finish(Product(first ^ keys_.one, last ^ state));
  }

 private:
  struct Keys {
    std::uint64_t one;
    std::uint64_t other;
  };
  explicit KeyedHash(const Keys& keys) : keys_(keys) {}
  static const Keys& process_keys();

  // Of two numbers, in 128 bits.
  struct Product {
    Product(std::uint64_t a, std::uint64_t b) {
      __extension__ using Wide = unsigned __int128;
      const Wide product = static_cast<Wide>(a) * b;
      low = static_cast<std::uint64_t>(product);
      high = static_cast<std::uint64_t>(product >> 64);
    }
    std::uint64_t folded() const { return low ^ high; }
    std::uint64_t low;
    std::uint64_t high;
  };
  std::uint64_t finish(const Product& product) const {
    return Product(product.low ^ keys_.one, product.high ^ keys_.other).folded();
  }

  template <std::size_t Bytes>
  static std::uint64_t read(const char* at) {
    std::uint64_t number = 0;
    std::memcpy(&number, at, Bytes);
    return number;
  }

  Keys keys_;
};

}  // namespace palate
