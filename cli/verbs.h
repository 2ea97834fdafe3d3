// The verbs of the command line, one file each. add_VERB declares a verb's flags and returns what the verb does; it is called after
// the command line was parsed and returns the exit status. What goes wrong is thrown as an Error.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace palate::cli {

using Run = std::function<int()>;

Run add_demo(CLI::App& verb);
Run add_fetch(CLI::App& verb);
Run add_inspect(CLI::App& verb);
Run add_train(CLI::App& verb);
Run add_evaluate(CLI::App& verb);
Run add_compare(CLI::App& verb);
Run add_predict(CLI::App& verb);
Run add_recommend(CLI::App& verb);
Run add_similar(CLI::App& verb);
Run add_explain(CLI::App& verb);
Run add_report(CLI::App& verb);
Run add_export(CLI::App& verb);

// Exit statuses beside those of Error's codes (main.cc).
inline constexpr int kDone = 0;
inline constexpr int kInterrupted = 130;

}  // namespace palate::cli
