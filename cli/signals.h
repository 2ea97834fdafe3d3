// What the signals do that end a program: Ctrl-C, SIGTERM and the like.
#pragma once

#include <string>

namespace palate::cli {

// From here on a signal that ends the program removes the temporary files of what is being written.
// One that was ignored at the start (`nohup`, a job in the background) stays ignored. A file that
// may not grow further (`ulimit -f`) is an error of the write.
void catch_signals();

// What the first Ctrl-C, SIGTERM or SIGHUP does: it ends the program at once, as the second one and
// every other signal always do, or it asks for a stop, where that is looked for.
enum class FirstSignal { ends, asks };
void let_first_signal(FirstSignal act);
// Whether one asked.
bool stop_requested();

// Where a result goes: to `output`, or where a stop was requested and that is there already, to
// NAME.interrupted.EXTENSION beside it. What was interrupted replaces nothing.
std::string file_of_result(const std::string& output);

}  // namespace palate::cli
