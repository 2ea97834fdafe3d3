// palate: the command line.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "flag_names.h"
#include "flags.h"
#include "options_file.h"
#include "palate/base/error.h"
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
  const char* help;
  Run (*add)(FlagSet&);
};

constexpr std::array kVerbs{
    Verb{"demo", "a tour: both methods of the notebook, fast SGD, ALS and baselines on MovieLens",
         add_demo},
    Verb{"fetch", "download a data set, checked", add_fetch},
    Verb{"inspect", "what a table of ratings or a model holds", add_inspect},
    Verb{"train", "from ratings to a measured model", add_train},
    Verb{"compare", "several algorithms on the same split, in one table", add_compare},
    Verb{"tune", "a search for better options, and the model that they make", add_tune},
    Verb{"evaluate", "measure a model on test ratings", add_evaluate},
    Verb{"predict", "predicted ratings of pairs", add_predict},
    Verb{"recommend", "the best items for a user", add_recommend},
    Verb{"similar", "the items that are like one, or the users", add_similar},
    Verb{"explain", "what a predicted rating is made of", add_explain},
    Verb{"report", "what compare measured, as a page", add_report},
    Verb{"export", "a model's factors for other programs", add_export},
};

// A word that is not known may be why another is missing: it is told of first.
std::string reason(const CLI::App& app, const CLI::ParseError& error) {
  const std::vector<std::string> unknown = app.remaining(true);
  const bool is_missing = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError);
  return is_missing && !unknown.empty() ? CLI::ExtrasError(unknown).what() : error.what();
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

int run(int argc, const char* const* argv) {
  CLI::App app("Palate learns people's taste from a table of who rated what.", "palate");
  app.set_version_flag("--version", kVersion);
  app.require_subcommand(1);
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  app.footer("palate VERB --help says what a verb can do.");
  std::vector<std::string> words(argv + 1, argv + argc);
  remember_command(words);
  std::vector<std::pair<CLI::App*, Run>> runs;
  for (const Verb& verb : kVerbs) {
    CLI::App* const sub = app.add_subcommand(verb.name, verb.help);
    // its flags would only cost time
    if (std::ranges::find(words, verb.name) == words.end()) continue;
    sub->add_option(kOptionsFileFlag, kOptionsFileHelp)->type_name("FILE");
    FlagSet flags(*sub);
    runs.emplace_back(sub, verb.add(flags));
  }
  try {
    words = with_options_files(words);
    std::reverse(words.begin(), words.end());  // CLI11 takes them from the back
    app.parse(words);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {  // --help and --version
      std::ostringstream text;
      app.exit(error, text);
      print(text.str());
      return kDone;
    }
    tell("palate: {} (palate --help lists the verbs, palate VERB --help the flags)",
         one_line(reason(app, error)));
    return kUsage;
  }
  for (const auto& [verb, execute] : runs) {
    if (verb->parsed()) return execute();
  }
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
