// A ranked list as text.
#pragma once

#include <string>
#include <vector>

#include "palate/recommend/recommend.h"

namespace palate::cli {

std::string recommendation_table(const Model& model, const std::vector<Recommendation>& list);

}  // namespace palate::cli
