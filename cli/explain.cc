// palate explain MODEL --user U --item I | --title T
#include "palate/recommend/explain.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "flags.h"
#include "item_flags.h"
#include "palate/base/error.h"
#include "palate/json.h"
#include "palate/recommend/recommend.h"
#include "terminal.h"
#include "text_table.h"
#include "verb_files.h"
#include "verbs.h"

namespace palate::cli {
namespace {

constexpr const char* kApproximate =
    "approximate: the shares are those of a new user with the same history\n";

std::string with_sign(float value) { return fmt::format("{:+.4f}", value); }

struct Explain {
  CommonFlags common;
  std::string model_file;
  std::string user;
  ItemFlags item;
  Index count = 10;

  int run() const {
    if (!item.given())
      throw Error(ErrorCode::invalid_argument, "explain needs one of --item and --title");
    VerbFiles used;
    used.reads_model("MODEL", model_file);
    used.check();
    const Model model = load_model(model_file);
    const Index wanted_user = known_user(model, user);
    const Index wanted_item = item.find_known(model, common.quiet);
    const PairExplanation explained = explain(model, wanted_user, wanted_item);
    if (common.json) {
      print_document(to_json(model, wanted_user, wanted_item, explained));
      return kDone;
    }
    const std::string title = title_of(model, wanted_item);
    print("user {}, item {}{}\n", user, model.catalog->items[wanted_item],
          title.empty() ? "" : ", " + title);
    if (const auto& ratings = explained.ratings) {
      print("\npredicted rating {:.4f}\n\n", explained.prediction);
      print(parts_table(*ratings, explained.prediction));
      if (ratings->ratings)
        print("\n" + contributions_table(model, *ratings,
                                         {"rated item", "rating", "user bias and taste"}));
    }
    if (explained.lists) print("\n" + reasons(model, explained, wanted_item));
    return kDone;
  }

  // Why the item is listed.
  std::string reasons(const Model& model, const PairExplanation& explained, Index wanted) const {
    const Explanation& lists = *explained.lists;
    if (explained.most_chosen && !knows_support(model.lists->scorer))
      return "nothing is known of what the user likes, nor of which items most users have chosen\n";
    if (explained.most_chosen) {
      return fmt::format("lists hold what most users have chosen; this item was chosen by {}\n",
                         with_commas(model.lists->scorer.item_support[wanted]));
    }
    std::string text = fmt::format("listed by the score {:.4f}\n", lists.score);
    if (lists.ratings)
      text += "\n" +
              contributions_table(model, lists, {"chosen item", "value", "score", lists.item_bias});
    return text;
  }

  std::string parts_table(const Explanation& explanation, float predicted) const {
    TextTable table({"part", "contribution"});
    table.add({"global mean", with_sign(explanation.global_mean)});
    table.add({"item bias", with_sign(explanation.item_bias)});
    table.add({"user bias", with_sign(explanation.user_bias)});
    table.add({"taste", with_sign(explanation.taste)});
    table.add({"sum", with_sign(explanation.score)});
    if (predicted != explanation.score && std::abs(predicted - explanation.score) > 1e-4F)
      table.add({"clipped to the scale", with_sign(predicted)});
    return table.text();
  }

  struct Words {
    std::string item;
    std::string value;
    std::string sum;
    float item_bias = 0;  // where it is a part of the sum
  };
  // What each item that the user gave something to adds.
  std::string contributions_table(const Model& model, const Explanation& explanation,
                                  const Words& words) const {
    const std::vector<RatingContribution>& ratings = *explanation.ratings;
    TextTable table({words.item, words.value, "contribution", "title"});
    table.align_left(3);
    float rest = 0;
    float sum = 0;
    for (std::size_t t = 0; t < ratings.size(); ++t) {
      const RatingContribution& rating = ratings[t];
      sum += rating.contribution();
      if (t < count) {
        table.add({model.catalog->items[rating.item], fmt::format("{:g}", rating.rating),
                   with_sign(rating.contribution()), title_of(model, rating.item)});
      } else {
        rest += rating.contribution();
      }
    }
    if (ratings.size() > count)
      table.add({fmt::format("{} more", ratings.size() - count), "", with_sign(rest), ""});
    if (words.item_bias != 0) table.add({"item bias", "", with_sign(words.item_bias), ""});
    if (std::abs(explanation.off_optimum) >= 5e-5F) {  // as much as four digits show
      table.add({explanation.approximate ? "difference to training" : "difference to the best fit",
                 "", with_sign(explanation.off_optimum), ""});
    }
    table.add({words.sum, "", with_sign(sum + words.item_bias + explanation.off_optimum), ""});
    return table.text() + (explanation.approximate ? kApproximate : "");
  }
};

}  // namespace

Run add_explain(FlagSet& flags) {
  const auto explain = std::make_shared<Explain>();
  flags.add_required("MODEL", &explain->model_file, "a model's file");
  flags.add_required("--user ID", &explain->user, "the user's id, as in the data");
  explain->item.add_to(flags);
  flags.add("-k,--count", &explain->count,
            "how many of the user's items to list; one line adds up the others");
  explain->common.add_to(flags);
  flags.set_examples({"palate explain model.safetensors --user 1 --item 50",
                      "palate explain model.safetensors --user 1 --title \"heat (1995)\"",
                      "palate explain model.safetensors --user 1 --item 50 -k 20"});
  return [explain] { return explain->run(); };
}

}  // namespace palate::cli
