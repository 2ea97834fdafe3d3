// What list_metrics_test.py compares with another library: the metrics of rankings.
//
//   print_list_metrics METRIC... < RANKINGS
//
// Each line of the rankings has the items of a list, best first, a bar, and the relevant items in
// ascending order: "4 7 1 | 1 7 8". For each line, the metrics are printed in a line.
#include <fmt/format.h>

#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "palate/evaluate/list_metrics.h"

namespace {

std::vector<palate::Index> items_in(const std::string& text) {
  std::istringstream words(text);
  std::vector<palate::Index> items;
  for (palate::Index item = 0; words >> item;) items.push_back(item);
  return items;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<palate::Metric> metrics;
  for (int a = 1; a < argc; ++a) metrics.push_back(palate::list_metric_named(argv[a]));
  for (std::string line; std::getline(std::cin, line);) {
    const std::size_t bar = line.find('|');
    palate::ListSums sums(metrics);
    sums.add(0, items_in(line.substr(0, bar)), items_in(line.substr(bar + 1)));
    for (const palate::UserSums& of_metric : sums.sums()) fmt::print("{:.17g} ", of_metric.sum[0]);
    fmt::print("\n");
  }
}
