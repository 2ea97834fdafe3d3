#include "base/assert.h"

#include <fmt/format.h>

#include <stdexcept>

namespace palate {

void assertion_failed(const char* condition, const std::source_location& where) {
  throw std::logic_error(fmt::format("bug in Palate: {}:{}: {} does not hold", where.file_name(),
                                     where.line(), condition));
}

}  // namespace palate
