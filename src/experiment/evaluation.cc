#include "palate/evaluate/evaluation.h"

#include "experiment/what_is_known.h"
#include "palate/evaluate/held_out_lists.h"
#include "palate/evaluate/rating_metrics.h"
#include "palate/model/query.h"
#include "recommend/listed.h"

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

bool has_ratings(const Interactions& test) {
  return test.has_values && test.feedback == Feedback::ratings;
}

std::optional<ScaleMatch> scale_against(const Model& model, const Interactions& test) {
  if (model.seen) return match_scale(scale_of(model.seen->values), test.values);
  const std::optional<RatingRange>& range = for_ratings(model).scorer.range;
  if (!range) return {};
  return match_scale({.low = range->low, .high = range->high}, test.values);
}

EvaluatedRatings measure_ratings(const Model& model, const Interactions& test, bool clip,
                                 Parallel& parallel) {
  const Scorer& scorer = model.ratings->scorer;
  const std::vector<float> predicted = predict_pairs(scorer, test.users, test.items, clip);
  const auto sums = rating_sums(test.users, predicted, test.values);
  return {.metrics = bootstrap(rating_metrics(), sums, parallel),
          .clipped = clip && scorer.range,
          .scale = scale_against(model, test)};
}

// Nothing where no user has anything relevant.
std::optional<EvaluatedLists> measure_lists(const Model& model, const Interactions& test,
                                            Parallel& parallel) {
  require_history(model);
  const Scorer& scorer = model.lists->scorer;
  std::optional<float> relevant;
  if (has_ratings(test) && scorer.weighting) relevant = scorer.weighting->at_least;
  Rows rows;
  rows.users = test.users;
  rows.items = test.items;
  rows.values = test.values;
  const SparseMatrix nothing;
  const HeldOutLists held_out(rows, model.seen ? *model.seen : nothing, relevant);
  if (held_out.num_users() == 0) return {};
  ListSums sums(list_metrics());
  held_out.measure(scorer, parallel, sums);
  return EvaluatedLists{.metrics = bootstrap(sums.metrics(), sums.sums(), parallel),
                        .relevant = relevant,
                        .users = held_out.num_users(),
                        .tested = held_out.num_relevant(),
                        .users_without_relevant = held_out.users_without_relevant()};
}

}  // namespace

Evaluation evaluate(const Model& model, const Interactions& test, bool clip, Parallel& parallel) {
  if (!model.lists) require_values(test, "test");
  const Familiarity familiarity = familiarity_of(model, test);
  if (test.size() > 0 && familiarity.unknown_pairs == test.size()) {
    fail_none_known(test.size(), *test.catalog, test.users[0], test.items[0], *model.catalog);
  }
  Evaluation evaluation{.familiarity = familiarity, .ratings = {}, .lists = {}};
  if (model.ratings && (has_ratings(test) || !model.lists))
    evaluation.ratings = measure_ratings(model, test, clip, parallel);
  if (model.lists && (makes_lists_of_users(model) || !evaluation.ratings))
    evaluation.lists = measure_lists(model, test, parallel);
  if (!evaluation.ratings && !evaluation.lists) {
    fail(ErrorCode::bad_data,
         "none of the {} test rows is of something relevant that its user has not seen, so lists "
         "cannot be measured",
         test.size());
  }
  return evaluation;
}

}  // namespace palate
