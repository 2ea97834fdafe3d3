// docs/algorithms.md and the table of README.md are made from the table of algorithms. To write the
// page anew: PALATE_WRITE_DOCS=1 build/release/tests/unit_tests --gtest_filter='AlgorithmsPage.*'
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "palate/algorithms/algorithms.h"

namespace palate {
namespace {

const std::filesystem::path kRoot = PALATE_ROOT;

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

std::string values_of(const Bounds& bounds) {
  const bool has_low = bounds.low > std::numeric_limits<double>::lowest();
  const bool has_high = bounds.high < std::numeric_limits<double>::max();
  if (has_low && has_high) return fmt::format("{:g} to {:g}", bounds.low, bounds.high);
  if (has_low) return fmt::format("{} {:g}", bounds.above_low ? "above" : "at least", bounds.low);
  return has_high ? fmt::format("at most {:g}", bounds.high) : "any number";
}

template <class T>
std::string values_of(const Field& field) {
  if constexpr (std::is_same_v<T, bool>) {
    return "true or false";
  } else if constexpr (std::is_enum_v<T>) {
    return fmt::format("{}", fmt::join(choice_names<T>, ", "));
  } else {
    return values_of(field.bounds);
  }
}

std::string capitalized(std::string_view words) {
  std::string text(words);
  text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
  return text;
}

std::string sentences_of(const AlgorithmTraits& about) {
  std::string text = capitalized(about.summary) + ".";
  if (about.is_baseline)
    text += " A baseline: `train` measures it beside the algorithm that is asked for.";
  text += fmt::format(" It answers {}.", task_name(about.task));
  if (about.can_continue) text += " It can start from an earlier model.";
  if (about.most_items < std::numeric_limits<Index>::max()) {
    text += fmt::format(
        " A comparison and a report that name no algorithms have it for up to {} items.",
        about.most_items);
  }
  return text;
}

std::string fields_of(const AlgorithmOptions& options) {
  std::string rows;
  visit_all_fields(options, [&]<class T>(const Field& field, const T&) {
    rows += fmt::format("| `{}` | {} | {} | {} |\n", field.name,
                        option_text(options, field.name).value(), values_of<T>(field), field.help);
  });
  if (rows.empty()) return "It has no options.\n";
  return "| option | default | values | what it does |\n|---|---|---|---|\n" + rows;
}

// As it can be named on the command line: "gradient:factors=2:epochs=250".
std::string spelled_out(const AlgorithmOptions& options) {
  std::string text(algorithm_name(options));
  visit_all_fields(options, [&](const Field& field, const auto&) {
    text += fmt::format(":{}={}", field.name, option_text(options, field.name).value());
  });
  return text;
}

std::string header_of(std::string_view algorithm) {
  std::string name(algorithm);
  std::ranges::replace(name, '-', '_');
  return "include/palate/algorithms/" + name + ".h";
}

std::string row_of(const AlgorithmTraits& about) {
  return fmt::format("| `{}` | {} |\n", about.name, about.summary);
}

std::string page() {
  std::string text =
      "# Algorithms\n\n"
      "What each algorithm minimizes, its steps, its cost and its paper stand at the top of its "
      "header. An option has the same name\neverywhere: `learning_rate` in C++ and JSON, "
      "`--learning-rate` on the command line, and `sgd:learning_rate=0.3` where several\n"
      "algorithms are named. A value out of its bounds is refused.\n\n"
      "This page is written from the table of algorithms by "
      "`tests/docs/algorithms_page_test.cc`.\n";
  std::string presets =
      "\n## Presets\n\n"
      "What others have published, under a name of its own and as it was: a preset never stops "
      "early, and its predictions are not\nclipped.\n";
  for (const AlgorithmInfo& row : algorithms()) {
    if (row.preset) {
      presets += fmt::format("\n### {}\n\n{}\n\n{}\n\n```\n{}\n```\n", row.about.name,
                             capitalized(row.about.summary) + ".", row.about.description,
                             spelled_out(row.defaults));
    } else {
      text += fmt::format("\n## {}\n\n{} Its header is `{}`.\n\n{}\n\n{}", row.about.name,
                          sentences_of(row.about), header_of(row.about.name), row.about.description,
                          fields_of(row.defaults));
    }
  }
  return text + presets;
}

TEST(AlgorithmsPage, IsWhatTheTableOfAlgorithmsSays) {
  const std::filesystem::path file = kRoot / "docs/algorithms.md";
  if (std::getenv("PALATE_WRITE_DOCS") != nullptr) std::ofstream(file) << page();
  EXPECT_TRUE(text_of(file) == page())
      << "docs/algorithms.md is not what the table of algorithms says. To write it anew:\n"
         "PALATE_WRITE_DOCS=1 build/release/tests/unit_tests --gtest_filter='AlgorithmsPage.*'";
}

TEST(AlgorithmsPage, NamesHeadersThatThereAre) {
  for (const AlgorithmInfo& row : algorithms()) {
    if (!row.preset) {
      EXPECT_TRUE(std::filesystem::exists(kRoot / header_of(row.about.name))) << row.about.name;
    }
  }
}

TEST(AlgorithmsPage, TheReadmeListsEveryAlgorithmAndPreset) {
  const std::string readme = text_of(kRoot / "README.md");
  for (const AlgorithmInfo& row : algorithms()) {
    EXPECT_NE(readme.find(row_of(row.about)), std::string::npos)
        << "README.md lacks the row " << row_of(row.about);
  }
}

}  // namespace
}  // namespace palate
