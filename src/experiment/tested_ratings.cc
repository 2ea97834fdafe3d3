// Predicted ratings of the test rows.
#include <algorithm>
#include <span>
#include <utility>

#include "experiment/tested.h"
#include "palate/evaluate/rating_metrics.h"
#include "palate/model/query.h"

namespace palate {
namespace {

// A model's predictions, by seed.
using PredictionsBySeed = std::vector<std::vector<float>>;

class TestedRatings : public Tested {
 public:
  TestedRatings(std::size_t models, const CompareOptions& options, Parallel& parallel)
      : clip_(options.clip),
        most_samples_(options.samples),
        parallel_(parallel),
        predicted_(models) {}

  void add_part(const Part& part) override {
    part_ = &part;
    ++folds_;
    const Rows& test = part.test;
    users_.insert(users_.end(), test.users.begin(), test.users.end());
    values_.insert(values_.end(), test.values.begin(), test.values.end());
    times_.insert(times_.end(), test.times.begin(), test.times.end());
    // Who and what came later has no train rating.
    const auto count = [](const SparseMatrix& rows, Index row) {
      return row < rows.rows() ? rows.row(row).size() : 0;
    };
    for (const Index user : test.users) {
      user_ratings_.push_back(count(part.train.by_user(), user) + count(part.fold_in, user));
    }
    for (const Index item : test.items) item_ratings_.push_back(count(part.train.by_item(), item));
  }

  bool counts(std::size_t) const override { return true; }

  void keep(std::size_t model, Index seed, const Trial& trial) override {
    const std::vector<float> predicted = answers(trial.scorer);
    PredictionsBySeed& by_seed = predicted_[model];
    if (by_seed.size() <= seed) by_seed.resize(seed + 1);
    by_seed[seed].insert(by_seed[seed].end(), predicted.begin(), predicted.end());
    if (folds_ == 1 && seed == 0) add_samples(predicted);
  }

  Index seeds(std::size_t model) const override {
    return static_cast<Index>(predicted_[model].size());
  }
  bool is_whole(std::size_t model, Index seed) const override {
    return seed < seeds(model) && predicted_[model][seed].size() == users_.size();
  }
  std::vector<UserSums> sums(std::size_t model, Index seed) const override {
    const std::vector<float>& predicted = predicted_[model][seed];
    return rating_sums(std::span(users_).first(predicted.size()), predicted, values_);
  }

  void tell(std::size_t model, ModelResult& result) const override {
    const std::vector<float>& predicted = predicted_[model].front();
    for (const Grouping& grouping : groupings()) {
      result.breakdowns.push_back(break_down(grouping, predicted, values_));
      if (grouping.by == "value") result.predicted = predictions_by_group(grouping, predicted);
    }
    result.residuals = residuals(predicted, values_);
  }

  void tell(Comparison& comparison) const override {
    comparison.split.tested = predicted_.front().front().size();
    comparison.samples = samples_;
  }

 private:
  std::vector<float> answers(const Scorer& scorer) const {
    const Rows& test = part_->test;
    if (part_->fold_in.rows() == 0) return predict_pairs(scorer, test.users, test.items, clip_);
    const std::vector<Query> folded_in = fold_in(scorer, part_->fold_in, parallel_);
    std::vector<float> predicted;
    for (std::size_t t = 0; t < test.size(); ++t)
      predicted.push_back(predict(scorer, folded_in[test.users[t]], test.items[t], clip_));
    return predicted;
  }

  std::vector<Grouping> groupings() const {
    std::vector<Grouping> all{group_by_support("user_ratings", user_ratings_),
                              group_by_support("item_ratings", item_ratings_),
                              group_by_value(values_)};
    if (!times_.empty()) all.push_back(group_by_time(times_));
    return all;
  }

  void add_samples(std::span<const float> predicted) {
    const Rows& test = part_->test;
    const Catalog& catalog = *part_->test_catalog;
    const std::size_t count = std::min<std::size_t>(most_samples_, test.size());
    for (std::size_t s = samples_.size(); s < count; ++s) {
      const Index item = test.items[s];
      samples_.push_back({catalog.users[test.users[s]],
                          catalog.items[item],
                          catalog.item_name(item),
                          test.values[s],
                          {}});
    }
    for (std::size_t s = 0; s < count; ++s) samples_[s].predicted.push_back(predicted[s]);
  }

  bool clip_;
  Index most_samples_;
  Parallel& parallel_;
  const Part* part_ = nullptr;
  Index folds_ = 0;
  // The test ratings of all folds so far, the same for every model.
  std::vector<Index> users_;
  std::vector<float> values_;
  std::vector<std::int64_t> times_;
  std::vector<Index> user_ratings_;           // of the user that the fold's model was given
  std::vector<Index> item_ratings_;           // of the item
  std::vector<PredictionsBySeed> predicted_;  // by model; an interrupted run has fewer
  std::vector<SamplePrediction> samples_;
};

}  // namespace

std::unique_ptr<Tested> tested_ratings(std::size_t models, const CompareOptions& options,
                                       Parallel& parallel) {
  return std::make_unique<TestedRatings>(models, options, parallel);
}

}  // namespace palate
