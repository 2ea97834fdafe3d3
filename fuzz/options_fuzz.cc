// Options as JSON, given any bytes: Error(invalid_argument), or options that are the same when they
// are written and read again. The first byte says whose.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "memory_file.h"
#include "palate/algorithms/algorithms.h"
#include "palate/base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return -1;
  const std::span<const palate::AlgorithmInfo> table = palate::algorithms();
  const std::string_view name = table[data[0] % table.size()].about.name;
  const std::string_view json(reinterpret_cast<const char*>(data + 1), size - 1);
  try {
    const palate::AlgorithmOptions options = palate::options_from_json(name, json);
    const std::string written = palate::options_to_json(options);
    require(palate::options_to_json(palate::options_from_json(name, written)) == written);
    palate::validate(options);
  } catch (const palate::Error& error) {
    require(error.code() == palate::ErrorCode::invalid_argument);
    require(std::string_view(error.what()).find('\n') == std::string_view::npos);
  }
  return 0;
}
