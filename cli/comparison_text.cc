#include "comparison_text.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

#include "terminal.h"

namespace palate::cli {
namespace {

std::string percent(std::uint64_t part, std::uint64_t whole) {
  return fmt::format(
      "{:.1f} %", whole > 0 ? 100.0 * static_cast<double>(part) / static_cast<double>(whole) : 0);
}

// "12 of 610 (2.1 % of ratings)"
std::string in_words(const SplitLeak::Cold& part, const std::string& what, std::uint64_t test,
                     std::string_view noun = "ratings") {
  return fmt::format("{} of {}{} ({} of {})", with_commas(part.cold), with_commas(part.tested),
                     what, percent(part.ratings, test), noun);
}

std::string group_heading(const std::string& by, const SplitSummary& split) {
  if (by == "user_ratings")
    return split.fold_in > 0 ? "fold-in ratings of the user" : "train ratings of the user";
  if (by == "item_ratings") return "train ratings of the item";
  return by == "value" ? "rating" : "time";
}

// "5 to 19", "500 or more", "3.5", "1996-03-29 to 1999-12-11"
std::string in_words(const Group& group, const std::string& by) {
  const auto text = [&](double number) {
    return by == "time" ? date(number) : fmt::format("{:g}", number);
  };
  if (!group.last) return text(group.first) + " or more";
  return group.first == *group.last ? text(group.first)
                                    : text(group.first) + " to " + text(*group.last);
}

bool lacks_draws(const ModelResult& model) {
  return std::ranges::any_of(model.metrics, &std::vector<double>::empty, &Measured::draws);
}

// Which of the metrics the table shows with their intervals, the primary one first.
std::vector<std::size_t> shown_metrics(const Comparison& comparison) {
  if (!comparison.is_measured()) return {};
  std::vector<std::size_t> shown{comparison.primary};
  for (std::size_t m = 0; m < comparison.metrics.size() && comparison.task == Task::ratings; ++m)
    if (m != comparison.primary && in_tables(comparison.metrics[m])) shown.push_back(m);
  return shown;
}

// What the table of lists shows beside, without an interval: recall at the second cutoff, unless
// that is the primary metric.
std::size_t metric_beside(const Comparison& comparison) {
  std::vector<std::size_t> recalls;
  for (std::size_t m = 0; m < comparison.metrics.size(); ++m)
    if (comparison.metrics[m].name.starts_with("recall@")) recalls.push_back(m);
  const std::size_t recall = recalls[std::min<std::size_t>(1, recalls.size() - 1)];
  return recall == comparison.primary ? 0 : recall;
}

bool several_seeds(const Comparison& comparison) {
  return std::ranges::any_of(comparison.models,
                             [](const ModelResult& model) { return model.over_seeds.has_value(); });
}

// "0.012", "0.412 ≈" where that does not tell the model from the best.
std::string p_value_text(const ModelResult& model) {
  if (!model.p_value_holm) return "";
  return fmt::format("{:.3f} {}", *model.p_value_holm, model.same_as_best ? "≈" : " ");
}

// What the mark says of the first model that has it.
std::string optimistic_in_words(const Comparison& comparison) {
  const auto marked = std::ranges::find_if(comparison.models, &ModelResult::is_optimistic);
  if (marked == comparison.models.end()) return "";
  if (!marked->seen) {
    return fmt::format(
        "{} it is not known whether the model that it started from was trained on {}: its figure "
        "may be too optimistic, and is not compared\n",
        kOptimistic, tested_noun(comparison));
  }
  return fmt::format(
      "{} the model that it started from was trained on {} of the {} {}: its figure is too "
      "optimistic, and is not compared\n",
      kOptimistic, with_commas(*marked->seen), with_commas(comparison.split.tested),
      tested_noun(comparison));
}

void add_known_warning(std::vector<std::string>& lines, Task task, std::uint64_t ratings,
                       std::string_view noun, bool no_user_is_known, bool no_item_is_known) {
  const char* biases = no_user_is_known   ? "the items' biases"
                       : no_item_is_known ? "the users' biases"
                                          : "one bias for each";
  lines.push_back(fmt::format(
      "warning: none of the {} test {} is by a known user and of a known item: "
      "the figures measure {}, not taste",
      with_commas(ratings), noun,
      task == Task::lists ? "what many choose" : fmt::format("the mean and {}", biases)));
}

void add_scale_warning(std::vector<std::string>& lines, const std::optional<ScaleMatch>& match) {
  if (!match || !match->in_doubt()) return;
  const auto& [train, test, ratings, outside] = *match;
  const std::string why =
      outside > 0 ? fmt::format("{} of {} lie outside", with_commas(outside), with_commas(ratings))
                  : fmt::format("their mean is {:.4g}, not {:.4g}", test.mean, train.mean);
  lines.push_back(
      fmt::format("warning: the test ratings may be on another scale: they run from {:g} to {:g}, "
                  "the train ratings from {:g} to {:g}, and {}",
                  test.low, test.high, train.low, train.high, why));
}

// "als", "ials (exact)"
std::string label_of(const NamedAlgorithm& algorithm) {
  const std::string_view method = method_of(algorithm.options);
  return method.empty() ? algorithm.name : fmt::format("{} ({})", algorithm.name, method);
}

std::string over_seeds_text(const ModelResult& model, std::size_t primary) {
  if (!model.over_seeds) return "";
  const Spread& spread = model.over_seeds->metrics[primary];
  return fmt::format("{:.4f} ± {:.4f}", spread.mean, spread.standard_deviation);
}

// The primary metric is the last to lose its interval, and stays.
void narrow(TextTable& table, std::size_t metrics, bool of_lists, bool seeds) {
  using enum TextTable::Narrow;
  const std::size_t best = 1 + metrics + (of_lists ? 2 : 0);
  const std::size_t p = best + 1;
  for (std::size_t m = metrics; m > 1; --m) table.narrow_by(m, brief);
  table.narrow_by(best, brief);
  table.narrow_by(1, brief);
  if (of_lists) table.narrow_by(best - 1, left_out);  // the exposure
  table.narrow_by(p + (seeds ? 2 : 1), left_out);     // the seconds
  for (std::size_t m = metrics; m > 1; --m) table.narrow_by(m, left_out);
  if (of_lists) table.narrow_by(best - 2, left_out);
  table.narrow_by(p, left_out);
}

}  // namespace

std::string metric_label(const Metric& metric) {
  constexpr std::array<std::string_view, 6> kShort{"rmse", "mae", "mse", "ndcg", "map", "mrr"};
  std::string label = metric.name;
  const std::string_view kind = std::string_view(metric.name).substr(0, metric.name.find('@'));
  const std::size_t capitals = std::ranges::count(kShort, kind) > 0 ? kind.size() : 1;
  for (char& letter : std::span(label).first(std::min(capitals, label.size()))) {
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  }
  std::ranges::replace(label, '_', ' ');
  return label;
}

bool in_tables(const Metric& metric) {
  constexpr std::array<std::string_view, 4> kLeftOut{"mse", "precision", "map", "mrr"};
  return std::ranges::find(kLeftOut, metric.name.substr(0, metric.name.find('@'))) ==
         kLeftOut.end();
}

std::string_view tested_noun(const Comparison& comparison) {
  if (comparison.task == Task::ratings) return "test ratings";
  return comparison.relevant ? "relevant test ratings" : "test rows";
}

std::string_view row_noun(const Comparison& comparison) {
  return comparison.task == Task::ratings || comparison.relevant ? "ratings" : "rows";
}

std::string_view row_noun(const Evaluation& evaluation) {
  return evaluation.ratings || (evaluation.lists && evaluation.lists->relevant) ? "ratings"
                                                                                : "rows";
}

Cell metric_heading(const Measured& measured) {
  const std::string label = metric_label(measured.metric);
  return measured.draws.empty() ? Cell(label) : Cell(label + " [95 % interval]", label + " ± 95 %");
}

Cell metric_cell(const Measured& measured) {
  return measured.draws.empty()
             ? Cell(fmt::format("{:.4f}", measured.interval.value))
             : Cell(with_interval(measured.interval), with_margin(measured.interval));
}

std::string tested_in_words(const Comparison& comparison) {
  const SplitSummary& split = comparison.split;
  if (comparison.task == Task::ratings)
    return fmt::format("{} ({})\n", counted(split.tested, "test rating"), split.description);
  if (!comparison.is_measured() && !comparison.models.empty()) {
    return fmt::format(
        "lists are not measured: none of the {} test users has anything relevant, which is a test "
        "{} of an item that is new to them ({})\n",
        with_commas(comparison.users_without_relevant),
        comparison.relevant ? fmt::format("rating of at least {:g}", *comparison.relevant) : "row",
        split.description);
  }
  const std::string relevant =
      comparison.relevant
          ? fmt::format("test ratings of at least {:g}, which are relevant", *comparison.relevant)
          : "test rows, which are all relevant";
  std::string text =
      fmt::format("lists of {}, by {} {} ({})\n", counted(split.tested_users, "user"),
                  with_commas(split.tested), relevant, split.description);
  if (const std::uint64_t without = comparison.users_without_relevant; without > 0) {
    text += fmt::format("{} without one {} left out; ", counted(without, "user"),
                        without == 1 ? "is" : "are");
  }
  return text + "more metrics of lists, and their coverage, novelty and Gini, are in --json\n";
}

std::string comparison_table(const Comparison& comparison) {
  const bool seeds = several_seeds(comparison);
  std::vector<Cell> header{"model"};
  const bool of_lists = comparison.task == Task::lists && comparison.is_measured();
  const std::vector<std::size_t> shown = shown_metrics(comparison);
  if (!comparison.models.empty()) {
    const ModelResult& first = comparison.models.front();
    for (const std::size_t m : shown) header.push_back(metric_heading(first.metrics[m]));
    if (of_lists) {
      header.push_back(metric_label(comparison.metrics[metric_beside(comparison)]));
      header.push_back(metric_label(first.exposure.front().metric));
    }
  }
  header.insert(header.end(), {"to the best", "p"});
  if (seeds) header.push_back(metric_label(comparison.metrics[comparison.primary]) + " over seeds");
  header.emplace_back("seconds");
  TextTable table(header);
  narrow(table, shown.size(), of_lists, seeds);
  const std::string optimistic = comparison.is_measured() ? optimistic_in_words(comparison) : "";
  for (const ModelResult& model : comparison.models) {
    Cell difference = !comparison.is_measured() ? "not measured"
                      : model.same_as_best      ? "best"
                                                : "not compared";
    if (model.difference_to_best) {
      const Interval& d = *model.difference_to_best;
      difference = {fmt::format("{:+.4f} [{:+.4f}, {:+.4f}]", d.value, d.low, d.high),
                    (d.value < 0 ? "" : "+") + with_margin(d)};
    }
    if (model.ending == Ending::diverged) difference = {model.advice, "diverged"};
    std::vector<Cell> row{label_of(model.algorithm)};
    for (const std::size_t m : shown) {
      row.push_back(metric_cell(model.metrics[m]));
      if (optimistic.empty()) continue;
      for (std::string* const text : {&row.back().text, &row.back().brief})
        *text += fmt::format(" {}", model.is_optimistic() ? kOptimistic : " ");
    }
    if (of_lists) {
      for (const Measured& beside :
           {model.metrics[metric_beside(comparison)], model.exposure.front()})
        row.push_back(fmt::format("{:.4f}", beside.interval.value));
    }
    row.push_back(std::move(difference));
    row.push_back(p_value_text(model));
    if (seeds) row.push_back(over_seeds_text(model, comparison.primary));
    row.push_back(fmt::format("{:.3f}", model.seconds));
    table.add(std::move(row));
  }
  const bool marked = std::ranges::any_of(
      comparison.models, [](const ModelResult& m) { return m.p_value && m.same_as_best; });
  return table.text() +
         (marked ? "≈ cannot be told apart from the best: p is at least 0.05\n" : "") +
         (std::ranges::none_of(comparison.models, lacks_draws) ? ""
          : comparison.split.tested_users < 2
              ? "a single test user tells nothing of others: there are no intervals, and no model "
                "can "
                "be told from another\n"
              : "interrupted: a figure without an interval was measured, its interval was not\n") +
         optimistic;
}

Style style_of_row(std::string_view line) {
  if (line.find(" best ") != line.npos && line.find(" the best ") == line.npos) return Style::good;
  return line.find(" ≈") != line.npos ? Style::strong : Style::plain;
}

std::string uncertainty_in_words(std::span<const Comparison> comparisons) {
  std::vector<std::string> compared;  // how many models of each table
  std::uint64_t all_compared = 0;
  std::uint64_t fewest_users = std::numeric_limits<std::uint64_t>::max();
  for (const Comparison& comparison : comparisons) {
    const auto count = static_cast<std::uint64_t>(std::ranges::count_if(
        comparison.models, [](const ModelResult& model) { return model.p_value.has_value(); }));
    all_compared += count;
    if (count > 0) compared.push_back(with_commas(count));
    if (comparison.is_measured())
      fewest_users = std::min(fewest_users, comparison.split.tested_users);
  }
  if (std::ranges::none_of(comparisons, &Comparison::is_measured)) return "";
  if (fewest_users < 2) return "";
  const bool seeds = std::ranges::any_of(comparisons, several_seeds);
  std::string text =
      "intervals say how far the figures may move with other users (bootstrap over users), not "
      "with other seeds of training";
  text += seeds ? "\n" : " (--seeds N)\n";
  constexpr std::uint64_t kFewUsers = 30;
  if (fewest_users < kFewUsers) {
    text += fmt::format(
        "warning: with {} in the test part, the true intervals are wider and p is larger\n",
        counted(fewest_users, "user"));
  }
  if (all_compared > 0) {
    text += fmt::format(
        "p: the chance that a model as good as the best would seem so much worse, by a test that "
        "pairs users, with Holm's correction for {} comparison{}{}\n",
        fmt::join(compared, " and "), all_compared == 1 ? "" : "s",
        compared.size() > 1 ? ", each table by itself" : "");
  }
  if (seeds) {
    text +=
        "over seeds: means ± standard deviations, all on one split; a difference below two "
        "standard deviations may come from the seeds alone\n";
  }
  return text;
}

std::string fold_in_in_words(const Scorer& scorer,
                             const std::optional<FoldInMeasurement>& measured) {
  if (!scorer.folds_in_approximately()) return "";
  if (!measured) return "approximate; not measured";
  return fmt::format(
      "approximate; known users folded in have NDCG@10 {:.4f} instead of {:.4f} (validation part)",
      measured->folded_in, measured->trained);
}

std::string breakdown_tables(const Comparison& comparison) {
  std::string text = "errors on parts of the test ratings: RMSE / MAE, or the RMSE by itself\n";
  if (comparison.models.empty()) return text;
  const std::vector<Breakdown>& first = comparison.models.front().breakdowns;
  for (std::size_t b = 0; b < first.size(); ++b) {
    std::vector<Cell> header{group_heading(first[b].by, comparison.split), "test ratings"};
    for (const ModelResult& model : comparison.models) header.push_back(model.algorithm.name);
    TextTable table(header);
    for (std::size_t m = 0; m < comparison.models.size(); ++m)
      table.narrow_by(2 + m, TextTable::Narrow::brief);
    for (std::size_t g = 0; g < first[b].groups.size(); ++g) {
      const GroupErrors& group = first[b].groups[g];
      std::vector<Cell> row{in_words(group.group, first[b].by), with_commas(group.ratings)};
      for (const ModelResult& model : comparison.models) {
        const GroupErrors& errors = model.breakdowns[b].groups[g];
        row.emplace_back(fmt::format("{:.4f} / {:.4f}", errors.rmse, errors.mae),
                         fmt::format("{:.3f}", errors.rmse));
      }
      table.add(std::move(row));
    }
    text += "\n" + table.text();
  }
  return text;
}

std::vector<std::string> warnings_of(const Comparison& comparison) {
  const auto& leak = comparison.split.leak;
  std::vector<std::string> lines;
  if (comparison.split.fold_in == 0 && leak.no_pair_is_known()) {
    add_known_warning(lines, comparison.task, leak.test, row_noun(comparison),
                      leak.users.ratings == leak.test, leak.items.ratings == leak.test);
  }
  if (leak.in_train > 0U) {
    lines.push_back(fmt::format(
        "warning: {0} of {1} test {2} are train {2}, too: the figures are too optimistic",
        with_commas(*leak.in_train), with_commas(leak.test), row_noun(comparison)));
  }
  add_scale_warning(lines, comparison.split.scale);
  return lines;
}

std::vector<std::string> warnings_of(const Evaluation& evaluation) {
  const Familiarity& familiarity = evaluation.familiarity;
  std::vector<std::string> lines;
  if (familiarity.no_pair_is_known()) {
    add_known_warning(lines, evaluation.ratings ? Task::ratings : Task::lists, familiarity.ratings,
                      row_noun(evaluation), familiarity.unknown_users == familiarity.ratings,
                      familiarity.unknown_items == familiarity.ratings);
  }
  if (familiarity.seen > 0U) {
    lines.push_back(fmt::format(
        "{}{} of {} test {} are in the model's history: it was trained on them{}",
        evaluation.ratings ? "warning: " : "", with_commas(*familiarity.seen),
        with_commas(familiarity.ratings), row_noun(evaluation),
        evaluation.ratings ? ", and the figure is too optimistic" : ", and lists leave them out"));
  }
  if (!familiarity.seen) {
    lines.push_back(fmt::format("it is not known whether the model was trained on test {}",
                                row_noun(evaluation)));
  }
  if (evaluation.ratings) add_scale_warning(lines, evaluation.ratings->scale);
  return lines;
}

std::string lots_in_words(const SplitLeak& leak, std::string_view method) {
  if (leak.by_lot.value_or(0) == 0) return "";
  const bool of_each_user = method == split_name(SplitMethod::leave_last_out);
  return fmt::format(
      "{} of {} test ratings ({}) were chosen by chance, not by time: other ratings {}have the "
      "same time\n",
      with_commas(*leak.by_lot), with_commas(leak.test), percent(*leak.by_lot, leak.test),
      of_each_user ? "of the same user " : "");
}

std::string leak_in_words(const Comparison& comparison) {
  const SplitSummary& split = comparison.split;
  const SplitLeak& leak = split.leak;
  const std::string_view noun = row_noun(comparison);
  std::string text = split.folds > 1 ? "in the first fold:\n" : "";
  if (leak.before_own) {
    text += fmt::format(
        "{1} of the test {0} are older than a {2} {3} of their user, {4} older than half of the "
        "train part\n",
        noun, percent(*leak.before_own, leak.test), split.fold_in > 0 ? "fold-in" : "train",
        noun.substr(0, noun.size() - 1), percent(*leak.before_half, leak.test));
  }
  text += lots_in_words(leak, split.method);
  text +=
      fmt::format("new in the test part: {}, {}\n", in_words(leak.users, " users", leak.test, noun),
                  in_words(leak.items, " items", leak.test, noun));
  if (split.fold_in > 0) {
    text +=
        fmt::format("a trained model is given {} other {} of these users, and folds the users in\n",
                    with_commas(split.fold_in), noun);
    for (const ModelResult& model : comparison.models) {
      if (model.trial.scorer.folds_in_approximately())
        text += fmt::format("{} folds them in approximately\n", model.algorithm.name);
    }
  }
  if (leak.in_train > 0U) {
    text += fmt::format("{0} of {1} test {2} are train {2}, too: the figures are too optimistic\n",
                        with_commas(*leak.in_train), with_commas(leak.test), noun);
  }
  constexpr std::array<std::string_view, 4> kRandom{"random", "kfold", "per-user", "notebook"};
  if (leak.before_own && std::ranges::find(kRandom, split.method) != kRandom.end())
    text += fmt::format("{}\n", kRandomIsOptimistic);
  return text;
}

std::string leak_table(const std::vector<SplitPreview>& previews) {
  const std::vector<Cell> header{"split",
                                 "test ratings",
                                 {"older than own train", "before own"},
                                 {"older than half of train", "before half"},
                                 "new users",
                                 "new items"};
  TextTable table(header);
  for (std::size_t column = header.size() - 1; column > 1; --column)
    table.narrow_by(column, TextTable::Narrow::brief);
  const auto count_first = [](const std::string& text) {
    return Cell(text, text.substr(0, text.find(" (")));
  };
  for (const SplitPreview& preview : previews) {
    const SplitLeak& leak = preview.leak;
    const auto share = [&](const std::optional<std::uint64_t>& part) {
      return part ? percent(*part, leak.test) : "no times";
    };
    table.add({std::string(split_name(preview.method)), with_commas(leak.test),
               share(leak.before_own), share(leak.before_half),
               count_first(in_words(leak.users, "", leak.test)),
               count_first(in_words(leak.items, "", leak.test))});
  }
  std::string text = table.text();
  for (const SplitPreview& preview : previews) {
    const std::string_view method = split_name(preview.method);
    const std::string lots = lots_in_words(preview.leak, method);
    if (!lots.empty()) text += fmt::format("{}: {}", method, lots);
  }
  return text;
}

}  // namespace palate::cli
