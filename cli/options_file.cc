#include "options_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "palate/base/error.h"

namespace palate::cli {
namespace {

constexpr std::string_view kFlag = kOptionsFileFlag;

std::vector<std::string>& paths_read() {
  static std::vector<std::string> paths;
  return paths;
}

// A JSON value as it is typed.
std::string typed(const nlohmann::json& value, const std::string& path, const std::string& name) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number() || value.is_boolean()) return value.dump();
  throw Error(ErrorCode::bad_data,
              fmt::format("{}: \"{}\": {} is no value for a flag", path, name, value.type_name()));
}

// Of a list, with commas.
std::string typed_all(const nlohmann::json& values, const std::string& path,
                      const std::string& name) {
  if (!values.is_array()) return typed(values, path, name);
  std::string list;
  for (const nlohmann::json& value : values)
    list += (list.empty() ? "" : ",") + typed(value, path, name);
  return list;
}

std::vector<std::string> flags_in(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw Error(ErrorCode::io, fmt::format("{}: {}", path, std::strerror(errno)));
  std::ostringstream read;
  read << file.rdbuf();
  const std::string text = read.str();
  constexpr std::size_t kMostBytes = 1'000'000;
  if (text.size() > kMostBytes) {
    throw Error(ErrorCode::bad_data,
                fmt::format("{}: {} bytes are more than the {} that flags may take", path,
                            text.size(), kMostBytes));
  }
  std::set<std::string> names;
  const auto see = [&](int depth, nlohmann::json::parse_event_t event, const nlohmann::json& name) {
    if (event == nlohmann::json::parse_event_t::key && depth == 1 && !names.insert(name).second)
      throw Error(ErrorCode::bad_data, fmt::format("{}: it has {} twice", path, name.dump()));
    return true;
  };
  // nlohmann-json takes a zero byte for the end of the text.
  const nlohmann::json object = text.find('\0') == std::string::npos
                                    ? nlohmann::json::parse(text, see, false)
                                    : nlohmann::json();
  if (!object.is_object())
    throw Error(ErrorCode::bad_data, fmt::format("{}: not a JSON object of flags", path));
  std::vector<std::string> flags;
  for (const auto& [name, value] : object.items()) {
    flags.push_back(fmt::format("--{}={}", name, typed_all(value, path, name)));
  }
  return flags;
}

}  // namespace

std::vector<std::string> with_options_files(const std::vector<std::string>& words) {
  std::vector<std::string> from_files;
  std::vector<std::string> typed_words;
  for (auto word = words.begin(); word != words.end(); ++word) {
    std::string path;
    if (*word == kFlag && word + 1 != words.end()) {
      path = *++word;
    } else if (word->starts_with(fmt::format("{}=", kFlag))) {
      path = word->substr(kFlag.size() + 1);
    } else {
      typed_words.push_back(*word);
      continue;
    }
    const std::vector<std::string> flags = flags_in(path);
    paths_read().push_back(path);
    from_files.insert(from_files.end(), flags.begin(), flags.end());
  }
  if (!typed_words.empty())
    // after the verb
    typed_words.insert(typed_words.begin() + 1, from_files.begin(), from_files.end());
  return typed_words;
}

const std::vector<std::string>& options_files_read() { return paths_read(); }

}  // namespace palate::cli
