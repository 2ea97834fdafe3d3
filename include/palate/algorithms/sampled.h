// Factorization by a ranking loss on what a user has chosen and a sample of what not. Layer: model.
//
// Finds X (users x f), Y (items x f) and item biases b. User u's score for item i is
//
//   s_ui = (x_u . y_i + b_i) / temperature
//
// where with `cosine` all x and y are kept at length 1. For a user u, an item i of u, and a sample
// J of `negatives` items that are not u's, the loss is one of
//
//   softmax   negative_exponent log(e^s_ui + sum_{j in J} e^(s_uj - correction log(n q_j))) - s_ui
//   ccl       max(0, 1 - s_ui) + negative_weight / |J| sum_{j in J} max(0, s_uj - margin)
//
// with q_j for the chance that j is drawn, in proportion to (users who have chosen j)^popularity,
// out of n items that somebody has chosen: drawn evenly, n q_j is 1, and with a correction of 1 any
// sample stands for an even one. With one negative and an exponent of 1, softmax is the loss of
// BPR, -log sigmoid(s_ui - s_uj). ccl has a temperature of 1. Each pair has the weight w_ui of what
// u did to i, divided by the mean weight, and adds
//
//   (user_regularization |x_u|^2 + item_regularization |y_i|^2) / (2 temperature)
//
// A step is a batch of pairs, whose gradients are all taken at the same X, Y and b. With g for the
// temperature times the sum of a row's gradients, with `cosine` at right angles to x_u, it goes
//
//   G_u <- G_u + |g|^2            G begins at 1
//   x_u <- x_u - learning_rate / sqrt(G_u) g
//
// and is brought back to length 1; items likewise, and biases with sums G of their own.
//
// Pairs of a block share their negatives, so that each pair of user and negative costs 3 f
// multiplications, all in products of small matrices; below 32 negatives each pair has its own. An
// epoch costs O(chosen negatives f).
//
// Somebody new is folded in approximately, by a row of implicit least squares over the items, which
// tells what each rating adds, too (palate/model/scorer.h, RowObjective).
//
// BPR:       S. Rendle, C. Freudenthaler, Z. Gantner, L. Schmidt-Thieme. BPR: Bayesian personalized
//            ranking from implicit feedback. UAI 2009.
// softmax:   Y. Bengio, J.-S. Senecal. Adaptive importance sampling to accelerate training of a
//            neural probabilistic language model. IEEE TNN 19(4), 2008; for recommendation S.
//            Rendle. Item recommendation from implicit feedback. 2021.
// exponent:  J. Wu, J. Chen, J. Wu, W. Shi, J. Zhang, X. Wang. BSL: understanding and improving
//            softmax loss for recommendation. ICDE 2024; with the chosen item in the sum.
// ccl:       K. Mao, J. Zhu, J. Wang, Q. Dai, Z. Dong, X. Xiao, X. He. SimpleX: a simple and strong
//            baseline for collaborative filtering. CIKM 2021.
// G:         as in palate/algorithms/sgd.h
#pragma once

#include "palate/algorithms/field.h"

namespace palate {

enum class RankingLoss { softmax, ccl };
template <>
inline constexpr std::array<std::string_view, 2> choice_names<RankingLoss>{"softmax", "ccl"};

struct SampledOptions {
  static constexpr AlgorithmTraits about{
      .name = "sampled",
      .summary = "factorization that ranks what was chosen above sampled items",
      .description =
          "An item is listed if its factors match those of the user: a list of numbers for each "
          "user and each item, which says what the one likes and the other has. Training goes "
          "through what the users have chosen and moves each of these items above some that are "
          "drawn by chance from all others.",
      .task = Task::lists,
      .can_continue = true};
  Index factors = 64;
  Index epochs = 30;
  RankingLoss loss = RankingLoss::softmax;
  Index negatives = 512;
  bool cosine = true;
  float temperature = 0.15F;
  float negative_exponent = 1.2F;
  float margin = 0.5F;
  float negative_weight = 10;
  float popularity = 0;
  float correction = 1;
  bool item_bias = false;
  float learning_rate = 0.5F;
  float user_regularization = 0;
  float item_regularization = 0;
  float weight_exponent = 0.25F;
  float rating_exponent = 1.5F;
  float lower_weight = 0.5F;
  std::uint32_t seed = 1;
  bool operator==(const SampledOptions&) const = default;
};

template <class Visitor>
void visit_fields(OptionsOf<SampledOptions> auto& options, Visitor&& visit) {
  visit(Field{"factors", "length of a factor vector; more tell finer tastes apart and take longer",
              between(1, 4096), by_factors(32, 128), true},
        options.factors);
  visit(Field{"epochs", "passes over what was chosen; more fit closer", at_least(1),
              by_factors(10, 60)},
        options.epochs);
  visit(
      Field{"loss",
            "softmax: the chosen item beside all sampled ones; ccl: each by itself, cosines above "
            "the margin alone (cosine contrastive loss)"},
      options.loss);
  visit(
      Field{
          "negatives",
          "sampled items for each chosen one; more rank the top of the list better and take longer",
          between(1, 65536)},
      options.negatives);
  visit(Field{.name = "cosine",
              .help = "keep all vectors at length 1, so that an item's popularity is in its score "
                      "through `item_bias` alone",
              .is_shape = true},
        options.cosine);
  visit(Field{"temperature",
              "of softmax: what scores are divided by; lower it to rank the top of the list more "
              "sharply",
              above(0), by_factors(0.08, 0.3)},
        options.temperature);
  visit(Field{"negative_exponent",
              "of softmax: above 1 sampled items push a user away harder than the chosen one pulls",
              above(0), evenly(1, 1.4)},
        options.negative_exponent);
  visit(Field{"margin", "of ccl: the score from which a sampled item is pushed away"},
        options.margin);
  visit(Field{"negative_weight",
              "of ccl: what all sampled items weigh beside the chosen one; raise it for many items",
              above(0)},
        options.negative_weight);
  visit(Field{"popularity",
              "how much likelier an item is drawn that many have chosen: 0: as likely as any, 1: "
              "in proportion",
              between(0, 1)},
        options.popularity);
  visit(
      Field{
          "correction",
          "of softmax: 1 makes up for drawing what many have chosen more often, 0 pushes that down",
          between(0, 1)},
      options.correction);
  visit(Field{"item_bias", "learn a bias for each item, which grows with how many choose it"},
        options.item_bias);
  visit(Field{"learning_rate",
              "size of a row's first step; lower it when training diverges or the validation falls "
              "early",
              above(0), by_factors(0.2, 1)},
        options.learning_rate);
  visit(Field{"user_regularization", "pulls user vectors to zero; of no effect with cosine",
              at_least(0)},
        options.user_regularization);
  visit(Field{"item_regularization", "pulls item vectors to zero; of no effect with cosine",
              at_least(0)},
        options.item_regularization);
  visit_weights(options, visit, 0.75, 0.5);
  visit(Field{"seed", "the seed of the random start; the same seed and data give the same model",
              at_least(0)},
        options.seed);
}

// BPR as it was published: products, a bias for each item, one negative for each pair.
inline constexpr std::array<PresetOf<SampledOptions>, 1> presets_of(const SampledOptions&) {
  return {{{"bpr",
            "Bayesian personalized ranking: one negative for each pair, item biases",
            "An item is listed if its factors match those of the user and if it is much chosen: "
            "each user and each item has a list of numbers, and each item one more for itself. "
            "Training takes an item that a user has chosen and one that is drawn by chance from "
            "all others, and moves the first above the second.",
            {.epochs = 100,
             .negatives = 1,
             .cosine = false,
             .temperature = 1,
             .negative_exponent = 1,
             .item_bias = true,
             .learning_rate = 0.3F,
             .user_regularization = 0.02F,
             .item_regularization = 0.005F}}}};
}

// Trains on `data`.
//
// Errors:      invalid_argument  an option out of its bounds; a start of another algorithm or size
//              bad_data          a negative weight; a dataset in which nothing weighs anything
// Guarantees:  the same bits for any number of threads; finite factors however training ended.
TrainResult train(const Dataset& data, const SampledOptions& options, TrainContext& context);

}  // namespace palate
