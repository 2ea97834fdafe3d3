// Seconds an epoch, within one process: bench_epochs RATINGS ALGORITHM THREADS [FIELD=VALUE ...]
//
// Trains on all ratings of the file and prints one JSON line: the least and the median over the
// epochs but for the first.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "palate/algorithms/train.h"
#include "palate/data/read.h"

int main(int argc, char** argv) {
  using Clock = std::chrono::steady_clock;
  try {
    if (argc < 4)
      throw std::invalid_argument(
          "usage: bench_epochs RATINGS ALGORITHM THREADS [FIELD=VALUE ...]");
    palate::AlgorithmOptions options = palate::algorithm_named(argv[2]).options;
    for (int a = 4; a < argc; ++a) {
      const std::string setting = argv[a];
      const std::size_t equals = std::min(setting.find('='), setting.size() - 1);
      palate::set_option(options, setting.substr(0, equals), setting.substr(equals + 1));
    }
    palate::Parallel parallel(static_cast<unsigned>(std::stoul(argv[3])));
    const palate::Interactions interactions =
        palate::read_ratings(argv[1], {}, parallel).interactions;
    const palate::Dataset data(interactions, parallel);

    std::vector<double> seconds;
    double train_loss = 0;
    Clock::time_point began = Clock::now();
    palate::TrainContext context{.parallel = parallel};
    context.on_epoch = [&](const palate::Curve& so_far) {
      const Clock::time_point now = Clock::now();
      seconds.push_back(std::chrono::duration<double>(now - began).count());
      began = now;
      train_loss = so_far.epochs.back().values.front();
    };
    palate::train(data, options, context);
    if (seconds.size() > 1) seconds.erase(seconds.begin());
    std::ranges::sort(seconds);
    fmt::print(
        "{{\"algorithm\": \"{}\", \"options\": {}, \"threads\": {}, \"ratings\": {}, "
        "\"train_loss\": {}, "
        "\"least_seconds\": {:.6f}, \"median_seconds\": {:.6f}}}\n",
        argv[2], palate::options_to_json(options), parallel.threads(), data.size(), train_loss,
        seconds.front(), seconds[seconds.size() / 2]);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
  return 0;
}
