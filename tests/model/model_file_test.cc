#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <random>
#include <thread>

#include "base/sha256.h"
#include "model/sample_model.h"
#include "palate/base/error.h"
#include "sanitized.h"
#include "temporary_folder.h"

namespace palate {
namespace {

// What the error says, when there is one with this code.
std::string error_of(ErrorCode code, const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_EQ(std::string_view(error.what()).find_first_of("\n\r"), std::string_view::npos)
        << error.what();
    return error.what();
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(ModelFile, AModelComesBackAsItWas) {
  const TemporaryFolder folder;
  const Model model = sample_model();
  save_model(model, folder.path("m.safetensors"));
  const Model loaded = load_model(folder.path("m.safetensors"));
  EXPECT_EQ(loaded.factors, model.factors);
  EXPECT_TRUE(std::signbit(loaded.factors.user_bias[1]));
  EXPECT_EQ(*loaded.catalog, *model.catalog);
  EXPECT_EQ(loaded.algorithm, model.algorithm);
  EXPECT_EQ(loaded.options, model.options);
  EXPECT_EQ(loaded.range, model.range);
  EXPECT_EQ(loaded.item_support, model.item_support);
  EXPECT_EQ(loaded.history, model.history);
  EXPECT_EQ(loaded.data_digest, model.data_digest);
  EXPECT_EQ(loaded.data_selection, model.data_selection);
  EXPECT_EQ(loaded.measured, model.measured);
  EXPECT_EQ(loaded.curve, model.curve);
  EXPECT_EQ(loaded.epochs, model.epochs);
  EXPECT_EQ(loaded.optimizer, model.optimizer);
}

TEST(ModelFile, TheSameModelGivesTheSameBytes) {
  EXPECT_EQ(encoded(sample_model()), encoded(sample_model()));
  EXPECT_EQ(encoded(decoded(encoded(sample_model()))), encoded(sample_model()));
}

TEST(ModelFile, WhatAModelMayLackMayBeLacking) {
  Model model = empty_model();
  EXPECT_EQ(encoded(decoded(encoded(model))), encoded(model));

  model = sample_model();
  model.history = {};
  model.measured.reset();
  model.curve.clear();
  model.epochs = 0;
  model.optimizer.reset();
  model.data_digest.clear();
  Catalog catalog = *model.catalog;
  catalog.item_titles.clear();
  catalog.item_metadata.clear();
  model.catalog = std::make_shared<const Catalog>(catalog);
  const Model loaded = decoded(encoded(model));
  EXPECT_FALSE(loaded.has_history());
  EXPECT_FALSE(loaded.measured);
  EXPECT_EQ(loaded.epochs, 0U);
  EXPECT_FALSE(loaded.optimizer);
  EXPECT_EQ(*loaded.catalog, catalog);
  EXPECT_EQ(encoded(loaded), encoded(model));
}

TEST(ModelFile, EveryAlgorithmsOptionsComeBack) {
  for (const char* name : {"als", "sgd", "gradient", "bias", "mean", "notebook-sgd"}) {
    Model model = empty_model();
    model.algorithm = name;
    model.options = algorithm_named(name).options;
    if (auto* als = std::get_if<AlsOptions>(&model.options)) als->regularization = 0.1F + 1e-8F;
    Index factors = 0;
    std::visit(
        [&](const auto& options) {
          if constexpr (requires { options.factors; }) factors = options.factors;
        },
        model.options);
    model.factors = Factors(0, 0, factors);
    EXPECT_EQ(decoded(encoded(model)).options, model.options) << name;
  }
}

TEST(ModelFile, PaddedRowsAreNotWritten) {
  Model model = empty_model();
  model.algorithm = "als";
  model.options = AlsOptions{.factors = 19};
  model.factors = Factors(5, 3, 19);
  Catalog catalog;
  catalog.users = Ids::integers({1, 2, 3, 4, 5});
  catalog.items = Ids::integers({1, 2, 3});
  model.catalog = std::make_shared<const Catalog>(catalog);
  model.item_support = {0, 0, 0};
  float value = 0;
  for (Index u = 0; u < 5; ++u) {
    for (float& entry : model.factors.user_factors.row(u)) entry = value += 1;
  }
  const std::string file = encoded(model);
  EXPECT_EQ(decoded(file).factors, model.factors);
  std::vector<float> rows(5 * 19);
  std::iota(rows.begin(), rows.end(), 1.0F);
  EXPECT_NE(file.find(std::string(reinterpret_cast<const char*>(rows.data()),
                                  rows.size() * sizeof(float))),
            std::string::npos);
}

TEST(ModelFile, TensorsBeginAtMultiplesOf64) {
  const std::string file = encoded(sample_model());
  std::uint64_t header_size = 0;
  std::memcpy(&header_size, file.data(), 8);
  EXPECT_EQ((8 + header_size) % 64, 0U);
  const auto header = nlohmann::json::parse(file.substr(8, header_size));
  for (const auto& [name, tensor] : header.items()) {
    if (name == "__metadata__" || name.starts_with("palate.pad.")) continue;
    EXPECT_EQ(tensor["data_offsets"][0].get<std::size_t>() % 64, 0U) << name;
  }
}

TEST(ModelFile, TheVersionIsTheDigestOfTheBytesBeforeIt) {
  const TemporaryFolder folder;
  const std::string path = folder.path("m.safetensors");
  save_model(sample_model(), path);
  const std::string file = read_file(path);
  Sha256 hash;
  hash.update(std::string_view(file).substr(0, file.size() - 32));
  EXPECT_EQ(model_version(path), to_hex(hash.finish()));

  Model other = sample_model();
  other.factors.user_bias[0] += 1;
  save_model(other, path);
  EXPECT_NE(model_version(path), to_hex(Sha256().finish()));
  EXPECT_EQ(load_model(path).factors, other.factors);
}

// Small, since each bit is a file to read: without texts, which have tests of their own, and with
// one copy of the factors.
TEST(ModelFile, AnyFlippedBitIsRefused) {
  Model model = sample_model();
  model.optimizer.reset();
  Catalog catalog;
  catalog.users = Ids::integers({7, 8, 9});
  catalog.items = Ids::integers({7, 8, 9, 10});
  model.catalog = std::make_shared<const Catalog>(catalog);
  std::string file = encoded(model);
  for (std::size_t at = 0; at < file.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      file[at] = static_cast<char>(file[at] ^ (1 << bit));
      EXPECT_NE(error_of(ErrorCode::bad_model, [&] { decoded(file); }), "")
          << "bit " << bit << " of byte " << at;
      file[at] = static_cast<char>(file[at] ^ (1 << bit));
    }
  }
  EXPECT_EQ(error_of(ErrorCode::bad_model, [&] { decoded(file); }), "");
}

TEST(ModelFile, AnyTruncationAndAnyAdditionIsRefused) {
  const std::string file = encoded(sample_model());
  for (std::size_t size = 0; size < file.size(); size += kSanitized ? 5 : 1) {
    EXPECT_NE(error_of(ErrorCode::bad_model, [&] { decoded(file.substr(0, size)); }), "")
        << size << " bytes";
  }
  EXPECT_NE(error_of(ErrorCode::bad_model, [&] { decoded(file + '\0'); }), "");
  EXPECT_NE(error_of(ErrorCode::bad_model, [&] { decoded(file + file); }), "");
}

TEST(ModelFile, ErrorsNameTheFileAndTheTrouble) {
  const TemporaryFolder folder;
  EXPECT_EQ(error_of(ErrorCode::io, [&] { load_model(folder.path("none")); }),
            "cannot read " + folder.path("none") + ": No such file or directory");
  EXPECT_EQ(error_of(ErrorCode::io, [&] { load_model(folder.path("")); }),
            "cannot read " + folder.path("") + ": it is a folder");
  EXPECT_TRUE(
      contains(error_of(ErrorCode::io, [] { load_model("/dev/zero"); }), "not a regular file"));
  ASSERT_EQ(::mkfifo(folder.path("pipe").c_str(), 0600), 0);
  EXPECT_TRUE(contains(error_of(ErrorCode::io, [&] { load_model(folder.path("pipe")); }),
                       "not a regular file"));
  std::ofstream(folder.path("r.csv")) << "userId,movieId,rating\n1,2,3\n";
  EXPECT_EQ(error_of(ErrorCode::bad_model, [&] { load_model(folder.path("r.csv")); }),
            folder.path("r.csv") + ": it does not begin like a model file");
  std::ofstream(folder.path("empty")).close();
  EXPECT_TRUE(contains(error_of(ErrorCode::bad_model, [&] { load_model(folder.path("empty")); }),
                       "0 bytes are too few"));
  EXPECT_TRUE(contains(error_of(ErrorCode::bad_model, [&] { model_version(folder.path("empty")); }),
                       "0 bytes are too few"));
}

TEST(ModelFile, AProcessKilledAtRandomMomentsLeavesAWholeModel) {
  const TemporaryFolder folder;
  const std::string path = folder.path("m.safetensors");
  const Model one = sample_model();
  Model other = one;
  other.factors.user_bias[0] += 1;
  save_model(one, path);
  std::mt19937 random(1);
  for (int round = 0; round < 30; ++round) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      while (true) {
        save_model(other, path);
        save_model(one, path);
      }
    }
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 20'000));
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status));
    const Factors factors = load_model(path).factors;
    EXPECT_TRUE(factors == one.factors || factors == other.factors) << "round " << round;
  }
  save_model(other, path);  // what was left behind is in nobody's way
  EXPECT_EQ(load_model(path).factors, other.factors);
}

TEST(ModelFile, AnInconsistentModelIsNotWritten) {
  const TemporaryFolder folder;
  const std::string path = folder.path("m.safetensors");
  save_model(sample_model(), path);
  const std::string before = read_file(path);
  Model model = sample_model();
  model.factors.item_factors.row(2)[1] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(error_of(ErrorCode::bad_model, [&] { save_model(model, path); }),
            "tensor \"item_factors\": row 2, column 1 is not a finite number");
  model = sample_model();
  model.measured->split = "\xFF";
  EXPECT_TRUE(
      contains(error_of(ErrorCode::bad_model, [&] { save_model(model, path); }), "\"measured\""));
  model = sample_model();
  model.item_support.pop_back();
  EXPECT_TRUE(contains(error_of(ErrorCode::bad_model, [&] { save_model(model, path); }),
                       "\"item_support\""));
  EXPECT_EQ(read_file(path), before);
  EXPECT_EQ(folder.names(), std::vector<std::string>{"m.safetensors"});
}

}  // namespace
}  // namespace palate
