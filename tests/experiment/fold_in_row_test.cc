#include "experiment/fold_in_row.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "centred.h"
#include "palate/algorithms/train.h"
#include "palate/base/error.h"
#include "palate/evaluate/held_out_lists.h"
#include "palate/evaluate/list_metrics.h"
#include "palate/model/query.h"
#include "small_data.h"

namespace palate {
namespace {

class FoldInRow : public testing::Test {
 protected:
  static Part part() {
    const Interactions interactions = planted_interactions(300, 120, 0.3, 3, 0.3, 8);
    const SplitOptions options{.method = SplitMethod::random, .test_share = 0.1, .seed = 3};
    const Split split =
        with_validation(interactions, make_splits(interactions, options).front(), options, 0.2);
    Parallel parallel(2);
    return part_of(interactions, split, parallel);
  }

  // Users that minimize a row of ials, as if training minimized none and had left another.
  Scorer trained(float unobserved, float ridge) {
    TrainContext context{.parallel = parallel_};
    Scorer scorer = train(part_.train, IalsOptions{.factors = 8, .epochs = 8}, context).scorer;
    centre(scorer, part_.train.by_user());
    scorer.row = multiplied(*scorer.row, {.unobserved = unobserved, .ridge = ridge});
    scorer.row->approximate = true;
    return scorer;
  }

  double ndcg(const Scorer& scorer, bool folded_in) {
    const SparseMatrix& train = part_.train.by_user();
    const HeldOutLists known(part_.validation, train, part_.train.relevant(), 2000, &train);
    const Metric metric = list_metrics().front();
    if (!folded_in) return known.mean(metric, scorer, parallel_);
    return known.mean(metric, scorer, fold_in(scorer, train, known.users(), parallel_), parallel_);
  }

  Index users_with_validation() const {
    const SparseMatrix& train = part_.train.by_user();
    return HeldOutLists(part_.validation, train, part_.train.relevant()).num_users();
  }

  Parallel parallel_{2};
  Part part_ = part();
};

TEST_F(FoldInRow, TheRowThatTrainingMinimizesLosesNothing) {
  Scorer scorer = trained(1, 1);
  EXPECT_NEAR(ndcg(scorer, true), ndcg(scorer, false), 1e-3);
}

TEST_F(FoldInRow, ARowFarOffIsRepaired) {
  for (const auto& [unobserved, ridge] : std::vector<std::pair<float, float>>{
           {100.0F, 100.0F}, {100.0F, 1.0F}, {1.0F, 100.0F}, {0.01F, 0.01F}}) {
    Scorer scorer = trained(unobserved, ridge);
    const RowObjective left = *scorer.row;
    const double of_trained = ndcg(scorer, false);
    const double loss_before = of_trained - ndcg(scorer, true);
    const auto choice = choose_row(scorer, part_, parallel_, {});
    ASSERT_TRUE(choice);
    EXPECT_EQ(choice->measured.trained, of_trained);
    EXPECT_EQ(choice->measured.folded_in, ndcg(scorer, true));
    EXPECT_EQ(choice->measured.users, users_with_validation());
    EXPECT_TRUE(scorer.row == multiplied(left, *choice));
    EXPECT_LT(of_trained - choice->measured.folded_in, 0.25 * loss_before);
  }
}

TEST_F(FoldInRow, ThatOfTrainingStaysWhereNoneIsBetter) {
  Scorer scorer = trained(1, 1);
  for (Index item = 0; item < scorer.factors.num_items(); ++item)
    std::ranges::fill(scorer.factors.item_factors.row(item), 0.0F);  // every row says the same
  const RowObjective left = *scorer.row;
  const auto choice = choose_row(scorer, part_, parallel_, {});
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->unobserved, 1);
  EXPECT_EQ(choice->ridge, 1);
  EXPECT_EQ(choice->target, 1);
  EXPECT_TRUE(scorer.row == left);
}

TEST_F(FoldInRow, ProductsWithWhatWasChosenAreInTheMeanThoseOfTraining) {
  Scorer scorer = trained(100, 100);
  scorer.row->target = 0.001F;
  ASSERT_TRUE(choose_row(scorer, part_, parallel_, {}));
  const SparseMatrix& train = part_.train.by_user();
  const HeldOutLists known(part_.validation, train, part_.train.relevant());
  double of_trained = 0;
  double of_folded_in = 0;
  for (const Index user : known.users()) {
    const RatedItems weights = weighted(train.row(user), *scorer.weighting);
    const SparseRow row = train.row(user);
    const Query query = fold_in(
        scorer, {{row.columns.begin(), row.columns.end()}, {row.values.begin(), row.values.end()}});
    for (std::size_t t = 0; t < weights.items.size(); ++t) {
      const double weight = static_cast<double>(weights.values[t]);
      of_trained += weight * static_cast<double>(score_of(scorer.factors, user, weights.items[t]));
      of_folded_in += weight * static_cast<double>(score(scorer, query, weights.items[t]));
    }
  }
  EXPECT_NEAR(of_folded_in, of_trained, 1e-4 * of_trained);
}

TEST_F(FoldInRow, IsTheSameForAnyNumberOfThreads) {
  const Scorer scorer = trained(100, 100);
  Scorer expected = scorer;
  Parallel alone(1);
  const auto choice = choose_row(expected, part_, alone, {});
  ASSERT_TRUE(choice);
  for (const unsigned threads : {2U, 3U, 8U}) {
    Scorer other = scorer;
    Parallel several(threads);
    const auto again = choose_row(other, part_, several, {});
    ASSERT_TRUE(again);
    EXPECT_TRUE(other == expected);
    EXPECT_TRUE(again->measured == choice->measured);
  }
}

TEST_F(FoldInRow, AStopKeepsTheBestSoFar) {
  const Scorer scorer = trained(100, 100);
  double before = 0;
  for (const int asked : {0, 1, 2, 5, 1000}) {
    Scorer stopped = scorer;
    int left = asked;
    const auto choice =
        choose_row(stopped, part_, parallel_, {.stop_requested = [&] { return left-- <= 0; }});
    EXPECT_EQ(choice.has_value(), asked > 1) << asked;
    if (!choice) {
      EXPECT_TRUE(stopped == scorer);
      continue;
    }
    EXPECT_EQ(choice->measured.folded_in, ndcg(stopped, true));
    EXPECT_GE(choice->measured.folded_in, before);
    before = choice->measured.folded_in;
  }
}

TEST_F(FoldInRow, NothingIsChosenWhereThereIsNothingToChooseBy) {
  Scorer exact = trained(100, 100);
  exact.row->approximate = false;
  EXPECT_FALSE(choose_row(exact, part_, parallel_, {}));
  Scorer scorer = trained(100, 100);
  const Scorer left = scorer;
  part_.validation = {};
  EXPECT_FALSE(choose_row(scorer, part_, parallel_, {}));
  EXPECT_TRUE(scorer == left);
}

TEST_F(FoldInRow, ARowByWhichSomebodyHasNoFiniteVectorIsPassedOver) {
  Scorer scorer = trained(1, 1);
  for (Index item = 0; item < scorer.factors.num_items(); ++item) {
    for (float& y : scorer.factors.item_factors.row(item)) y *= 1e-19F;
  }
  scorer.row->ridge.factors = scorer.row->unobserved = 1e-38F;
  EXPECT_THROW(fold_in(scorer, part_.train.by_user(), parallel_), Error);
  const auto choice = choose_row(scorer, part_, parallel_, {});
  ASSERT_TRUE(choice);
  EXPECT_GT(choice->unobserved * choice->ridge, 1);
  EXPECT_EQ(choice->measured.folded_in, ndcg(scorer, true));
}

}  // namespace
}  // namespace palate
