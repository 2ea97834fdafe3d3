// palate: the command line.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "flag_names.h"
#include "flags.h"
#include "help.h"
#include "options_file.h"
#include "palate/base/error.h"
#include "palate/base/spelling.h"
#include "palate/base/version.h"
#include "signals.h"
#include "terminal.h"
#include "verbs.h"

namespace palate::cli {
namespace {

constexpr int kBug = 1;
constexpr int kUsage = 64;

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
    case ErrorCode::bad_data:
    case ErrorCode::diverged:
      return 2;
    case ErrorCode::io:
      return 3;
    case ErrorCode::bad_model:
      return 4;
  }
  return kBug;
}

struct Verb {
  const char* name;
  const char* summary;
  Run (*add)(FlagSet&);
};

constexpr std::array kVerbs{
    Verb{"demo",
         "Trains the notebook's two methods and better ones on MovieLens, and makes a page.",
         add_demo},
    Verb{"fetch", "Downloads a data set and checks it.", add_fetch},
    Verb{"inspect", "Tells what a table of ratings or a model holds.", add_inspect},
    Verb{"train", "Trains a model on a table of ratings, and measures it.", add_train},
    Verb{"compare", "Measures several algorithms on the same ratings, side by side.", add_compare},
    Verb{"tune", "Searches for better options, and trains the model that they make.", add_tune},
    Verb{"evaluate", "Measures a model on ratings that it was not trained on.", add_evaluate},
    Verb{"predict", "Predicts the ratings of users and items.", add_predict},
    Verb{"recommend", "Lists the best items for a user, for several or for all.", add_recommend},
    Verb{"similar", "Lists the items that are like one, or the users that are like one.",
         add_similar},
    Verb{"explain", "Tells why an item is recommended, and what a predicted rating is made of.",
         add_explain},
    Verb{"report", "Writes what `compare` measures as a page to be passed on.", add_report},
    Verb{"export", "Writes a model's factors for other programs.", add_export},
    Verb{"import", "Makes a model of factors that another program has trained.", add_import},
};

const Verb* find_verb(std::string_view name) {
  const auto found = std::ranges::find(kVerbs, name, &Verb::name);
  return found == kVerbs.end() ? nullptr : &*found;
}

std::string no_such_verb(std::string_view typed) {
  std::vector<std::string> names{"help", "version"};
  for (const Verb& verb : kVerbs) names.emplace_back(verb.name);
  return fmt::format("there is no verb \"{}\"{} (palate help lists the verbs)", visible(typed),
                     spelling_hint(typed, names));
}

// A word that is not known may be why another is missing: it is told of first.
std::string reason(const CLI::App& app, const VerbHelp& verb, const CLI::ParseError& error) {
  const std::vector<std::string> unknown = app.remaining(true);
  const bool is_missing = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError);
  const bool is_unknown = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError);
  if (unknown.empty() || (!is_missing && !is_unknown)) return error.what();
  const std::string& word = unknown.front();
  if (!word.starts_with('-')) return fmt::format("there is one word too many: \"{}\"", word);
  std::vector<std::string> names;
  for (const FlagGroup& group : verb.groups) {
    for (const FlagHelp& flag : group.flags)
      names.insert(names.end(), flag.names.begin(), flag.names.end());
  }
  const std::string flag = word.substr(0, word.find('='));
  return fmt::format("{} has no flag {}{}", verb.name, flag, spelling_hint(flag, names));
}

constexpr const char* kNoMemory = "palate: there is not enough memory\n";

// Where no exception may pass, as in a destructor, one that says so ends the program here.
[[noreturn]] void end_for_want_of_memory() {
  try {
    if (const std::exception_ptr error = std::current_exception()) std::rethrow_exception(error);
  } catch (const std::bad_alloc&) {
    std::fputs(kNoMemory, stderr);
    std::_Exit(status_of(ErrorCode::bad_data));
  } catch (...) {
  }
  std::abort();
}

std::size_t width_of_help() {
  constexpr std::size_t kMost = 100;  // longer lines are hard to read
  return std::min(terminal_width().value_or(kMost), kMost);
}

// The flags of a verb, for the command line and for its help.
Run declare(const Verb& verb, CLI::App& app, VerbHelp& help) {
  help = {.name = verb.name, .summary = verb.summary, .groups = {}, .examples = {}};
  FlagSet flags(app, help);
  help.group("");
  Run run = verb.add(flags);
  FlagGroup& general = help.group(kGeneral);
  app.add_option(kOptionsFileFlag);
  general.flags.push_back({{kOptionsFileFlag}, "FILE", kOptionsFileHelp, "", false});
  general.flags.push_back({{"-h", "--help"}, "", "show this", "", false});
  const auto place = [](const FlagGroup& group) {
    constexpr std::array kLast{kChoosingRows, kReadingTable, kGeneral};
    const auto found = std::ranges::find(kLast, group.heading);
    return found == kLast.end() ? -1 : found - kLast.begin();
  };
  std::ranges::stable_sort(help.groups, {}, place);
  return run;
}

std::vector<VerbHelp> all_help() {
  std::vector<VerbHelp> all;
  for (const Verb& verb : kVerbs) {
    CLI::App app;
    declare(verb, app, all.emplace_back());
  }
  return all;
}

// palate help [VERB], and --json for what the man page and the completions are made of.
int help(std::span<const std::string> words) {
  if (words.empty() || words.front() == "help" || words.front() == "version") {
    print(help_of_all(all_help(), width_of_help()));
  } else if (words.front() == "--json") {
    nlohmann::ordered_json document = nlohmann::ordered_json::array();
    for (const VerbHelp& verb : all_help()) document.push_back(to_json(verb));
    print_json(document);
  } else {
    const Verb* const verb = find_verb(words.front());
    if (verb == nullptr) {
      tell("palate: {}", no_such_verb(words.front()));
      return kUsage;
    }
    CLI::App app;
    VerbHelp help;
    declare(*verb, app, help);
    print(help_of_verb(help, width_of_help()));
  }
  return kDone;
}

// A flag with a value that may stand once and was typed again. What an options file says is not
// typed.
std::optional<std::string> typed_twice(const CLI::App& app) {
  std::set<const CLI::Option*> seen;
  for (const std::string& word : command_words()) {
    const std::string name = word.substr(0, word.find('='));
    const CLI::Option* const option =
        name.starts_with('-') ? app.get_option_no_throw(name) : nullptr;
    const bool may_be_twice = option == nullptr || option->get_items_expected_max() == 0 ||
                              option->get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
    if (!may_be_twice && !seen.insert(option).second) return name;
  }
  return std::nullopt;
}

int run_verb(const Verb& verb, std::vector<std::string> words) {
  CLI::App app;
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  VerbHelp help;
  const Run run = declare(verb, app, help);
  try {
    std::reverse(words.begin(), words.end());  // CLI11 takes them from the back
    app.parse(words);
  } catch (const CLI::CallForHelp&) {
    print(help_of_verb(help, width_of_help()));
    return kDone;
  } catch (const CLI::ParseError& error) {
    tell("palate: {} (palate {} --help lists the flags)", one_line(reason(app, help, error)),
         verb.name);
    return kUsage;
  }
  if (const std::optional<std::string> twice = typed_twice(app)) {
    tell("palate: {} is given twice, and may be given once", *twice);
    return kUsage;
  }
  return run();
}

int run(int argc, const char* const* argv) {
  command_words() = {argv + 1, argv + argc};
  const std::vector<std::string> words = with_options_files(command_words());
  const std::string first = words.empty() ? "help" : words.front();
  const std::span<const std::string> others = std::span(words).subspan(words.empty() ? 0 : 1);
  if (first == "help" || first == "--help" || first == "-h") return help(others);
  if (first == "version" || first == "--version" || first == "-V") {
    print("{}\n", kVersion);
    return kDone;
  }
  if (const Verb* const verb = find_verb(first))
    return run_verb(*verb, {others.begin(), others.end()});
  tell("palate: {}", no_such_verb(first));
  return kUsage;
}

// Tells what goes wrong.
int run_and_tell(int argc, const char* const* argv) {
  try {
    catch_signals();
    return run(argc, argv);
  } catch (const CannotPrint&) {
    return kCannotTell;
  } catch (const Error& error) {
    tell("palate: {}", with_flags(error.what()));
    return status_of(error.code());
  } catch (const std::bad_alloc&) {
    std::fputs(kNoMemory, stderr);  // which takes none
    return status_of(ErrorCode::bad_data);
  } catch (const std::exception& error) {
    tell("palate: {}", one_line(error.what()));
    return kBug;
  }
}

}  // namespace
}  // namespace palate::cli

int main(int argc, char** argv) {
  using namespace palate::cli;
  std::set_terminate(&end_for_want_of_memory);
  open_standard_streams();
  return final_status(run_and_tell(argc, argv));
}
