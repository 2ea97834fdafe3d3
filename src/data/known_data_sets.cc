#include <cstdlib>
#include <filesystem>

#include "base/fail.h"
#include "palate/fetch.h"

namespace palate {
namespace {

const std::vector<DataSet>& known_data_sets() {
  static const std::vector<DataSet> sets{
      {.name = "ml-latest-small",
       .url = "https://files.grouplens.org/datasets/movielens/ml-latest-small.zip",
       .release = "September 26, 2018",
       .files = {{"ratings.csv", 2483723, "aa289ca83157595d0df6aea1be6a4ded676ddc4385472e8313a8ed9805352646"},
                 {"movies.csv", 494431, "5a5f32dd9bb3797b8e728a1b98958789d2b13f294a69fdfbc5727f8a9611aa07"},
                 {"links.csv"},
                 {"tags.csv"},
                 {"README.txt"}},
       .max_size = 64 << 20,
       .licence =
           "GroupLens, University of Minnesota: for research; no commercial use without permission, no endorsement implied, "
           "and copies carry the same terms (README.txt has them in full)",
       .citation = "F. Maxwell Harper and Joseph A. Konstan. 2015. The MovieLens Datasets: History and Context. "
                   "ACM Transactions on Interactive Intelligent Systems (TiiS) 5, 4: 19:1-19:19. "
                   "https://doi.org/10.1145/2827872"},
  };
  return sets;
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

// Empty where the environment does not say. The XDG specification has relative paths ignored.
std::filesystem::path user_cache() {
  const std::filesystem::path cache = environment("XDG_CACHE_HOME");
  if (cache.is_absolute()) return cache / "palate";
  const std::string home = environment("HOME");
  return home.empty() ? std::filesystem::path() : std::filesystem::path(home) / ".cache" / "palate";
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == name.npos && name.find('\0') == name.npos;
}

}  // namespace

const DataSet& known_data_set(std::string_view name) {
  std::string names;
  for (const DataSet& set : known_data_sets()) {
    if (set.name == name) return set;
    names += (names.empty() ? "" : ", ") + set.name;
  }
  fail(ErrorCode::invalid_argument, "no data set is known as \"{}\": there is {}", name, names);
}

std::string data_sets_folder() {
  const std::filesystem::path folder = user_cache();
  if (folder.empty())
    fail(ErrorCode::io, "neither XDG_CACHE_HOME nor HOME is set: say with --to where data sets are to be kept");
  return folder.string();
}

std::optional<std::string> find_data_set(std::string_view name) {
  if (!is_plain_name(name)) return std::nullopt;
  for (const std::filesystem::path& folder : {std::filesystem::path(environment("PALATE_DATA")), user_cache()}) {
    if (folder.empty()) continue;
    for (const std::string& file :
         {std::string("ratings.csv"), std::string("u.data"), std::string(name) + ".inter", std::string("ratings.dat")}) {
      const std::filesystem::path path = folder / name / file;
      std::error_code ignored;
      if (std::filesystem::is_regular_file(path, ignored)) return path.string();
    }
  }
  return std::nullopt;
}

}  // namespace palate
