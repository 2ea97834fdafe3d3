// A model's tensors as files for other programs: NumPy arrays or tables.
#include <algorithm>
#include <filesystem>

#include "base/assert.h"
#include "base/atomic_file.h"
#include "base/csv_cell.h"
#include "base/fail.h"
#include "palate/model/model.h"

namespace palate {
namespace {

// -------------------------------------------------------------------------------------------------
// NPY, format 1.0: a magic, a Python dictionary padded so that the values begin at a multiple of
// 64, the values row by row.

std::string npy_header(std::string_view dtype, std::string_view shape) {
  std::string dictionary =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}", dtype, shape);
  constexpr std::size_t kBefore = 10;
  dictionary.append((64 - (kBefore + dictionary.size() + 1) % 64) % 64, ' ');
  dictionary += '\n';
  const std::size_t size = dictionary.size();
  std::string header = "\x93NUMPY";
  header += {'\x01', '\x00', static_cast<char>(size & 0xFF), static_cast<char>(size >> 8)};
  return header + dictionary;
}

std::string vector_shape(std::size_t length) { return fmt::format("({},)", length); }

// The code points of valid UTF-8.
std::u32string code_points(std::string_view text) {
  std::u32string points;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) == 0x80) {
      points.back() = (points.back() << 6) | (byte & 0x3FU);
    } else {
      points += byte < 0x80   ? byte
                : byte < 0xE0 ? byte & 0x1FU
                : byte < 0xF0 ? byte & 0x0FU
                              : byte & 0x07U;
    }
  }
  return points;
}

class NpyFolder {
 public:
  explicit NpyFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}

  template <class T>
  void vector(std::string_view name, std::string_view dtype, std::span<const T> values) const {
    write(name, npy_header(dtype, vector_shape(values.size())),
          [&](AtomicFile& file) { file.write(std::as_bytes(values)); });
  }

  void matrix(std::string_view name, const Matrix& matrix) const {
    write(name, npy_header("<f4", fmt::format("({}, {})", matrix.rows(), matrix.cols())),
          [&](AtomicFile& file) {
            for (Index r = 0; r < matrix.rows(); ++r) file.write(std::as_bytes(matrix.row(r)));
          });
  }

  // NumPy's texts are as long as the longest, in UTF-32.
  void texts(std::string_view name, Index count,
             const std::function<std::string(Index)>& text) const {
    std::size_t width = 1;
    for (Index i = 0; i < count; ++i) width = std::max(width, code_points(text(i)).size());
    write(name, npy_header(fmt::format("<U{}", width), vector_shape(count)), [&](AtomicFile& file) {
      for (Index i = 0; i < count; ++i) {
        std::u32string points = code_points(text(i));
        points.resize(width);
        file.write(std::as_bytes(std::span(points)));
      }
    });
  }

  void ids(std::string_view name, const Ids& ids) const {
    if (ids.are_integers()) {
      vector(name, "<i8", ids.integer_ids());
    } else {
      texts(name, ids.size(), [&](Index i) { return ids[i]; });
    }
  }

 private:
  void write(std::string_view name, const std::string& header,
             const std::function<void(AtomicFile&)>& values) const {
    AtomicFile file((folder_ / fmt::format("{}.npy", name)).string());
    file.write(header);
    values(file);
    file.commit();
  }

  std::filesystem::path folder_;
};

void export_npy(const Model& model, const std::filesystem::path& folder) {
  const Factors& factors = for_ratings(model).scorer.factors;
  const NpyFolder files(folder);
  files.ids("users", model.catalog->users);
  files.ids("items", model.catalog->items);
  files.vector("global_mean", "<f4", std::span<const float>(&factors.global_mean, 1));
  files.vector("user_bias", "<f4", std::span<const float>(factors.user_bias));
  files.vector("item_bias", "<f4", std::span<const float>(factors.item_bias));
  files.matrix("user_factors", factors.user_factors);
  files.matrix("item_factors", factors.item_factors);
  if (const std::vector<std::string>& titles = model.catalog->item_titles; !titles.empty()) {
    files.texts("item_titles", factors.num_items(), [&](Index i) { return titles[i]; });
  }
}

// -------------------------------------------------------------------------------------------------
// CSV (RFC 4180, lines end in \n). Numbers have as many digits as it takes to read the same float
// back.

void write_csv(const std::filesystem::path& path, std::string_view header, Index rows,
               const std::function<void(Index, std::string&)>& add_cells) {
  AtomicFile file(path.string());
  std::string line = fmt::format("{}\n", header);
  file.write(line);
  for (Index r = 0; r < rows; ++r) {
    line.clear();
    add_cells(r, line);
    line += '\n';
    file.write(line);
  }
  file.commit();
}

// One side's ids, biases and factors; `side` is "user" or "item".
void export_side_csv(std::string_view side, const Ids& ids, std::span<const float> bias,
                     const Matrix& matrix, const std::filesystem::path& folder) {
  write_csv(
      folder / fmt::format("{}_bias.csv", side), fmt::format("{},bias", side), ids.size(),
      [&](Index r, std::string& line) { line += fmt::format("{},{}", csv_cell(ids[r]), bias[r]); });
  std::string header(side);
  for (Index f = 0; f < matrix.cols(); ++f) header += fmt::format(",factor_{}", f);
  write_csv(folder / fmt::format("{}_factors.csv", side), header, ids.size(),
            [&](Index r, std::string& line) {
              line += csv_cell(ids[r]);
              for (const float value : matrix.row(r)) line += fmt::format(",{}", value);
            });
}

void export_csv(const Model& model, const std::filesystem::path& folder) {
  const Factors& factors = for_ratings(model).scorer.factors;
  const Catalog& catalog = *model.catalog;
  const bool titles = !catalog.item_titles.empty();
  write_csv(folder / "users.csv", "user", factors.num_users(),
            [&](Index user, std::string& line) { line += csv_cell(catalog.users[user]); });
  write_csv(folder / "items.csv", titles ? "item,title" : "item", factors.num_items(),
            [&](Index item, std::string& line) {
              line += csv_cell(catalog.items[item]);
              if (titles) line += ',' + csv_cell(catalog.item_titles[item]);
            });
  write_csv(folder / "global_mean.csv", "global_mean", 1,
            [&](Index, std::string& line) { line += fmt::format("{}", factors.global_mean); });
  export_side_csv("user", catalog.users, factors.user_bias, factors.user_factors, folder);
  export_side_csv("item", catalog.items, factors.item_bias, factors.item_factors, folder);
}

}  // namespace

std::vector<std::string> exported_files(ExportFormat format) {
  std::vector<std::string> names{"users",     "items",        "global_mean", "user_bias",
                                 "item_bias", "user_factors", "item_factors"};
  if (format == ExportFormat::npy) names.emplace_back("item_titles");
  for (std::string& name : names) name += format == ExportFormat::npy ? ".npy" : ".csv";
  return names;
}

void export_model(const Model& model, const std::string& folder, ExportFormat format) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) fail(ErrorCode::io, "cannot make the folder {}: {}", folder, error.message());
  switch (format) {
    case ExportFormat::npy:
      return export_npy(model, folder);
    case ExportFormat::csv:
      return export_csv(model, folder);
  }
}

}  // namespace palate
