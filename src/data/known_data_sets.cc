#include <fmt/ranges.h>

#include <cstdlib>
#include <filesystem>

#include "base/fail.h"
#include "palate/base/spelling.h"
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

// Of the recommenders team: the very archives of GroupLens.
constexpr const char* kMirror = "https://huggingface.co/datasets/Recommenders/MovieLens";

constexpr std::uint64_t kMegabyte = 1'000'000;

std::string url_of(const std::string& name) {
  return "https://files.grouplens.org/datasets/movielens/" + name + ".zip";
}

// Sizes and digests are those of public lists of checksums. The files may unpack to about half as
// much again as those of the release.
std::vector<DataSet> make_known_data_sets() {
  return {
      {.name = "ml-latest-small",
       .zip_size = 978'202,
       .sha256 = "696d65a3dfceac7c45750ad32df2c259311949efec81f0f144fdfb91ebc9e436",
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
       .max_unpacked_size = 64 * kMegabyte,
       .licence = kSameTerms},
      {.name = "ml-100k",
       .mirror = kMirror,
       .zip_size = 4'924'029,
       .sha256 = "50d2a982c66986937beb9ffb3aa76efe955bf3d5c6b761f4e3a7cd717c6a3229",
       .folder_in_zip = "ml-100k",
       .release = "April 1998",
       .ratings = "u.data",
       .movies = "u.item",
       .files = {{"u.data"}, {"u.item"}, {"u.user"}, {"u.genre"}, {"u.occupation"}, {"README"}},
       .max_unpacked_size = 4 * kMegabyte,
       .licence = kNotToBeCopied},
      {.name = "ml-1m",
       .mirror = kMirror,
       .zip_size = 5'917'549,
       .sha256 = "a6898adb50b9ca05aa231689da44c217cb524e7ebd39d264c56e2832f2c54e20",
       .folder_in_zip = "ml-1m",
       .release = "February 2003",
       .ratings = "ratings.dat",
       .movies = "movies.dat",
       .files = {{"ratings.dat"}, {"movies.dat"}, {"users.dat"}, {"README"}},
       .max_unpacked_size = 40 * kMegabyte,
       .licence = kNotToBeCopied},
      {.name = "ml-10m",
       .mirror = kMirror,
       .zip_size = 65'566'137,
       .sha256 = "813c411ccb6122564edfe752e7f80c4dcc5aa25fa94c93622f6877a7ba252862",
       .folder_in_zip = "ml-10M100K",
       .release = "January 2009",
       .ratings = "ratings.dat",
       .movies = "movies.dat",
       .files = {{"ratings.dat"}, {"movies.dat"}, {"tags.dat"}, {"README.html"}},
       .max_unpacked_size = 400 * kMegabyte,
       .licence = kNotToBeCopied},
      {.name = "ml-20m",
       .mirror = kMirror,
       .zip_size = 198'702'078,
       .sha256 = "96f243c338a8665f6bcc89c53edf6ee39162a846940de6b7c8c48aeada765ff3",
       .folder_in_zip = "ml-20m",
       .release = "October 17, 2016",
       .ratings = "ratings.csv",
       .movies = "movies.csv",
       .files = {{"ratings.csv"}, {"movies.csv"}, {"links.csv"}, {"tags.csv"}, {"README.txt"}},
       .max_unpacked_size = 900 * kMegabyte,
       .licence = kSameTerms},
      {.name = "ml-25m",
       .zip_size = 261'978'986,
       .sha256 = "8b21cfb7eb1706b4ec0aac894368d90acf26ebdfb6aced3ebd4ad5bd1eb9c6aa",
       .folder_in_zip = "ml-25m",
       .release = "November 21, 2019",
       .ratings = "ratings.csv",
       .movies = "movies.csv",
       .files = {{"ratings.csv"}, {"movies.csv"}, {"links.csv"}, {"tags.csv"}, {"README.txt"}},
       .max_unpacked_size = 1'100 * kMegabyte,
       .licence = kSameTerms},
      {.name = "ml-32m",
       .zip_size = 238'950'008,
       .md5 = "d472be332d4daa821edc399621853b57",
       .folder_in_zip = "ml-32m",
       .release = "October 13, 2023",
       .ratings = "ratings.csv",
       .movies = "movies.csv",
       .files = {{"ratings.csv"}, {"movies.csv"}, {"links.csv"}, {"tags.csv"}, {"README.txt"}},
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
      set.citation = kCitation;
    }
    return known;
  }();
  return sets;
}

const DataSet& known_data_set(std::string_view name) {
  std::vector<std::string> names;
  for (const DataSet& set : known_data_sets()) {
    if (set.name == name) return set;
    names.push_back(set.name);
  }
  fail(ErrorCode::invalid_argument, "no data set is known as \"{}\": there are {}{}", name,
       fmt::join(names, ", "), spelling_hint(name, names));
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
