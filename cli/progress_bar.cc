#include "progress_bar.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "terminal.h"

namespace palate::cli {
namespace {

constexpr double kWait = 0.3;    // seconds before the bar is drawn
constexpr double kEvery = 0.05;  // seconds between two drawings

std::string drawn(std::uint64_t done, std::uint64_t total) {
  constexpr std::size_t kLength = 20;
  const double share =
      total == 0 ? 1 : std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  const auto full = static_cast<std::size_t>(share * kLength);
  std::string text;
  for (std::size_t n = 0; n < kLength; ++n) text += n < full ? "━" : "─";
  return text;
}

double megabytes(std::uint64_t bytes) {
  constexpr double kMegabyte = 1e6;
  return static_cast<double>(bytes) / kMegabyte;
}

}  // namespace

ProgressBar::ProgressBar(bool quiet)
    : unwanted_(quiet || !terminal_on_stderr()), due_at_(now() + kWait) {}

ProgressBar::~ProgressBar() {
  if (!unwanted_) end_progress_line();
}

bool ProgressBar::is_due() {
  if (unwanted_ || now() < due_at_) return false;
  due_at_ = now() + kEvery;
  return true;
}

void ProgressBar::show_bytes(std::string_view what, std::uint64_t done,
                             std::optional<std::uint64_t> total) {
  if (!is_due()) return;
  show_line(total ? fmt::format("{}: {}  {:.1f} of {:.1f} MB", what, drawn(done, *total),
                                megabytes(done), megabytes(*total))
                  : fmt::format("{}: {:.1f} MB", what, megabytes(done)));
}

void ProgressBar::watch(ReadOptions& options) {
  options.on_progress = [this](std::string_view file, std::uint64_t read,
                               std::optional<std::uint64_t> size) {
    show_bytes(fmt::format("reading {}", file.substr(file.rfind('/') + 1)), read, size);
  };
}

void ProgressBar::show_count(std::string_view what, std::uint64_t done, std::uint64_t total) {
  if (!is_due()) return;
  show_line(fmt::format("{}: {}  {} of {}", what, drawn(done, total), with_commas(done),
                        with_commas(total)));
}

}  // namespace palate::cli
