#include "train/weights.h"

#include "base/fail.h"

namespace palate {

void check_weights(const SparseMatrix& weights) {
  if (weights.size() == 0)
    fail(ErrorCode::bad_data,
         "no user has chosen anything in the rows to train on: every value is below `relevant`, or "
         "a weight of 0");
}

}  // namespace palate
