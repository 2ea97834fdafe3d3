#include "palate/evaluate/rating_metrics.h"

#include <algorithm>
#include <cmath>

namespace palate {

const std::vector<Metric>& rating_metrics() {
  static const std::vector<Metric> metrics{
      {.name = "rmse",
       .better = Metric::Better::lower,
       .root = true,
       .description = "The root of the mean squared difference between what is predicted and what "
                      "the user gave, in units of the rating scale. An error of two counts four "
                      "times as much as one of one, so that a few bad predictions show."},
      {.name = "mae",
       .better = Metric::Better::lower,
       .description = "The mean difference between what is predicted and what the user gave, too "
                      "high or too low alike, in units of the rating scale. An error of two counts "
                      "twice as much as one of one."},
      {.name = "mse",
       .better = Metric::Better::lower,
       .description = "The mean squared difference between what is predicted and what the user "
                      "gave, which is the square of the RMSE. It is what the loss curves show."}};
  return metrics;
}

std::vector<UserSums> rating_sums(std::span<const Index> users, std::span<const float> predicted,
                                  std::span<const float> actual) {
  struct Errors {
    double ratings = 0;
    double squared = 0;
    double absolute = 0;
  };
  std::vector<Errors> by_user(users.empty() ? 0 : *std::ranges::max_element(users) + 1);
  for (std::size_t t = 0; t < users.size(); ++t) {
    const double error = static_cast<double>(predicted[t]) - static_cast<double>(actual[t]);
    Errors& errors = by_user[users[t]];
    ++errors.ratings;
    errors.squared += error * error;
    errors.absolute += std::abs(error);
  }
  std::erase_if(by_user, [](const Errors& errors) { return errors.ratings == 0; });
  const auto column = [&](double Errors::* member) {
    std::vector<double> values(by_user.size());
    std::ranges::transform(by_user, values.begin(), member);
    return values;
  };
  const UserSums squared{column(&Errors::squared), column(&Errors::ratings)};
  return {squared, {column(&Errors::absolute), squared.weight}, squared};
}

}  // namespace palate
