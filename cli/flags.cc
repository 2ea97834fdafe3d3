#include "flags.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <sstream>
#include <string_view>

#include "palate/algorithms/algorithms.h"
#include "palate/base/error.h"

namespace palate::cli {
namespace {

// The names of some rows of the table, with commas.
std::string names_of(const std::function<bool(const AlgorithmInfo&)>& is_meant,
                     std::string_view separator = ",") {
  std::vector<std::string_view> names;
  for (const AlgorithmInfo& row : algorithms()) {
    if (is_meant(row)) names.push_back(row.about.name);
  }
  return fmt::format("{}", fmt::join(names, separator));
}

}  // namespace

void refuse(const std::string& message) { throw Error(ErrorCode::invalid_argument, message); }

std::string first_algorithm(Task task) {
  return std::string(std::ranges::find(algorithms(), task, [](const AlgorithmInfo& row) {
                       return row.about.task;
                     })->about.name);
}

std::string algorithm_names() {
  return names_of([](const AlgorithmInfo&) { return true; }, ", ");
}

std::string default_algorithms(std::span<const Task> tasks, Index items) {
  return names_of([&](const AlgorithmInfo& row) {
    return !row.preset && row.about.by_default && items <= row.about.most_items &&
           std::ranges::count(tasks, row.about.task) > 0;
  });
}

std::string preset_algorithms(Task task) {
  return names_of(
      [task](const AlgorithmInfo& row) { return row.preset && row.about.task == task; });
}

std::vector<std::string> comma_separated(const std::string& text) {
  std::vector<std::string> words;
  std::stringstream stream(text);
  for (std::string word; std::getline(stream, word, ',');) {
    const std::size_t first = word.find_first_not_of(' ');
    if (first != word.npos)
      words.push_back(word.substr(first, word.find_last_not_of(' ') + 1 - first));
  }
  return words;
}

void CommonFlags::add_to(FlagSet& flags) {
  FlagSet general = flags.group(kGeneral);
  general.add("--json", &json, "print one JSON document, and nothing else, on standard output");
  general.add("-q,--quiet", &quiet, "no progress and no notes on standard error");
}

void CommonFlags::add_threads_to(FlagSet& flags) {
  flags.group(kGeneral).add(
      "-t,--threads", &threads,
      "how many threads work; 0: one for each processor; the results are the same", {0, 1024});
}

std::vector<std::string>& command_words() {
  static std::vector<std::string> words;
  return words;
}

}  // namespace palate::cli
