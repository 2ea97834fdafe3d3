// Reads a file of ratings, maps its ids and builds CSR and CSC, and says how large the result is: what bench/reading/run.py
// times as a whole process.
//
//   bench_reading FILE [THREADS]
#include <fmt/format.h>

#include <cstdlib>
#include <numeric>
#include <vector>

#include "palate/dataset.h"
#include "palate/read.h"

namespace {

std::size_t bytes_of(const palate::SparseMatrix& matrix) {
  return matrix.starts.size() * sizeof(std::size_t) + matrix.size() * (sizeof(palate::Index) + sizeof(float));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return EXIT_FAILURE;
  palate::Parallel parallel(argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : 0);
  const palate::RatingsTable table = palate::read_ratings(argv[1], {.items_file = "none"}, parallel);
  const palate::Interactions& all = table.interactions;
  std::vector<palate::Index> rows(all.size());
  std::iota(rows.begin(), rows.end(), palate::Index{0});
  const palate::Dataset dataset(all, rows, parallel);
  const std::size_t finished = all.size() * (2 * sizeof(palate::Index) + sizeof(float)) +
                               all.times.size() * sizeof(std::int64_t) + bytes_of(dataset.by_user()) +
                               bytes_of(dataset.by_item());
  fmt::print("{} {} {} {}\n", all.num_users(), all.num_items(), all.size(), finished);
  return EXIT_SUCCESS;
}
