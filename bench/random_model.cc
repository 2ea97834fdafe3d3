// A model of als with random factors, without biases: bench_random_model USERS ITEMS FACTORS
// RATINGS OUT
//
// Each user has rated RATINGS random items. Nothing in such a model tells where the best items are
// to be looked for.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "palate/model/model.h"

int main(int argc, char** argv) {
  using palate::Index;
  try {
    if (argc != 6)
      throw std::invalid_argument("usage: bench_random_model USERS ITEMS FACTORS RATINGS OUT");
    const auto number = [&](int argument) {
      return static_cast<Index>(std::stoul(argv[argument]));
    };
    const Index users = number(1);
    const Index items = number(2);
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    palate::Scorer scorer{palate::Factors(users, items, number(3)),
                          {},
                          palate::RatingRange{1, 5},
                          std::vector<Index>(items)};
    for (palate::Matrix* const matrix :
         {&scorer.factors.user_factors, &scorer.factors.item_factors}) {
      for (Index r = 0; r < matrix->rows(); ++r)
        std::ranges::generate(matrix->row(r), [&] { return normal(random); });
    }
    palate::SparseMatrix seen;
    seen.num_columns = items;
    for (Index user = 0; user < users; ++user) {
      std::vector<Index> rated;
      while (rated.size() < number(4)) {
        const auto item = static_cast<Index>(random() % items);
        if (std::ranges::find(rated, item) == rated.end()) rated.push_back(item);
      }
      std::ranges::sort(rated);
      for (const Index item : rated) {
        ++scorer.item_support[item];
        seen.columns.push_back(item);
        seen.values.push_back(3);
      }
      seen.starts.push_back(seen.columns.size());
    }
    palate::Model model;
    model.seen = std::make_shared<const palate::SparseMatrix>(std::move(seen));
    model.ratings =
        palate::Fitted{{"als", palate::AlsOptions{.factors = number(3)}}, std::move(scorer), {}};
    const auto numbered = [](Index count) {
      std::vector<std::int64_t> ids(count);
      for (Index i = 0; i < count; ++i) ids[i] = i;
      return palate::Ids::integers(ids);
    };
    palate::Catalog catalog;
    catalog.users = numbered(users);
    catalog.items = numbered(items);
    model.catalog = std::make_shared<const palate::Catalog>(catalog);
    palate::save_model(model, argv[5]);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
  return 0;
}
