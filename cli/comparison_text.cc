#include "comparison_text.h"

#include "terminal.h"

namespace palate::cli {
namespace {

std::string percent(std::uint64_t part, std::uint64_t whole) {
  return fmt::format("{:.1f} %", whole > 0 ? 100.0 * static_cast<double>(part) / static_cast<double>(whole) : 0);
}

// "12 of 610 (2.1 % of ratings)"
std::string in_words(const SplitLeak::Cold& part, const std::string& what, std::uint64_t test) {
  return fmt::format("{} of {}{} ({} of ratings)", with_commas(part.cold), with_commas(part.tested), what,
                     percent(part.ratings, test));
}

}  // namespace

std::string comparison_table(const Comparison& comparison) {
  TextTable table({"model", "RMSE [95 % interval]", "MAE [95 % interval]", "to the best", "seconds"});
  for (const ModelResult& model : comparison.models) {
    std::string difference = "best";
    if (model.difference_to_best) {
      const Interval& d = *model.difference_to_best;
      difference = fmt::format("{:+.4f} [{:+.4f}, {:+.4f}]", d.value, d.low, d.high);
    }
    if (model.ending == Ending::diverged) difference = model.advice;
    table.add({model.algorithm.name, with_interval(model.metrics.rmse), with_interval(model.metrics.mae), difference,
               fmt::format("{:.3f}", model.seconds)});
  }
  return table.text();
}

std::string leak_in_words(const SplitLeak& leak) {
  std::string text;
  if (leak.before_own) {
    text += fmt::format("of the test ratings {} are older than a train rating of their user, {} than half of the train part\n",
                        percent(*leak.before_own, leak.test), percent(*leak.before_half, leak.test));
  }
  text += fmt::format("new in the test part: {}, {}\n", in_words(leak.users, " users", leak.test),
                      in_words(leak.items, " items", leak.test));
  if (leak.before_own.value_or(1) > 0) text += fmt::format("{}\n", kRandomFlatters);
  return text;
}

std::string leak_table(const std::vector<SplitPreview>& previews) {
  TextTable table({"split", "test ratings", "older than own train", "older than half of train", "new users", "new items"});
  for (const auto& [method, leak] : previews) {
    const auto share = [&leak = leak](const std::optional<std::uint64_t>& part) {
      return part ? percent(*part, leak.test) : "no times";
    };
    table.add({std::string(split_name(method)), with_commas(leak.test), share(leak.before_own), share(leak.before_half),
               in_words(leak.users, "", leak.test), in_words(leak.items, "", leak.test)});
  }
  return table.text();
}

}  // namespace palate::cli
