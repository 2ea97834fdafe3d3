// Factors that another program made: palate/algorithms/imported.h.
#include "palate/algorithms/imported.h"

#include "base/fail.h"
#include "palate/algorithms/train.h"

namespace palate {

TrainResult train(const Dataset&, const ImportedOptions&, TrainContext&) {
  fail(ErrorCode::invalid_argument, "factors that were imported cannot be trained");
}

}  // namespace palate
