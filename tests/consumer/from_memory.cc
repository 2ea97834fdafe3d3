// Two users who agree, one who does not: what will the first think of the third film?
#include <palate/algorithms/train.h>
#include <palate/model/query.h>

#include <cstdio>

int main() {
  palate::Catalog catalog;
  catalog.users = palate::Ids::from_strings(std::vector<std::string>{"ann", "bob", "cat"});
  catalog.items =
      palate::Ids::from_strings(std::vector<std::string>{"Alien", "Brazil", "Casablanca"});
  palate::Interactions ratings;
  ratings.catalog = std::make_shared<palate::Catalog>(catalog);
  ratings.users = {0, 0, 1, 1, 1, 2, 2, 2};
  ratings.items = {0, 1, 0, 1, 2, 0, 1, 2};
  ratings.values = {5, 1, 5, 1, 5, 1, 5, 1};

  palate::Parallel parallel;
  palate::TrainContext context{.parallel = parallel};
  const palate::Dataset data(ratings, parallel);
  const palate::TrainResult result = palate::train(data, palate::AlsOptions{.factors = 1}, context);
  const float rating = palate::predict_pairs(result.scorer, {{0}}, {{2}}).front();
  std::printf("ann would give Casablanca %.2f\n", static_cast<double>(rating));
  return rating > 3 ? 0 : 1;
}
