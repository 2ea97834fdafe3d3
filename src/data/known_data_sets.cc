#include <cstdlib>
#include <filesystem>

#include "base/fail.h"
#include "palate/data/fetch.h"

namespace palate {
namespace {

constexpr const char* kCitation =
    "F. Maxwell Harper and Joseph A. Konstan. 2015. The MovieLens Datasets: History and Context. "
    "ACM Transactions on Interactive Intelligent Systems (TiiS) 5, 4: 19:1-19:19. "
    "https://doi.org/10.1145/2827872";

// What the README of the older sets says, and what that of those from ml-20m on says.
constexpr const char* kNotToBeCopied =
    "GroupLens, University of Minnesota: for research; no commercial use and no copies for others "
    "without permission, no "
    "endorsement "
    "implied (README has the terms in full)";
constexpr const char* kSameTerms =
    "GroupLens, University of Minnesota: for research; no commercial use without permission, no "
    "endorsement implied, and "
    "copies "
    "carry the same terms (README.txt has them in full)";

constexpr std::uint64_t kMegabyte = 1'000'000;

std::string url_of(const std::string& name) {
  return "https://files.grouplens.org/datasets/movielens/" + name + ".zip";
}

// Ratings, users and movies with titles as the README files say them, where they do; ml-10m's
// counts user ids that rated nothing. The archives' caps are about twice their size, those of the
// files half as much again.
std::vector<DataSet> make_known_data_sets() {
  return {
      {.name = "ml-latest-small",
       .folder_in_zip = "ml-latest-small",
       .release = "September 26, 2018",
       .ratings = "ratings.csv",
       .movies = "movies.csv",
       .files = {{"ratings.csv", 2483723,
                  "aa289ca83157595d0df6aea1be6a4ded676ddc4385472e8313a8ed9805352646"},
                 {"movies.csv", 494431,
                  "5a5f32dd9bb3797b8e728a1b98958789d2b13f294a69fdfbc5727f8a9611aa07"},
                 {"links.csv"},
                 {"tags.csv"},
                 {"README.txt"}},
       .counts = {.ratings = 100'836, .users = 610, .rated_movies = 9'724, .movies = 9'742},
       .max_zip_size = 20 * kMegabyte,
       .max_unpacked_size = 64 * kMegabyte,
       .licence = kSameTerms},
      {.name = "ml-100k",
       .folder_in_zip = "ml-100k",
       .release = "April 1998",
       .ratings = "u.data",
       .movies = "u.item",
       .files = {{"u.data"}, {"u.item"}, {"u.user"}, {"u.genre"}, {"u.occupation"}, {"README"}},
       .counts = {.ratings = 100'000, .users = 943, .rated_movies = 1'682, .movies = 1'682},
       .max_zip_size = 10 * kMegabyte,
       .max_unpacked_size = 4 * kMegabyte,
       .licence = kNotToBeCopied},
      {.name = "ml-1m",
       .folder_in_zip = "ml-1m",
       .release = "February 2003",
       .ratings = "ratings.dat",
       .movies = "movies.dat",
       .files = {{"ratings.dat"}, {"movies.dat"}, {"users.dat"}, {"README"}},
       .counts = {.ratings = 1'000'209, .users = 6'040, .rated_movies = 3'706, .movies = 3'883},
       .max_zip_size = 12 * kMegabyte,
       .max_unpacked_size = 40 * kMegabyte,
       .licence = kNotToBeCopied},
      {.name = "ml-10m",
       .folder_in_zip = "ml-10M100K",
       .release = "January 2009",
       .ratings = "ratings.dat",
       .movies = "movies.dat",
       .files = {{"ratings.dat"}, {"movies.dat"}, {"tags.dat"}, {"README.html"}},
       .counts = {.ratings = 10'000'054, .users = 69'878, .rated_movies = 10'677, .movies = 10'681},
       .max_zip_size = 130 * kMegabyte,
       .max_unpacked_size = 400 * kMegabyte,
       .licence = kNotToBeCopied},
      {.name = "ml-20m",
       .folder_in_zip = "ml-20m",
       .release = "October 17, 2016",
       .ratings = "ratings.csv",
       .movies = "movies.csv",
       .files = {{"ratings.csv"}, {"movies.csv"}, {"links.csv"}, {"tags.csv"}, {"README.txt"}},
       .counts =
           {.ratings = 20'000'263, .users = 138'493, .rated_movies = 26'744, .movies = 27'278},
       .max_zip_size = 400 * kMegabyte,
       .max_unpacked_size = 900 * kMegabyte,
       .licence = kSameTerms},
      {.name = "ml-25m",
       .folder_in_zip = "ml-25m",
       .release = "November 21, 2019",
       .ratings = "ratings.csv",
       .movies = "movies.csv",
       .files = {{"ratings.csv"}, {"movies.csv"}, {"links.csv"}, {"tags.csv"}, {"README.txt"}},
       .counts =
           {.ratings = 25'000'095, .users = 162'541, .rated_movies = 59'047, .movies = 62'423},
       .max_zip_size = 520 * kMegabyte,
       .max_unpacked_size = 1'100 * kMegabyte,
       .licence = kSameTerms},
      {.name = "ml-32m",
       .folder_in_zip = "ml-32m",
       .release = "October 13, 2023",
       .ratings = "ratings.csv",
       .movies = "movies.csv",
       .files = {{"ratings.csv"}, {"movies.csv"}, {"links.csv"}, {"tags.csv"}, {"README.txt"}},
       .counts =
           {.ratings = 32'000'204, .users = 200'948, .rated_movies = 84'432, .movies = 87'585},
       .max_zip_size = 480 * kMegabyte,
       .max_unpacked_size = 1'500 * kMegabyte,
       .licence = kSameTerms},
  };
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
  return !name.empty() && name != "." && name != ".." && name.find('/') == name.npos &&
         name.find('\0') == name.npos;
}

}  // namespace

const std::vector<DataSet>& known_data_sets() {
  static const std::vector<DataSet> sets = [] {
    std::vector<DataSet> known = make_known_data_sets();
    for (DataSet& set : known) {
      set.url = url_of(set.name);
      set.has_md5 = set.name != "ml-latest-small";  // its files are pinned
      set.citation = kCitation;
    }
    return known;
  }();
  return sets;
}

const DataSet& known_data_set(std::string_view name) {
  std::string names;
  for (const DataSet& set : known_data_sets()) {
    if (set.name == name) return set;
    names += (names.empty() ? "" : ", ") + set.name;
  }
  fail(ErrorCode::invalid_argument, "no data set is known as \"{}\": there are {}", name, names);
}

std::string data_sets_folder() {
  const std::filesystem::path folder = user_cache();
  if (folder.empty())
    fail(
        ErrorCode::io,
        "neither XDG_CACHE_HOME nor HOME is set: say with `folder` where data sets are to be kept");
  return folder.string();
}

std::optional<std::string> find_data_set(std::string_view name) {
  if (!is_plain_name(name)) return std::nullopt;
  for (const std::filesystem::path& folder :
       {std::filesystem::path(environment("PALATE_DATA")), user_cache()}) {
    if (folder.empty()) continue;
    for (const std::string& file : {std::string("ratings.csv"), std::string("u.data"),
                                    std::string(name) + ".inter", std::string("ratings.dat")}) {
      const std::filesystem::path path = folder / name / file;
      std::error_code ignored;
      if (std::filesystem::is_regular_file(path, ignored)) return path.string();
    }
  }
  return std::nullopt;
}

}  // namespace palate
