// The verbs of the command line, one file each. add_VERB declares a verb's flags and returns what
// the verb does; it is called after the command line was parsed and returns the exit status. What
// goes wrong is thrown as an Error.
#pragma once

#include <functional>

#include "flag_set.h"

namespace palate::cli {

using Run = std::function<int()>;

Run add_demo(FlagSet& flags);
Run add_fetch(FlagSet& flags);
Run add_inspect(FlagSet& flags);
Run add_train(FlagSet& flags);
Run add_evaluate(FlagSet& flags);
Run add_compare(FlagSet& flags);
Run add_tune(FlagSet& flags);
Run add_predict(FlagSet& flags);
Run add_recommend(FlagSet& flags);
Run add_similar(FlagSet& flags);
Run add_explain(FlagSet& flags);
Run add_report(FlagSet& flags);
Run add_export(FlagSet& flags);
Run add_import(FlagSet& flags);

// Exit statuses beside those of Error's codes (main.cc).
inline constexpr int kDone = 0;
inline constexpr int kCannotTell = 3;  // as of Error(io)
inline constexpr int kInterrupted = 130;

}  // namespace palate::cli
