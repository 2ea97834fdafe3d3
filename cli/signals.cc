#include "signals.h"

#include <csignal>
#include <filesystem>

#include "palate/base/unfinished_files.h"

namespace palate::cli {
namespace {

volatile std::sig_atomic_t first_signal_asks = 0;
volatile std::sig_atomic_t requested = 0;

// Those that ask a program to end, where it looks for that.
constexpr int kAsking[] = {SIGINT, SIGTERM, SIGHUP};
// Others that end it unless they are caught, and are no bug's.
constexpr int kEnding[] = {SIGQUIT, SIGXCPU, SIGALRM, SIGUSR1, SIGUSR2};

// As if it had not been caught: who waits for this process sees the signal.
void end_by(int signal) {
  remove_unfinished_files();
  std::signal(signal, SIG_DFL);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal);
  pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
  std::raise(signal);
}

extern "C" void end_at_once(int signal) { end_by(signal); }

extern "C" void ask_or_end(int signal) {
  if (first_signal_asks == 0 || requested != 0) end_by(signal);
  requested = 1;
}

template <std::size_t Count>
void handle(const int (&signals)[Count], void (*handler)(int)) {
  for (const int signal : signals) {
    struct sigaction action{};
    if (sigaction(signal, nullptr, &action) != 0 || action.sa_handler == SIG_IGN) continue;
    action = {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigaction(signal, &action, nullptr);
  }
}

}  // namespace

void catch_signals() {
  handle(kAsking, ask_or_end);
  handle(kEnding, end_at_once);
  std::signal(SIGXFSZ, SIG_IGN);
}

void let_first_signal(FirstSignal act) { first_signal_asks = act == FirstSignal::asks ? 1 : 0; }

bool stop_requested() { return requested != 0; }

std::string file_of_result(const std::string& output) {
  if (!stop_requested() || !std::filesystem::exists(output)) return output;
  const std::filesystem::path path(output);
  return path.parent_path() / (path.stem().string() + ".interrupted" + path.extension().string());
}

}  // namespace palate::cli
