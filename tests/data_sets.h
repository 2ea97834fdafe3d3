// The data sets that some tests need.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace palate {

// The path of $PALATE_DATA/NAME/FILE. Where it is not there, the test is skipped with the reason,
// or fails where PALATE_REQUIRE_DATA=1; it then has nothing more to do:
//
//   const auto path = data_set_file("ml-latest-small", "ratings.csv");
//   if (!path) return;
inline std::optional<std::string> data_set_file(const std::string& name, const std::string& file) {
  const char* folder = std::getenv("PALATE_DATA");
  const std::filesystem::path path =
      std::filesystem::path(folder != nullptr ? folder : "") / name / file;
  if (folder != nullptr && std::filesystem::is_regular_file(path)) return path.string();
  const char* required = std::getenv("PALATE_REQUIRE_DATA");
  const auto tell = [&] {
    const std::string reason = "there is no $PALATE_DATA/" + name + "/" + file;
    if (required != nullptr && std::string(required) == "1") FAIL() << reason;
    GTEST_SKIP() << reason;
  };
  tell();
  return std::nullopt;
}

}  // namespace palate
