#include "palate/model/import.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>

#include "palate/base/error.h"
#include "palate/model/query.h"
#include "palate/recommend/recommend.h"
#include "temporary_folder.h"

namespace palate {
namespace {

// Numbers between -1 and 1 that look like none in particular.
Matrix some_factors(Index rows, Index columns, double seed) {
  Matrix matrix(rows, columns);
  for (Index r = 0; r < rows; ++r) {
    for (Index c = 0; c < columns; ++c)
      matrix.row(r)[c] = static_cast<float>(std::sin(seed + 7.0 * r + 3.0 * c * c + r * c));
  }
  return matrix;
}

Factors some_model(Index users = 30, Index items = 20, Index factors = 4) {
  Factors made(users, items, factors);
  made.user_factors = some_factors(users, factors, 1);
  made.item_factors = some_factors(items, factors, 2);
  return made;
}

std::shared_ptr<const Catalog> catalog_of(const Factors& factors) {
  auto catalog = std::make_shared<Catalog>();
  catalog->users = read_ids("", factors.num_users(), "users");
  catalog->items = read_ids("", factors.num_items(), "items");
  return catalog;
}

// Two items of each of the users, by ids of its own: users count from -1, so that the first and the
// last have no factors.
Interactions some_choices(Feedback feedback = Feedback::weights) {
  auto catalog = std::make_shared<Catalog>();
  std::vector<std::int64_t> users;
  for (std::int64_t user = 30; user >= -1; --user) users.push_back(user);
  catalog->users = Ids::integers(users);
  catalog->items = read_ids("", 21, "items");  // and an item more
  Interactions rows{.catalog = catalog, .feedback = feedback};
  for (Index user = 0; user < 32; ++user) {
    for (const Index item : {user % 20, (user + 7) % 21}) {
      rows.users.push_back(user);
      rows.items.push_back(item);
      rows.values.push_back(static_cast<float>(1 + (user + item) % 5));
    }
  }
  return rows;
}

Model imported(Factors factors, const ImportOptions& options, const Interactions* seen = nullptr) {
  Parallel parallel(1);
  const auto catalog = catalog_of(factors);
  return import_model({.factors = std::move(factors)}, catalog, seen, options, parallel).model;
}

std::string refused(auto&& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "it is done";
}

// The minimum of what implicit's least squares minimize, for one who chose these items once.
Eigen::VectorXd by_implicit(const Matrix& items, const std::vector<Index>& chosen, double alpha,
                            double regularization) {
  const auto row = [&](Index i) {
    const auto values = items.row(i);
    Eigen::VectorXd y(items.cols());
    for (Index f = 0; f < items.cols(); ++f) y[f] = double{values[f]};
    return y;
  };
  Eigen::MatrixXd left = regularization * Eigen::MatrixXd::Identity(items.cols(), items.cols());
  Eigen::VectorXd right = Eigen::VectorXd::Zero(items.cols());
  for (Index i = 0; i < items.rows(); ++i) left += row(i) * row(i).transpose();
  for (const Index i : chosen) {
    left += (alpha - 1) * row(i) * row(i).transpose();
    right += alpha * row(i);
  }
  return left.ldlt().solve(right);
}

TEST(Import, SomebodyNewIsFoldedInAsByImplicit) {
  // with alpha 1 the row objective has it as a limit
  for (const auto& [alpha, tolerance] : {std::pair(40.0F, 1e-5), {2.0F, 1e-5}, {1.0F, 2e-3}}) {
    const Factors factors = some_model();
    const Eigen::VectorXd expected = by_implicit(factors.item_factors, {3, 8}, double{alpha}, 0.5);
    const Model model = imported(factors, {.regularization = 0.5F, .alpha = alpha});
    const Query query = fold_in(model.lists->scorer, rated_items({{3, 1.0F}, {8, 1.0F}}));
    for (Index f = 0; f < 4; ++f)
      EXPECT_NEAR(double{query.vector[f]}, expected[f], tolerance * expected.norm()) << alpha;
    EXPECT_FALSE(model.lists->scorer.folds_in_approximately());
  }
}

TEST(Import, AModelIsWrittenAndReadAgain) {
  const TemporaryFolder folder;
  const Interactions choices = some_choices();
  const Interactions rated = some_choices(Feedback::ratings);
  for (const Model& model :
       {imported(some_model(), {}), imported(some_model(), {}, &choices),
        imported(some_model(), {}, &rated), imported(some_model(), {.alpha = 2.0F}, &choices),
        imported(some_model(), {.task = Task::ratings}),
        imported(some_model(), {.task = Task::ratings}, &rated)}) {
    save_model(model, folder.path("m"));
    EXPECT_EQ(load_model(folder.path("m")), model);
  }
}

TEST(Import, WhatWasSeenIsByIdsAndWhatHasNoFactorsIsCounted) {
  const Interactions choices = some_choices();
  Parallel parallel(1);
  const Factors factors = some_model();
  const Imported result =
      import_model({.factors = factors}, catalog_of(factors), &choices, {}, parallel);
  const Model& model = result.model;
  std::uint64_t of_users = 0;
  std::uint64_t of_items = 0;
  for (Index r = 0; r < choices.size(); ++r) {
    const std::int64_t user = choices.catalog->users.integer_ids()[choices.users[r]];
    const Index item = choices.items[r];
    if (user < 0 || user >= 30) {
      ++of_users;
    } else if (item == 20) {
      ++of_items;
    } else {
      EXPECT_TRUE(model.has_seen(static_cast<Index>(user), item));
    }
  }
  EXPECT_EQ(of_users, 4U);
  EXPECT_GT(of_items, 0U);
  EXPECT_EQ(result.rows_of_unknown_users, of_users);
  EXPECT_EQ(result.rows_of_unknown_items, of_items);
  EXPECT_EQ(model.seen->size() + of_users + of_items, choices.size());
  EXPECT_TRUE(knows_support(model.lists->scorer));

  const Interactions strangers{.catalog =
                                   [] {
                                     auto catalog = std::make_shared<Catalog>();
                                     const std::vector<std::string> names{"x"};
                                     catalog->users = Ids::from_strings(names);
                                     catalog->items = Ids::from_strings(names);
                                     return catalog;
                                   }(),
                               .users = {0},
                               .items = {0},
                               .values = {1},
                               .feedback = Feedback::weights};
  EXPECT_EQ(refused([&] { imported(factors, {}, &strangers); }),
            "no row of what was seen has a user and an item with factors: are the ids those of the "
            "table, and in the order of the factors' rows?");
}

TEST(Import, WithoutWhatWasSeenEachItemThatHasFactorsIsListed) {
  Factors factors = some_model();
  std::ranges::fill(factors.item_factors.row(5), 0.0F);
  for (const Task task : {Task::lists, Task::ratings}) {
    const Model model = imported(factors, {.task = task});
    const Scorer& scorer = for_lists(model).scorer;
    EXPECT_FALSE(knows_support(scorer));
    ListRules rules = default_rules(scorer);
    rules.count = 20;
    EXPECT_EQ(recommend(scorer, list_query(model, 0), rules).size(), 19U);
  }
}

// The ten best items of each user.
Interactions best_choices(const Factors& factors) {
  Interactions rows{.catalog = catalog_of(factors), .feedback = Feedback::weights};
  const Model model = imported(factors, {});
  for (Index user = 0; user < factors.num_users(); ++user) {
    for (const Recommendation& one :
         recommend(model.lists->scorer, list_query(model, user), {.min_support = 0})) {
      rows.users.push_back(user);
      rows.items.push_back(one.item);
      rows.values.push_back(1);
    }
  }
  return rows;
}

TEST(Import, ScoresOfNewUsersAreAsLargeAsThoseOfKnownOnes) {
  const Factors factors = some_model(100, 50);
  const Interactions choices = best_choices(factors);
  Parallel parallel(1);
  const SparseMatrix by_user = Dataset(choices, parallel).by_user();
  for (const Interactions* const seen : {static_cast<const Interactions*>(nullptr), &choices}) {
    const Model model = imported(factors, {}, seen);
    const Scorer& scorer = model.lists->scorer;
    ASSERT_TRUE(scorer.folds_in_approximately());
    const std::vector<Query> folded_in = fold_in(scorer, by_user, parallel);
    double of_known = 0;
    double of_new = 0;
    for (Index user = 0; user < 100; ++user) {
      for (const Index item : by_user.row(user).columns) {
        of_known += double{score(scorer, query_of_user(scorer, user), item)};
        of_new += double{score(scorer, folded_in[user], item)};
      }
    }
    EXPECT_NEAR(of_new / of_known, 1, 0.1);
  }
}

TEST(Import, ANewUsersRatingsAreFittedAsFarAsKnownUsersAreWide) {
  Factors factors = some_model();
  factors.global_mean = 3;
  const Model narrow = imported(factors, {.task = Task::ratings});
  for (Index user = 0; user < factors.num_users(); ++user) {
    for (float& x : factors.user_factors.row(user)) x *= 10;
  }
  const Model wide = imported(factors, {.task = Task::ratings});
  const auto predicted = [](const Model& model) {
    const Query query = fold_in(model.ratings->scorer, rated_items({{3, 5.0F}}));
    return predict(model.ratings->scorer, query, 3);
  };
  EXPECT_GT(predicted(narrow), 3.1F);
  EXPECT_GT(predicted(wide), predicted(narrow));
  EXPECT_LT(predicted(wide), 5.0F);
}

TEST(Import, ItsAlgorithmIsNoneThatTrains) {
  const Model model = imported(some_model(), {});
  EXPECT_EQ(model.lists->algorithm.name, "imported");
  EXPECT_EQ(refused([] { algorithm_named("imported"); }),
            "imported is what factors that another program made are called in a model: nothing "
            "trains them");
  for (const AlgorithmInfo& row : algorithms()) EXPECT_TRUE(row.about.is_trained);
}

TEST(Import, OptionsOutOfTheirBoundsAreRefused) {
  EXPECT_EQ(refused([] { imported(some_model(), {.regularization = 0.0F}); }),
            "regularization 0 is not above 0");
  EXPECT_EQ(refused([] { imported(some_model(), {.alpha = -1.0F}); }), "alpha -1 is not above 0");
  EXPECT_EQ(refused([] { imported(some_model(), {.task = Task::ratings, .alpha = 1.0F}); }),
            "alpha is what choices weigh: factors of ratings have none");
  const Interactions choices = some_choices();
  EXPECT_EQ(refused([&] { imported(some_model(), {.task = Task::ratings}, &choices); }),
            "what was seen has weights and no ratings, which factors of ratings need");
}

TEST(Import, IdsStandOneInALineInTheOrderOfTheRows) {
  const TemporaryFolder folder;
  const auto ids = [&](const std::string& text) {
    const Ids read = read_ids(folder.write("ids.txt", text), 2, "users");
    return std::vector<std::string>{read[0], read[1]};
  };
  const std::vector<std::string> expected{"Ann", "Bob, jr"};
  EXPECT_EQ(ids("Ann\nBob, jr\n"), expected);
  EXPECT_EQ(ids("Ann\r\nBob, jr"), expected);
  EXPECT_EQ(ids("name\nAnn\nBob, jr\n"), expected);
  EXPECT_EQ(read_ids("", 2, "users")[1], "1");
  const auto refused_ids = [&](const std::string& text) {
    return folder.without_path(refused([&] { ids(text); }));
  };
  EXPECT_EQ(refused_ids("Ann\n"), "ids.txt: it has 1 ids for 2 rows of factors of users");
  EXPECT_EQ(refused_ids(""), "ids.txt: it has 0 ids for 2 rows of factors of users");
  EXPECT_EQ(refused_ids("a\nb\nc\nd\n"), "ids.txt: it has 4 ids for 2 rows of factors of users");
  EXPECT_EQ(refused_ids("Ann\nAnn\n").substr(0, 8), "ids.txt:");
  EXPECT_EQ(refused_ids("Ann\n\n").substr(0, 8), "ids.txt:");
}

// An export, whose files are what read_factors() takes.
FactorFiles exported(Factors factors, const TemporaryFolder& folder) {
  const Model model = imported(std::move(factors), {});
  export_model(model, folder.path(), ExportFormat::npy);
  const auto file = [&](const char* name) {
    return folder.path(std::string("lists/") + name + ".npy");
  };
  return {.users = file("user_factors"),
          .items = file("item_factors"),
          .user_bias = file("user_bias"),
          .item_bias = file("item_bias"),
          .global_mean = file("global_mean")};
}

TEST(Import, WhatExportWritesComesBackToTheBit) {
  const TemporaryFolder folder;
  Factors factors = some_model();
  factors.global_mean = 0.25F;
  factors.user_bias[3] = 2;
  factors.item_bias[4] = 1.5F;
  EXPECT_EQ(read_factors(exported(factors, folder)).factors, factors);
  EXPECT_EQ(read_ids(folder.path("users.npy"), 30, "users"), read_ids("", 30, "users"));
}

TEST(Import, ColumnsOfOnesMakeTheOtherSidesBiases) {
  const TemporaryFolder folder;
  Factors factors = some_model();
  for (Index user = 0; user < 30; ++user) factors.user_factors.row(user)[1] = 1;
  for (Index item = 0; item < 20; ++item) factors.item_factors.row(item)[3] = 1;
  std::ranges::fill(factors.user_factors.row(7), 0.0F);  // of whom nothing is known
  const ForeignFactors read = read_factors(exported(factors, folder));
  EXPECT_EQ(read.bias_columns, 2U);
  EXPECT_EQ(read.factors.num_factors(), 2U);
  EXPECT_EQ(read.factors.item_bias[4], factors.item_factors.row(4)[1]);
  EXPECT_EQ(read.factors.user_bias[6], factors.user_factors.row(6)[3]);
  const std::vector<Index> users{0, 5, 29};
  const std::vector<Index> items{0, 11, 19};
  const std::vector<float> before = scores(factors, users, items);
  const std::vector<float> after = scores(read.factors, users, items);
  for (std::size_t t = 0; t < 3; ++t) EXPECT_NEAR(before[t], after[t], 1e-6);
}

TEST(Import, FactorsThatDoNotFitTogetherAreRefused) {
  const TemporaryFolder folder;
  const TemporaryFolder other;
  const FactorFiles files = exported(some_model(), folder);
  const FactorFiles others = exported(some_model(30, 20, 5), other);
  FactorFiles mixed = files;
  mixed.items = others.items;
  EXPECT_EQ(folder.without_path(other.without_path(refused([&] { read_factors(mixed); }))),
            "lists/user_factors.npy has 30 rows of 4 factors, and lists/item_factors.npy 20 rows "
            "of 5: both need as many factors");
  mixed = files;
  mixed.user_bias = files.item_bias;
  EXPECT_EQ(folder.without_path(refused([&] { read_factors(mixed); })),
            "lists/item_bias.npy: it has 20 biases for 30 rows of factors");
  mixed = files;
  mixed.global_mean = files.item_bias;
  EXPECT_EQ(folder.without_path(refused([&] { read_factors(mixed); })),
            "lists/item_bias.npy: it is 20, where one number is expected");
  EXPECT_EQ(folder.without_path(refused([&] { read_implicit(files.users); })),
            "lists/user_factors.npy: it is no .npz with user_factors and item_factors, as "
            "implicit's save() writes them");
  Factors huge = some_model();
  huge.user_factors.row(0)[0] = 3e38F;
  huge.item_factors.row(0)[0] = 3e38F;
  exported(huge, folder);
  EXPECT_EQ(refused([&] { read_factors(files); }),
            "the factors are so large that a score is no finite number");
}

}  // namespace
}  // namespace palate
