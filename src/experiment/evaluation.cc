#include "palate/evaluate/evaluation.h"

#include "experiment/what_is_known.h"
#include "palate/evaluate/rating_metrics.h"
#include "palate/model/query.h"

namespace palate {
namespace {

Familiarity familiarity_of(const Model& model, const Interactions& test) {
  Familiarity familiarity{.ratings = test.size(), .seen = {}};
  std::uint64_t seen = 0;
  for (Index row = 0; row < test.size(); ++row) {
    const bool known_user = test.users[row] < model.catalog->users.size();
    const bool known_item = test.items[row] < model.catalog->items.size();
    if (!known_user) ++familiarity.unknown_users;
    if (!known_item) ++familiarity.unknown_items;
    if (!known_user && !known_item) ++familiarity.unknown_pairs;
    if (known_user && known_item && model.has_seen(test.users[row], test.items[row])) ++seen;
  }
  familiarity.seen = seen_ratings(model, seen);
  return familiarity;
}

std::optional<ScaleMatch> scale_against(const Model& model, const Interactions& test) {
  if (model.seen) return match_scale(scale_of(model.seen->values), test.values);
  const std::optional<RatingRange>& range = for_ratings(model).scorer.range;
  if (!range) return {};
  return match_scale({.low = range->low, .high = range->high}, test.values);
}

}  // namespace

Evaluation evaluate(const Model& model, const Interactions& test, bool clip, Parallel& parallel) {
  require_values(test, "test");
  const Familiarity familiarity = familiarity_of(model, test);
  if (test.size() > 0 && familiarity.unknown_pairs == test.size()) {
    fail_none_known(test.size(), *test.catalog, test.users[0], test.items[0], *model.catalog);
  }
  const std::vector<float> predicted =
      predict_pairs(for_ratings(model).scorer, test.users, test.items, clip);
  const auto sums = rating_sums(test.users, predicted, test.values);
  return {bootstrap(rating_metrics(), sums, parallel), familiarity, scale_against(model, test)};
}

}  // namespace palate
