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

constexpr std::string_view kFormatVersion = "1";
constexpr const char* kFirstMoment = "optimizer.first_moment.";
constexpr const char* kSecondMoment = "optimizer.second_moment.";

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

// All but the mean of a model or a moment.
Factors decode_rows(SafetensorsReader& reader, const std::string& prefix) {
  Factors factors;
  const Index users = length_of(reader, prefix + "user_bias", factors.user_bias);
  const Index items = length_of(reader, prefix + "item_bias", factors.item_bias);
  factors.user_factors = matrix_of(reader, prefix + "user_factors", users);
  factors.item_factors = matrix_of(reader, prefix + "item_factors", items);
  return factors;
}

std::optional<OptimizerState> decode_optimizer(SafetensorsReader& reader) {
  if (!reader.has_tensor("optimizer.steps")) return {};
  const std::int64_t steps = vector_of<std::int64_t>(reader, "optimizer.steps", 1).front();
  // A negative number of steps becomes far too large.
  return OptimizerState{static_cast<std::uint64_t>(steps), decode_rows(reader, kFirstMoment),
                        decode_rows(reader, kSecondMoment)};
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

SparseMatrix decode_history(SafetensorsReader& reader, Index users, Index items) {
  SparseMatrix history;
  if (!reader.has_tensor("history.indptr")) return history;
  const auto starts = vector_of<std::int64_t>(reader, "history.indptr", std::size_t{users} + 1);
  const auto columns = reader.vector<std::uint32_t>("history.indices");
  const auto values = reader.vector<float>("history.values");
  history.num_columns = items;
  history.starts.assign(starts.begin(), starts.end());  // a negative one becomes far too large
  history.columns.assign(columns.begin(), columns.end());
  history.values.assign(values.begin(), values.end());
  return history;
}

}  // namespace

void encode_model(const Model& model, const ByteSink& sink) {
  check_model(model);
  const Factors& factors = model.factors;
  const Catalog& catalog = *model.catalog;
  Metadata metadata;
  metadata.emplace_back("format_version", kFormatVersion);
  metadata.emplace_back("palate_version", kVersion);
  metadata.emplace_back("name", model.algorithm);
  metadata.emplace_back("algorithm", algorithm_name(model.options));
  metadata.emplace_back("options", options_to_json(model.options));
  metadata.emplace_back("rating_range", range_to_json(model.range));
  metadata.emplace_back("data_digest", model.data_digest);
  metadata.emplace_back("curve", curve_to_json(model.curve));
  if (!model.data_selection.empty()) metadata.emplace_back("data_selection", model.data_selection);
  if (model.measured) metadata.emplace_back("measured", measured_to_json(*model.measured));
  if (model.epochs > 0) metadata.emplace_back("epochs", std::to_string(model.epochs));

  std::vector<TensorSource> tensors{
      vector_source("global_mean", std::span<const float>(&factors.global_mean, 1))};
  add_rows(tensors, "", factors);
  tensors.push_back(vector_source("item_support", std::span<const Index>(model.item_support)));
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
  if (model.has_history()) {
    tensors.push_back(vector_source("history.indptr", as_signed(model.history.starts)));
    tensors.push_back(
        vector_source("history.indices", std::span<const Index>(model.history.columns)));
    tensors.push_back(
        vector_source("history.values", std::span<const float>(model.history.values)));
  }
  std::int64_t steps = 0;
  if (model.optimizer) {
    steps = static_cast<std::int64_t>(model.optimizer->steps);
    tensors.push_back(vector_source("optimizer.steps", std::span<const std::int64_t>(&steps, 1)));
    add_rows(tensors, kFirstMoment, model.optimizer->first_moment);
    add_rows(tensors, kSecondMoment, model.optimizer->second_moment);
  }
  write_safetensors(metadata, tensors, sink);
}

Model decode_model(std::span<const std::byte> file) {
  SafetensorsReader reader(file);
  if (const std::string version = reader.text("format_version"); version != kFormatVersion) {
    fail(ErrorCode::bad_model, "format version {} is not the {} that this Palate reads",
         excerpt(version), kFormatVersion);
  }
  reader.text("palate_version");
  Model model;
  model.factors = decode_rows(reader, "");
  model.factors.global_mean = vector_of<float>(reader, "global_mean", 1).front();
  const Index users = model.factors.num_users();
  const Index items = model.factors.num_items();
  model.catalog = decode_catalog(reader, users, items);
  model.algorithm = reader.text("name");
  const std::string algorithm = reader.text("algorithm");
  model.options = options_of_model(algorithm, reader.text("options"));
  model.range = range_from_json(reader.text("rating_range"));
  const auto support = vector_of<std::uint32_t>(reader, "item_support", items);
  model.item_support.assign(support.begin(), support.end());
  model.history = decode_history(reader, users, items);
  model.data_digest = reader.text("data_digest");
  if (reader.has_text("data_selection")) model.data_selection = reader.text("data_selection");
  if (reader.has_text("measured")) model.measured = measured_from_json(reader.text("measured"));
  model.curve = curve_from_json(reader.text("curve"));
  if (reader.has_text("epochs")) model.epochs = epochs_from_json(reader.text("epochs"));
  model.optimizer = decode_optimizer(reader);
  reader.finish();
  check_model(model);
  return model;
}

}  // namespace palate
