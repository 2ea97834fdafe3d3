// A part of the data: what a model is trained on, and what measures it. Layer: experiment.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "palate/base/parallel.h"
#include "palate/data/dataset.h"
#include "palate/data/interactions.h"
#include "palate/data/split.h"

namespace palate {

// Some rows of a table as columns.
struct Rows {
  std::vector<Index> users;
  std::vector<Index> items;
  std::vector<float> values;
  std::vector<std::int64_t> times;  // in seconds since 1970; empty where there are none

  Rows() = default;
  Rows(const Interactions& interactions, std::span<const Index> rows);
  std::size_t size() const { return values.size(); }
};

// It owns what it is made of: whoever keeps a training also keeps what it was trained on. Users and
// items of the test rows may lie beyond those of the catalog. No model of this part knows these.
struct Part {
  std::shared_ptr<const Catalog> catalog;
  Dataset train;
  Rows validation;
  Rows test;
  std::shared_ptr<const Catalog> test_catalog;  // the catalog, and the test's own users and items
  // What a trained model is told of each test user, as users x items, where all of these were held
  // out whole; else it has no rows.
  SparseMatrix fold_in{};
};

// The part that a split makes.
Part part_of(const Interactions& interactions, const Split& split, Parallel& parallel);

// All of the rows, with nothing to measure. `relevant` is told of them, if there is one.
Part whole(const Interactions& interactions, std::optional<float> relevant, Parallel& parallel);

}  // namespace palate
