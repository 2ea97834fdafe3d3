#include "palate/model/model.h"
#include "compare_ratings.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "model/sample_model.h"
#include "palate/evaluate/final_model.h"
#include "small_data.h"

namespace palate {
namespace {

Curve falling_curve(Index epochs) {
  Curve curve{{"train_loss"}, {}};
  for (Index epoch = 0; epoch < epochs; ++epoch)
    curve.epochs.push_back({epoch, {1.0 / (epoch + 1)}});
  return curve;
}

TEST(Model, AnswersATaskThatItWasNotMadeForWithWhatItHas) {
  Model model = sample_model();
  EXPECT_EQ(&for_ratings(model), &*model.ratings);
  EXPECT_EQ(&for_lists(model), &*model.lists);
  model.lists.reset();
  EXPECT_EQ(&for_lists(model), &*model.ratings);
  model = sample_model();
  model.ratings.reset();
  EXPECT_EQ(&for_ratings(model), &*model.lists);
}

TEST(Model, KnowsWhatAUserHasSeenAsFarAsItKeepsIt) {
  Model model = sample_model();
  EXPECT_TRUE(model.has_seen(0, 3));
  EXPECT_FALSE(model.has_seen(0, 1));
  EXPECT_FALSE(model.has_seen(1, 0));
  EXPECT_FALSE(model.has_seen(3, 0)) << "a user who came after training";
  EXPECT_EQ(model.seen_by(0).size(), 2U);
  model.seen = nullptr;
  EXPECT_FALSE(model.has_seen(0, 3));
  EXPECT_EQ(model.seen_by(0).size(), 0U);
}

TEST(Model, IsEqualByWhatItHasAndNotByWhereThatLies) {
  EXPECT_EQ(sample_model(), sample_model());
  for (const auto& change : std::vector<void (*)(Model&)>{
           [](Model& m) { m.seen = nullptr; },
           [](Model& m) { m.seen = std::make_shared<const SparseMatrix>(); },
           [](Model& m) { m.catalog = std::make_shared<const Catalog>(); },
           [](Model& m) { m.lists.reset(); }, [](Model& m) { m.ratings->scorer.row->bias = true; },
           [](Model& m) { m.lists->scorer.range = {0, 1}; },
           [](Model& m) { m.ratings->provenance.epochs = 9; },
           [](Model& m) { m.data_digest.clear(); }, [](Model& m) { m.data_selection.clear(); }}) {
    Model other = sample_model();
    change(other);
    EXPECT_NE(other, sample_model());
  }
}

TEST(Curve, AShortOneStaysAsItIs) {
  for (const Index epochs : {0U, 1U, 2U, 999U, 1000U})
    EXPECT_EQ(thinned(falling_curve(epochs), 0), falling_curve(epochs)) << epochs;
}

TEST(Curve, ALongOneKeepsTheFirstTheLastTheKeptAndSomeEvenlyBetween) {
  for (const Index epochs : {1001U, 1998U, 2500U, 99'999U}) {
    const Curve whole = falling_curve(epochs);
    for (const Index kept : {Index{0}, Index{1}, epochs / 3, epochs - 2, epochs - 1}) {
      const Curve thin = thinned(whole, kept);
      EXPECT_EQ(thin.names, whole.names);
      EXPECT_GE(thin.epochs.size(), 1000U);
      EXPECT_LE(thin.epochs.size(), 1001U);
      EXPECT_EQ(thin.epochs.front(), whole.epochs.front());
      EXPECT_EQ(thin.epochs.back(), whole.epochs.back());
      EXPECT_NE(std::ranges::find(thin.epochs, whole.epochs[kept]), thin.epochs.end());
      for (std::size_t t = 1; t < thin.epochs.size(); ++t) {
        EXPECT_EQ(thin.epochs[t], whole.epochs[thin.epochs[t].epoch]);
        ASSERT_GT(thin.epochs[t].epoch, thin.epochs[t - 1].epoch);
        ASSERT_LE(thin.epochs[t].epoch - thin.epochs[t - 1].epoch, epochs / 999 + 1);
      }
    }
  }
}

TEST(Curve, AnEpochThatIsNotThereIsNotKept) {
  EXPECT_EQ(thinned(falling_curve(2000), 2000).epochs.size(), 1000U);
  EXPECT_EQ(thinned(falling_curve(2000), Index{0} - 1).epochs.size(), 1000U);
}

// Each of its records takes about 50 bytes: whole, they would be too long to be read.
TEST(Curve, AModelTrainedForThousandsOfEpochsIsWrittenAndRead) {
  Parallel parallel(1);
  const Interactions interactions = planted_interactions(12, 8, 0.6, 1, 0.4, 1);
  const CompareOptions options{.algorithms = {algorithm_named("bias:epochs=9000")}, .split = {}};
  const Comparison comparison = compare_ratings(interactions, options, parallel);
  const Model model = measured_model(interactions, {{comparison, comparison.models[0]}});
  EXPECT_EQ(model.ratings->provenance.epochs, 9000U);
  EXPECT_EQ(model.ratings->provenance.curve.epochs.size(), 1000U);
  EXPECT_EQ(model.ratings->provenance.curve.epochs.back().epoch, 8999U);
  EXPECT_EQ(decoded(encoded(model)), model);
}

}  // namespace
}  // namespace palate
