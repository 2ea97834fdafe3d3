#include "palate/evaluate/evaluation.h"

#include "palate/evaluate/rating_metrics.h"
#include "palate/model/query.h"

namespace palate {

Evaluation evaluate(const Model& model, const Interactions& test, bool clip, Parallel& parallel) {
  Familiarity familiarity{.ratings = test.size()};
  for (Index row = 0; row < test.size(); ++row) {
    const bool known_user = test.users[row] < model.catalog->users.size();
    const bool known_item = test.items[row] < model.catalog->items.size();
    if (!known_user) ++familiarity.unknown_users;
    if (!known_item) ++familiarity.unknown_items;
    if (known_user && known_item && model.has_seen(test.users[row], test.items[row]))
      ++familiarity.seen;
  }
  const std::vector<float> predicted =
      predict_pairs(for_ratings(model).scorer, test.users, test.items, clip);
  const auto sums = rating_sums(test.users, predicted, test.values);
  return {bootstrap(rating_metrics(), sums, parallel), familiarity};
}

}  // namespace palate
