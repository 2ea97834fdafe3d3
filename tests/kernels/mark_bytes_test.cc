#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "kernels/kernels.h"

namespace palate {
namespace {

TEST(MarkBytes, AgreesWithAPlainLoopAtEveryLengthAndAlignment) {
  std::mt19937 random(1);
  const std::string_view bytes =
      ",-+\xAC\x80\xFF\0a";  // neighbours of what is looked for among them
  std::string text(400, 'a');
  for (char& c : text) {
    if (random() % 3 == 0) c = bytes[random() % bytes.size()];
  }
  for (const Kernels* const kernels : all_kernels()) {
    SCOPED_TRACE(kernels->target);
    for (std::size_t offset = 0; offset < 5; ++offset) {
      for (std::size_t size = 0; offset + size <= text.size(); ++size) {
        const std::string_view part = std::string_view(text).substr(offset, size);
        std::vector<std::uint64_t> expected((size + 63) / 64);
        for (std::size_t i = 0; i < size; ++i) {
          if (part[i] == ',') expected[i / 64] |= std::uint64_t{1} << (i % 64);
        }
        std::vector<std::uint64_t> marks(expected.size(), ~std::uint64_t{0});
        kernels->mark_bytes(part, ',', marks.data());
        ASSERT_EQ(marks, expected) << "size " << size;
      }
    }
  }
}

}  // namespace
}  // namespace palate
