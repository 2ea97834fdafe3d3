// A model against test ratings from elsewhere.
#include <algorithm>

#include "palate/evaluate/experiment.h"
#include "palate/evaluate/rating_metrics.h"
#include "palate/recommend/recommend.h"

namespace palate {

std::vector<float> predict_rows(const Model& model, const Interactions& rows, bool clip) {
  std::vector<float> predicted;
  predicted.reserve(rows.size());
  for (Index row = 0; row < rows.size(); ++row) {
    const bool known_user = rows.users[row] < model.factors.num_users();
    const bool known_item = rows.items[row] < model.factors.num_items();
    const Query query =
        known_user ? query_of_user(model, rows.users[row]) : query_of_unknown_user(model);
    predicted.push_back(
        predict(model, query, known_item ? std::optional(rows.items[row]) : std::nullopt, clip));
  }
  return predicted;
}

Evaluation evaluate(const Model& model, const Interactions& test, bool clip, Parallel& parallel) {
  Evaluation evaluation{.metrics = {}, .ratings = test.size()};
  for (Index row = 0; row < test.size(); ++row) {
    const bool known_user = test.users[row] < model.factors.num_users();
    const bool known_item = test.items[row] < model.factors.num_items();
    if (!known_user) ++evaluation.unknown_users;
    if (!known_item) ++evaluation.unknown_items;
    if (known_user && known_item && model.has_history() &&
        std::ranges::binary_search(model.history.row(test.users[row]).columns, test.items[row])) {
      ++evaluation.seen;
    }
  }
  const std::vector<float> predicted = predict_rows(model, test, clip);
  evaluation.metrics =
      bootstrap(rating_metrics(), rating_sums(test.users, predicted, test.values), parallel);
  return evaluation;
}

}  // namespace palate
