// A model's tensors as files for other programs: NumPy arrays or tables. What all tasks share lies
// in the folder itself, what belongs to one in a folder of the task's name.
#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>

#include "base/assert.h"
#include "base/csv_cell.h"
#include "base/fail.h"
#include "base/parse.h"
#include "palate/base/atomic_file.h"
#include "palate/base/version.h"
#include "palate/model/model.h"

namespace palate {
namespace {

constexpr std::array<Task, 2> kTasks{Task::ratings, Task::lists};
constexpr std::array<std::string_view, 5> kFilesOfTask{"global_mean", "user_bias", "item_bias",
                                                       "user_factors", "item_factors"};

// Those of item weights.
std::vector<std::string> files_of_weights(ExportFormat format) {
  if (format == ExportFormat::csv) return {"item_weights"};
  return {"item_weights_indptr", "item_weights_indices", "item_weights_values"};
}

const std::optional<Fitted>& fitted_for(const Model& model, Task task) {
  return task == Task::ratings ? model.ratings : model.lists;
}

// "lists/user_bias"
std::string name_of(Task task, std::string_view name) {
  return fmt::format("{}/{}", task_name(task), name);
}

// The files of one export, and the header that lists them: all of them, or no header. They are
// stored under temporary names; then the old header goes, they are renamed, and the new header
// comes last.
class FileSet {
 public:
  FileSet(std::filesystem::path folder, std::string format)
      : folder_(std::move(folder)),
        format_(std::move(format)),
        header_(path_of("header-" + format_ + ".json")) {}

  void add(const std::string& name, const std::function<void(AtomicFile&)>& write) {
    const std::string file_name = name + "." + format_;
    AtomicFile& file = *files_.emplace_back(std::make_unique<AtomicFile>(path_of(file_name)));
    write(file);
    file.store();
    names_.push_back(file_name);
  }

  // The set has no such file: an older one's is removed.
  void leave_out(const std::string& name) { left_out_.push_back(path_of(name + "." + format_)); }

  void commit(const Model& model) {
    std::string tasks;
    for (const Task task : kTasks) {
      if (const auto& fitted = fitted_for(model, task)) {
        tasks +=
            fmt::format("\"{}\": {{\"algorithm\": \"{}\", \"factors\": {}}}, ", task_name(task),
                        fitted->algorithm.name, fitted->scorer.factors.num_factors());
      }
    }
    header_.write(fmt::format(
        "{{\"format\": \"{}\", \"palate\": \"{}\", \"users\": {}, \"items\": {}, {}\"files\": "
        "[\"{}\"]}}\n",
        format_, kVersion, model.catalog->users.size(), model.catalog->items.size(), tasks,
        fmt::join(names_, "\", \"")));
    header_.store();
    header_.remove_old();
    for (const std::string& path : left_out_) {
      std::error_code error;
      std::filesystem::remove(path, error);
      if (error) fail(ErrorCode::io, "cannot remove {}: {}", path, error.message());
    }
    for (const auto& file : files_) file->commit();
    header_.commit();
  }

 private:
  std::string path_of(const std::string& name) const { return (folder_ / name).string(); }

  std::filesystem::path folder_;
  std::string format_;
  AtomicFile header_;
  std::vector<std::unique_ptr<AtomicFile>> files_;
  std::vector<std::string> names_;
  std::vector<std::string> left_out_;
};

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

class NpyFiles {
 public:
  explicit NpyFiles(FileSet& files) : files_(files) {}

  template <class T>
  void vector(const std::string& name, std::string_view dtype, std::span<const T> values) const {
    write(name, npy_header(dtype, vector_shape(values.size())),
          [&](AtomicFile& file) { file.write(std::as_bytes(values)); });
  }

  // Row r has the entries indptr[r] .. indptr[r + 1] - 1, as scipy.sparse.csr_array takes them.
  void sparse(const std::string& name, const SparseMatrix& matrix) const {
    std::vector<std::int64_t> starts(matrix.starts.begin(), matrix.starts.end());
    vector(name + "_indptr", "<i8", std::span<const std::int64_t>(starts));
    vector(name + "_indices", "<u4", std::span<const Index>(matrix.columns));
    vector(name + "_values", "<f4", std::span<const float>(matrix.values));
  }

  void matrix(const std::string& name, const Matrix& matrix) const {
    write(name, npy_header("<f4", fmt::format("({}, {})", matrix.rows(), matrix.cols())),
          [&](AtomicFile& file) {
            for (Index r = 0; r < matrix.rows(); ++r) file.write(std::as_bytes(matrix.row(r)));
          });
  }

  // NumPy's texts are as long as the longest, in UTF-32.
  void texts(const std::string& name, Index count,
             const std::function<std::string(Index)>& text) const {
    std::size_t width = 1;
    std::size_t bytes = 0;
    Index longest = 0;
    for (Index i = 0; i < count; ++i) {
      const std::string of_one = text(i);
      bytes += of_one.size();
      const std::size_t points = code_points(of_one).size();
      if (points > width) longest = i;
      width = std::max(width, points);
    }
    // One long text among many must not fill the disk.
    constexpr double kAlways = 64e6;
    constexpr double kTimes = 40;
    const double size = sizeof(char32_t) * static_cast<double>(width) * count;
    if (size > kAlways + kTimes * static_cast<double>(bytes)) {
      fail(ErrorCode::bad_data,
           "{}.npy would have {:.0f} MB for texts of {:.1f} MB, since all texts of a NumPy array "
           "are as long as the longest, and {} has {} characters; `format=csv` writes each as long "
           "as it is",
           name, size / 1e6, static_cast<double>(bytes) / 1e6, excerpt(text(longest)), width);
    }
    write(name, npy_header(fmt::format("<U{}", width), vector_shape(count)), [&](AtomicFile& file) {
      for (Index i = 0; i < count; ++i) {
        std::u32string points = code_points(text(i));
        points.resize(width);
        file.write(std::as_bytes(std::span(points)));
      }
    });
  }

  void ids(const std::string& name, const Ids& ids) const {
    if (ids.are_integers()) {
      vector(name, "<i8", ids.integer_ids());
    } else {
      texts(name, ids.size(), [&](Index i) { return ids[i]; });
    }
  }

 private:
  void write(const std::string& name, const std::string& header,
             const std::function<void(AtomicFile&)>& values) const {
    files_.add(name, [&](AtomicFile& file) {
      file.write(header);
      values(file);
    });
  }

  FileSet& files_;
};

void export_npy(const Model& model, FileSet& set) {
  const NpyFiles files(set);
  files.ids("users", model.catalog->users);
  files.ids("items", model.catalog->items);
  if (const std::vector<std::string>& titles = model.catalog->item_titles; !titles.empty()) {
    files.texts("item_titles", model.catalog->items.size(), [&](Index i) { return titles[i]; });
  } else {
    set.leave_out("item_titles");
  }
  for (const Task task : kTasks) {
    const std::optional<Fitted>& fitted = fitted_for(model, task);
    if (!fitted) continue;
    const Factors& factors = fitted->scorer.factors;
    files.vector(name_of(task, "global_mean"), "<f4",
                 std::span<const float>(&factors.global_mean, 1));
    files.vector(name_of(task, "user_bias"), "<f4", std::span<const float>(factors.user_bias));
    files.vector(name_of(task, "item_bias"), "<f4", std::span<const float>(factors.item_bias));
    files.matrix(name_of(task, "user_factors"), factors.user_factors);
    files.matrix(name_of(task, "item_factors"), factors.item_factors);
    if (const auto& weights = fitted->scorer.item_weights)
      files.sparse(name_of(task, "item_weights"), *weights);
  }
}

// -------------------------------------------------------------------------------------------------
// CSV (RFC 4180, lines end in \n). Numbers have as many digits as it takes to read the same float
// back.

void add_csv(FileSet& set, const std::string& name, std::string_view header, Index rows,
             const std::function<void(Index, std::string&)>& add_cells) {
  set.add(name, [&](AtomicFile& file) {
    std::string line = fmt::format("{}\n", header);
    file.write(line);
    for (Index r = 0; r < rows; ++r) {
      line.clear();
      add_cells(r, line);
      line += '\n';
      file.write(line);
    }
  });
}

// One side's ids, biases and factors for a task; `side` is "user" or "item".
void export_side_csv(Task task, std::string_view side, const Ids& ids, std::span<const float> bias,
                     const Matrix& matrix, FileSet& set) {
  add_csv(
      set, name_of(task, fmt::format("{}_bias", side)), fmt::format("{},bias", side), ids.size(),
      [&](Index r, std::string& line) { line += fmt::format("{},{}", csv_cell(ids[r]), bias[r]); });
  std::string header(side);
  for (Index f = 0; f < matrix.cols(); ++f) header += fmt::format(",factor_{}", f);
  add_csv(set, name_of(task, fmt::format("{}_factors", side)), header, ids.size(),
          [&](Index r, std::string& line) {
            line += csv_cell(ids[r]);
            for (const float value : matrix.row(r)) line += fmt::format(",{}", value);
          });
}

// A line for each weight W(j, i): items j and i, and W.
void export_item_weights_csv(Task task, const SparseMatrix& weights, const Ids& ids, FileSet& set) {
  set.add(name_of(task, "item_weights"), [&](AtomicFile& file) {
    file.write("item,other,weight\n");
    std::string lines;
    for (Index item = 0; item < weights.rows(); ++item) {
      lines.clear();
      const SparseRow row = weights.row(item);
      for (Index t = 0; t < row.size(); ++t) {
        lines += fmt::format("{},{},{}\n", csv_cell(ids[item]), csv_cell(ids[row.columns[t]]),
                             row.values[t]);
      }
      file.write(lines);
    }
  });
}

void export_csv(const Model& model, FileSet& set) {
  const Catalog& catalog = *model.catalog;
  const bool titles = !catalog.item_titles.empty();
  add_csv(set, "users", "user", catalog.users.size(),
          [&](Index user, std::string& line) { line += csv_cell(catalog.users[user]); });
  add_csv(set, "items", titles ? "item,title" : "item", catalog.items.size(),
          [&](Index item, std::string& line) {
            line += csv_cell(catalog.items[item]);
            if (titles) line += ',' + csv_cell(catalog.item_titles[item]);
          });
  for (const Task task : kTasks) {
    const std::optional<Fitted>& fitted = fitted_for(model, task);
    if (!fitted) continue;
    const Factors& factors = fitted->scorer.factors;
    add_csv(set, name_of(task, "global_mean"), "global_mean", 1,
            [&](Index, std::string& line) { line += fmt::format("{}", factors.global_mean); });
    export_side_csv(task, "user", catalog.users, factors.user_bias, factors.user_factors, set);
    export_side_csv(task, "item", catalog.items, factors.item_bias, factors.item_factors, set);
    if (const auto& weights = fitted->scorer.item_weights)
      export_item_weights_csv(task, *weights, catalog.items, set);
  }
}

}  // namespace

std::vector<std::string> exported_files(ExportFormat format) {
  std::vector<std::string> names{"users", "items"};
  if (format == ExportFormat::npy) names.emplace_back("item_titles");
  for (const Task task : kTasks) {
    for (const std::string_view name : kFilesOfTask) names.push_back(name_of(task, name));
    for (const std::string& name : files_of_weights(format)) names.push_back(name_of(task, name));
  }
  const std::string ending = format == ExportFormat::npy ? "npy" : "csv";
  for (std::string& name : names) name += "." + ending;
  names.push_back("header-" + ending + ".json");
  return names;
}

void export_model(const Model& model, const std::string& folder, ExportFormat format) {
  const std::filesystem::path root(folder);
  std::vector<std::filesystem::path> made;  // folders that were not there
  std::error_code error;
  const auto make = [&](const std::filesystem::path& path) {
    if (std::filesystem::create_directories(path, error)) made.push_back(path);
    if (error) fail(ErrorCode::io, "cannot make the folder {}: {}", path.string(), error.message());
  };
  const auto remove_if_empty = [&](const std::filesystem::path& path) {
    std::filesystem::remove(path, error);
  };
  try {
    make(root);
    const bool npy = format == ExportFormat::npy;
    FileSet set(folder, npy ? "npy" : "csv");
    for (const Task task : kTasks) {
      if (fitted_for(model, task)) {
        make(root / task_name(task));
      } else {
        for (const std::string_view name : kFilesOfTask) set.leave_out(name_of(task, name));
      }
      if (const auto& fitted = fitted_for(model, task); !fitted || !fitted->scorer.item_weights) {
        for (const std::string& name : files_of_weights(format)) set.leave_out(name_of(task, name));
      }
    }
    npy ? export_npy(model, set) : export_csv(model, set);
    set.commit(model);
    for (const Task task : kTasks) {
      if (!fitted_for(model, task)) remove_if_empty(root / task_name(task));
    }
  } catch (...) {
    while (!made.empty()) {
      remove_if_empty(made.back());
      made.pop_back();
    }
    throw;
  }
}

}  // namespace palate
