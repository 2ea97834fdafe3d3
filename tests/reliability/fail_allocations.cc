// Lets the N-th allocation fail, for every N, in what the library does with small data: each time
// there is an exception that says so, or the work is done without it, and nothing leaks. Then the
// same, for some N, with data that is large enough for several threads. Prints a line for each
// action.
//
// Allocations are those of operator new: all of the library's own. What libarchive and OpenSSL
// allocate is theirs; and nlohmann-json's destructor of arrays and objects allocates, which nothing
// can be done about: there it is let be.
#include <dlfcn.h>
#include <execinfo.h>
#include <fmt/format.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <limits>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "compare_ratings.h"
#include "palate/base/error.h"
#include "palate/data/inspect.h"
#include "palate/evaluate/final_model.h"
#include "palate/recommend/explain.h"
#include "palate/recommend/find_title.h"
#include "palate/recommend/recommend.h"
#include "palate/recommend/similar.h"
#include "temporary_folder.h"

namespace {

std::atomic<long> allocations{0};  // since the count was begun
std::atomic<long> failing{0};      // which one fails; 0: none
std::atomic<long> living{0};
std::atomic<long> let_be{0};
std::atomic<long> on_helpers{0};  // that failed on another thread than the program's first
const std::thread::id first_thread = std::this_thread::get_id();

bool in_destructor_of_json() {
  void* frames[12];
  const int count = backtrace(frames, 12);
  for (int f = 0; f < count; ++f) {
    Dl_info found;
    if (dladdr(frames[f], &found) != 0 && found.dli_sname != nullptr &&
        std::strstr(found.dli_sname, "json_value7destroy") != nullptr) {
      return true;
    }
  }
  return false;
}

void* allocate(std::size_t size, std::size_t alignment) {
  if (++allocations == failing) {
    failing = 0;  // looking at the stack allocates
    if (!in_destructor_of_json()) {
      if (std::this_thread::get_id() != first_thread) ++on_helpers;
      return nullptr;
    }
    ++let_be;
  }
  void* const memory =
      alignment > 0 ? std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment)
                    : std::malloc(size > 0 ? size : 1);
  if (memory != nullptr) ++living;
  return memory;
}

void* allocate_or_throw(std::size_t size, std::size_t alignment = 0) {
  void* const memory = allocate(size, alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void release(void* memory) {
  if (memory == nullptr) return;
  --living;
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) { return allocate_or_throw(size); }
void* operator new[](std::size_t size) { return allocate_or_throw(size); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate_or_throw(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return allocate_or_throw(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size, 0); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return allocate(size, 0); }
void operator delete(void* memory) noexcept { release(memory); }
void operator delete[](void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { release(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { release(memory); }

namespace palate {
namespace {

struct Outcome {
  bool failed = false;  // with the exception that it should be
  bool leaked = false;
  char wrong[200] = "";  // what another exception says
};

Outcome run_with_failure(const std::function<void()>& action, long at) {
  Outcome outcome;
  const long before = living;
  allocations = 0;
  failing = at;
  try {
    action();
  } catch (const std::bad_alloc&) {
    outcome.failed = true;
  } catch (const std::exception& error) {
    std::strncpy(outcome.wrong, error.what(), sizeof outcome.wrong - 1);
  }
  failing = 0;
  outcome.leaked = living != before;
  return outcome;
}

// True where every failure ended well. Fails each allocation, or about as many as `most`, evenly
// spread. With several threads, which one is the N-th, and how many there are, differs a little
// from run to run.
bool survives(const std::string& name, const std::function<void()>& action, long most) {
  action();  // tables that are made once
  allocations = let_be = on_helpers = 0;
  action();
  const long count = allocations;
  const long step = (count - 1) / most + 1;
  long tried = 0;
  long failed = 0;
  for (long at = 1; at <= count; at += step) {
    ++tried;
    const Outcome outcome = run_with_failure(action, at);
    failed += outcome.failed ? 1 : 0;
    if (outcome.wrong[0] == '\0' && !outcome.leaked) continue;
    fmt::print("{}: allocation {} of {} fails: {}\n", name, at, count,
               outcome.leaked ? "a leak" : outcome.wrong);
    return false;
  }
  fmt::print(
      "{}: {} allocations, {} failed one at a time, {} of them on helpers: {} said so, {} could do "
      "without, {} let be, no leak\n",
      name, count, tried, on_helpers.load(), failed, tried - failed - let_be, let_be.load());
  return failed > 0;
}

// Adds the batch twice, and tries to finish whatever happens: what is there is whole or refused.
void build(const RatingBatch& batch, Parallel& parallel) {
  InteractionsBuilder builder;
  try {
    builder.add(batch);
    builder.add(batch);
  } catch (const std::bad_alloc&) {
    try {
      const Interactions all = builder.finish(Duplicates::last, parallel).interactions;
      if (all.size() != 0 && all.size() != batch.values.size())
        throw Error(ErrorCode::io, "rows are missing");
    } catch (const Error& error) {
      if (error.code() != ErrorCode::invalid_argument) throw;
    }
    throw;
  }
  builder.finish(Duplicates::last, parallel);
}

// A job takes no memory, so that there is none that it could want.
bool jobs_take_no_memory(Parallel& parallel) {
  allocations = 0;
  parallel.for_ranges(100, 1, [](IndexRange) {});
  parallel.for_ranges(100, 1, [](IndexRange, unsigned) {});
  parallel.region([](Parallel::Worker& worker) { worker.barrier(); });
  fmt::print("running jobs: {} allocations\n", allocations.load());
  return allocations == 0;
}

// Work for two threads: several pieces of a file, blocks of a sort and of SGD's grid, and batches
// of ALS.
bool large_data_survives(const TemporaryFolder& folder, Parallel& parallel) {
  constexpr long kMost = 150;
  std::string csv = "user,item,rating\n";
  for (Index row = 0; row < 70'000; ++row) {  // no pair twice
    csv +=
        fmt::format("user {},item {},{}\n", row % 500, (row / 500 + row % 500) % 300, 1 + row % 5);
  }
  const std::string file = folder.write("large.csv", csv);
  long failed_on_helpers = 0;
  const auto check = [&](const std::string& name, const std::function<void()>& action) {
    const bool well = survives(name, action, kMost);
    failed_on_helpers += on_helpers;
    return well;
  };
  bool all = check("reading a large table", [&] { read_ratings(file, {}, parallel); });
  const Interactions interactions = read_ratings(file, {}, parallel).interactions;
  all &= check("arranging many ratings", [&] { const Dataset data(interactions, parallel); });
  const Dataset data(interactions, parallel);
  AlgorithmOptions algorithms[] = {AlsOptions{.factors = 8, .epochs = 2},
                                   SgdOptions{.factors = 8, .epochs = 2},
                                   GradientOptions{.factors = 8, .epochs = 2}, ItemKnnOptions{}};
  for (const AlgorithmOptions& algorithm : algorithms) {
    all &= check(fmt::format("training {} on many ratings", algorithm_name(algorithm)), [&] {
      TrainContext context{.parallel = parallel};
      train(data, algorithm, context);
    });
  }
  if (failed_on_helpers == 0) fmt::print("no allocation failed on a helper\n");
  return all && failed_on_helpers > 0;
}

int run() {
  const TemporaryFolder folder;
  Parallel parallel(2);
  std::string csv = "user,item,rating,time\n";
  std::string json_lines;
  for (int row = 0; row < 40; ++row) {
    const std::string user = "user " + std::to_string(row % 8);
    csv += fmt::format("{},\"item, {}\",{},{}\n", user, row % 9, 1 + row % 5, 1000 + row);
    json_lines += fmt::format("{{\"user\": \"{}\", \"item\": {}, \"rating\": {}}}\n", user, row % 9,
                              1 + row % 5);
  }
  folder.write("movies.csv",
               "movieId,title,genres\n\"item, 1\",Heat (1995),Crime\n\"item, 2\",\"Toy Story, a "
               "long title (1995)\",Comedy\n");
  const std::string plain = folder.write("ratings.csv", csv);
  const std::string lines = folder.write("ratings.json", json_lines);
  const std::string bad = folder.write("bad.csv", csv + "x,y,not a number at all,3\nx,y\n");
  if (std::system(("gzip -kf '" + plain + "'").c_str()) != 0) return EXIT_FAILURE;
  const RatingsTable table = read_ratings(plain, {}, parallel);
  const Interactions& interactions = table.interactions;
  const std::string model_file = folder.path("model.safetensors");

  CompareOptions options;
  for (const std::string name : {"als", "sgd", "gradient", "bias"}) {
    NamedAlgorithm algorithm = algorithm_named(name);
    std::visit(
        [](auto& chosen) {
          if constexpr (requires { chosen.epochs; }) chosen.epochs = 2;
        },
        algorithm.options);
    options.algorithms.push_back(std::move(algorithm));
  }
  options.validation_share = 0.2;
  const Comparison comparison = compare_ratings(interactions, options, parallel);
  const Model model =
      refitted_model(interactions, {{comparison, comparison.models.front()}}, parallel);
  const Scorer& scorer = for_ratings(model).scorer;
  const TitleIndex titles(model.catalog);

  bool all = true;
  const auto check = [&](const std::string& name, const std::function<void()>& action) {
    all &= survives(name, action, std::numeric_limits<long>::max());
  };
  check("reading a table with titles", [&] { read_ratings(plain, {}, parallel); });
  check("reading gzip", [&] { read_ratings(plain + ".gz", {}, parallel); });
  check("reading JSON lines", [&] { read_ratings(lines, {}, parallel); });
  check("setting bad rows aside",
        [&] { read_ratings(bad, {.rejects_file = folder.path("rejects.csv")}, parallel); });
  // 500 users, each with an item
  std::vector<std::int64_t> offsets{0};
  std::string names;
  for (int row = 0; row < 500; ++row) {
    names += "user " + std::to_string(row);
    offsets.push_back(static_cast<std::int64_t>(names.size()));
  }
  const std::vector<std::int32_t> codes(500, 1);
  const std::vector<float> values(500, 3.5F);
  const TextIds users{std::span<const std::int64_t>(offsets), names};
  check("building a table of columns", [&] {
    build({.users = users, .items = CodedIds{codes, users}, .values = values, .times = {}},
          parallel);
  });
  check("inspecting", [&] { summarize(table, 0); });
  for (const NamedAlgorithm& algorithm : options.algorithms) {
    check("training " + algorithm.name, [&] {
      const Dataset data(interactions, parallel);
      TrainContext context{.parallel = parallel};
      train(data, algorithm.options, context);
    });
  }
  check("training and asking item weights", [&] {
    const Dataset data(interactions, parallel);
    TrainContext context{.parallel = parallel};
    Model lists = model;
    lists.lists =
        Fitted{algorithm_named("item-knn"), train(data, ItemKnnOptions{}, context).scorer, {}};
    recommend_all(lists, {.min_support = 0}, {}, parallel, [](auto, auto) {});
    recommend(lists.lists->scorer, list_query(lists, 0), {.min_support = 0});
    explain(lists, Task::lists, 0, 1);
    save_model(lists, model_file);
  });
  check("comparing", [&] { compare_ratings(interactions, options, parallel); });
  check("writing a model", [&] { save_model(model, model_file); });
  check("loading a model", [&] { load_model(model_file); });
  check("recommending",
        [&] { recommend(scorer, query_of_user(scorer, 0, model.seen_by(0)), {.min_support = 0}); });
  check("recommending to all", [&] {
    write_lists(model, {.min_support = 0}, {}, ListFormat::csv, parallel, [](std::string_view) {});
  });
  check("a new user", [&] { fold_in(scorer, rated_items({{0, 5.0F}, {3, 1.0F}})); });
  check("similar items", [&] { similar_items(model, 0, {.min_support = 0}); });
  check("explaining", [&] { explain(model, Task::ratings, 0, 1); });
  check("finding a title", [&] { titles.find("toy stroy"); });
  check("starting threads", [] { const Parallel threads(3); });
  all &= jobs_take_no_memory(parallel);
  all &= large_data_survives(folder, parallel);
  return all ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace palate

int main() { return palate::run(); }
