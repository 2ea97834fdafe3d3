// Factors that another program made, as a model. Layer: model.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "palate/algorithms/task.h"
#include "palate/model/model.h"

namespace palate {

// NumPy's arrays, as numpy.save writes them: little-endian floats of 32 or 64 bits, finite.
struct FactorFiles {
  std::string users;        // users x f
  std::string items;        // items x f
  std::string user_bias{};  // users; empty: none, and the same of the others
  std::string item_bias{};  // items
  std::string global_mean{};
};

// What was read of others' factors. A column that is 1 for all of one side, but for rows of zeros,
// is no factor: the other side's numbers in it are biases, and that is what they become.
struct ForeignFactors {
  Factors factors;
  Index bias_columns = 0;  // that became biases
  // How `implicit` trained its alternating least squares; nothing: it did not, or is not known.
  std::optional<float> regularization{};
  std::optional<float> alpha{};
};

// Errors:  bad_data  what is no such array, or numbers of rows or columns that do not fit
//          io        a file cannot be read
ForeignFactors read_factors(const FactorFiles& files);

// The same of a model of the Python library `implicit`, as its save() writes it: an .npz with
// user_factors and item_factors. The errors are those of read_factors().
ForeignFactors read_implicit(const std::string& path);

// What export_model() has written as `npy` into a folder: ids, titles, and each task's factors.
struct ExportedFactors {
  std::shared_ptr<Catalog> catalog;
  std::optional<ForeignFactors> ratings;
  std::optional<ForeignFactors> lists;
};

// Errors:  bad_data  those of read_factors() and read_ids(); a task that has no factors: it has
//                    biases alone, or item weights
//          io        a file cannot be read
ExportedFactors read_export(const std::string& folder);

// The ids of so many users or items, `what`, in the order of their rows: one a line, or an array of
// NumPy's. A line more than there are rows is a heading. Without a file they are 0, 1, 2, ...
//
// Errors:  bad_data  another number of ids, one that is empty or stands twice
//          io        the file cannot be read
Ids read_ids(const std::string& path, Index count, const std::string& what);

// Gives the items of the catalog the titles and the columns of a file, as read_ratings() does.
// Returns how many of its items the file knows.
//
// Errors:  those of read_ratings() for a file of titles
Index read_items_file(const std::string& path, Catalog& catalog);

struct ImportOptions {
  // Factors of choices make lists, and those that were fitted to ratings predict these.
  Task task = Task::lists;
  // How hard training pulled factors to zero, and by how much it multiplied weights. Of lists they
  // say that implicit least squares made the factors:
  //
  //   sum_{u,i seen} alpha v_ui (1 - x_u . y_i)^2 + sum_{u,i not seen} (x_u . y_i)^2
  //   + regularization (|X|^2 + |Y|^2)
  //
  // and somebody new is folded in by that; without it approximately. Of ratings they are the
  // penalty of a user's factors and bias; without it the one that expects of somebody new what
  // known users are like.
  std::optional<float> regularization{};
  std::optional<float> alpha{};
};

struct Imported {
  Model model;
  // Rows of `seen` that are left out, since their user, or else their item, has no factors.
  std::uint64_t rows_of_unknown_users = 0;
  std::uint64_t rows_of_unknown_items = 0;
};

// A model of these factors, whose rows are the users and items of `catalog`. `seen` is who chose or
// rated what, by a catalog of its own: its pairs are left out of lists, and are what an explanation
// is made of; null: nobody knows, and each item counts as chosen once.
//
// Errors:  invalid_argument  a regularization or alpha that is not above 0, or `alpha` of ratings;
//                            choices that were seen, for factors of ratings
//          bad_data          no row of `seen` whose user and item have factors; another number of
//                            users or items in the catalog
Imported import_model(ForeignFactors read, std::shared_ptr<const Catalog> catalog,
                      const Interactions* seen, const ImportOptions& options, Parallel& parallel);

}  // namespace palate
