#include "palate/model/model.h"

#include <algorithm>

#include "base/assert.h"

namespace palate {

bool Model::has_seen(Index user, Index item) const {
  return seen && user < seen->rows() && std::ranges::binary_search(seen->row(user).columns, item);
}

bool Model::operator==(const Model& other) const {
  const auto same = [](const auto& a, const auto& b) { return a && b ? *a == *b : !a && !b; };
  return same(catalog, other.catalog) && same(seen, other.seen) && ratings == other.ratings &&
         lists == other.lists && data_digest == other.data_digest &&
         data_selection == other.data_selection;
}

const Fitted& for_ratings(const Model& model) {
  PALATE_ASSERT(model.ratings || model.lists);
  return model.ratings ? *model.ratings : *model.lists;
}

const Fitted& for_lists(const Model& model) {
  PALATE_ASSERT(model.ratings || model.lists);
  return model.lists ? *model.lists : *model.ratings;
}

}  // namespace palate
