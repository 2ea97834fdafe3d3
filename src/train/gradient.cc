// Factorization by gradient steps on whole batches of ratings: palate/algorithms/gradient.h has the
// losses and the steps. The matrix X Y^T never exists.
#include "palate/algorithms/gradient.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/random.h"
#include "model/row_solver.h"
#include "train/epochs.h"
#include "train/warm_start.h"

namespace palate {
namespace {

// Rows are gone through in groups of kLanes floats: a row of up to 8 factors is one group whose
// length the compiler knows, a longer one is several groups of 16 (a Matrix pads its rows to fit).
// Padding stays zero.
template <std::size_t kLanes>
struct RowLoops {
  static constexpr bool kOneGroup = kLanes < 16;
  static constexpr std::size_t kWidth = kLanes;
  static std::size_t width(std::size_t stride) { return kOneGroup ? kLanes : stride; }

  static float dot(const float* x, const float* y, std::size_t width) {
    std::array<float, kLanes> sum{};
    for (std::size_t f = 0; f < width; f += kLanes) {
      for (std::size_t l = 0; l < kLanes; ++l) sum[l] += x[f + l] * y[f + l];
    }
    for (std::size_t half = kLanes / 2; half > 0; half /= 2) {
      for (std::size_t l = 0; l < half; ++l) sum[l] += sum[l + half];
    }
    return sum[0];
  }

  // sum += weight * x
  static void add(float weight, const float* x, float* sum, std::size_t width) {
    for (std::size_t f = 0; f < width; f += kLanes) {
      for (std::size_t l = 0; l < kLanes; ++l) sum[f + l] += weight * x[f + l];
    }
  }

  // sum = a x + b y
  static void combine(float a, const float* x, float b, const float* y, float* sum,
                      std::size_t width) {
    for (std::size_t f = 0; f < width; f += kLanes) {
      for (std::size_t l = 0; l < kLanes; ++l) sum[f + l] = a * x[f + l] + b * y[f + l];
    }
  }
};

// Calls body(RowLoops<...>) with the loops for rows that are `stride` apart.
template <class Body>
auto with_row_loops(std::size_t stride, Body&& body) {
  switch (stride) {
    case 1:
      return body(RowLoops<1>{});
    case 2:
      return body(RowLoops<2>{});
    case 4:
      return body(RowLoops<4>{});
    case 8:
      return body(RowLoops<8>{});
    default:
      return body(RowLoops<16>{});
  }
}

// W and H of the notebook, uniform in [0, 1 / factors). Its first method (adam) draws W user by
// user, its second (sgd) factor by factor; both draw H factor by factor.
Factors initial_factors(const Dataset& data, const GradientOptions& options) {
  Factors factors(data.num_users(), data.num_items(), options.factors);
  if (options.biases) factors.global_mean = static_cast<float>(data.mean());
  TorchUniform uniform(options.seed);
  const auto draw = [&] { return uniform.next() / static_cast<float>(options.factors); };
  const auto draw_by_factor = [&](Matrix& matrix) {
    for (Index f = 0; f < matrix.cols(); ++f) {
      for (Index r = 0; r < matrix.rows(); ++r) matrix.row(r)[f] = draw();
    }
  };
  if (options.optimizer == Optimizer::adam) {
    for (Index u = 0; u < data.num_users(); ++u)
      std::ranges::generate(factors.user_factors.row(u), draw);
  } else {
    draw_by_factor(factors.user_factors);
  }
  draw_by_factor(factors.item_factors);
  return factors;
}

double norm(std::span<const float> values) {
  double squares = 0;
  for (const float value : values)
    squares += static_cast<double>(value) * static_cast<double>(value);
  return std::sqrt(squares);
}

// What a user's row minimizes. With squared norms each of its ratings brings its penalty. With
// norms and N ratings in all, the loss times N is sum e^2 + N lambda |X| + ..., and the second term
// pulls x as N lambda / (2 |X|) |x|^2 does, with |X| as trained, which one user more barely
// changes.
RowObjective objective_of(const GradientOptions& options, const Dataset& data,
                          const Factors& factors) {
  const double lambda = options.regularization;
  if (options.penalty == Penalty::squared_norm) {
    const float each = positive_lambda(lambda);
    return {{.factors = each, .exponent = 1, .bias = each, .bias_exponent = 1}, options.biases};
  }
  const auto divided_by = [&](double length) {
    return positive_lambda(length > 0 ? lambda * static_cast<double>(data.size()) / 2 / length : 0);
  };
  const Matrix& users = factors.user_factors;
  return {{.factors = divided_by(norm({users.data(), users.rows() * users.stride()})),
           .bias = divided_by(norm(factors.user_bias))},
          options.biases};
}

// Gradient descent on one dataset: the state that lives through all epochs. `descent` is n/2 times
// the negative gradient of a batch of n ratings: the sum over its ratings of e y_i - lambda x_u for
// a user's row, of e - lambda b_u for a user's bias.
class GradientDescent {
 public:
  // With what Adam remembers of an earlier training, if there is one.
  GradientDescent(const Dataset& data, const GradientOptions& options,
                  std::optional<OptimizerState> before, Parallel& parallel)
      : data_(data),
        options_(options),
        parallel_(parallel),
        descent_(data.num_users(), data.num_items(), options.factors) {
    if (options.optimizer != Optimizer::adam) return;
    state_ = before ? std::move(*before) : OptimizerState{0, descent_, descent_};
  }

  const OptimizerState& state() const { return state_; }

  // One pass over all batches. Returns the mean of e^2, each error taken where its batch began.
  double epoch(Factors& factors) {
    const std::size_t n = data_.size();
    const std::size_t batch_size = options_.batch_size == 0 ? n : options_.batch_size;
    return with_row_loops(descent_.user_factors.stride(), [&](auto loops) {
      if (batch_size >= n) {
        const double loss = options_.biases ? whole_batch<true>(loops, factors)
                                            : whole_batch<false>(loops, factors);
        return loss / static_cast<double>(n);
      }
      const bool moves_batch_rows_alone =
          options_.optimizer == Optimizer::sgd && options_.penalty == Penalty::squared_norm;
      double loss = 0;
      for (std::size_t first = 0; first < n; first += batch_size) {
        const std::size_t count = std::min(batch_size, n - first);
        loss += moves_batch_rows_alone ? step_ratings(loops, factors, first, count)
                                       : small_batch(loops, factors, first, count);
      }
      return loss / static_cast<double>(n);
    });
  }

 private:
  // All ratings: row by row, so that threads can share them. Biases that are zero are not looked up
  // (kBiases).
  template <bool kBiases, class Loops>
  double whole_batch(Loops loops, Factors& factors) {
    constexpr Index kGrain = 64;
    const Index num_users = data_.num_users();
    // One loop over users and then items. The loss is counted on the users' side.
    const double loss =
        parallel_.sum_ranges(num_users + data_.num_items(), kGrain, [&](IndexRange range) {
          double sum = 0;
          for (const Index row : range) {
            if (row < num_users) {
              sum += descend_row<kBiases>(loops, data_.by_user().row(row), row, factors.global_mean,
                                          users_of(factors), items_of(factors), users_of(descent_));
            } else {
              const Index item = row - num_users;
              descend_row<kBiases>(loops, data_.by_item().row(item), item, factors.global_mean,
                                   items_of(factors), users_of(factors), items_of(descent_));
            }
          }
          return sum;
        });
    step_all(factors, data_.size());
    return loss;
  }

  // Sets one row of `descent` and returns the sum of e^2 of its ratings. `own` is the row's side,
  // `other` that of its columns.
  template <bool kBiases, class Loops>
  double descend_row(Loops, SparseRow ratings, Index row, float mean, Side own, Side other,
                     Side descent) const {
    const std::size_t width = Loops::width(own.factors.stride);
    const float* const x = own.factors.row(row).data();
    float* const descent_x = descent.factors.row(row).data();
    const float base = mean + own.bias[row];
    double loss = 0;
    float bias_sum = 0;
    const auto add_ratings = [&](float* sum) {
      for (Index t = 0; t < ratings.size(); ++t) {
        const Index column = ratings.columns[t];
        const float* const y_row = other.factors.data + column * width;
        const float error = ratings.values[t] - (base + (kBiases ? other.bias[column] : 0) +
                                                 Loops::dot(x, y_row, width));
        Loops::add(error, y_row, sum, width);
        if constexpr (kBiases) bias_sum += error;
        loss += static_cast<double>(error) * static_cast<double>(error);
      }
      Loops::add(-shrinkage() * static_cast<float>(ratings.size()), x, sum, width);
    };
    if constexpr (Loops::kOneGroup) {
      std::array<float, Loops::kWidth> sum{};  // in registers
      add_ratings(sum.data());
      std::ranges::copy(sum, descent_x);
    } else {
      std::fill_n(descent_x, width, 0.0F);
      add_ratings(descent_x);
    }
    if constexpr (kBiases)
      descent.bias[row] =
          bias_sum - shrinkage() * static_cast<float>(ratings.size()) * own.bias[row];
    return loss;
  }

  // Ratings first .. first + count - 1 of the list, in its order and on one thread: a batch is soon
  // done.
  template <class Loops>
  double small_batch(Loops, Factors& factors, std::size_t first, std::size_t count) {
    const std::span<const Index> users = data_.users().subspan(first, count);
    const std::span<const Index> items = data_.items().subspan(first, count);
    const std::span<const float> values = data_.values().subspan(first, count);
    const std::size_t width = Loops::width(descent_.user_factors.stride());
    const float lambda = shrinkage();
    double loss = 0;
    for (std::size_t t = 0; t < count; ++t) {
      const Index u = users[t];
      const Index i = items[t];
      const float* const x = factors.user_factors.data() + u * width;
      const float* const y = factors.item_factors.data() + i * width;
      const float error = values[t] - (factors.global_mean + factors.user_bias[u] +
                                       factors.item_bias[i] + Loops::dot(x, y, width));
      loss += static_cast<double>(error) * static_cast<double>(error);
      float* const descent_x = descent_.user_factors.data() + u * width;
      float* const descent_y = descent_.item_factors.data() + i * width;
      Loops::add(error, y, descent_x, width);
      Loops::add(-lambda, x, descent_x, width);
      Loops::add(error, x, descent_y, width);
      Loops::add(-lambda, y, descent_y, width);
      descent_.user_bias[u] += error - lambda * factors.user_bias[u];
      descent_.item_bias[i] += error - lambda * factors.item_bias[i];
    }
    step_all(factors, count);
    return loss;
  }

  // The same for sgd with squared norms, where no row moves but those of the batch: every rating's
  // step, taken where the batch began, and then all of them added.
  template <class Loops>
  double step_ratings(Loops, Factors& factors, std::size_t first, std::size_t count) {
    struct BiasSteps {
      float user;
      float item;
    };
    const std::size_t width = Loops::width(descent_.user_factors.stride());
    rating_steps_.resize(2 * width * count);
    std::vector<BiasSteps> bias_steps(count);
    const auto user_row = [&](std::size_t t) {
      return factors.user_factors.data() + data_.users()[first + t] * width;
    };
    const auto item_row = [&](std::size_t t) {
      return factors.item_factors.data() + data_.items()[first + t] * width;
    };
    const float rate = options_.learning_rate;
    const float lambda = options_.regularization;
    double loss = 0;
    for (std::size_t t = 0; t < count; ++t) {
      const float* const x = user_row(t);
      const float* const y = item_row(t);
      const float user_bias = factors.user_bias[data_.users()[first + t]];
      const float item_bias = factors.item_bias[data_.items()[first + t]];
      const float error = data_.values()[first + t] -
                          (factors.global_mean + user_bias + item_bias + Loops::dot(x, y, width));
      loss += static_cast<double>(error) * static_cast<double>(error);
      float* const step = rating_steps_.data() + 2 * width * t;
      Loops::combine(rate * error, y, -rate * lambda, x, step, width);
      Loops::combine(rate * error, x, -rate * lambda, y, step + width, width);
      bias_steps[t] = {rate * (error - lambda * user_bias), rate * (error - lambda * item_bias)};
    }
    for (std::size_t t = 0; t < count; ++t) {
      const float* const step = rating_steps_.data() + 2 * width * t;
      Loops::add(1, step, user_row(t), width);
      Loops::add(1, step + width, item_row(t), width);
      if (!options_.biases) continue;
      factors.user_bias[data_.users()[first + t]] += bias_steps[t].user;
      factors.item_bias[data_.items()[first + t]] += bias_steps[t].item;
    }
    return loss;
  }

  // A step of every parameter, for a batch of n ratings. Leaves the descent zero.
  void step_all(Factors& factors, std::size_t n) {
    ++state_.steps;
    Factors& first_moment = state_.first_moment;
    Factors& second_moment = state_.second_moment;
    const auto floats = [](Matrix& m) { return std::span(m.data(), m.rows() * m.stride()); };
    step_array(floats(factors.user_factors), floats(descent_.user_factors),
               floats(first_moment.user_factors), floats(second_moment.user_factors), n);
    step_array(floats(factors.item_factors), floats(descent_.item_factors),
               floats(first_moment.item_factors), floats(second_moment.item_factors), n);
    if (!options_.biases) return;
    step_array(factors.user_bias, descent_.user_bias, first_moment.user_bias,
               second_moment.user_bias, n);
    step_array(factors.item_bias, descent_.item_bias, first_moment.item_bias,
               second_moment.item_bias, n);
  }

  void step_array(std::span<float> parameters, std::span<float> descent,
                  std::span<float> first_moment, std::span<float> second_moment, std::size_t n) {
    // the gradient is -scale descent + pull parameter
    const float scale = 2 / static_cast<float>(n);
    const float pull = options_.penalty == Penalty::norm ? pull_to_zero(parameters) : 0;
    const float rate = options_.learning_rate;
    if (options_.optimizer == Optimizer::sgd) {
      for_blocks(parameters.size(), [&](std::size_t first, std::size_t last) {
        for (std::size_t p = first; p < last; ++p) {
          parameters[p] += rate * (descent[p] - pull / scale * parameters[p]);
          descent[p] = 0;
        }
      });
      return;
    }
    constexpr float kBeta1 = 0.9F;
    constexpr float kBeta2 = 0.999F;
    constexpr float kEpsilon = 1e-8F;
    const auto correction = [&](double beta) {
      return 1 - std::pow(beta, static_cast<double>(state_.steps));
    };
    const float size = static_cast<float>(static_cast<double>(rate) / correction(0.9));
    const float root_correction = static_cast<float>(1 / std::sqrt(correction(0.999)));
    for_blocks(parameters.size(), [&](std::size_t first, std::size_t last) {
      for (std::size_t p = first; p < last; ++p) {
        const float gradient = pull * parameters[p] - scale * descent[p];
        first_moment[p] = kBeta1 * first_moment[p] + (1 - kBeta1) * gradient;
        second_moment[p] = kBeta2 * second_moment[p] + (1 - kBeta2) * gradient * gradient;
        parameters[p] -=
            size * first_moment[p] / (std::sqrt(second_moment[p]) * root_correction + kEpsilon);
        descent[p] = 0;
      }
    });
  }

  // Runs body(first, last) over blocks of [0, count).
  void for_blocks(std::size_t count, const auto& body) {
    constexpr std::size_t kBlock = 1 << 15;
    const Index blocks = static_cast<Index>((count + kBlock - 1) / kBlock);
    parallel_.for_ranges(blocks, 1, [&](IndexRange range) {
      for (const std::size_t block : range)
        body(block * kBlock, std::min(count, (block + 1) * kBlock));
    });
  }

  // The gradient of lambda |a| is lambda a / |a|; this is the factor before a. Zero has none.
  float pull_to_zero(std::span<const float> a) const {
    std::array<double, 4> squares{};
    for (std::size_t p = 0; p < a.size(); ++p)
      squares[p % 4] += static_cast<double>(a[p]) * static_cast<double>(a[p]);
    const double norm = std::sqrt(squares[0] + squares[1] + squares[2] + squares[3]);
    return norm > 0 ? static_cast<float>(static_cast<double>(options_.regularization) / norm) : 0;
  }

  float shrinkage() const {
    return options_.penalty == Penalty::squared_norm ? options_.regularization : 0;
  }

  const Dataset& data_;
  const GradientOptions& options_;
  Parallel& parallel_;
  Factors descent_;
  OptimizerState state_;  // m and v, with adam
  // of a batch, with sgd: a user's row, an item's row, for each rating
  std::vector<float> rating_steps_;
};

}  // namespace

TrainResult train(const Dataset& data, const GradientOptions& options, TrainContext& context) {
  check_training(data, options, context);
  Scorer initial = scorer_of(data, started(context, initial_factors(data, options)));
  GradientDescent descent(data, options, started_optimizer(context), context.parallel);
  const std::string advice =
      fmt::format("a lower learning_rate than {}{}", options.learning_rate,
                  options.optimizer == Optimizer::sgd ? " or a smaller batch_size" : "");
  TrainResult result = run_epochs(std::move(initial), options.epochs, context, advice,
                                  [&](Factors& factors, Index) { return descent.epoch(factors); });
  result.scorer.row = objective_of(options, data, result.scorer.factors);
  const std::vector<EpochRecord>& curve = result.report.curve.epochs;
  const bool of_the_last_epoch = result.report.ending != Ending::diverged && !curve.empty() &&
                                 result.report.epochs_kept == curve.back().epoch + 1;
  const OptimizerState& state = descent.state();
  if (options.optimizer == Optimizer::adam && of_the_last_epoch &&
      state.first_moment.all_finite() && state.second_moment.all_finite()) {
    result.optimizer = state;
  }
  return result;
}

}  // namespace palate
