#include "training_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "signals.h"
#include "terminal.h"

namespace palate::cli {
namespace {

Index epochs_of(const NamedAlgorithm& algorithm) {
  const std::string text = option_text(algorithm.options, "epochs").value_or("1");
  Index epochs = 1;
  std::from_chars(text.data(), text.data() + text.size(), epochs);
  return epochs;
}

std::string in_words(std::string name) {
  std::ranges::replace(name, '_', ' ');
  return name;
}

}  // namespace

std::string TrainingProgress::label(const std::string& name, Index fold) const {
  const std::string of_rows = rows_.empty() ? name : fmt::format("{} on {}", name, rows_);
  return folds_ > 1 ? fmt::format("{}, fold {} of {}", of_rows, fold + 1, folds_) : of_rows;
}

// "als: epoch 3 of 15, at most 12s left, train loss 0.56551, validation loss 0.72646": a narrow
// terminal cuts the end.
void TrainingProgress::show(const std::string& name, Index fold, const Curve& so_far) {
  constexpr double kEvery = 0.05;      // seconds between two drawings of the line
  constexpr double kWorthTelling = 2;  // seconds that are left
  last_ = {so_far.names, {so_far.epochs.back()}};
  if (!terminal_on_stderr() || now() - shown_at_ < kEvery) return;
  shown_at_ = now();
  const EpochRecord& record = last_.epochs.back();
  std::string line =
      fmt::format("{}: epoch {} of {}", label(name, fold), record.epoch + 1, epochs_);
  const double an_epoch = (now() - started_at_) / (record.epoch + 1);
  const double left = an_epoch * (std::max(epochs_, record.epoch + 1) - record.epoch - 1);
  if (left >= kWorthTelling) line += fmt::format(", at most {} left", duration_text(left));
  for (std::size_t v = 0; v < record.values.size(); ++v) {
    if (v == 0 || last_.names[v].starts_with("validation"))
      line += fmt::format(", {} {:.5f}", in_words(last_.names[v]), record.values[v]);
  }
  show_line(line);
}

Watch TrainingProgress::watch() {
  Watch watch;
  if (quiet_) return watch;
  watch.on_start = [this](const NamedAlgorithm& algorithm, Index) {
    last_ = {};
    epochs_ = epochs_of(algorithm);
    started_at_ = now();
  };
  watch.on_epoch = [this](const std::string& name, Index fold, const Curve& so_far) {
    show(name, fold, so_far);
  };
  watch.on_end = [this](const std::string& name, Index fold) {
    const EpochRecord record = last_.epochs.empty() ? EpochRecord{} : last_.epochs.back();
    std::string line = fmt::format("{}: {}", label(name, fold), counted(record.epoch + 1, "epoch"));
    for (std::size_t v = 0; v < record.values.size(); ++v)
      line += fmt::format(", {} {:.5f}", in_words(last_.names[v]), record.values[v]);
    tell(line);
  };
  return watch;
}

Watch TrainingProgress::watch_for_stops() {
  Watch watch = this->watch();
  watch.stop_requested = stop_requested;
  watch.on_start = [shown = std::move(watch.on_start)](const NamedAlgorithm& algorithm,
                                                       Index fold) {
    let_first_signal(FirstSignal::asks);
    if (shown) shown(algorithm, fold);
  };
  return watch;
}

}  // namespace palate::cli
