// What every way to rank items agrees on.
#pragma once

#include "palate/recommend/recommend.h"

namespace palate {

// Whether the options let the item into a list.
bool may_be_listed(const Model& model, const RecommendOptions& options, Index item);

// By which items are ranked: not clipped.
float score(const Model& model, const Query& query, Index item);

}  // namespace palate
