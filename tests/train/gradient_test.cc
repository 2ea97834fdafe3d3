#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "data_sets.h"
#include "palate/algorithms/train.h"
#include "palate/data/read.h"
#include "palate/data/split.h"
#include "small_data.h"

namespace palate {
namespace {

// The same method without any thought of speed: the gradient of a batch's loss as the formulas at
// the top of gradient.cc have it, all in double. A parameter vector is the users' factors, the
// items' factors, the users' biases, the items' biases.
class PlainGradient {
 public:
  PlainGradient(const Dataset& data, const GradientOptions& options)
      : data_(data), options_(options), parts_(part_starts()) {
    parameters_.resize(parts_.back());
    TorchUniform uniform(options.seed);
    const Index f = options.factors;
    const auto draw = [&](double& value) {
      value = static_cast<double>(uniform.next() / static_cast<float>(f));
    };
    for (Index n = 0; n < data.num_users() * f; ++n) {
      const bool by_user = options.optimizer == Optimizer::adam;
      draw(by_user ? parameters_[n] : x(n % data.num_users())[n / data.num_users()]);
    }
    for (Index n = 0; n < data.num_items() * f; ++n)
      draw(y(n % data.num_items())[n / data.num_items()]);
    m_.resize(parameters_.size());
    v_.resize(parameters_.size());
  }

  double epoch() {
    const std::size_t batch = options_.batch_size == 0 ? data_.size() : options_.batch_size;
    double loss = 0;
    for (std::size_t first = 0; first < data_.size(); first += batch)
      loss += step(first, std::min(batch, data_.size() - first));
    return loss / static_cast<double>(data_.size());
  }

  double score(Index u, Index i) {
    double sum = (options_.biases ? data_.mean() : 0) + parameters_[parts_[2] + u] +
                 parameters_[parts_[3] + i];
    for (Index f = 0; f < options_.factors; ++f) sum += x(u)[f] * y(i)[f];
    return sum;
  }

 private:
  std::vector<std::size_t> part_starts() const {
    const std::size_t x_end = std::size_t{data_.num_users()} * options_.factors;
    const std::size_t y_end = x_end + std::size_t{data_.num_items()} * options_.factors;
    return {0, x_end, y_end, y_end + data_.num_users(),
            y_end + data_.num_users() + data_.num_items()};
  }
  double* x(Index u) { return parameters_.data() + std::size_t{u} * options_.factors; }
  double* y(Index i) { return parameters_.data() + parts_[1] + std::size_t{i} * options_.factors; }

  double step(std::size_t first, std::size_t n) {
    std::vector<double> gradient(parameters_.size());
    double loss = 0;
    const double share = 2 / static_cast<double>(n);
    const double lambda = static_cast<double>(options_.regularization);
    for (std::size_t t = first; t < first + n; ++t) {
      const Index u = data_.users()[t];
      const Index i = data_.items()[t];
      const double error = static_cast<double>(data_.values()[t]) - score(u, i);
      loss += error * error;
      const double shrink = options_.penalty == Penalty::squared_norm ? lambda : 0;
      const auto add = [&](std::size_t at, double direction) {
        gradient[at] += share * (shrink * parameters_[at] - error * direction);
      };
      for (Index f = 0; f < options_.factors; ++f) {
        add(std::size_t{u} * options_.factors + f, y(i)[f]);
        add(parts_[1] + std::size_t{i} * options_.factors + f, x(u)[f]);
      }
      add(parts_[2] + u, 1);
      add(parts_[3] + i, 1);
    }
    if (options_.penalty == Penalty::norm) {
      for (std::size_t part = 0; part < 4; ++part) {
        double norm = 0;
        for (std::size_t p = parts_[part]; p < parts_[part + 1]; ++p)
          norm += parameters_[p] * parameters_[p];
        if (norm == 0) continue;
        for (std::size_t p = parts_[part]; p < parts_[part + 1]; ++p)
          gradient[p] += lambda * parameters_[p] / std::sqrt(norm);
      }
    }
    ++steps_;
    for (std::size_t p = 0; p < (options_.biases ? parts_[4] : parts_[2]); ++p) {
      const double rate = static_cast<double>(options_.learning_rate);
      if (options_.optimizer == Optimizer::sgd) {
        parameters_[p] -= rate / share * gradient[p];
        continue;
      }
      m_[p] = 0.9 * m_[p] + 0.1 * gradient[p];
      v_[p] = 0.999 * v_[p] + 0.001 * gradient[p] * gradient[p];
      const double m_hat = m_[p] / (1 - std::pow(0.9, steps_));
      const double v_hat = v_[p] / (1 - std::pow(0.999, steps_));
      parameters_[p] -= rate * m_hat / (std::sqrt(v_hat) + 1e-8);
    }
    return loss;
  }

  const Dataset& data_;
  const GradientOptions& options_;
  std::vector<std::size_t> parts_;
  std::vector<double> parameters_;
  std::vector<double> m_;
  std::vector<double> v_;
  int steps_ = 0;
};

TEST(Gradient, EveryCombinationOfOptionsIsThePlainMethod) {
  const Interactions interactions = planted_interactions(13, 11, 0.4, 2, 0.3, 1);
  Parallel parallel(2);
  const Dataset data(interactions, parallel);
  for (const Index factors : {1U, 3U, 8U, 9U, 17U}) {
    for (const Optimizer optimizer : {Optimizer::adam, Optimizer::sgd}) {
      for (const Penalty penalty : {Penalty::norm, Penalty::squared_norm}) {
        for (const bool biases : {false, true}) {
          for (const Index batch_size : {0U, 1U, 50U, 1000U}) {
            const GradientOptions options{.factors = factors,
                                          .epochs = 3,
                                          .optimizer = optimizer,
                                          .learning_rate = 0.003F,
                                          .batch_size = batch_size,
                                          .biases = biases,
                                          .penalty = penalty,
                                          .regularization = 0.1F};
            SCOPED_TRACE(options_to_json(options));
            TrainContext context{.parallel = parallel};
            const TrainResult result = train(data, options, context);
            PlainGradient plain(data, options);
            // Adam turns a gradient's rounding into a step of up to the learning rate where the
            // gradient is all but zero.
            const double tolerance = optimizer == Optimizer::adam ? 2e-3 : 2e-5;
            for (const EpochRecord& record : result.report.curve.epochs)
              EXPECT_NEAR(record.values[0], plain.epoch(), tolerance * record.values[0]);
            double worst = 0;
            for (Index u = 0; u < data.num_users(); ++u) {
              for (Index i = 0; i < data.num_items(); ++i) {
                worst = std::max(
                    worst, std::abs(static_cast<double>(score_of(result.scorer.factors, u, i)) -
                                    plain.score(u, i)));
              }
            }
            EXPECT_LT(worst, 5 * tolerance);
          }
        }
      }
    }
  }
}

TEST(Gradient, TooLongStepsAreReportedWithWhatToTry) {
  Parallel parallel(1);
  TrainContext context{.parallel = parallel};
  const Dataset data(planted_interactions(60, 40, 0.4, 2, 0.3, 2), parallel);
  const TrainResult result =
      train(data, GradientOptions{.optimizer = Optimizer::sgd, .learning_rate = 10}, context);
  EXPECT_EQ(result.report.ending, Ending::diverged);
  EXPECT_NE(result.report.advice.find("batch_size"), std::string::npos);
  EXPECT_TRUE(result.scorer.factors.all_finite());
}

// The notebook's data and split, and a preset's curve on it.
class Notebook : public testing::Test {
 protected:
  void SetUp() override {
    const auto path = data_set_file("ml-latest-small", "ratings.csv");
    if (!path) return;
    interactions_ = read_ratings(*path, {}, parallel_).interactions;
    split_ = make_splits(interactions_, {.method = SplitMethod::notebook}).front();
  }

  std::vector<EpochRecord> curve_of(const std::string& preset) {
    std::vector<Index> users;
    std::vector<Index> items;
    for (const Index row : split_.test) {
      users.push_back(interactions_.users[row]);
      items.push_back(interactions_.items[row]);
    }
    TrainContext context{.parallel = parallel_};
    const auto loss = [&](const Scorer& scorer) {
      const std::vector<float> predicted = scores(scorer.factors, users, items);
      double sum = 0;
      for (std::size_t t = 0; t < predicted.size(); ++t) {
        sum += std::pow(static_cast<double>(predicted[t]) -
                            static_cast<double>(interactions_.values[split_.test[t]]),
                        2);
      }
      return sum / static_cast<double>(predicted.size());
    };
    context.test = {{.name = "loss"}, loss};
    return train(Dataset(interactions_, split_.train, parallel_), algorithm_named(preset).options,
                 context)
        .report.curve.epochs;
  }

  Parallel parallel_;
  Interactions interactions_;
  Split split_;
};

TEST_F(Notebook, AdamFollowsItsCurve) {
  const std::vector<EpochRecord> curve = curve_of("notebook-adam");
  struct Point {
    std::size_t epoch;
    double train;
    double test;
  };
  ASSERT_EQ(curve.size(), 250U);
  for (const auto& [epoch, train_loss, test_loss] :
       {Point{0, 12.4791, 12.4547}, Point{10, 11.6781, 11.6591}, Point{50, 6.1172, 6.2428},
        Point{100, 0.99127, 1.48705}, Point{150, 0.63103, 1.22900}, Point{200, 0.61325, 1.22625},
        Point{249, 0.60997, 1.22888}}) {
    EXPECT_NEAR(curve[epoch].values[0], train_loss, 0.001 * train_loss) << epoch;
    EXPECT_NEAR(curve[epoch].values[1], test_loss, 0.001 * test_loss) << epoch;
  }
}

TEST_F(Notebook, SgdReachesWhatItMeans) {
  const std::vector<EpochRecord> curve = curve_of("notebook-sgd");
  ASSERT_EQ(curve.size(), 50U);
  EXPECT_NEAR(curve[0].values[1], 0.831, 0.005);
  EXPECT_NEAR(curve[49].values[1], 0.742, 0.002);
}

}  // namespace
}  // namespace palate
