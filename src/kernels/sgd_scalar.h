// Steps of stochastic gradient descent, in plain loops. kernels.h has the formulas.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

#include "kernels/kernels.h"

namespace palate::scalar {

inline double sgd_steps(std::span<const RatingQuad> quads, const SgdModel& model) {
  double loss = 0;
  for (const RatingQuad& quad : quads) {
    for (std::size_t j = 0; j < 4; ++j) {
      float* const x = model.users.factors + quad.users[j] * model.width;
      float* const y = model.items.factors + quad.items[j] * model.width;
      SgdRow& user = model.users.rows[quad.users[j]];
      SgdRow& item = model.items.rows[quad.items[j]];
      float score = user.bias + item.bias;
      for (std::size_t f = 0; f < model.width; ++f) score += x[f] * y[f];
      const float error = quad.values[j] - score;
      loss += static_cast<double>(error) * static_cast<double>(error);

      const auto shrunk = [](float rate, float regularization) {
        return std::max(0.0F, 1 - rate * regularization);
      };
      const float user_rate = model.learning_rate / std::sqrt(user.squares);
      const float item_rate = model.learning_rate / std::sqrt(item.squares);
      user.squares += error * error;
      item.squares += error * error;
      user.bias = user.bias * shrunk(user_rate, user.bias_regularization) + user_rate * error;
      item.bias = item.bias * shrunk(item_rate, item.bias_regularization) + item_rate * error;
      for (std::size_t f = 0; f < model.width; ++f) {
        const float x_before = x[f];
        x[f] = x[f] * shrunk(user_rate, user.regularization) + user_rate * error * y[f];
        y[f] = y[f] * shrunk(item_rate, item.regularization) + item_rate * error * x_before;
      }
    }
  }
  return loss;
}

}  // namespace palate::scalar
