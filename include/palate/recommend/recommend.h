// From a model to predictions and ranked lists. Layer: recommend.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "palate/base/parallel.h"
#include "palate/model/fold_in.h"
#include "palate/model/model.h"

namespace palate {

// What a user is to the items. score(i) = base + item_bias[i] + vector . item_factors[i]
struct Query {
  float base = 0;                   // global mean + the user's bias
  std::span<const float> vector{};  // of the model's factors; empty: biases alone
};

Query query_of_user(const Model& model, Index user);
// A user nobody has seen gets the bias-only answer.
Query query_of_unknown_user(const Model& model);
// A user who came after training. Refers to `user`.
Query query_of_folded_user(const Model& model, const FoldedUser& user);

// The predicted rating, clipped to the model's range unless told otherwise; a preset's never is.
// `item` nothing: an item nobody has seen.
float predict(const Model& model, const Query& query, std::optional<Index> item, bool clip = true);

struct Recommendation {
  Index item = 0;
  float score = 0;  // not clipped: it ranks
};

struct RecommendOptions {
  Index count = 10;
  // items with fewer train ratings are left out: two people's liking is not to be trusted
  Index min_support = 5;
  // ascending: these alone may be listed; nothing: all
  std::optional<std::vector<Index>> candidates{};
  std::vector<Index> denied{};  // ascending: these may not
};

// The best items for the query, best first; equal scores in order of item index. `excluded`
// (ascending) are left out.
std::vector<Recommendation> recommend(const Model& model, const Query& query,
                                      const RecommendOptions& options,
                                      std::span<const Index> excluded = {});

// Where an item stands in that list, were it long enough; an item that is left out of it has the
// place that it would have.
struct Standing {
  Index rank = 0;   // from 1
  float score = 0;  // not clipped
};
Standing standing(const Model& model, const Query& query, Index item,
                  const RecommendOptions& options, std::span<const Index> excluded = {});

// The lists of all users of the model, the same that recommend() gives for each. Calls visit(user,
// list) for one after another, in order of index; memory stays bounded however many there are.
// Unless told otherwise, what a user has rated is left out of the list, as far as the model has its
// history.
using ListVisitor = std::function<void(Index user, std::span<const Recommendation> list)>;
void recommend_all(const Model& model, const RecommendOptions& options, bool include_seen,
                   Parallel& parallel, const ListVisitor& visit);

// How the lists of all users are written: as CSV with the columns user, rank, item, score; as JSON
// lines, {"user":"1","items":[{"item":"50","score":4.5}]}; or as one JSON array of such objects.
enum class ListFormat { csv, json_lines, json };

// recommend_all(), as text that goes to `write` in pieces.
void write_lists(const Model& model, const RecommendOptions& options, bool include_seen,
                 ListFormat format, Parallel& parallel,
                 const std::function<void(std::string_view text)>& write);

// The same, to a file that is written whole or not at all. Throws Error(io).
void save_lists(const Model& model, const RecommendOptions& options, bool include_seen,
                ListFormat format, Parallel& parallel, const std::string& path);

}  // namespace palate
