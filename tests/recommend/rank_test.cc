#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "base/random.h"
#include "fitted_model.h"
#include "palate/base/error.h"
#include "palate/recommend/recommend.h"
#include "recommend/bounded_items.h"
#include "small_data.h"

namespace palate {
namespace {

// Random factors, biases and histories; a share of the factors is repeated, so that scores tie.
Model random_model(Index users, Index items, Index factors, double spread = 1) {
  Rng rng(users * 7 + items * 3 + factors);
  const auto normal = [&] { return static_cast<float>(spread * rng.normal()); };
  Scorer scorer{Factors(users, items, factors), {}, {}, {}};
  Factors& own = scorer.factors;
  own.global_mean = 3.5F;
  for (float& bias : own.user_bias) bias = normal();
  for (Index item = 0; item < items; ++item) {
    const bool repeats = item > 0 && rng.below(3) == 0;
    own.item_bias[item] = repeats ? own.item_bias[item - 1] : normal();
    for (Index f = 0; f < factors; ++f) {
      own.item_factors.row(item)[f] = repeats ? own.item_factors.row(item - 1)[f] : normal();
    }
    scorer.item_support.push_back(rng.below(20));
  }
  SparseMatrix seen;
  seen.num_columns = items;
  for (Index user = 0; user < users; ++user) {
    for (float& x : own.user_factors.row(user)) x = user % 10 == 9 ? 0 : normal();
    for (Index item = 0; item < items; ++item) {
      if (rng.below(8) > 0) continue;
      seen.columns.push_back(item);
      seen.values.push_back(3);
    }
    seen.starts.push_back(seen.columns.size());
  }
  Model model = model_of(std::move(scorer), "als");
  model.seen = std::make_shared<const SparseMatrix>(std::move(seen));
  Catalog catalog;
  catalog.users = numbered_ids(users);
  catalog.items = numbered_ids(items);
  model.catalog = std::make_shared<const Catalog>(catalog);
  return model;
}

const Scorer& scorer_of(const Model& model) { return model.ratings->scorer; }

// recommend_all gives each user, in order, what recommend does.
void expect_the_same(const Model& model, const ListRules& rules, bool include_seen,
                     unsigned threads = 1) {
  Parallel parallel(threads);
  Index next = 0;
  const Scorer& scorer = scorer_of(model);
  recommend_all(model, rules, {.include_seen = include_seen}, parallel,
                [&](Index user, std::span<const Recommendation> list) {
                  ASSERT_EQ(user, next++);
                  QueryView query = list_query(model, user);
                  if (include_seen) query.seen = {};
                  const std::vector<Recommendation> expected = recommend(scorer, query, rules);
                  ASSERT_EQ(list.size(), expected.size()) << "user " << user;
                  for (std::size_t t = 0; t < list.size(); ++t) {
                    ASSERT_EQ(list[t].item, expected[t].item)
                        << "user " << user << ", rank " << t + 1;
                    ASSERT_EQ(list[t].score, expected[t].score);
                  }
                });
  EXPECT_EQ(next, scorer.factors.num_users());
}

// Random item weights, some of them negative, for users of whom some like nothing.
Model model_of_item_weights(Index users, Index items, double density) {
  Model model = random_model(users, items, 0);
  Scorer& scorer = model.ratings->scorer;
  scorer.factors = Factors(users, items, 0);
  scorer.weighting = Weighting{.at_least = 3, .lower = 0.25F};
  SparseMatrix seen = *model.seen;
  for (Index user = 0; user < users; user += 5) {
    for (std::size_t t = seen.starts[user]; t < seen.starts[user + 1]; ++t) seen.values[t] = 2;
  }
  for (std::size_t t = 0; t < seen.size(); t += 3) seen.values[t] = 1;
  model.seen = std::make_shared<const SparseMatrix>(std::move(seen));
  Rng rng(items);
  SparseMatrix weights{.num_columns = items};
  for (Index row = 0; row < items; ++row) {
    for (Index item = 0; item < items; ++item) {
      if (rng.uniform() >= density) continue;
      weights.columns.push_back(item);
      weights.values.push_back(static_cast<float>(rng.below(9)) / 8 - 0.25F);  // scores tie
    }
    weights.starts.push_back(weights.columns.size());
  }
  scorer.item_weights = std::move(weights);
  return model;
}

TEST(Rank, EveryListOfItemWeightsIsThatOfTheUserAlone) {
  for (const double density : {0.0, 0.01, 0.2, 1.0}) {
    for (const Index items : {1U, 17U, 300U}) {
      SCOPED_TRACE(std::to_string(density) + ", " + std::to_string(items) + " items");
      const Model model = model_of_item_weights(130, items, density);
      for (const unsigned threads : {1U, 3U}) {
        expect_the_same(model, {.count = 10, .min_support = 0}, true, threads);
        expect_the_same(model, {.count = 10, .min_support = 5}, false, threads);
        expect_the_same(model, {.count = 1000, .min_support = 5}, false, threads);
        expect_the_same(model, {.count = 1, .min_support = 100}, false, threads);
      }
    }
  }
}

TEST(Rank, AScoreOfItemWeightsIsTheSumOverTheHistory) {
  const Model model = model_of_item_weights(40, 60, 0.3);
  const Scorer& scorer = scorer_of(model);
  for (Index user = 0; user < 40; ++user) {
    const QueryView query = list_query(model, user);
    const RatedItems weights = weighted(query.seen, *scorer.weighting);
    const auto list = recommend(scorer, query, {.count = 60, .min_support = 0});
    for (const auto& [item, score_in_list] : list) {
      double sum = 0;
      for (std::size_t t = 0; t < weights.items.size(); ++t) {
        const SparseRow row = scorer.item_weights->row(weights.items[t]);
        for (Index n = 0; n < row.size(); ++n) {
          if (row.columns[n] == item) sum += double{weights.values[t]} * double{row.values[n]};
        }
      }
      EXPECT_EQ(score(scorer, query, item), static_cast<float>(sum));
      const bool knows = !weights.items.empty();
      EXPECT_EQ(knows_nothing(scorer, query), !knows);
      EXPECT_EQ(score_in_list,
                knows ? static_cast<float>(sum) : static_cast<float>(scorer.item_support[item]));
      EXPECT_EQ(standing(scorer, query, item, {.min_support = 0}).score, score_in_list);
    }
  }
}

// What a list is made of, and what it leaves out, are two things.
TEST(Rank, IncludingWhatWasSeenDoesNotChangeTheScores) {
  const Model model = model_of_item_weights(9, 50, 0.5);
  QueryView query = list_query(model, 1);
  ASSERT_GT(query.seen.size(), 0U);
  const auto without = recommend(scorer_of(model), query, {.count = 50, .min_support = 0});
  query.seen = {};
  const auto with = recommend(scorer_of(model), query, {.count = 50, .min_support = 0});
  ASSERT_EQ(with.size(), 50U);
  ASSERT_LT(without.size(), 50U);
  for (const auto& [item, score] : without) {
    const auto again = std::ranges::find(with, item, &Recommendation::item);
    ASSERT_NE(again, with.end());
    EXPECT_EQ(again->score, score);
  }
}

TEST(Rank, ItemWeightsNeedTheHistoryOfTheModelsUsers) {
  Model model = model_of_item_weights(9, 50, 0.5);
  model.seen.reset();
  Parallel parallel(2);
  const auto all = [&] {
    recommend_all(model, {}, {.include_seen = true}, parallel, [](auto, auto) {});
  };
  try {
    all();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    EXPECT_NE(std::string(error.what()).find("`no_history`"), std::string::npos) << error.what();
  }
}

// However large weights are, a score is a number.
TEST(Rank, SumsOfItemWeightsStayInTheRangeOfFloats) {
  Model model = model_of_item_weights(1, 3, 0);
  Scorer& scorer = model.ratings->scorer;
  scorer.weighting = Weighting{.exponent = 1};
  const float most = std::numeric_limits<float>::max();
  scorer.item_weights = SparseMatrix{3, {0, 1, 2, 2}, {2, 2}, {most, most}};
  model.seen = std::make_shared<const SparseMatrix>(SparseMatrix{3, {0, 2}, {0, 1}, {most, most}});
  const QueryView query = list_query(model, 0);
  EXPECT_EQ(score(scorer, query, 2), most);
  EXPECT_EQ(recommend(scorer, query, {.min_support = 0}).front().score, most);
  expect_the_same(model, {.min_support = 0}, false);
}

TEST(Rank, EveryListIsThatOfTheUserAlone) {
  for (const Index factors : {0U, 1U, 2U, 7U, 64U, 65U}) {
    for (const Index items : {0U, 1U, 15U, 16U, 17U, 400U}) {
      SCOPED_TRACE(std::to_string(factors) + " factors, " + std::to_string(items) + " items");
      const Model model = random_model(70, items, factors);
      expect_the_same(model, {.count = 10, .min_support = 0}, true);
      expect_the_same(model, {.count = 10, .min_support = 5}, false);
      expect_the_same(model, {.count = 1000, .min_support = 5}, false);
      expect_the_same(model, {.count = 1, .min_support = 100}, false);
    }
  }
}

// Up to ties: items whose scores differ by no more than floats round away.
TEST(Rank, EveryListIsThatOfAPlainRankingInDoublePrecision) {
  constexpr double kRounding = 1e-4;  // of scores around 30
  const Model model = random_model(40, 5000, 64);
  Parallel parallel(1);
  recommend_all(model, {.count = 10, .min_support = 0}, {}, parallel,
                [&](Index user, std::span<const Recommendation> list) {
                  const float* const x = scorer_of(model).factors.user_factors.row(user).data();
                  std::vector<double> scores(5000);
                  for (Index item = 0; item < 5000; ++item) {
                    const float* const y = scorer_of(model).factors.item_factors.row(item).data();
                    double score = static_cast<double>(scorer_of(model).factors.global_mean) +
                                   static_cast<double>(scorer_of(model).factors.user_bias[user]) +
                                   static_cast<double>(scorer_of(model).factors.item_bias[item]);
                    for (Index f = 0; f < 64; ++f)
                      score += static_cast<double>(x[f]) * static_cast<double>(y[f]);
                    scores[item] = score;
                  }
                  for (const Index seen : model.seen_by(user).columns) scores[seen] = -1e9;
                  std::vector<double> ranking = scores;
                  std::ranges::partial_sort(ranking, ranking.begin() + 10, std::ranges::greater());
                  ASSERT_EQ(list.size(), 10U);
                  std::set<Index> listed;
                  for (std::size_t t = 0; t < list.size(); ++t) {
                    listed.insert(list[t].item);
                    EXPECT_NEAR(scores[list[t].item], ranking[t], kRounding)
                        << "user " << user << ", rank " << t + 1;
                  }
                  EXPECT_EQ(listed.size(), list.size());
                });
}

TEST(Rank, CandidatesAndDeniedItemsCount) {
  const Model model = random_model(9, 200, 8);
  const std::vector<Index> candidates{3, 5, 8, 13, 21, 34, 55, 89, 144};
  const std::vector<Index> denied{5, 144, 150};
  ListRules rules{.count = 10, .min_support = 0};
  rules.allowed.keep_only(candidates, 200);
  rules.allowed.leave_out(denied, 200);
  expect_the_same(model, rules, true);
  for (const Recommendation& entry :
       recommend(scorer_of(model), query_of_user(scorer_of(model), 0), rules)) {
    EXPECT_TRUE(std::ranges::binary_search(candidates, entry.item));
    EXPECT_FALSE(std::ranges::binary_search(denied, entry.item));
  }
  rules.allowed.keep_only({}, 200);
  expect_the_same(model, rules, true);
}

// Lists are made of queries, whoever they are of: here of users who were folded in.
TEST(Rank, AnyQueriesAreRanked) {
  Model model = random_model(50, 400, 8);
  Scorer& scorer = model.ratings->scorer;
  scorer.row = RowObjective{.ridge = {.factors = 2, .bias = 3}};
  std::vector<Query> queries;
  for (Index n = 0; n < 70; ++n)
    queries.push_back(fold_in(scorer, rated_items({{n, 5.0F}, {3 * n + 7, 1.0F}, {399, 4.0F}})));
  const ListRules rules{.count = 7, .min_support = 3};
  Parallel parallel(2);
  Index next = 0;
  const auto query = [&](Index n) -> QueryView { return queries[n]; };
  rank(scorer, 70, query, rules, parallel, [&](Index n, std::span<const Recommendation> list) {
    ASSERT_EQ(n, next++);
    const std::vector<Recommendation> expected = recommend(scorer, queries[n], rules);
    ASSERT_EQ(list.size(), expected.size());
    for (std::size_t t = 0; t < list.size(); ++t) {
      EXPECT_EQ(list[t].item, expected[t].item);
      EXPECT_EQ(list[t].score, expected[t].score);
      EXPECT_NE(list[t].item, 399U) << "which all have seen";
    }
  });
  EXPECT_EQ(next, 70U);
}

TEST(Rank, AnyMagnitudeOfNumbersIsRight) {
  for (const double spread : {1e-40, 1e-36, 1e-30, 1e-10, 1e-3, 1e3, 1e15, 1e18}) {
    SCOPED_TRACE(spread);
    expect_the_same(random_model(30, 300, 16, spread), {.count = 10, .min_support = 0}, false);
  }
  Model tied = random_model(5, 3000, 4);
  Factors& factors = tied.ratings->scorer.factors;
  std::ranges::fill(factors.item_bias, 1.0F);
  factors.item_factors = Matrix(3000, 4);
  expect_the_same(tied, {.count = 10, .min_support = 0}, false);
}

TEST(Rank, ThreadsDoNotMatter) {
  const Model model = random_model(5000, 50, 4);
  expect_the_same(model, {.count = 5, .min_support = 0}, false, 3);
}

TEST(BoundedItems, ABoundIsAboveItsScoreAndNotFar) {
  for (const Index factors : {1U, 3U, 64U, 300U}) {
    const Model model = random_model(20, 100, factors);
    Parallel parallel(2);
    const BoundedItems items(scorer_of(model), {.count = 10, .min_support = 0}, parallel);
    std::vector<std::int8_t> bytes(items.factors());
    for (Index user = 0; user < 20; ++user) {
      const QueryView query = query_of_user(scorer_of(model), user);
      const BoundedQuery bounded = items.ready(query, bytes);
      Index seen = 0;
      for (const BoundedItems::Block& block : items.blocks()) {
        BoundUsers users;
        for (Index u = 0; u < kBoundUsers; ++u) {
          users.values[u] = bounded.bytes;
          users.scales[u] = BoundedItems::scale(block, bounded);
          users.floors[u] = std::numeric_limits<float>::lowest();
        }
        std::vector<std::vector<ScoreBound>> found(kBoundUsers,
                                                   std::vector<ScoreBound>(kBoundItems));
        ScoreBound* bounds[kBoundUsers];
        for (Index u = 0; u < kBoundUsers; ++u) bounds[u] = found[u].data();
        Index counts[kBoundUsers];
        kernels().score_bounds(block.items, users, items.factors(), bounds, counts);
        for (Index n = 0; n < counts[0]; ++n) {
          const float exact =
              score(scorer_of(model), query, items.item(block.first + bounds[0][n].place)) -
              query.base;
          const float above = bounds[0][n].bound + BoundedItems::shift(block, bounded) - exact;
          EXPECT_GE(above, -bounded.rounding);
          EXPECT_LE(above, bounded.margin);
          EXPECT_TRUE(BoundedItems::may_reach(block, bounded, exact - bounded.rounding));
        }
        seen += counts[0];
      }
      EXPECT_EQ(seen, 100U);
    }
  }
}

// The error that quantize() reports is that of the bytes, whatever the scale.
TEST(BoundedItems, QuantizedVectorsAreAsFarOffAsTheySay) {
  const int most = kernels().most_byte;
  const std::vector<float> v{0, 1, -2, 0.3F, 5};
  std::vector<std::int8_t> bytes(8, 1);
  for (const float scale : {5.0F / static_cast<float>(most), 1.0F, 0.01F, 0.0F, 1e-42F}) {
    const Quantized result = quantize(v, scale, bytes);
    double squares = 0;
    double errors = 0;
    for (std::size_t f = 0; f < v.size(); ++f) {
      EXPECT_LE(std::abs(bytes[f]), most);
      const double value = static_cast<double>(scale) * bytes[f];
      squares += value * value;
      errors += (static_cast<double>(v[f]) - value) * (static_cast<double>(v[f]) - value);
    }
    EXPECT_NEAR(result.length, std::sqrt(squares), 1e-9);
    EXPECT_NEAR(result.error, std::sqrt(errors), 1e-9);
  }
  EXPECT_LT(quantize(v, 5.0F / static_cast<float>(most), bytes).error, 0.1);
}

TEST(WriteLists, TellsHowManyListsItHasMade) {
  const Model model = random_model(30, 40, 3);
  Parallel parallel(2);
  Index told = 0;
  write_lists(
      model, {.min_support = 0}, {}, ListFormat::csv, parallel, [](std::string_view) {},
      [&](Index num_lists) { EXPECT_EQ(num_lists, ++told); });
  EXPECT_EQ(told, 30);
}

TEST(WriteLists, AModelOfBothTasksHasThePredictedRatingBeside) {
  Model model = random_model(30, 40, 3);
  model.lists = random_model(30, 40, 2).ratings;
  model.ratings->scorer.range = RatingRange{3, 4};
  Parallel parallel(2);
  const ListRules rules{.count = 3, .min_support = 0};
  const auto text = [&](ListFormat format) {
    std::string all;
    write_lists(model, rules, {}, format, parallel, [&](std::string_view piece) { all += piece; });
    return all;
  };
  const auto array = nlohmann::json::parse(text(ListFormat::json));
  std::stringstream rows(text(ListFormat::csv));
  std::string line;
  std::getline(rows, line);
  EXPECT_EQ(line, "user,rank,item,score,rating");
  const Scorer& scorer = model.lists->scorer;
  for (Index user = 0; user < 30; ++user) {
    const auto list = recommend(scorer, query_of_user(scorer, user, model.seen_by(user)), rules);
    ASSERT_EQ(array[user]["items"].size(), list.size());
    for (Index t = 0; t < list.size(); ++t) {
      const auto& listed = array[user]["items"][t];
      const float rating =
          predict(scorer_of(model), query_of_user(scorer_of(model), user), list[t].item);
      EXPECT_EQ(listed["item"], std::to_string(list[t].item + 1));
      EXPECT_EQ(listed["score"].get<float>(), list[t].score);
      EXPECT_EQ(listed["rating"].get<float>(), rating);
      std::getline(rows, line);
      EXPECT_EQ(std::stof(line.substr(line.rfind(',') + 1)), rating);
    }
  }
}

TEST(WriteLists, AsCsvAndAsJson) {
  Model model = random_model(300, 40, 3);
  Catalog catalog;
  std::vector<std::string> ids;
  for (Index i = 0; i < 300; ++i) ids.push_back("u, \"" + std::to_string(i));
  catalog.users = Ids::from_strings(ids);
  catalog.items = numbered_ids(40);
  model.catalog = std::make_shared<const Catalog>(catalog);
  Parallel parallel(2);
  const ListRules rules{.count = 3, .min_support = 0};
  const auto text = [&](ListFormat format) {
    std::string all;
    write_lists(model, rules, {}, format, parallel, [&](std::string_view piece) { all += piece; });
    return all;
  };
  const auto array = nlohmann::json::parse(text(ListFormat::json));
  ASSERT_EQ(array.size(), 300U);
  std::stringstream lines(text(ListFormat::json_lines));
  std::stringstream rows(text(ListFormat::csv));
  std::string line;
  std::getline(rows, line);
  EXPECT_EQ(line, "user,rank,item,score");
  for (Index user = 0; user < 300; ++user) {
    std::getline(lines, line);
    EXPECT_EQ(nlohmann::json::parse(line), array[user]);
    EXPECT_EQ(array[user]["user"], ids[user]);
    const Scorer& scorer = scorer_of(model);
    const auto list = recommend(scorer, query_of_user(scorer, user, model.seen_by(user)), rules);
    ASSERT_EQ(array[user]["items"].size(), list.size());
    for (Index t = 0; t < list.size(); ++t) {
      EXPECT_EQ(array[user]["items"][t]["item"], std::to_string(list[t].item + 1));
      EXPECT_EQ(array[user]["items"][t]["score"].get<float>(), list[t].score);
      std::getline(rows, line);
      EXPECT_TRUE(line.starts_with("\"u, \"\"" + std::to_string(user) + "\"," +
                                   std::to_string(t + 1) + ',' + std::to_string(list[t].item + 1) +
                                   ','))
          << line;
    }
  }
}

}  // namespace
}  // namespace palate
