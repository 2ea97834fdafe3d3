// NumPy's arrays and implicit's .npz, given any bytes: an error of one line, or finite factors that
// fit each other.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "data/npy.h"
#include "memory_file.h"
#include "palate/base/error.h"
#include "palate/model/import.h"

namespace {

void run(const std::function<void()>& action) {
  try {
    action();
  } catch (const palate::Error& error) {
    require(error.code() == palate::ErrorCode::bad_data);
    require(std::string_view(error.what()).find('\n') == std::string_view::npos);
  }
}

void require_finite(const palate::Matrix& matrix) {
  for (palate::Index r = 0; r < matrix.rows(); ++r) {
    for (const float number : matrix.row(r)) require(std::isfinite(number));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const MemoryFile file(data, size);
  const auto read = [&](const auto& reader) {
    run([&] {
      palate::Expansion expansion;
      reader(palate::open_file(file.path(), expansion));
    });
  };
  read([](const palate::OpenFile& open) { require_finite(palate::read_npy_matrix(open)); });
  read([](const palate::OpenFile& open) { palate::read_npy_list(open); });
  read([](const palate::OpenFile& open) { palate::read_npy_number(open); });
  read([](const palate::OpenFile& open) { palate::read_npy_texts(open); });
  run([&] {
    const palate::Factors factors = palate::read_implicit(file.path()).factors;
    require_finite(factors.user_factors);
    require_finite(factors.item_factors);
    require(factors.user_factors.cols() == factors.item_factors.cols());
  });
  run([&] { palate::read_ids(file.path(), 3, "users"); });
  return 0;
}
