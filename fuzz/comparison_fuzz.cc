// The page of a comparison, given any bytes as its JSON: Error(bad_data), or a page in which the
// JSON cannot end its script element.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "memory_file.h"
#include "palate/base/error.h"
#include "palate/evaluate/report.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  try {
    const std::string page = palate::report_page(json);
    constexpr std::string_view kBegin = R"(<script type="application/json" id="palate-data">)";
    const std::size_t begin = page.find(kBegin) + kBegin.size();
    const std::size_t end = page.find('<', begin);
    require(page.compare(end, 9, "</script>") == 0 &&
            page.find('<', end + 1) == page.find('<', end + 9));
    require(end - begin >= 2 && page[begin] == '{' && page[end - 1] == '}');
  } catch (const palate::Error& error) {
    require(error.code() == palate::ErrorCode::bad_data);
    require(std::string_view(error.what()).find('\n') == std::string_view::npos);
  }
  return 0;
}
