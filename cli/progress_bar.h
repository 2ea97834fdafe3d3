// How far one long step is, as a bar.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "palate/data/read.h"

namespace palate::cli {

// A line that is written over on a terminal, and nothing in a pipe or when quiet:
// "reading ratings.csv: ━━━━━━━━━━━━────────  1.2 of 2.0 MB". It stays away from steps that are
// over at once, and goes when it ends.
class ProgressBar {
 public:
  explicit ProgressBar(bool quiet);
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar();

  // Without a total there is no bar, but what is done.
  void show_bytes(std::string_view what, std::uint64_t done, std::optional<std::uint64_t> total);
  // Of reading with these options.
  void watch(ReadOptions& options);
  void show_count(std::string_view what, std::uint64_t done, std::uint64_t total);

 private:
  bool is_due();

  bool unwanted_;
  double due_at_;
};

}  // namespace palate::cli
