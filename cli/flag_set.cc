#include "flag_set.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <type_traits>
#include <utility>

namespace palate::cli {
namespace {

bool is_all(FlagRange range) {
  return range.low == 0 && range.high == std::numeric_limits<std::uint32_t>::max();
}

// What is no number at all, CLI11 refuses itself.
CLI::Validator check_of(FlagRange range) {
  const std::string wanted = range.high == FlagRange{}.high
                                 ? fmt::format("at least {}", range.low)
                                 : fmt::format("from {} to {}", range.low, range.high);
  const auto complaint = [range, wanted](std::string& text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_number = error == std::errc{} && end == text.data() + text.size();
    return is_number && (number < range.low || number > range.high)
               ? fmt::format("{} is not {}", text, wanted)
               : "";
  };
  return {complaint, wanted};
}

template <class Value>
constexpr bool is_number =
    std::is_arithmetic_v<Value> || std::is_same_v<Value, std::optional<std::uint32_t>> ||
    std::is_same_v<Value, std::optional<double>>;

CLI::Option* add_option(CLI::App& app, const std::string& names, FlagTarget target) {
  return std::visit(
      [&]<class Value>(Value* value) {
        if constexpr (std::is_same_v<Value, bool>) {
          return app.add_flag(names, *value);
        } else {
          CLI::Option* const option = app.add_option(names, *value);
          // a flag that is given several times; each takes one word
          if (std::is_same_v<Value, std::vector<std::string>> && names.starts_with('-'))
            option->allow_extra_args(false)->take_all();
          if constexpr (is_number<Value>) {
            // CLI11 would take it for 0
            option->check([](const std::string& text) {
              return text.empty() ? std::string("there is no number") : std::string();
            });
          }
          return option;
        }
      },
      target);
}

struct Declared {
  std::string names;  // as CLI11 has them
  FlagHelp help;
};

// What is declared as "-o,--output FILE".
Declared declared(const std::string& names, const FlagTarget& target, const std::string& text,
                  FlagRange range = {}) {
  const std::size_t space = std::min(names.find(' '), names.size());
  Declared result{
      names.substr(0, space),
      {.names = {}, .value = {}, .text = text, .preset = {}, .required = false, .shown = true}};
  for (std::size_t begin = 0; begin < space;) {
    const std::size_t end = std::min(result.names.find(',', begin), space);
    std::string name = result.names.substr(begin, end - begin);
    const bool has_long = std::ranges::any_of(
        result.help.names, [](const std::string& shown) { return shown.starts_with("--"); });
    if (!has_long) result.help.names.push_back(std::move(name));
    begin = end + 1;
  }
  std::visit(
      [&]<class Value>(const Value* value) {
        if (std::is_same_v<Value, std::vector<std::string>> && !names.starts_with('-'))
          result.help.names.front() += "...";
        if constexpr (std::is_arithmetic_v<Value> && !std::is_same_v<Value, bool>) {
          result.help.preset = fmt::format("{}", *value);
        } else if constexpr (std::is_same_v<Value, std::string>) {
          result.help.preset = *value;
        }
        if (std::is_same_v<Value, bool> || !names.starts_with('-')) return;
        if (space < names.size()) {
          result.help.value = names.substr(space + 1);
        } else if (is_number<Value>) {
          result.help.value = !is_all(range) && range.high != FlagRange{}.high
                                  ? fmt::format("{}..{}", range.low, range.high)
                                  : "N";
        } else {
          result.help.value = "TEXT";
        }
      },
      target);
  return result;
}

}  // namespace

void FlagSet::add(const std::string& names, FlagTarget target, const std::string& text,
                  FlagRange range) {
  Declared flag = declared(names, target, text, range);
  CLI::Option* const option = add_option(*app_, flag.names, target);
  if (!is_all(range)) option->check(check_of(range));
  help_->group(heading_).flags.push_back(std::move(flag.help));
}

void FlagSet::add_required(const std::string& names, FlagTarget target, const std::string& text) {
  Declared flag = declared(names, target, text);
  add_option(*app_, flag.names, target)->required();
  flag.help.required = true;
  help_->group(heading_).flags.push_back(std::move(flag.help));
}

void FlagSet::add_hidden(const std::string& names, FlagTarget target, const std::string& text) {
  Declared flag = declared(names, target, text);
  add_option(*app_, flag.names, target);
  flag.help.shown = false;
  help_->group(heading_).flags.push_back(std::move(flag.help));
}

void FlagSet::exclude(const std::string& name, const std::string& other) {
  app_->get_option(name)->excludes(app_->get_option(other));
}

FlagSet FlagSet::group(const std::string& heading) const {
  FlagSet group = *this;
  group.heading_ = heading;
  return group;
}

void FlagSet::set_note(const std::string& note) { help_->group(heading_).note = note; }

void FlagSet::set_examples(std::vector<std::string> examples) {
  help_->examples = std::move(examples);
}

}  // namespace palate::cli
