#include "flag_set.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <type_traits>

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

CLI::Option* add_option(CLI::App& app, const std::string& names, FlagTarget target,
                        const std::string& help) {
  return std::visit(
      [&]<class Value>(Value* value) {
        if constexpr (std::is_same_v<Value, bool>) {
          return app.add_flag(names, *value, help);
        } else {
          CLI::Option* const option = app.add_option(names, *value, help);
          // a flag that is given several times; each takes one word
          if (std::is_same_v<Value, std::vector<std::string>> && names.starts_with('-'))
            option->allow_extra_args(false)->take_all();
          if constexpr (is_number<Value>) {
            // CLI11 would take it for 0
            option->check([](const std::string& text) {
              return text.empty() ? std::string("there is no number") : std::string();
            });
          }
          if constexpr (std::is_arithmetic_v<Value>) {
            option->capture_default_str();
          } else if constexpr (!requires { value->has_value(); }) {
            if (!value->empty()) option->capture_default_str();
          }
          return option;
        }
      },
      target);
}

}  // namespace

void FlagSet::add(const std::string& names, FlagTarget target, const std::string& help,
                  FlagRange range) {
  CLI::Option* const option = add_option(*app_, names, target, help);
  if (!is_all(range)) option->check(check_of(range));
}

void FlagSet::add_required(const std::string& names, FlagTarget target, const std::string& help) {
  add_option(*app_, names, target, help)->required();
}

void FlagSet::exclude(const std::string& name, const std::string& other) {
  app_->get_option(name)->excludes(app_->get_option(other));
}

FlagSet FlagSet::group(const std::string& heading, const std::string& description) {
  return FlagSet(*app_->add_option_group(heading, description));
}

void FlagSet::set_footer(const std::string& footer) { app_->footer(footer); }

}  // namespace palate::cli
