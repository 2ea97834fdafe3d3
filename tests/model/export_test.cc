#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "model/sample_model.h"
#include "palate/base/error.h"
#include "palate/base/version.h"
#include "temporary_folder.h"

namespace palate {
namespace {

// The dictionary of an NPY file, and the bytes of its values; what numpy.load makes of them,
// model_file_test.py checks.
struct Npy {
  explicit Npy(const std::string& path) {
    const std::string file = read_file(path);
    EXPECT_EQ(file.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
    const std::size_t size =
        static_cast<unsigned char>(file[8]) + 256U * static_cast<unsigned char>(file[9]);
    EXPECT_EQ((10 + size) % 64, 0U);
    dictionary = file.substr(10, file.find('}') + 1 - 10);
    EXPECT_EQ(file[9 + size], '\n');
    values = file.substr(10 + size);
  }
  std::string dictionary;
  std::string values;
};

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

TEST(Export, NpyHasTheValuesRowByRow) {
  const TemporaryFolder folder;
  const Model model = sample_model();
  export_model(model, folder.path("new/folder"), ExportFormat::npy);
  const Npy factors(folder.path("new/folder/ratings/user_factors.npy"));
  EXPECT_EQ(factors.dictionary, "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }");
  EXPECT_EQ(factors.values, bytes_of<float>({0.1F, 0, 0, 0.1F * 2, 0.1F * 3, 0}));
  const Npy bias(folder.path("new/folder/ratings/item_bias.npy"));
  EXPECT_EQ(bias.dictionary, "{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }");
  EXPECT_EQ(bias.values, bytes_of(model.ratings->scorer.factors.item_bias));
  const Npy items(folder.path("new/folder/items.npy"));
  EXPECT_EQ(items.dictionary, "{'descr': '<i8', 'fortran_order': False, 'shape': (4,), }");
  const Npy users(folder.path("new/folder/users.npy"));
  EXPECT_EQ(users.dictionary, "{'descr': '<U6', 'fortran_order': False, 'shape': (3,), }");
  EXPECT_EQ(users.values.substr(24, 24), bytes_of<char32_t>({U'ü', U'b', U'e', U'r', U' ', U'Ω'}));
  const Npy titles(folder.path("new/folder/item_titles.npy"));
  EXPECT_EQ(titles.values.substr(titles.values.size() - 17 * 4, 8), bytes_of<char32_t>({U'😀', 0}));
}

TEST(Export, CsvHasIdsInFrontAndReadsBackExactly) {
  const TemporaryFolder folder;
  const Model model = sample_model();
  export_model(model, folder.path("csv"), ExportFormat::csv);
  EXPECT_EQ(read_file(folder.path("csv/ratings/user_bias.csv")),
            "user,bias\nann,0.1\nüber Ω,-0\n007,1e-38\n");
  EXPECT_EQ(read_file(folder.path("csv/ratings/user_factors.csv")),
            "user,factor_0,factor_1\nann,0.1,0\nüber Ω,0,0.2\n007,0.3,0\n");
  EXPECT_EQ(read_file(folder.path("csv/items.csv")),
            "item,title\n5,Heat (1995)\n-9223372036854775808,\n0,\"Amélie, \"\"le\"\" "
            "film\"\n9223372036854775807,😀\n");
  EXPECT_EQ(read_file(folder.path("csv/ratings/global_mean.csv")), "global_mean\n3.53\n");
  EXPECT_EQ(read_file(folder.path("csv/lists/item_factors.csv")),
            "item,factor_0\n5,0\n-9223372036854775808,0\n0,0\n9223372036854775807,-0\n");
}

TEST(Export, AHeaderListsTheFilesOfTheSet) {
  const TemporaryFolder folder;
  const Model model = sample_model();
  export_model(model, folder.path(), ExportFormat::npy);
  export_model(model, folder.path(), ExportFormat::csv);
  EXPECT_EQ(folder.text_of("header-csv.json"),
            std::string("{\"format\": \"csv\", \"palate\": \"") + kVersion +
                "\", \"users\": 3, \"items\": 4, \"ratings\": {\"algorithm\": \"gradient\", "
                "\"factors\": 2}, \"lists\": {\"algorithm\": \"notebook-sgd\", \"factors\": 1}, "
                "\"files\": [\"users.csv\", \"items.csv\", \"ratings/global_mean.csv\", "
                "\"ratings/user_bias.csv\", \"ratings/user_factors.csv\", "
                "\"ratings/item_bias.csv\", \"ratings/item_factors.csv\", "
                "\"lists/global_mean.csv\", \"lists/user_bias.csv\", "
                "\"lists/user_factors.csv\", \"lists/item_bias.csv\", "
                "\"lists/item_factors.csv\"]}\n");
  EXPECT_NE(folder.text_of("header-npy.json").find("\"item_titles.npy\""), std::string::npos);
  // The titles of an older set, and a task of it, are none of a model's that has none.
  export_model(empty_model(), folder.path(), ExportFormat::npy);
  EXPECT_TRUE(folder.text_of("header-npy.json").ends_with("\"ratings/item_factors.npy\"]}\n"));
  EXPECT_FALSE(std::filesystem::exists(folder.path("item_titles.npy")));
  EXPECT_FALSE(std::filesystem::exists(folder.path("lists/item_factors.npy")));
  EXPECT_TRUE(std::filesystem::exists(folder.path("lists/item_factors.csv")))
      << "of the other format";
  export_model(empty_model(), folder.path(), ExportFormat::csv);
  EXPECT_FALSE(std::filesystem::exists(folder.path("lists")));
}

TEST(Export, ItemWeightsHaveFilesOfTheirOwn) {
  const TemporaryFolder folder;
  Model model = sample_model_of_item_weights();
  model.ratings.reset();
  const SparseMatrix& weights = *model.lists->scorer.item_weights;
  export_model(model, folder.path(), ExportFormat::npy);
  export_model(model, folder.path(), ExportFormat::csv);
  const Npy starts(folder.path("lists/item_weights_indptr.npy"));
  EXPECT_EQ(starts.dictionary, "{'descr': '<i8', 'fortran_order': False, 'shape': (5,), }");
  EXPECT_EQ(starts.values, bytes_of<std::int64_t>({0, 2, 3, 3, 4}));
  const Npy indices(folder.path("lists/item_weights_indices.npy"));
  EXPECT_EQ(indices.dictionary, "{'descr': '<u4', 'fortran_order': False, 'shape': (4,), }");
  EXPECT_EQ(indices.values, bytes_of(weights.columns));
  EXPECT_EQ(Npy(folder.path("lists/item_weights_values.npy")).values, bytes_of(weights.values));
  EXPECT_EQ(read_file(folder.path("lists/item_weights.csv")),
            "item,other,weight\n5,-9223372036854775808,0.1\n5,9223372036854775807,1e-45\n"
            "-9223372036854775808,5,-0.33333334\n9223372036854775807,5,3e+38\n");
  // Those of an older set are none of a model's that has none.
  export_model(sample_model(), folder.path(), ExportFormat::npy);
  export_model(sample_model(), folder.path(), ExportFormat::csv);
  for (const std::string name : {"indptr.npy", "indices.npy", "values.npy"})
    EXPECT_FALSE(std::filesystem::exists(folder.path("lists/item_weights_" + name)));
  EXPECT_FALSE(std::filesystem::exists(folder.path("lists/item_weights.csv")));
}

TEST(Export, AModelWithoutFactorsHasEmptyRows) {
  const TemporaryFolder folder;
  export_model(empty_model(), folder.path("e"), ExportFormat::csv);
  export_model(empty_model(), folder.path("e"), ExportFormat::npy);
  EXPECT_EQ(read_file(folder.path("e/ratings/item_factors.csv")), "item\n");
  EXPECT_EQ(Npy(folder.path("e/ratings/item_factors.npy")).dictionary,
            "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 0), }");
}

TEST(Export, ItsFilesAreKnownBefore) {
  for (const ExportFormat format : {ExportFormat::npy, ExportFormat::csv}) {
    const TemporaryFolder folder;
    Model model = sample_model_of_item_weights();  // it has titles
    model.ratings = model.lists;
    export_model(model, folder.path(), format);
    std::vector<std::string> known = exported_files(format);
    std::ranges::sort(known);
    std::vector<std::string> written;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path())) {
      if (entry.is_regular_file())
        written.push_back(std::filesystem::relative(entry.path(), folder.path()).string());
    }
    std::ranges::sort(written);
    EXPECT_EQ(written, known);
  }
}

TEST(Export, AFolderThatCannotBeMadeIsAnError) {
  const TemporaryFolder folder;
  std::ofstream(folder.path("file")) << "x";
  try {
    export_model(sample_model(), folder.path("file"), ExportFormat::npy);
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::io);
    EXPECT_NE(std::string(error.what()).find(folder.path("file")), std::string::npos);
  }
}

// The texts of a NumPy array are as long as the longest.
TEST(Export, OneLongIdAmongManyIsNotWrittenAsNpy) {
  const TemporaryFolder folder;
  Model model = sample_model();
  std::vector<std::string> ids{"ann", "bob"};
  const auto export_with = [&](std::size_t longest) {
    ids.push_back(std::string(longest, 'x'));
    auto catalog = std::make_shared<Catalog>(*model.catalog);
    catalog->users = Ids::from_strings(ids);
    model.catalog = std::move(catalog);
    export_model(model, folder.path("npy"), ExportFormat::npy);
  };
  export_with(1'000'000);
  EXPECT_TRUE(folder.text_of("npy/header-npy.json").ends_with("]}\n"))
      << "12 MB for 1 MB are written";
  ids.resize(2);
  for (int n = 0; n < 97; ++n) ids.push_back(std::to_string(n));
  try {
    export_with(1'000'000);
    FAIL() << "400 MB for 1 MB are written";
  } catch (const Error& error) {
    const std::string told = error.what();
    EXPECT_EQ(error.code(), ErrorCode::bad_data);
    EXPECT_TRUE(told.starts_with("users.npy would have 400 MB for texts of 1.0 MB")) << told;
    EXPECT_NE(told.find("\"xxx"), told.npos) << told;
    EXPECT_NE(told.find("1000000 characters; `format=csv`"), told.npos) << told;
    EXPECT_LT(told.size(), 400U);
  }
}

}  // namespace
}  // namespace palate
