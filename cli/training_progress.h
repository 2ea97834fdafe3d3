// How far trainings are.
#pragma once

#include <string>

#include "palate/evaluate/trial.h"

namespace palate::cli {

// The progress of one or more trainings: a line that is written over on a terminal, a line for each
// training in a pipe, none when quiet.
class TrainingProgress {
 public:
  // `rows` are those of every training, where it is worth saying: "all rows".
  TrainingProgress(bool quiet, Index folds, std::string rows = "")
      : quiet_(quiet), folds_(folds), rows_(std::move(rows)) {}
  Watch watch();
  // The same, and once a training has started the first signal asks for a stop (signals.h).
  Watch watch_for_stops();

 private:
  void show(const std::string& name, Index fold, const Curve& so_far);
  std::string label(const std::string& name, Index fold) const;

  bool quiet_;
  Index folds_;
  std::string rows_;
  Index epochs_ = 1;  // that the training has at most
  double started_at_ = 0;
  Curve last_;  // its last record alone
  double shown_at_ = 0;
};

}  // namespace palate::cli
