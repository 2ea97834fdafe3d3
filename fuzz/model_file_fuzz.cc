// The model loader, given files whose digest is right and whose contents are anything: it throws
// Error(bad_model), or gives a model that is written and read again without a difference.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "base/sha256.h"
#include "model/model_codec.h"
#include "palate/base/error.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

constexpr std::size_t kLengthSize = 8;
constexpr std::size_t kAlignment = 64;
constexpr std::size_t kDigestSize = 32;

void seal(std::span<std::byte> file) {
  if (file.size() < kDigestSize) return;
  palate::Sha256 hash;
  hash.update(file.first(file.size() - kDigestSize));
  const palate::Sha256Digest digest = hash.finish();
  std::memcpy(file.data() + file.size() - kDigestSize, digest.data(), digest.size());
}

palate::Model decode(std::span<const std::uint8_t> bytes) {
  // aligned, as decode_model asks
  std::vector<std::uint64_t> words(bytes.size() / sizeof(std::uint64_t) + 1);
  const std::span<std::byte> file = std::as_writable_bytes(std::span(words)).first(bytes.size());
  std::ranges::copy(std::as_bytes(bytes), file.begin());
  seal(file);
  return palate::decode_model(file);
}

std::string encode(const palate::Model& model) {
  std::string file;
  palate::encode_model(model, [&](std::span<const std::byte> piece) {
    file.append(reinterpret_cast<const char*>(piece.data()), piece.size());
  });
  return file;
}

// The length of the header's text without its padding; 0 where there is none.
std::size_t header_text_size(std::span<const std::uint8_t> file) {
  std::uint64_t size = 0;
  if (file.size() < kLengthSize) return 0;
  std::memcpy(&size, file.data(), kLengthSize);
  if (size > file.size() - kLengthSize) return 0;
  while (size > 0 && file[kLengthSize + size - 1] == ' ') --size;
  return size;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  palate::Model model;
  try {
    model = decode({data, size});
  } catch (const palate::Error& error) {
    if (error.code() != palate::ErrorCode::bad_model) std::abort();
    return 0;
  }
  const std::string file = encode(model);
  if (encode(decode({reinterpret_cast<const std::uint8_t*>(file.data()), file.size()})) != file)
    std::abort();
  return 0;
}

// Changes the header's text or the tensors, and mostly keeps the header's length and padding right:
// else nearly every change of the text would be refused for them alone.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  const std::size_t text_size = header_text_size({data, size});
  if (text_size == 0 || seed % 16 == 0) return LLVMFuzzerMutate(data, size, max_size);

  std::uint64_t header_size = 0;
  std::memcpy(&header_size, data, kLengthSize);
  const char* const header = reinterpret_cast<const char*>(data) + kLengthSize;
  std::string text(header, text_size);
  std::string tensors(header + header_size, size - kLengthSize - header_size);
  std::string& part = seed % 2 == 0 ? text : tensors;
  const std::size_t old_size = part.size();
  part.resize(old_size + (max_size - size));
  part.resize(
      LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(part.data()), old_size, part.size()));

  text.append((kAlignment - (kLengthSize + text.size()) % kAlignment) % kAlignment, ' ');
  header_size = text.size();
  std::string result(reinterpret_cast<const char*>(&header_size), kLengthSize);
  result += text + tensors;
  result.resize(std::min(result.size(), max_size));
  std::ranges::copy(result, reinterpret_cast<char*>(data));
  return result.size();
}
