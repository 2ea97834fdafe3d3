// Named tensors and strings in one file: the safetensors format, with the promises that Palate adds
// to it.
//
//   8 bytes    length of the header, little-endian
//   header     JSON {"__metadata__": {name: string, ...}, name: TENSOR, ...}, padded with spaces;
//              TENSOR is {"dtype": , "shape": [...], "data_offsets": [begin, end]}
//   tensors    little-endian, without holes; offsets count from here
//
// Palate's promises: this part and every tensor begin at a multiple of 64 bytes from the start of
// the file; the gaps are U8 tensors of zeros, `palate.pad.N`; the last tensor, `palate.sha256`, is
// the SHA-256 of every byte before it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "palate/base/views.h"

namespace palate {

enum class Dtype { u8, u32, i64, f32 };  // what Palate needs of the format's types

template <class T>
inline constexpr Dtype dtype_of = Dtype::u8;
template <>
inline constexpr Dtype dtype_of<std::uint32_t> = Dtype::u32;
template <>
inline constexpr Dtype dtype_of<std::int64_t> = Dtype::i64;
template <>
inline constexpr Dtype dtype_of<float> = Dtype::f32;

// A tensor to be written: rows of `row_bytes` bytes that lie `row_distance` bytes apart. Owns
// nothing.
struct TensorSource {
  std::string name;
  Dtype dtype = Dtype::u8;
  std::vector<std::uint64_t> shape;
  const std::byte* data = nullptr;
  std::size_t rows = 0;
  std::size_t row_bytes = 0;
  std::size_t row_distance = 0;

  std::size_t bytes() const { return rows * row_bytes; }
};

template <class T>
TensorSource vector_source(std::string name, std::span<const T> values) {
  return {std::move(name),
          dtype_of<T>,
          {values.size()},
          std::as_bytes(values).data(),
          1,
          values.size_bytes(),
          0};
}
TensorSource matrix_source(std::string name, MatrixView matrix);

using Metadata = std::vector<std::pair<std::string, std::string>>;
using ByteSink = std::function<void(std::span<const std::byte>)>;

// Gives the bytes of the file, in order, to `sink`. The same arguments give the same bytes. Names
// and strings must be UTF-8.
void write_safetensors(const Metadata& metadata, const std::vector<TensorSource>& tensors,
                       const ByteSink& sink);

// A file in memory. The constructor checks all that can be checked without knowing what the tensors
// mean; each tensor and string is then taken by name, and finish() refuses what nobody took. Every
// failure is an Error(bad_model) that names the tensor.
class SafetensorsReader {
 public:
  // `file` is aligned to 8 bytes and outlives this and every span taken.
  explicit SafetensorsReader(std::span<const std::byte> file);

  bool has_tensor(std::string_view name) const { return tensors_.contains(name); }
  bool has_text(std::string_view name) const { return metadata_.contains(name); }

  // A tensor with one dimension.
  template <class T>
  std::span<const T> vector(std::string_view name) {
    const Tensor tensor = take(name, dtype_of<T>, 1);
    return {reinterpret_cast<const T*>(tensor.bytes.data()), tensor.bytes.size() / sizeof(T)};
  }
  // A tensor of float with two dimensions.
  MatrixView matrix(std::string_view name);

  std::string text(std::string_view name);

  void finish() const;

 private:
  friend class HeaderParser;
  struct Tensor {
    std::string dtype;
    std::vector<std::uint64_t> shape;
    std::array<std::uint64_t, 2> offsets{};
    std::span<const std::byte> bytes{};
  };
  Tensor take(std::string_view name, Dtype dtype, std::size_t dimensions);

  std::map<std::string, Tensor, std::less<>> tensors_;  // not taken yet
  std::map<std::string, std::string, std::less<>> metadata_;
};

}  // namespace palate
