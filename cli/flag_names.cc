#include "flag_names.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "palate/algorithms/algorithms.h"

namespace palate::cli {
namespace {

// Options whose flags have other names.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kRenamed{
    {{"user_column", "--user"},
     {"item_column", "--item"},
     {"value_column", "--value"},
     {"time_column", "--time"},
     {"event_column", "--event"},
     {"event_weights", "--weights"},
     {"items_file", "--items"},
     {"rejects_file", "--rejects"},
     {"most_rejects", "--max-rejects"},
     {"method", "--split"},
     {"validation_share", "--validation"},
     {"folder", "--to"}}};

// Beside the fields of the algorithms.
constexpr std::array<std::string_view, 32> kSameName{"algorithm",     "ca_file",
                                                     "count",         "decimal",
                                                     "delimiter",     "duplicates",
                                                     "feedback",      "folds",
                                                     "format",        "header",
                                                     "init",          "leave_last",
                                                     "max_expansion", "min_item_ratings",
                                                     "min_support",   "min_user_ratings",
                                                     "missing",       "no_history",
                                                     "patience",      "relevant",
                                                     "sample",        "seeds",
                                                     "since",         "skip_lines",
                                                     "task",          "test_share",
                                                     "time_format",   "trials",
                                                     "trim_ids",      "until",
                                                     "url",           "where"};

bool is_field(std::string_view name) {
  return std::ranges::any_of(algorithms(), [&](const AlgorithmInfo& row) {
    return option_text(row.defaults, name).has_value();
  });
}

std::optional<std::string> flag_of(std::string_view option) {
  for (const auto& [name, flag] : kRenamed) {
    if (name == option) return std::string(flag);
  }
  if (std::ranges::find(kSameName, option) == kSameName.end() && !is_field(option)) return {};
  return hyphened_flag(option);
}

}  // namespace

std::string hyphened_flag(std::string_view option) {
  std::string flag = "--" + std::string(option);
  std::ranges::replace(flag, '_', '-');
  return flag;
}

std::string with_flags(std::string_view message) {
  std::string shown;
  for (std::size_t open = message.find('`'); open != std::string_view::npos;
       open = message.find('`')) {
    shown += message.substr(0, open);
    message.remove_prefix(open + 1);
    const std::string_view option = message.substr(0, message.find('`'));
    const std::size_t equals = std::min(option.find('='), option.size());
    const auto flag = flag_of(option.substr(0, equals));
    if (!flag || option.size() == message.size()) {  // the next backquote may open one
      shown += '`';
      continue;
    }
    shown += *flag;
    if (equals < option.size()) shown.append(" ").append(option.substr(equals + 1));
    message.remove_prefix(option.size() + 1);
  }
  return shown.append(message);
}

}  // namespace palate::cli
