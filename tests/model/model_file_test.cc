#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <random>
#include <thread>

#include "base/sha256.h"
#include "floats.h"
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

// Scorer's own equality takes -0 for 0.
void expect_same_bits(const Fitted& loaded, const Fitted& kept) {
  EXPECT_EQ(loaded.algorithm, kept.algorithm);
  EXPECT_EQ(loaded.scorer.factors, kept.scorer.factors);
  EXPECT_EQ(loaded.scorer.row, kept.scorer.row);
  EXPECT_EQ(loaded.scorer.range, kept.scorer.range);
  EXPECT_EQ(loaded.scorer.item_support, kept.scorer.item_support);
  EXPECT_EQ(loaded.provenance.measured, kept.provenance.measured);
  EXPECT_EQ(loaded.provenance.curve, kept.provenance.curve);
  EXPECT_EQ(loaded.provenance.epochs, kept.provenance.epochs);
  EXPECT_EQ(loaded.provenance.optimizer, kept.provenance.optimizer);
  const auto signs = [](const Factors& factors) {
    std::vector<bool> all;
    for (const float bias : factors.user_bias) all.push_back(std::signbit(bias));
    for (Index item = 0; item < factors.num_items(); ++item) {
      for (const float factor : factors.item_factors.row(item)) all.push_back(std::signbit(factor));
    }
    return all;
  };
  EXPECT_EQ(signs(loaded.scorer.factors), signs(kept.scorer.factors));
}

TEST(ModelFile, AModelOfBothTasksComesBackAsItWas) {
  const TemporaryFolder folder;
  const Model model = sample_model();
  save_model(model, folder.path("m.safetensors"));
  const Model loaded = load_model(folder.path("m.safetensors"));
  ASSERT_TRUE(loaded.ratings && loaded.lists);
  expect_same_bits(*loaded.ratings, *model.ratings);
  expect_same_bits(*loaded.lists, *model.lists);
  EXPECT_TRUE(std::signbit(loaded.ratings->scorer.factors.user_bias[1]));
  EXPECT_EQ(*loaded.catalog, *model.catalog);
  ASSERT_TRUE(loaded.seen);
  EXPECT_EQ(*loaded.seen, *model.seen);
  EXPECT_EQ(loaded.data_digest, model.data_digest);
  EXPECT_EQ(loaded.data_selection, model.data_selection);
  EXPECT_EQ(loaded, model);
}

TEST(ModelFile, AModelOfOneTaskComesBackAsItWas) {
  Model model = sample_model();
  model.ratings.reset();
  Model loaded = decoded(encoded(model));
  EXPECT_FALSE(loaded.ratings);
  ASSERT_TRUE(loaded.lists);
  expect_same_bits(*loaded.lists, *model.lists);
  EXPECT_EQ(loaded, model);
  EXPECT_EQ(encoded(loaded), encoded(model));

  model = sample_model();
  model.lists.reset();
  loaded = decoded(encoded(model));
  EXPECT_FALSE(loaded.lists);
  EXPECT_EQ(loaded, model);
  EXPECT_EQ(encoded(loaded), encoded(model));

  // What stands under one task's names may stand under the other's.
  std::swap(model.ratings, model.lists);
  loaded = decoded(encoded(model));
  ASSERT_TRUE(loaded.lists);
  expect_same_bits(*loaded.lists, sample_ratings());
  EXPECT_EQ(loaded, model);
}

TEST(ModelFile, ItemWeightsComeBackToTheBit) {
  Model model = sample_model_of_item_weights();
  const Model loaded = decoded(encoded(model));
  ASSERT_TRUE(loaded.lists);
  ASSERT_TRUE(loaded.lists->scorer.item_weights);
  EXPECT_EQ(*loaded.lists->scorer.item_weights, *model.lists->scorer.item_weights);
  EXPECT_FALSE(loaded.ratings->scorer.item_weights);
  EXPECT_EQ(loaded, model);
  EXPECT_EQ(encoded(loaded), encoded(model));

  model.ratings.reset();
  model.seen.reset();
  model.lists->scorer.item_weights =
      SparseMatrix{4, {0, 0, 0, 0, 0}, {}, {}};  // none is like another
  EXPECT_EQ(decoded(encoded(model)), model);
}

TEST(ModelFile, WhetherTheTestRatingsHadBeenSeenComesBack) {
  const std::vector<std::optional<std::uint64_t>> known_or_not{0, 17, std::nullopt};
  for (const auto& seen : known_or_not) {
    Model model = sample_model();
    model.ratings->provenance.measured->seen = seen;
    EXPECT_EQ(decoded(encoded(model)).ratings->provenance.measured->seen, seen);
  }
}

TEST(ModelFile, TheSameModelGivesTheSameBytes) {
  EXPECT_EQ(encoded(sample_model()), encoded(sample_model()));
  EXPECT_EQ(encoded(decoded(encoded(sample_model()))), encoded(sample_model()));
}

TEST(ModelFile, WhatAModelMayLackMayBeLacking) {
  Model model = empty_model();
  EXPECT_EQ(encoded(decoded(encoded(model))), encoded(model));

  model = sample_model();
  model.seen = nullptr;
  model.lists.reset();
  Fitted& ratings = *model.ratings;
  ratings.scorer.row.reset();
  ratings.scorer.range.reset();
  ratings.provenance = {};
  model.data_digest.clear();
  model.data_selection.clear();
  Catalog catalog = *model.catalog;
  catalog.item_titles.clear();
  catalog.item_metadata.clear();
  model.catalog = std::make_shared<const Catalog>(catalog);
  const Model loaded = decoded(encoded(model));
  EXPECT_FALSE(loaded.seen);
  EXPECT_FALSE(loaded.lists);
  EXPECT_FALSE(loaded.ratings->scorer.row);
  EXPECT_FALSE(loaded.ratings->scorer.range);
  EXPECT_FALSE(loaded.ratings->provenance.measured);
  EXPECT_EQ(loaded.ratings->provenance.epochs, 0U);
  EXPECT_FALSE(loaded.ratings->provenance.optimizer);
  EXPECT_EQ(*loaded.catalog, catalog);
  EXPECT_EQ(loaded, model);
  EXPECT_EQ(encoded(loaded), encoded(model));
}

TEST(ModelFile, EveryAlgorithmsOptionsComeBack) {
  for (const char* name : {"als", "sgd", "gradient", "bias", "mean", "notebook-sgd"}) {
    Model model = empty_model();
    NamedAlgorithm& algorithm = model.ratings->algorithm;
    algorithm = algorithm_named(name);
    if (auto* als = std::get_if<AlsOptions>(&algorithm.options)) als->regularization = 0.1F + 1e-8F;
    Index factors = 0;
    std::visit(
        [&](const auto& options) {
          if constexpr (requires { options.factors; }) factors = options.factors;
        },
        algorithm.options);
    model.ratings->scorer.factors = Factors(0, 0, factors);
    EXPECT_EQ(decoded(encoded(model)).ratings->algorithm, algorithm) << name;
  }
}

TEST(ModelFile, EveryRowObjectiveComesBackToTheBit) {
  Model model = empty_model();
  for (const float value : {0.0F, 1e-45F, 1.17549435e-38F, 0.1F, 1.0F / 3, 0.99999994F, 1.0F}) {
    for (const bool bias : {true, false}) {
      model.ratings->scorer.row = RowObjective{
          {.factors = 3e38F * value, .exponent = value, .bias = 7 * value, .bias_exponent = value},
          bias};
      EXPECT_EQ(decoded(encoded(model)).ratings->scorer.row, model.ratings->scorer.row) << value;
    }
  }
}

TEST(ModelFile, AnApproximateRowComesBackWithWhatItLoses) {
  Model model = sample_model();
  model.lists = sample_approximate();
  const Model loaded = decoded(encoded(model));
  EXPECT_EQ(loaded, model);
  EXPECT_EQ(loaded.lists->scorer.row->target, 0.7F);
  EXPECT_TRUE(loaded.lists->scorer.folds_in_approximately());
  EXPECT_EQ(loaded.lists->provenance.fold_in->folded_in, 0.1 + 0.2);
  model.lists->provenance.fold_in.reset();  // not measured
  EXPECT_EQ(decoded(encoded(model)), model);
}

TEST(ModelFile, ARowThatIsNotApproximateIsWrittenAsItWasBefore) {
  Model model = sample_model();
  model.lists = sample_approximate();
  model.lists->provenance.fold_in.reset();
  *model.lists->scorer.row = {.ridge = {.factors = 0.5F}, .bias = false, .unobserved = 2};
  const std::string before =
      R"({\"factors\":0.5,\"exponent\":0.0,\"bias\":0.0,\"bias_exponent\":0.0,)"
      R"(\"offset\":0.0,\"has_bias\":false,\"unobserved\":2.0})";
  EXPECT_NE(encoded(model).find(before), std::string::npos);
}

// The digits of its numbers are as many as there can be.
Curve curve_with_all_digits(Index epochs) {
  Curve curve{{"train_loss", "validation_loss", "test_loss"}, {}};
  for (Index epoch = 0; epoch < epochs; ++epoch)
    curve.epochs.push_back({epoch, {-1.0 / (epoch + 3), -1e-300 / 3, -1.2345678901234567e-308}});
  return curve;
}

TEST(ModelFile, ACurveOf1500000EpochsIsWrittenAndReadThinned) {
  Model model = empty_model();
  Curve& curve = model.ratings->provenance.curve;
  curve = thinned(curve_with_all_digits(1'500'000), 1'234'567);
  EXPECT_EQ(curve.epochs.size(), 1001U);
  EXPECT_EQ(curve.epochs.front().epoch, 0U);
  EXPECT_EQ(curve.epochs.back().epoch, 1'499'999U);
  EXPECT_EQ(std::ranges::count(curve.epochs, Index{1'234'567}, &EpochRecord::epoch), 1);
  EXPECT_EQ(decoded(encoded(model)).ratings->provenance.curve, curve);
}

TEST(ModelFile, ACurveThatCouldNotBeReadIsNotWritten) {
  Model model = empty_model();
  model.ratings->provenance.curve = curve_with_all_digits(5000);
  EXPECT_EQ(error_of(ErrorCode::bad_model, [&] { encoded(model); }),
            "metadata \"ratings.curve\" is too long");
}

TEST(ModelFile, PaddedRowsAreNotWritten) {
  Model model = empty_model();
  model.ratings->algorithm = {"als", AlsOptions{.factors = 19}};
  Scorer& scorer = model.ratings->scorer;
  scorer.factors = Factors(5, 3, 19);
  Catalog catalog;
  catalog.users = Ids::integers({1, 2, 3, 4, 5});
  catalog.items = Ids::integers({1, 2, 3});
  model.catalog = std::make_shared<const Catalog>(catalog);
  scorer.item_support = {0, 0, 0};
  float value = 0;
  for (Index u = 0; u < 5; ++u) {
    for (float& entry : scorer.factors.user_factors.row(u)) entry = value += 1;
  }
  const std::string file = encoded(model);
  EXPECT_EQ(decoded(file).ratings->scorer.factors, scorer.factors);
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
  other.ratings->scorer.factors.user_bias[0] += 1;
  save_model(other, path);
  EXPECT_NE(model_version(path), to_hex(Sha256().finish()));
  EXPECT_EQ(load_model(path), other);
}

TEST(ModelFile, AModelIsToldFromOtherFilesWhateverItsName) {
  const TemporaryFolder folder;
  save_model(sample_model(), folder.path("m"));
  EXPECT_TRUE(is_model_file(folder.path("m")));
  EXPECT_FALSE(is_model_file(folder.write("ratings.csv", "user,item,rating\n1,2,3\n")));
  EXPECT_FALSE(is_model_file(folder.write("rows.json", "{\"user\": 1, \"item\": 2}\n")));
  EXPECT_FALSE(is_model_file(folder.write("short", "{")));
  EXPECT_FALSE(is_model_file(folder.path("nothing")));
  EXPECT_FALSE(is_model_file("-"));
}

// Small, since each bit is a file to read: without texts, which have tests of their own, and with
// one copy of the factors.
TEST(ModelFile, AnyFlippedBitIsRefused) {
  Model model = sample_model();
  model.lists.reset();
  model.ratings->provenance.optimizer.reset();
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
  other.ratings->scorer.factors.user_bias[0] += 1;
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
    const Model model = load_model(path);
    EXPECT_TRUE(model == one || model == other) << "round " << round;
  }
  save_model(other, path);  // what was left behind is in nobody's way
  EXPECT_EQ(load_model(path), other);
}

TEST(ModelFile, AnInconsistentModelIsNotWritten) {
  const TemporaryFolder folder;
  const std::string path = folder.path("m.safetensors");
  save_model(sample_model(), path);
  const std::string before = read_file(path);
  const auto refusal_of = [&](const std::function<void(Model&)>& change) {
    Model model = sample_model();
    change(model);
    return error_of(ErrorCode::bad_model, [&] { save_model(model, path); });
  };
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(refusal_of([](Model& m) { m.ratings->scorer.factors.item_factors.row(2)[1] = kNan; }),
            "tensor \"ratings.item_factors\": row 2, column 1 is not a finite number");
  EXPECT_EQ(refusal_of([](Model& m) { m.lists->scorer.factors.global_mean = kNan; }),
            "tensor \"lists.global_mean\" is not a finite number");
  EXPECT_TRUE(contains(refusal_of([](Model& m) { m.ratings->provenance.measured->split = "\xFF"; }),
                       "\"ratings.measured\" has a split"));
  for (const double value : {double{kNan}, double{kInfinity}}) {
    EXPECT_EQ(
        refusal_of([&](Model& m) { m.ratings->provenance.measured->values[1].value = value; }),
        "metadata \"ratings.measured\" has a metric without a finite number");
    EXPECT_EQ(refusal_of([&](Model& m) { m.lists->provenance.curve.epochs[0].values[0] = value; }),
              "metadata \"lists.curve\": epoch 4294967295 does not have a finite number for each "
              "name");
  }
  EXPECT_TRUE(contains(
      refusal_of([](Model& m) { m.ratings->provenance.curve.epochs[2].values.pop_back(); }),
      "\"ratings.curve\": epoch 7"));
  EXPECT_TRUE(contains(refusal_of([](Model& m) { m.lists->provenance.curve.names[0] = "\xFF"; }),
                       "\"lists.curve\" has a name"));
  EXPECT_TRUE(contains(refusal_of([](Model& m) { m.lists->scorer.item_support.pop_back(); }),
                       "\"lists.item_support\""));
  EXPECT_TRUE(contains(refusal_of([](Model& m) { m.lists->scorer.factors = Factors(2, 4, 1); }),
                       "\"user_ids\" has 3 entries for 2 users"));
  for (const float value : {kNan, kInfinity, -1.0F}) {
    for (float Ridge::* const penalty : {&Ridge::factors, &Ridge::bias}) {
      EXPECT_TRUE(
          contains(refusal_of([&](Model& m) { m.ratings->scorer.row->ridge.*penalty = value; }),
                   "\"ratings.row_objective\" has a penalty below 0"));
    }
  }
  for (const float value : {kNan, kInfinity, -0.1F, 1.0001F}) {
    for (float Ridge::* const exponent : {&Ridge::exponent, &Ridge::bias_exponent}) {
      EXPECT_TRUE(
          contains(refusal_of([&](Model& m) { m.ratings->scorer.row->ridge.*exponent = value; }),
                   "an exponent outside of 0 to 1"));
    }
  }
  const auto approximate = [&](const std::function<void(Fitted&)>& change) {
    return refusal_of([&](Model& m) {
      m.lists = sample_approximate();
      change(*m.lists);
    });
  };
  for (const float target : {kNan, kInfinity, 0.0F, -1.0F}) {
    EXPECT_EQ(approximate([&](Fitted& f) { f.scorer.row->target = target; }),
              "metadata \"lists.row_objective\" has no target above 0");
  }
  for (const double value : {double{kNan}, -0.1, 1.1}) {
    EXPECT_TRUE(contains(approximate([&](Fitted& f) { f.provenance.fold_in->trained = value; }),
                         "\"lists.fold_in\" has no users, or a mean outside of 0 to 1"));
  }
  EXPECT_EQ(refusal_of([](Model& m) { m.data_selection = "\xFF"; }),
            "metadata \"data_selection\" is not valid UTF-8");
  EXPECT_EQ(refusal_of([](Model& m) {
              m.ratings.reset();
              m.lists.reset();
            }),
            "it answers no task");
  EXPECT_EQ(read_file(path), before);
  EXPECT_EQ(folder.names(), std::vector<std::string>{"m.safetensors"});
}

}  // namespace
}  // namespace palate
