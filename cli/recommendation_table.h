// A ranked list as text.
#pragma once

#include <string>
#include <vector>

#include "palate/recommend/recommend.h"

namespace palate::cli {

// `ratings` are the predicted ratings of what is listed, a column of their own; none: no column.
std::string recommendation_table(const Model& model, const std::vector<Recommendation>& list,
                                 const std::vector<float>& ratings = {});

}  // namespace palate::cli
