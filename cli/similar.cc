// palate similar MODEL --item I | --title T | --user U [--where EXPRESSION]
#include "palate/recommend/similar.h"

#include <memory>

#include "chosen_items.h"
#include "flags.h"
#include "item_flags.h"
#include "palate/base/error.h"
#include "palate/json.h"
#include "terminal.h"
#include "text_table.h"
#include "verb_files.h"
#include "verbs.h"

namespace palate::cli {
namespace {

struct SimilarTo {
  CommonFlags common;
  std::string model_file;
  ItemFlags item;
  std::optional<std::string> user;
  ChosenItemFlags chosen;
  SimilarOptions options;

  int run() {
    if (item.given() == user.has_value()) {
      throw Error(ErrorCode::invalid_argument, "similar needs one of --item, --title and --user");
    }
    if (user && chosen.given()) {
      throw Error(ErrorCode::invalid_argument,
                  "--where, --items and --deny choose among items, and --user asks for users");
    }
    VerbFiles used;
    used.reads_model("MODEL", model_file);
    chosen.add_files_to(used);
    used.check();
    const Model model = load_model(model_file);
    options.allowed = chosen.allowed(model, common.quiet);
    return user ? similar_to_user(model) : similar_to_item(model);
  }

  int similar_to_item(const Model& model) const {
    if (!model.lists && !common.quiet)
      tell(
          "the model predicts ratings and was not trained for lists: one that was finds similar "
          "items better");
    const Index wanted = item.find_known(model, common.quiet);
    const std::vector<Recommendation> list = similar_items(model, wanted, options);
    const Scorer& scorer = for_lists(model).scorer;
    const bool has_support = options.min_support.value_or(0) <= 1 && scorer.item_weights;
    if (list.empty() && has_support && !common.quiet) {
      tell("no items are similar: this one is a neighbor of no other");
    } else {
      tell_if_empty(list.empty(), default_rules(scorer).min_support);
    }
    if (common.json) {
      print_document(similar_items_to_json(model, wanted, list));
      return kDone;
    }
    TextTable table({"item", "score", "ratings", "title"});
    table.align_left(3);
    for (const auto& [index, score] : list) {
      table.add({model.catalog->items[index], fmt::format("{:.4f}", score),
                 with_commas(for_lists(model).scorer.item_support[index]), title_of(model, index)});
    }
    print(table.text());
    return kDone;
  }

  int similar_to_user(const Model& model) const {
    const Index wanted = known_user(model, *user);
    const std::vector<Neighbour> list = similar_users(model, wanted, options);
    tell_if_empty(list.empty(), kSupportOfSimilarUsers);
    if (common.json) {
      print_document(similar_users_to_json(model, wanted, list));
      return kDone;
    }
    TextTable table({"user", "cosine", "ratings"});
    for (const auto& [index, cosine] : list) {
      table.add({model.catalog->users[index], fmt::format("{:.4f}", cosine),
                 model.seen ? with_commas(model.seen->row(index).size()) : ""});
    }
    print(table.text());
    return kDone;
  }

  void tell_if_empty(bool is_empty, Index default_support) const {
    if (is_empty && !common.quiet) {
      tell("nothing is similar enough to list: no other{} has {} ratings (--min-support)",
           chosen.given() ? " that --where, --items and --deny leave" : "",
           options.min_support.value_or(default_support));
    }
  }
};

}  // namespace

Run add_similar(FlagSet& flags) {
  const auto similar = std::make_shared<SimilarTo>();
  flags.add_required("MODEL", &similar->model_file, "a model's file");
  similar->item.add_to(flags);
  flags.add("--user ID", &similar->user, "a user's id: the nearest users instead of items");
  flags.add("-k,--count", &similar->options.count, "how many to list", {.low = 1});
  flags.add("--min-support", &similar->options.min_support,
            "leave out items, or users, with fewer ratings than this [of items 1, or 5 where the "
            "model has ratings alone; of users 5]");
  similar->chosen.add_to(flags);
  similar->common.add_to(flags);
  flags.set_examples({"palate similar model.safetensors --title \"toy story\"",
                      "palate similar model.safetensors --item 1 --where \"year < 1980\"",
                      "palate similar model.safetensors --user 1"});
  return [similar] { return similar->run(); };
}

}  // namespace palate::cli
