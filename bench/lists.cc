// Users a second whose lists are made, within one process: bench_lists MODEL THREADS COUNT
//
// Makes the lists of all users, without what they have rated, and prints one JSON line.
#include <fmt/format.h>

#include <chrono>
#include <exception>
#include <stdexcept>
#include <string>

#include "palate/recommend/recommend.h"

int main(int argc, char** argv) {
  using Clock = std::chrono::steady_clock;
  try {
    if (argc != 4) throw std::invalid_argument("usage: bench_lists MODEL THREADS COUNT");
    const palate::Model model = palate::load_model(argv[1]);
    palate::Parallel parallel(static_cast<unsigned>(std::stoul(argv[2])));
    const palate::ListRules rules{.count = static_cast<palate::Index>(std::stoul(argv[3])),
                                  .min_support = 0};
    const palate::Factors& factors = palate::for_lists(model).scorer.factors;
    double scores = 0;
    std::size_t entries = 0;
    const Clock::time_point began = Clock::now();
    palate::recommend_all(model, rules, {}, parallel,
                          [&](palate::Index, std::span<const palate::Recommendation> list) {
                            for (const palate::Recommendation& entry : list)
                              scores += static_cast<double>(entry.score);
                            entries += list.size();
                          });
    const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
    fmt::print(
        "{{\"users\": {}, \"items\": {}, \"factors\": {}, \"threads\": {}, \"seconds\": {:.4f}, "
        "\"mean_score\": {:.6f}}}\n",
        factors.num_users(), factors.num_items(), factors.num_factors(), parallel.threads(),
        seconds, scores / static_cast<double>(entries));
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
  return 0;
}
