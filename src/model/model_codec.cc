#include "model/model_codec.h"

#include <algorithm>
#include <deque>
#include <limits>

#include "base/fail.h"
#include "base/parse.h"
#include "model/check_model.h"
#include "model/model_json.h"
#include "palate/base/version.h"

namespace palate {
namespace {

constexpr std::string_view kFormatVersion = "2";
constexpr const char* kFirstMoment = "optimizer.first_moment.";
constexpr const char* kSecondMoment = "optimizer.second_moment.";

// What stands before the names of everything that belongs to a task.
std::string prefix_of(Task task) { return fmt::format("{}.", task_name(task)); }

std::string column_name(std::size_t column) { return fmt::format("item_metadata.{}", column); }

// -------------------------------------------------------------------------------------------------
// Writing

// Texts as the file has them: cell i is bytes[offsets[i] .. offsets[i + 1]).
struct TextColumn {
  std::string bytes;
  std::vector<std::uint64_t> offsets{0};

  explicit TextColumn(std::span<const std::string> cells) {
    offsets.reserve(cells.size() + 1);
    for (const std::string& cell : cells) {
      bytes += cell;
      offsets.push_back(bytes.size());
    }
  }
};

// Offsets are stored as I64, which every reader has; below 2^63 it is the same.
std::span<const std::int64_t> as_signed(std::span<const std::uint64_t> offsets) {
  return {reinterpret_cast<const std::int64_t*>(offsets.data()), offsets.size()};
}

void add_texts(std::vector<TensorSource>& tensors, const std::string& name, std::string_view bytes,
               std::span<const std::uint64_t> offsets) {
  const std::span<const std::uint8_t> octets(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                             bytes.size());
  tensors.push_back(vector_source(name + ".bytes", octets));
  tensors.push_back(vector_source(name + ".offsets", as_signed(offsets)));
}

void add_ids(std::vector<TensorSource>& tensors, const std::string& name, const Ids& ids) {
  if (ids.are_integers()) {
    tensors.push_back(vector_source(name, ids.integer_ids()));
  } else {
    add_texts(tensors, name, ids.text_bytes(), ids.text_offsets());
  }
}

// A model's or a moment's numbers, all but the mean.
void add_rows(std::vector<TensorSource>& tensors, const std::string& prefix,
              const Factors& factors) {
  tensors.push_back(vector_source(prefix + "user_bias", std::span<const float>(factors.user_bias)));
  tensors.push_back(vector_source(prefix + "item_bias", std::span<const float>(factors.item_bias)));
  tensors.push_back(matrix_source(prefix + "user_factors", factors.user_factors.view()));
  tensors.push_back(matrix_source(prefix + "item_factors", factors.item_factors.view()));
}

void add_sparse(std::vector<TensorSource>& tensors, const std::string& name,
                const SparseMatrix& matrix) {
  tensors.push_back(vector_source(name + ".indptr", as_signed(matrix.starts)));
  tensors.push_back(vector_source(name + ".indices", std::span<const Index>(matrix.columns)));
  tensors.push_back(vector_source(name + ".values", std::span<const float>(matrix.values)));
}

// Adds what belongs to a task. `steps` outlives the tensors.
void add_fitted(Metadata& metadata, std::vector<TensorSource>& tensors, Task task,
                const Fitted& fitted, std::int64_t& steps) {
  const std::string prefix = prefix_of(task);
  const auto tell = [&](const char* name, std::string_view text) {
    if (text.size() > kLongestJson)
      fail(ErrorCode::bad_model, "metadata \"{}{}\" is too long", prefix, name);
    metadata.emplace_back(prefix + name, text);
  };
  const Scorer& scorer = fitted.scorer;
  const Provenance& told = fitted.provenance;
  tell("name", fitted.algorithm.name);
  tell("algorithm", algorithm_name(fitted.algorithm.options));
  tell("options", options_to_json(fitted.algorithm.options));
  if (scorer.row) tell("row_objective", row_objective_to_json(*scorer.row));
  if (scorer.weighting) tell("weighting", weighting_to_json(*scorer.weighting));
  if (scorer.range) tell("rating_range", range_to_json(*scorer.range));
  tell("curve", curve_to_json(told.curve));
  if (told.measured) tell("measured", measured_to_json(*told.measured));
  if (told.fold_in) tell("fold_in", fold_in_to_json(*told.fold_in));
  if (told.epochs > 0) tell("epochs", std::to_string(told.epochs));
  tensors.push_back(vector_source(prefix + "global_mean",
                                  std::span<const float>(&scorer.factors.global_mean, 1)));
  add_rows(tensors, prefix, scorer.factors);
  tensors.push_back(
      vector_source(prefix + "item_support", std::span<const Index>(scorer.item_support)));
  if (scorer.item_weights) add_sparse(tensors, prefix + "item_weights", *scorer.item_weights);
  if (!told.optimizer) return;
  steps = static_cast<std::int64_t>(told.optimizer->steps);
  tensors.push_back(
      vector_source(prefix + "optimizer.steps", std::span<const std::int64_t>(&steps, 1)));
  add_rows(tensors, prefix + kFirstMoment, told.optimizer->first_moment);
  add_rows(tensors, prefix + kSecondMoment, told.optimizer->second_moment);
}

// -------------------------------------------------------------------------------------------------
// Reading

// A list with an entry for each of the `count` users or items; a count is known to fit an Index.
template <class T>
std::span<const T> vector_of(SafetensorsReader& reader, std::string_view name, std::size_t count) {
  const std::span<const T> values = reader.vector<T>(name);
  if (values.size() != count) {
    fail(ErrorCode::bad_model, "tensor {} has {} entries where {} are expected", excerpt(name),
         values.size(), count);
  }
  return values;
}

Index length_of(SafetensorsReader& reader, std::string_view name, std::vector<float>& values) {
  const std::span<const float> entries = reader.vector<float>(name);
  if (entries.size() > std::numeric_limits<Index>::max())
    fail(ErrorCode::bad_model, "tensor {} is too long", excerpt(name));
  values.assign(entries.begin(), entries.end());
  return static_cast<Index>(entries.size());
}

Matrix matrix_of(SafetensorsReader& reader, std::string_view name, Index rows) {
  const MatrixView view = reader.matrix(name);
  if (view.rows != rows) {
    fail(ErrorCode::bad_model, "tensor {} has {} rows where {} are expected", excerpt(name),
         view.rows, rows);
  }
  Matrix matrix(view.rows, view.cols);
  for (Index r = 0; r < rows; ++r) std::ranges::copy(view.row(r), matrix.row(r).begin());
  return matrix;
}

struct Texts {
  std::string_view bytes;
  std::span<const std::int64_t> offsets;

  std::string_view operator[](std::size_t i) const {
    return bytes.substr(static_cast<std::size_t>(offsets[i]),
                        static_cast<std::size_t>(offsets[i + 1] - offsets[i]));
  }
};

Texts texts_of(SafetensorsReader& reader, const std::string& name, Index count) {
  const std::span<const std::uint8_t> octets = reader.vector<std::uint8_t>(name + ".bytes");
  const auto offsets = vector_of<std::int64_t>(reader, name + ".offsets", std::size_t{count} + 1);
  if (offsets.front() != 0 || !std::ranges::is_sorted(offsets) ||
      static_cast<std::size_t>(offsets.back()) != octets.size()) {
    fail(ErrorCode::bad_model,
         "tensor \"{0}.offsets\" does not ascend from 0 to the {1} bytes of \"{0}.bytes\"", name,
         octets.size());
  }
  const Texts texts{{reinterpret_cast<const char*>(octets.data()), octets.size()}, offsets};
  for (Index i = 0; i < count; ++i) {
    if (!is_valid_utf8(texts[i]))
      fail(ErrorCode::bad_model, "tensor \"{}.bytes\": entry {} is not valid UTF-8", name, i);
  }
  return texts;
}

std::vector<std::string> cells_of(SafetensorsReader& reader, const std::string& name, Index count) {
  const Texts texts = texts_of(reader, name, count);
  std::vector<std::string> cells;
  cells.reserve(count);
  for (Index i = 0; i < count; ++i) cells.emplace_back(texts[i]);
  return cells;
}

Ids ids_of(SafetensorsReader& reader, const std::string& name, Index count) {
  try {
    if (reader.has_tensor(name)) {
      const auto integers = vector_of<std::int64_t>(reader, name, count);
      return Ids::integers({integers.begin(), integers.end()});
    }
    const Texts texts = texts_of(reader, name, count);
    return Ids::texts(std::string(texts.bytes), {texts.offsets.begin(), texts.offsets.end()});
  } catch (const Error& error) {
    if (error.code() == ErrorCode::bad_model) throw;
    fail(ErrorCode::bad_model, "tensor \"{}\": {}", name, error.what());
  }
}

// Nothing where the file does not have it.
std::optional<SparseMatrix> decode_sparse(SafetensorsReader& reader, const std::string& name,
                                          Index rows, Index columns) {
  if (!reader.has_tensor(name + ".indptr")) return {};
  const auto starts = vector_of<std::int64_t>(reader, name + ".indptr", std::size_t{rows} + 1);
  const auto indices = reader.vector<std::uint32_t>(name + ".indices");
  const auto values = reader.vector<float>(name + ".values");
  SparseMatrix matrix{.num_columns = columns};
  matrix.starts.assign(starts.begin(), starts.end());  // a negative one becomes far too large
  matrix.columns.assign(indices.begin(), indices.end());
  matrix.values.assign(values.begin(), values.end());
  return matrix;
}

// All but the mean of a model or a moment.
Factors decode_rows(SafetensorsReader& reader, const std::string& prefix) {
  Factors factors;
  const Index users = length_of(reader, prefix + "user_bias", factors.user_bias);
  const Index items = length_of(reader, prefix + "item_bias", factors.item_bias);
  factors.user_factors = matrix_of(reader, prefix + "user_factors", users);
  factors.item_factors = matrix_of(reader, prefix + "item_factors", items);
  return factors;
}

std::optional<OptimizerState> decode_optimizer(SafetensorsReader& reader,
                                               const std::string& prefix) {
  if (!reader.has_tensor(prefix + "optimizer.steps")) return {};
  const std::int64_t steps = vector_of<std::int64_t>(reader, prefix + "optimizer.steps", 1).front();
  // A negative number of steps becomes far too large.
  return OptimizerState{static_cast<std::uint64_t>(steps),
                        decode_rows(reader, prefix + kFirstMoment),
                        decode_rows(reader, prefix + kSecondMoment)};
}

std::optional<Fitted> decode_fitted(SafetensorsReader& reader, Task task) {
  const std::string prefix = prefix_of(task);
  if (!reader.has_text(prefix + "name")) return {};
  Fitted fitted;
  Scorer& scorer = fitted.scorer;
  const auto text_of = [&](const char* name) -> std::optional<std::string> {
    return reader.has_text(prefix + name) ? std::optional(reader.text(prefix + name))
                                          : std::nullopt;
  };
  const std::string algorithm = reader.text(prefix + "algorithm");
  fitted.algorithm = algorithm_of_model(prefix, reader.text(prefix + "name"), algorithm,
                                        reader.text(prefix + "options"));
  scorer.factors = decode_rows(reader, prefix);
  scorer.factors.global_mean = vector_of<float>(reader, prefix + "global_mean", 1).front();
  if (const auto row = text_of("row_objective"))
    scorer.row = row_objective_from_json(prefix + "row_objective", *row);
  if (const auto weighting = text_of("weighting"))
    scorer.weighting = weighting_from_json(prefix + "weighting", *weighting);
  if (const auto range = text_of("rating_range"))
    scorer.range = range_from_json(prefix + "rating_range", *range);
  const auto support =
      vector_of<std::uint32_t>(reader, prefix + "item_support", scorer.factors.num_items());
  scorer.item_support.assign(support.begin(), support.end());
  const Index items = scorer.factors.num_items();
  scorer.item_weights = decode_sparse(reader, prefix + "item_weights", items, items);
  if (const auto measured = text_of("measured"))
    fitted.provenance.measured = measured_from_json(prefix + "measured", *measured);
  if (const auto fold_in = text_of("fold_in"))
    fitted.provenance.fold_in = fold_in_from_json(prefix + "fold_in", *fold_in);
  fitted.provenance.curve = curve_from_json(prefix + "curve", reader.text(prefix + "curve"));
  if (const auto epochs = text_of("epochs"))
    fitted.provenance.epochs = epochs_from_json(prefix + "epochs", *epochs);
  fitted.provenance.optimizer = decode_optimizer(reader, prefix);
  return fitted;
}

std::shared_ptr<const Catalog> decode_catalog(SafetensorsReader& reader, Index users, Index items) {
  auto catalog = std::make_shared<Catalog>();
  catalog->users = ids_of(reader, "user_ids", users);
  catalog->items = ids_of(reader, "item_ids", items);
  if (reader.has_tensor("item_titles.bytes"))
    catalog->item_titles = cells_of(reader, "item_titles", items);
  for (std::size_t c = 0; reader.has_text(column_name(c) + ".name"); ++c) {
    catalog->item_metadata.push_back(
        {reader.text(column_name(c) + ".name"), cells_of(reader, column_name(c), items)});
  }
  return catalog;
}

}  // namespace

void encode_model(const Model& model, const ByteSink& sink) {
  check_model(model);
  const Catalog& catalog = *model.catalog;
  Metadata metadata;
  metadata.emplace_back("format_version", kFormatVersion);
  metadata.emplace_back("palate_version", kVersion);
  metadata.emplace_back("data_digest", model.data_digest);
  if (!model.data_selection.empty()) metadata.emplace_back("data_selection", model.data_selection);

  std::vector<TensorSource> tensors;
  std::int64_t steps_of_ratings = 0;
  std::int64_t steps_of_lists = 0;
  if (model.ratings) add_fitted(metadata, tensors, Task::ratings, *model.ratings, steps_of_ratings);
  if (model.lists) add_fitted(metadata, tensors, Task::lists, *model.lists, steps_of_lists);
  add_ids(tensors, "user_ids", catalog.users);
  add_ids(tensors, "item_ids", catalog.items);
  std::deque<TextColumn> columns;
  if (!catalog.item_titles.empty()) {
    const TextColumn& titles = columns.emplace_back(catalog.item_titles);
    add_texts(tensors, "item_titles", titles.bytes, titles.offsets);
  }
  for (std::size_t c = 0; c < catalog.item_metadata.size(); ++c) {
    metadata.emplace_back(column_name(c) + ".name", catalog.item_metadata[c].name);
    const TextColumn& cells = columns.emplace_back(catalog.item_metadata[c].cells);
    add_texts(tensors, column_name(c), cells.bytes, cells.offsets);
  }
  if (model.seen) add_sparse(tensors, "seen", *model.seen);
  write_safetensors(metadata, tensors, sink);
}

Model decode_model(std::span<const std::byte> file) {
  SafetensorsReader reader(file);
  if (const std::string version = reader.text("format_version"); version != kFormatVersion) {
    fail(ErrorCode::bad_model,
         "format version {} is not the {} that this Palate reads: train the model again",
         excerpt(version), kFormatVersion);
  }
  reader.text("palate_version");
  Model model;
  model.ratings = decode_fitted(reader, Task::ratings);
  model.lists = decode_fitted(reader, Task::lists);
  if (!model.ratings && !model.lists)
    fail(ErrorCode::bad_model, "it has neither \"ratings.name\" nor \"lists.name\"");
  const Factors& factors = for_ratings(model).scorer.factors;
  model.catalog = decode_catalog(reader, factors.num_users(), factors.num_items());
  if (auto seen = decode_sparse(reader, "seen", factors.num_users(), factors.num_items()))
    model.seen = std::make_shared<const SparseMatrix>(std::move(*seen));
  model.data_digest = reader.text("data_digest");
  if (reader.has_text("data_selection")) model.data_selection = reader.text("data_selection");
  reader.finish();
  check_model(model);
  return model;
}

}  // namespace palate
