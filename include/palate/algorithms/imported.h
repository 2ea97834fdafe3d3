// Factors that another program made (palate/model/import.h). Layer: model.
//
// Nothing trains them: the table of algorithms leaves them out, and no training starts from them.
#pragma once

#include "palate/algorithms/field.h"

namespace palate {

struct ImportedOptions {
  static constexpr AlgorithmTraits about{.name = "imported",
                                         .summary = "factors that another program made",
                                         .task = Task::lists,
                                         .is_trained = false};
  Index factors = 0;
  bool operator==(const ImportedOptions&) const = default;
};

template <class Visitor>
void visit_fields(OptionsOf<ImportedOptions> auto& options, Visitor&& visit) {
  visit(Field{"factors", "length of a factor vector", between(0, 4096)}, options.factors);
}

// Errors:  invalid_argument  always: nothing trains them
[[noreturn]] TrainResult train(const Dataset& data, const ImportedOptions& options,
                               TrainContext& context);

}  // namespace palate
