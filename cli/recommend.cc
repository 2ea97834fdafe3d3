// palate recommend MODEL --user U | --likes "Toy Story:5, Heat" | --history FILE [--item COLUMN]
//                  [--value COLUMN] [--item I | --title T] [--where EXPRESSION]
//                  MODEL --all-users [-o FILE.csv | FILE.jsonl]
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "chosen_items.h"
#include "comparison_text.h"
#include "flags.h"
#include "item_flags.h"
#include "likes.h"
#include "palate/base/error.h"
#include "palate/json.h"
#include "palate/recommend/history.h"
#include "palate/recommend/recommend.h"
#include "recommendation_table.h"
#include "terminal.h"
#include "twins.h"
#include "verbs.h"

namespace palate::cli {

std::string recommendation_table(const Model& model, const std::vector<Recommendation>& list,
                                 const std::vector<float>& ratings) {
  std::vector<std::string> header{"item", "score", "title"};
  if (!ratings.empty()) header.insert(header.begin() + 2, "rating");
  TextTable table(header);
  table.align_left(header.size() - 1);
  for (std::size_t n = 0; n < list.size(); ++n) {
    const auto& [item, score] = list[n];
    std::vector<std::string> row{model.catalog->items[item], fmt::format("{:.3f}", score),
                                 title_of(model, item)};
    if (!ratings.empty()) row.insert(row.begin() + 2, fmt::format("{:.2f}", ratings[n]));
    table.add(std::move(row));
  }
  return table.text();
}

namespace {

// What somebody new has chosen: what has no rating counts as liked in lists, and says nothing of
// ratings.
struct Choices {
  RatedItems all;
  RatedItems rated;
};

// Whoever a list is for.
struct Asker {
  Audience audience;
  QueryView to_lists;
  QueryView to_ratings;  // of a model that answers both
};

struct Recommend {
  CommonFlags common;
  std::string model_file;
  std::optional<std::string> user;
  std::optional<std::string> likes;
  std::optional<std::string> history_file;
  HistoryOptions history;
  ItemFlags item;
  std::optional<Index> min_support;
  ListRules rules;
  bool include_seen = false;
  ChosenItemFlags chosen;
  bool all_users = false;
  std::string output;

  int run() {
    if (int{user.has_value()} + int{likes || history_file} + int{all_users} != 1) {
      throw Error(
          ErrorCode::invalid_argument,
          "recommend needs one of --user, --all-users, and --likes or --history of a new user");
    }
    if (all_users && item.given()) {
      throw Error(ErrorCode::invalid_argument,
                  "--item and --title are of one user's list: tell --user instead of --all-users");
    }
    if (!all_users && !output.empty()) {
      throw Error(ErrorCode::invalid_argument,
                  "--output is of --all-users; one user's list goes to standard output");
    }
    if (has_output_file() && !output.ends_with(".csv") && !output.ends_with(".jsonl")) {
      throw Error(ErrorCode::invalid_argument,
                  fmt::format("--output {} ends neither in .csv nor in .jsonl", output));
    }
    if (history.value_column && !history_file)
      throw Error(ErrorCode::invalid_argument, "--value is a column of --history");
    check_files();
    const Model model = load_model(model_file);
    take_column(model);
    const Scorer& scorer = for_lists(model).scorer;
    rules.min_support = min_support.value_or(default_rules(scorer).min_support);
    rules.allowed = chosen.allowed(model, common.quiet);
    if (!model.lists && !common.quiet) {
      tell(
          "the model predicts ratings and was not trained for lists: items are ranked by their "
          "predicted rating");
    }
    if (all_users) return write_all(model);
    if (user) return answer(model, known_asker(model));
    const Choices choices = new_users_choices(model);
    const Query listed = query_of_newcomer(scorer, choices.all);
    const Query rating = model.ratings ? fold_in(model.ratings->scorer, choices.rated) : Query{};
    Audience audience{.likes = choices.all.row(), .rated = choices.rated.row()};
    audience.most_chosen = knows_nothing(scorer, listed);
    audience.approximate = scorer.folds_in_approximately() && !audience.most_chosen;
    if (!common.quiet) tell_choices(model, choices, audience.most_chosen);
    return answer(model, {audience, listed, rating});
  }

  int answer(const Model& model, Asker asker) const {
    const SparseRow rated = asker.to_lists.seen;
    if (include_seen) asker.to_lists.seen = {};
    return item.given() ? tell_standing(model, asker, rated) : tell_list(model, asker);
  }

  bool has_output_file() const { return !output.empty() && output != "-"; }

  void check_files() const {
    VerbFiles used;
    used.reads("MODEL", model_file);
    chosen.add_files_to(used);
    used.reads_table("--history", history_file.value_or(""));
    if (has_output_file()) used.writes("--output", output);
    used.check();
  }

  // --item is a column of --history, or the item whose place in the list is asked for.
  void take_column(const Model& model) {
    const bool is_column =
        history_file && item.id && (history.value_column || !model.catalog->items.find(*item.id));
    if (is_column) history.item_column = std::exchange(item.id, std::nullopt);
    if (item.id && item.title)
      throw Error(ErrorCode::invalid_argument, "--item and --title both say whose place is asked");
  }

  int write_all(const Model& model) const {
    const Scorer& scorer = for_lists(model).scorer;
    // One that gives the same list to everybody knows nothing of any of them.
    const Index unknown = scorer.is_personal() ? count_unknown_users(model) : 0;
    if (!include_seen && !model.seen && !common.quiet) {
      tell("the model has no history: items that users have rated are not left out");
    }
    if (unknown > 0 && !common.quiet) {
      tell("nothing is known of {} users: they get the items that most users have chosen",
           with_commas(unknown));
    }
    Parallel parallel(common.threads);
    if (!has_output_file()) {
      write_lists(model, rules, include_seen, common.json ? ListFormat::json : ListFormat::csv,
                  parallel, [&](std::string_view text) {
                    common.json ? print_part(text) : print_csv(text);
                    if (!can_print()) throw CannotPrint();
                  });
      return kDone;
    }
    const ListFormat format = output.ends_with(".csv") ? ListFormat::csv : ListFormat::json_lines;
    save_lists(model, rules, include_seen, format, parallel, output);
    if (common.json) {
      print_json(nlohmann::ordered_json{{"file", output}, {"users", model.catalog->users.size()}});
    } else {
      print("{}\n", output);
    }
    return kDone;
  }

  Asker known_asker(const Model& model) const {
    const Scorer& scorer = for_lists(model).scorer;
    const std::optional<Index> known = model.catalog->users.find(*user);
    Asker asker{.audience = {.user = *user, .known = known.has_value()},
                .to_lists = known ? list_query(model, *known) : query_of_unknown_user(scorer),
                .to_ratings = {}};
    if (model.ratings) {
      const Scorer& rates = model.ratings->scorer;
      asker.to_ratings = known ? query_of_user(rates, *known) : query_of_unknown_user(rates);
    }
    asker.audience.most_chosen = knows_nothing(scorer, asker.to_lists);
    if (common.quiet) return asker;
    if (!known) {
      tell("user {} is not in the model: these are the items that most users have chosen{}", *user,
           did_you_mean(model.catalog->users, *user));
    } else if (asker.audience.most_chosen && scorer.is_personal()) {
      tell(
          "nothing is known of what user {} likes: these are the items that most users have chosen",
          *user);
    }
    if (known && !include_seen && !model.seen)
      tell("the model has no history: items that user {} has rated are not left out", *user);
    return asker;
  }

  Choices new_users_choices(const Model& model) const {
    std::vector<std::pair<Index, float>> all;
    std::vector<std::pair<Index, float>> rated;
    if (history_file) {
      const History read = history_of(model);
      if (!common.quiet) tell_history(model, read);
      for (Index t = 0; t < read.ratings.items.size(); ++t) {
        all.emplace_back(read.ratings.items[t], read.ratings.values[t]);
        if (read.has_values) rated.push_back(all.back());
      }
    }
    const std::optional<float> liked = liked_value(model);
    for (const Like& like : likes ? parse_likes(*likes, model) : std::vector<Like>{}) {
      all.emplace_back(like.item, like.rating.value_or(liked.value_or(0)));
      if (like.rating) rated.push_back(all.back());
    }
    return {rated_items(std::move(all)), rated_items(std::move(rated))};
  }

  History history_of(const Model& model) const try {
    HistoryOptions options = history;
    options.liked = liked_value(model);
    options.trim_ids = chosen.trim_ids;
    options.max_expansion = chosen.max_expansion;
    return read_history(*history_file, model.catalog, rating_scale(model), options);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::invalid_argument || !history.item_column || history.value_column)
      throw;
    throw Error(error.code(),
                fmt::format("{}; nor is it an item of the model{}", error.what(),
                            did_you_mean(model.catalog->items, *history.item_column)));
  }

  void tell_history(const Model& model, const History& read) const {
    constexpr std::size_t kMost = 10;
    tell("{}: {}", *history_file, read.columns);
    if (read.not_rated > 0) tell("{} rows have no rating: left out", with_commas(read.not_rated));
    for (const auto& [title, index] :
         std::span(read.likened).first(std::min(read.likened.size(), kMost))) {
      tell("\"{}\" is taken for {}", title, model.catalog->item_name(index));
    }
    if (read.likened.size() > kMost)
      tell("and {} more titles for some that are like them", read.likened.size() - kMost);
    const auto tell_left_out = [](const std::vector<std::string>& names, const char* what) {
      if (names.empty()) return;
      tell("{}: \"{}\"{}", what, names.front(),
           names.size() > 1 ? fmt::format(" and {} more", with_commas(names.size() - 1)) : "");
    };
    tell_left_out(read.unknown, "of no item of the model");
    tell_left_out(read.ambiguous, "of several items of the model");
    if (read.ratings.unknown > 0) {
      tell("{} {} are of items that are not in the model: left out",
           with_commas(read.ratings.unknown), read.has_values ? "ratings" : "rows");
    }
  }

  void tell_choices(const Model& model, const Choices& choices, bool most_chosen) const {
    constexpr Index kMost = 10;
    const SparseRow all = choices.all.row();
    const SparseRow rated = choices.rated.row();
    const std::optional<Weighting>& weighting = for_lists(model).scorer.weighting;
    Index disliked = 0;
    for (Index t = 0; t < all.size(); ++t) {
      const bool is_disliked = weighting && !weighting->is_relevant(all.values[t]);
      disliked += is_disliked ? 1 : 0;
      if (t >= kMost) continue;
      const std::optional<float> rating = rating_of(rated, all.columns[t]);
      tell("{}  {} (item {}){}", rating ? fmt::format("{:g}", *rating) : "liked",
           model.catalog->item_name(all.columns[t]), model.catalog->items[all.columns[t]],
           is_disliked ? ", not liked" : "");
    }
    if (all.size() > kMost) tell("and {} more", all.size() - kMost);
    if (disliked > 0 && weighting->at_least) {
      tell("{} rated below {:g}, which is not liked: they are no more than left out of the list",
           with_commas(disliked), *weighting->at_least);
    }
    if (most_chosen && for_lists(model).scorer.is_personal())
      tell("no item of the model is liked: these are the items that most users have chosen");
    const Fitted& lists = for_lists(model);
    const std::string fold_in = fold_in_in_words(lists.scorer, lists.provenance.fold_in);
    if (!fold_in.empty() && !most_chosen) tell("fold-in: {}", fold_in);
    const std::optional<RatingRange> scale = rating_scale(model);
    if (!scale) return;
    const auto outside = std::ranges::find_if(
        rated.values, [&](float value) { return value < scale->low || value > scale->high; });
    if (outside != rated.values.end()) {
      tell("warning: {:g} is outside of the scale that the model was trained on, {:g} to {:g}",
           *outside, scale->low, scale->high);
    }
  }

  int tell_list(const Model& model, const Asker& asker) const {
    const std::vector<Recommendation> list =
        palate::recommend(for_lists(model).scorer, asker.to_lists, rules);
    std::vector<float> ratings;
    if (model.lists && model.ratings)
      ratings = ratings_of(model.ratings->scorer, asker.to_ratings, list);
    if (list.empty() && !common.quiet) {
      tell(
          "nothing to recommend: no item outside the user's history{} has {} ratings "
          "(--min-support)",
          chosen.given() ? " that --where, --items and --deny leave" : "", rules.min_support);
    }
    if (common.json) {
      print_document(to_json(model, asker.audience, list, ratings));
    } else {
      print(recommendation_table(model, list, ratings));
    }
    return kDone;
  }

  // Where one item stands in the list.
  int tell_standing(const Model& model, const Asker& asker, SparseRow rated) const {
    const Index wanted = item.find_known(model, common.quiet);
    const Scorer& scorer = for_lists(model).scorer;
    const Standing place = standing(scorer, asker.to_lists, wanted, rules);
    const std::optional<float> rating = rating_of(rated, wanted);
    const Index support = scorer.item_support[wanted];
    if (support < rules.min_support && !common.quiet) {
      tell("item {} has {} ratings: it is listed only with --min-support {} or less",
           model.catalog->items[wanted], support, support);
    }
    if (common.json) {
      print_document(to_json(model, asker.audience, wanted, place, rating));
      return kDone;
    }
    TextTable table({"item", "rank", "score", "seen", "title"});
    table.align_left(4);
    table.add({model.catalog->items[wanted], with_commas(place.rank),
               fmt::format("{:.3f}", place.score),
               rating ? fmt::format("rated {:g}", *rating) : "no", title_of(model, wanted)});
    print(table.text());
    return kDone;
  }

  static std::optional<float> rating_of(SparseRow row, Index item) {
    const auto found = std::ranges::lower_bound(row.columns, item);
    if (found == row.columns.end() || *found != item) return std::nullopt;
    return row.values[static_cast<std::size_t>(found - row.columns.begin())];
  }
};

}  // namespace

Run add_recommend(FlagSet& flags) {
  const auto recommend = std::make_shared<Recommend>();
  flags.add_required("MODEL", &recommend->model_file, "a model's file");
  flags.add("--user", &recommend->user, "the user's id, as in the data");
  flags.add("--likes", &recommend->likes,
            "what a new user likes: titles or ids, with ratings or without, as in \"Toy Story:5, "
            "Matrix, The (1999)\"");
  flags.add("--history", &recommend->history_file,
            "a file of what a new user likes, such as another site's export: ids or titles, with "
            "ratings or without");
  flags.add("--value", &recommend->history.value_column,
            "the ratings' column of --history: its name, its number from 1, or none (guessed)");
  flags.add(
      "--all-users", &recommend->all_users,
      "the lists of all users of the model: user, rank, item, score, and the predicted rating "
      "where the model has one");
  flags.add("-o,--output", &recommend->output,
            "of --all-users: a file that ends in .csv or .jsonl [CSV on standard output]");
  flags.add("-k,--count", &recommend->rules.count, "length of the list", {.low = 1});
  flags.add("--min-support", &recommend->min_support,
            "leave out items with fewer ratings than this [1, or 5 where the model has ratings "
            "alone]");
  flags.add("--include-seen", &recommend->include_seen,
            "recommend items that the user has rated, too");
  recommend->chosen.add_to(flags, "--history, ");
  FlagSet one_item =
      flags.group("one item", "where it stands in the user's list, instead of the list");
  one_item.add("--item", &recommend->item.id,
               "the item's id, as in the data; with --history, where --value is given or no item "
               "has this id, the column of its items: ids or titles");
  one_item.add("--title", &recommend->item.title, kTitleHelp);
  recommend->common.add_to(flags);
  recommend->common.add_threads_to(flags);
  return [recommend] { return recommend->run(); };
}

}  // namespace palate::cli
