#include "palate/algorithms/algorithms.h"

#include <gtest/gtest.h>

#include <cmath>
#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

#include "palate/base/error.h"

namespace palate {
namespace {

// The message of the Error that `body` throws.
template <class Body>
std::string message_of(ErrorCode code, Body&& body) {
  try {
    body();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code);
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return "";
}

TEST(Options, EveryNameHasValidDefaults) {
  for (const AlgorithmInfo& row : algorithms()) {
    const std::string name(row.about.name);
    const NamedAlgorithm named = algorithm_named(name);
    EXPECT_NO_THROW(validate(named.options)) << name;
    EXPECT_EQ(named.preset, row.preset) << name;
  }
}

TEST(Options, EveryAlgorithmAndPresetIsDescribedInTwoSentences) {
  for (const AlgorithmInfo& row : algorithms()) {
    const std::string_view text = row.about.description;
    SCOPED_TRACE(row.about.name);
    ASSERT_FALSE(text.empty());
    EXPECT_TRUE(text.front() >= 'A' && text.front() <= 'Z');
    EXPECT_TRUE(text.ends_with('.'));
    std::size_t sentences = 1;
    for (std::size_t at = text.find(". "); at != text.npos; at = text.find(". ", at + 1))
      ++sentences;
    EXPECT_EQ(sentences, 2U);
  }
}

TEST(Options, AnUnknownAlgorithmIsToldTheKnownOnes) {
  const std::string message =
      message_of(ErrorCode::invalid_argument, [] { algorithm_named("alS"); });
  EXPECT_TRUE(message.starts_with("there is no algorithm \"alS\": choose one of als, sgd, "));
  for (const AlgorithmInfo& row : algorithms())
    EXPECT_NE(message.find(row.about.name), std::string::npos) << row.about.name;
}

TEST(Options, JsonGivesBackWhatItWasGiven) {
  AlgorithmOptions options =
      AlsOptions{.factors = 7, .regularization = 0.1F, .regularization_exponent = 1};
  EXPECT_EQ(options_from_json("als", options_to_json(options)), options);
  options = GradientOptions{.optimizer = Optimizer::sgd,
                            .learning_rate = 1e-30F,
                            .penalty = Penalty::norm,
                            .seed = 4294967295};
  EXPECT_EQ(options_from_json("gradient", options_to_json(options)), options);
  EXPECT_NE(options_to_json(options).find("\"optimizer\": \"sgd\""), std::string::npos);
  EXPECT_EQ(options_to_json(MeanOptions{}), "{}");
}

TEST(Options, AMissingFieldKeepsItsDefaultAndAnUnknownOneIsNamed) {
  EXPECT_EQ(options_from_json("als", R"({"factors": 3})"),
            AlgorithmOptions(AlsOptions{.factors = 3}));
  const std::string message = message_of(ErrorCode::invalid_argument,
                                         [] { options_from_json("bias", R"({"factors": 3})"); });
  EXPECT_EQ(message,
            "bias has no option factors: it has epochs, user_regularization, item_regularization");
}

TEST(Options, AValueOutOfRangeIsNamedWithTheRange) {
  AlgorithmOptions als = AlsOptions{};
  const auto set = [&](const char* field, const char* text) {
    return message_of(ErrorCode::invalid_argument, [&] { set_option(als, field, text); });
  };
  EXPECT_EQ(set("factors", "0"), "als factors 0 is out of range: between 1 and 4096");
  EXPECT_EQ(set("factors", "-1"), "als factors -1 is out of range: between 1 and 4096");
  EXPECT_EQ(set("factors", "99999999999999999999"),
            "als factors 99999999999999999999 is out of range: between 1 and 4096");
  EXPECT_EQ(set("factors", "3.5"), "als factors \"3.5\" is not a whole number");
  EXPECT_EQ(set("regularization", "0"), "als regularization 0 is out of range: above 0");
  EXPECT_EQ(set("regularization", "nan"), "als regularization nan is out of range: above 0");
  EXPECT_EQ(set("regularization", "1e39"), "als regularization 1e39 is out of range: above 0");
  EXPECT_EQ(als, AlgorithmOptions(AlsOptions{})) << "a refused value changes nothing";
  AlgorithmOptions gradient = GradientOptions{};
  EXPECT_EQ(
      message_of(ErrorCode::invalid_argument, [&] { set_option(gradient, "biases", "maybe"); }),
      "gradient biases \"maybe\" is neither true nor false");
}

// An input that fuzzing found: a line break in a value was one in the message.
TEST(Options, WhateverIsRefusedIsNamedInOneLine) {
  for (const char* json : {R"({"optimizer": "ad\nam"})", R"({"fac\ntors": 3})",
                           R"({"fac\ntors": []})", R"({"biases": "\n"})", "\n"}) {
    const std::string message =
        message_of(ErrorCode::invalid_argument, [&] { options_from_json("gradient", json); });
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
}

TEST(Options, JsonHasEachNameOnceAndAValueOfItsOwnType) {
  const auto refusal = [](std::string_view json) {
    return message_of(ErrorCode::invalid_argument, [&] { options_from_json("gradient", json); });
  };
  EXPECT_EQ(refusal(R"({"factors": "3"})"), R"(gradient factors: "3" is a string in JSON)");
  EXPECT_EQ(refusal(R"({"biases": 1})"), R"(gradient biases: "1" is a number in JSON)");
  EXPECT_EQ(refusal(R"({"optimizer": true})"),
            R"(gradient optimizer: "true" is a boolean in JSON)");
  EXPECT_EQ(refusal(R"({"factors": null})"), R"(gradient factors: "null" is a null in JSON)");
  EXPECT_NE(refusal(R"({"factors": 3, "factors": 4})").find("has \"factors\" twice"),
            std::string::npos);
  using namespace std::string_view_literals;
  EXPECT_NE(refusal("{\"factors\": 3}\0{\"factors\": 4}"sv).find("is not valid JSON"),
            std::string::npos);
}

TEST(Options, ValidateRefusesWhatTheStructCanHold) {
  EXPECT_THROW(validate(AlsOptions{.factors = 0}), Error);
  EXPECT_THROW(validate(AlsOptions{.regularization = std::nanf("")}), Error);
  EXPECT_THROW(validate(SgdOptions{.learning_rate = INFINITY}), Error);
  EXPECT_THROW(validate(GradientOptions{.epochs = 0}), Error);
}

TEST(Options, AChoiceIsSetByName) {
  AlgorithmOptions gradient = GradientOptions{};
  set_option(gradient, "optimizer", "sgd");
  EXPECT_EQ(std::get<GradientOptions>(gradient).optimizer, Optimizer::sgd);
  const std::string message = message_of(ErrorCode::invalid_argument,
                                         [&] { set_option(gradient, "optimizer", "rmsprop"); });
  EXPECT_EQ(message, "gradient optimizer \"rmsprop\" is none of: adam, sgd");
}

template <class T>
concept Number = std::is_arithmetic_v<T> && !std::same_as<T, bool>;

TEST(Options, ASearchStaysWithinBoundsAndAroundTheDefault) {
  int searched = 0;
  for (const AlgorithmInfo& row : algorithms()) {
    if (row.preset) continue;
    visit_all_fields(row.defaults, [&]<class T>(const Field& field, const T& value) {
      SCOPED_TRACE(std::string(row.about.name) + " " + std::string(field.name));
      if (!field.search) return;
      ++searched;
      if constexpr (Number<T>) {
        const auto [low, high, log] = *field.search;
        EXPECT_LT(low, high);
        EXPECT_GE(low, field.bounds.low);
        EXPECT_LE(high, field.bounds.high);
        if (log) {
          EXPECT_GT(low, 0);
        }
        if (field.bounds.above_low) {
          EXPECT_GT(low, field.bounds.low);
        }
        EXPECT_GE(static_cast<double>(value), low);
        EXPECT_LE(static_cast<double>(value), high);
        for (const double end : {low, high}) {
          AlgorithmOptions options = row.defaults;
          EXPECT_NO_THROW(set_option(options, field.name, std::to_string(static_cast<T>(end))));
          EXPECT_NO_THROW(validate(options));
        }
      } else {
        ADD_FAILURE() << "neither a choice nor a switch lies between two numbers";
      }
    });
  }
  EXPECT_GE(searched, 10);
}

TEST(Options, ASearchLeavesAloneWhatOnlyRepeats) {
  for (const AlgorithmInfo& row : algorithms()) {
    visit_all_fields(row.defaults, [&](const Field& field, const auto&) {
      if (field.name == "seed") {
        EXPECT_FALSE(field.search) << row.about.name;
      }
    });
  }
}

TEST(Options, OptionsMayFollowTheName) {
  const NamedAlgorithm named = algorithm_named("als:factors=8:epochs=20");
  EXPECT_EQ(named.name, "als:factors=8:epochs=20");
  EXPECT_EQ(named.options, AlgorithmOptions(AlsOptions{.factors = 8, .epochs = 20}));
  EXPECT_FALSE(named.preset);
  EXPECT_TRUE(algorithm_named("notebook-sgd:seed=2").preset);
  const auto refusal = [](const char* name) {
    return message_of(ErrorCode::invalid_argument, [&] { algorithm_named(name); });
  };
  EXPECT_EQ(refusal("als:factors"), "algorithm \"als:factors\": \"factors\" is not OPTION=VALUE");
  EXPECT_EQ(refusal("als:"), "algorithm \"als:\": \"\" is not OPTION=VALUE");
  EXPECT_EQ(refusal("als:factors=0"), "als factors 0 is out of range: between 1 and 4096");
  EXPECT_EQ(refusal("mean:factors=1"), "mean has no option factors: it has none");
}

}  // namespace
}  // namespace palate
