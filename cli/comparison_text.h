// A comparison in words and tables, for a terminal.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "palate/data/inspect.h"
#include "palate/evaluate/compare.h"
#include "palate/evaluate/evaluation.h"
#include "terminal.h"
#include "text_table.h"

namespace palate::cli {

// How a metric is headed: "RMSE" of rmse, "NDCG@10" of ndcg@10, "Hit rate@10" of hit_rate@10.
std::string metric_label(const Metric& metric);

// Which of the metrics a table shows: all but MSE, which says what RMSE says.
bool in_tables(const Metric& metric);

// "RMSE [95 % interval]", and below it "0.8734 [0.8621, 0.8850]"; the name and the value alone of a
// figure without an interval.
Cell metric_heading(const Measured& measured);
Cell metric_cell(const Measured& measured);

// What measures the comparison's models: "test ratings", "relevant test ratings", or "test rows"
// where values are no ratings.
std::string_view tested_noun(const Comparison& comparison);

// What the rows of the table are, "ratings" or "rows".
std::string_view row_noun(const Comparison& comparison);
std::string_view row_noun(const Evaluation& evaluation);

// The mark of a figure of ratings that the model had been trained on, in a table and before the
// line that explains it below.
inline constexpr const char* kOptimistic = "†";

// How somebody new is folded in: "approximate; known users folded in have NDCG@10 0.3120 instead of
// 0.3300 (validation part)". Empty where it is exact.
std::string fold_in_in_words(const Scorer& scorer,
                             const std::optional<FoldInMeasurement>& measured);

// The table that `train`, `compare` and `demo` print: the metrics of ratings, or of lists the
// primary one, one recall and the share of the items that are listed.
std::string comparison_table(const Comparison& comparison);
// How its lines are shown: the best model, and those that cannot be told apart from it.
Style style_of_row(std::string_view line);

// "20,168 test ratings (random, 20 % test, seed 1)", and of lists: "lists of 610 users, by 9,800
// test ratings of at least 4, which are relevant (...)", who is left out, and where the other
// figures are. A line or two.
std::string tested_in_words(const Comparison& comparison);

// What the intervals and the other columns of the tables hold, and what they leave out: a few
// lines.
std::string uncertainty_in_words(std::span<const Comparison> comparisons);

// The errors on parts of the test ratings: a table for each way to part them.
std::string breakdown_tables(const Comparison& comparison);

inline constexpr const char* kRandomIsOptimistic =
    "A random split is optimistic: models learn from what a user rated after the test ratings, and "
    "meet few new users and items. --split time does neither.";

// What makes the figures other than they seem: no known pair, ratings of another scale, train
// ratings among the test ratings. Lines, which may be none.
std::vector<std::string> warnings_of(const Comparison& comparison);

// The same of what `evaluate` measured.
std::vector<std::string> warnings_of(const Evaluation& evaluation);

// A line where ratings of one time make a split by time one by lot; empty where none do.
std::string lots_in_words(const SplitLeak& leak, std::string_view method);

// Two lines on what a split leaks, and one more where it is a random one, goes by lot or folds in.
std::string leak_in_words(const Comparison& comparison);

// The same of several splits, as a table, with a line for each that goes by lot.
std::string leak_table(const std::vector<SplitPreview>& previews);

}  // namespace palate::cli
