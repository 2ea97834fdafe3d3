// Reads a file of ratings, maps its ids and builds CSR and CSC, and says how large the result is:
// what bench/reading/run.py times as a whole process.
//
//   bench_reading FILE [THREADS [REJECTS]]
#include <fmt/format.h>

#include <cstdlib>
#include <utility>

#include "palate/data/dataset.h"
#include "palate/data/read.h"

namespace {

std::size_t bytes_of(const palate::SparseMatrix& matrix) {
  return matrix.starts.size() * sizeof(std::size_t) +
         matrix.size() * (sizeof(palate::Index) + sizeof(float));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return EXIT_FAILURE;
  palate::Parallel parallel(argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : 0);
  palate::ReadOptions options{.items_file = "none"};
  if (argc > 3) options.rejects_file = argv[3];
  palate::RatingsTable table = palate::read_ratings(argv[1], options, parallel);
  const std::size_t num_times = table.interactions.times.size();
  const palate::Dataset dataset(std::move(table.interactions), parallel);
  const std::size_t finished = dataset.size() * (2 * sizeof(palate::Index) + sizeof(float)) +
                               num_times * sizeof(std::int64_t) + bytes_of(dataset.by_user()) +
                               bytes_of(dataset.by_item());
  fmt::print("{} {} {} {}\n", dataset.num_users(), dataset.num_items(), dataset.size(), finished);
  return EXIT_SUCCESS;
}
