// palate fetch NAME
#include "palate/data/fetch.h"

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "flags.h"
#include "progress_bar.h"
#include "signals.h"
#include "terminal.h"
#include "verb_files.h"
#include "verbs.h"

namespace palate::cli {
namespace {

std::string names_of(const std::vector<DataSet>& sets) {
  std::string names;
  for (const DataSet& set : sets) names += (names.empty() ? "" : ", ") + set.name;
  return names;
}

struct Fetch {
  CommonFlags common;
  std::string name;
  FetchOptions options;

  int run() const {
    const DataSet& set = known_data_set(name);
    check_files();
    let_first_signal(FirstSignal::asks);
    const std::optional<FetchedSet> fetched = fetch_with_bar(set);
    let_first_signal(FirstSignal::ends);
    if (!fetched) return kInterrupted;
    if (common.json) {
      nlohmann::ordered_json release;  // null where it is not known
      if (!fetched->release.empty()) release = fetched->release;
      print_json(nlohmann::ordered_json{{"name", set.name},
                                        {"folder", fetched->folder},
                                        {"ratings", fetched->ratings},
                                        {"release", release},
                                        {"notice", fetched->notice},
                                        {"downloaded", fetched->downloaded},
                                        {"licence", set.licence},
                                        {"citation", set.citation}});
      return kDone;
    }
    print("{}: {}{}\n", fetched->ratings,
          fetched->release.empty() ? set.name + ", whose files cannot be checked"
                                   : "the release of " + fetched->release,
          fetched->downloaded ? "" : " (it was there already)");
    print("\nlicence: {}\n\ncitation: {}\n", set.licence, set.citation);
    return kDone;
  }

  std::optional<FetchedSet> fetch_with_bar(const DataSet& set) const {
    FetchOptions chosen = options;
    ProgressBar bar(common.quiet);
    chosen.on_progress = std::bind_front(&ProgressBar::show_bytes, &bar, "downloading");
    chosen.on_unpack = std::bind_front(&ProgressBar::show_bytes, &bar, "unpacking");
    if (!common.quiet)
      chosen.on_notice = [](const std::string& notice) { tell("notice: {}", notice); };
    chosen.stop_requested = stop_requested;
    return palate::fetch(set, chosen);
  }

  // A set that is there already needs no folder that can be written: fetch() looks itself.
  void check_files() const {
    const std::string parent = options.folder.empty() ? data_sets_folder() : options.folder;
    VerbFiles used;
    used.reads("--ca-file", options.ca_file);
    used.writes("--to", parent + "/" + name + ".zip.part");
    used.writes("--to", parent + "/" + name + ".zip.part.origin");
    used.refuse_overwriting();
  }
};

}  // namespace

Run add_fetch(FlagSet& flags) {
  const auto fetch = std::make_shared<Fetch>();
  flags.add_required("NAME", &fetch->name, names_of(known_data_sets()));
  flags.add("--to FOLDER", &fetch->options.folder,
            "the folder that the set's folder goes into [the user's cache]");
  flags.add("--url URL", &fetch->options.url,
            "the address of the archive, in place of the set's own; https alone");
  flags.add("--ca-file FILE", &fetch->options.ca_file,
            "certificates to trust beside the system's (PEM)");
  fetch->common.add_to(flags);
  flags.set_examples(
      {"palate fetch ml-latest-small", "palate fetch ml-1m --to data", "palate fetch ml-32m -q"});
  return [fetch] { return fetch->run(); };
}

}  // namespace palate::cli
