// palate recommend MODEL --user U | --likes "Toy Story:5, Heat" | --history FILE [--item COLUMN]
//                  [--value COLUMN] [--item I | --title T] [--where EXPRESSION]
//                  MODEL --all-users | --users FILE
//                  [-o FILE] [--format csv | json | jsonl]
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
#include "palate/base/atomic_file.h"
#include "palate/base/error.h"
#include "palate/data/item_files.h"
#include "palate/json.h"
#include "palate/recommend/history.h"
#include "palate/recommend/recommend.h"
#include "progress_bar.h"
#include "recommendation_table.h"
#include "terminal.h"
#include "text_table.h"
#include "twins.h"
#include "verb_files.h"
#include "verbs.h"

namespace palate::cli {

std::string recommendation_table(const Model& model, const std::vector<Recommendation>& list,
                                 const std::vector<float>& ratings) {
  std::vector<Cell> header{"item", "score", "title"};
  if (!ratings.empty()) header.insert(header.begin() + 2, "rating");
  TextTable table(header);
  table.align_left(header.size() - 1);
  for (std::size_t n = 0; n < list.size(); ++n) {
    const auto& [item, score] = list[n];
    std::vector<Cell> row{model.catalog->items[item], fmt::format("{:.3f}", score),
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
  bool strict = false;
  ChosenItemFlags chosen;
  bool all_users = false;
  std::string users_file;
  std::string output;
  std::optional<std::string> format;

  int run() {
    const bool of_many = all_users || !users_file.empty();
    if (int{user.has_value()} + int{likes || history_file} + int{all_users} +
            int{!users_file.empty()} !=
        1) {
      throw Error(
          ErrorCode::invalid_argument,
          "recommend needs just one of --user, --users, --all-users, and --likes or --history "
          "of a new user");
    }
    if (item.given() && of_many) {
      throw Error(ErrorCode::invalid_argument,
                  "--item and --title ask for the place in one user's list, and --users and "
                  "--all-users for many lists");
    }
    check_format(of_many);
    if (history.value_column && !history_file)
      throw Error(ErrorCode::invalid_argument,
                  "--value names a column of --history, which is not given");
    check_files();
    const Model model = load_model(model_file);
    take_column(model);
    const Scorer& scorer = for_lists(model).scorer;
    rules.min_support = min_support.value_or(default_rules(scorer).min_support);
    rules.allowed = chosen.allowed(model, common.quiet, strict);
    if (!model.lists && !common.quiet) {
      tell(
          "the model predicts ratings and was not trained for lists: items are ranked by their "
          "predicted rating");
    }
    if (of_many) return tell_lists(model);
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

  void check_format(bool of_many) const {
    if (format && *format != "csv" && *format != "json" && *format != "jsonl") {
      throw Error(ErrorCode::invalid_argument,
                  fmt::format("--format \"{}\" is none of: csv, json, jsonl", *format));
    }
    if (!of_many && (format == "jsonl" || (!format && output.ends_with(".jsonl"))))
      throw Error(ErrorCode::invalid_argument,
                  "--format jsonl is for several users: take json for one");
    if (common.json && !has_output_file() && format.value_or("json") == "csv")
      throw Error(ErrorCode::invalid_argument, "--json and --format csv are two formats");
    if (has_output_file() && !format && !output.ends_with(".csv") && !output.ends_with(".json") &&
        !output.ends_with(".jsonl")) {
      throw Error(
          ErrorCode::invalid_argument,
          fmt::format(
              "--output {} ends in none of .csv, .json and .jsonl: say which it is with --format",
              output));
    }
  }

  // As --format says, or the name of the output. Nothing: a table on a terminal.
  std::optional<ListFormat> list_format() const {
    if (format == "csv") return ListFormat::csv;
    if (format == "json") return ListFormat::json;
    if (format == "jsonl") return ListFormat::json_lines;
    if (has_output_file()) {
      return output.ends_with(".csv")    ? ListFormat::csv
             : output.ends_with(".json") ? ListFormat::json
                                         : ListFormat::json_lines;
    }
    return common.json ? std::optional(ListFormat::json) : std::nullopt;
  }

  void check_files() const {
    VerbFiles used;
    used.reads_model("MODEL", model_file);
    chosen.add_files_to(used);
    used.reads_table("--users", users_file);
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
      throw Error(ErrorCode::invalid_argument,
                  "--item and --title both name an item, and one is asked for");
    if (item.given() && (format || !output.empty())) {
      throw Error(
          ErrorCode::invalid_argument,
          "--item and --title ask for one item's place, which has no --format and --output");
    }
  }

  // The lists of many.
  int tell_lists(const Model& model) const {
    ListUsers users{.include_seen = include_seen};
    std::optional<UserList> rows;
    if (!users_file.empty()) {
      rows = read_user_list(users_file, *model.catalog, chosen.trim_ids, chosen.max_expansion);
      if (strict) refuse_unknown(users_file, "user", rows->unknown);
      users.rows = &*rows;
    }
    if (!common.quiet) tell_users(model, rows);
    Parallel parallel(common.threads);
    const ListFormat written = list_format().value_or(ListFormat::csv);
    const std::size_t num_users = rows ? rows->ids.size() : model.catalog->users.size();
    if (!has_output_file()) {
      write_lists(model, rules, users, written, parallel, [&](std::string_view text) {
        written == ListFormat::csv ? print_csv(text) : print_part(text);
        if (!can_print()) throw CannotPrint();
      });
      return kDone;
    }
    AtomicFile file(output);
    {
      ProgressBar bar(common.quiet);
      write_lists(
          model, rules, users, written, parallel, [&](std::string_view text) { file.write(text); },
          [&](Index num_lists) { bar.show_count("lists", num_lists, num_users); });
    }
    file.commit();
    return tell_output(num_users);
  }

  int tell_output(std::size_t num_users) const {
    if (common.json) {
      print_json(nlohmann::ordered_json{{"file", output}, {"users", num_users}});
    } else {
      print_path(output);
    }
    return kDone;
  }

  static const char* what_nobody_in_particular_gets(const Model& model) {
    return knows_support(for_lists(model).scorer)
               ? "the items that most users have chosen"
               : "the first items of the model, which does not know which most users have chosen";
  }

  void tell_users(const Model& model, const std::optional<UserList>& rows) const {
    if (rows) {
      tell("{}: {} by {}", users_file, counted(rows->ids.size(), "user"), rows->column);
      tell_twins(users_file, "users", rows->looked_up, model.catalog->users);
      if (rows->unknown > 0) {
        tell("{} {} not in the model: these lists are {}", counted(rows->unknown, "user"),
             rows->unknown == 1 ? "is" : "are", what_nobody_in_particular_gets(model));
      }
    }
    // One that gives the same list to everybody knows nothing of any of them.
    const Index unknown =
        !rows && for_lists(model).scorer.is_personal() ? count_unknown_users(model) : 0;
    if (!include_seen && !model.seen)
      tell("the model has no history: items that users have rated are not left out");
    if (unknown > 0) {
      tell("nothing is known of {}: these lists are {}", counted(unknown, "user"),
           what_nobody_in_particular_gets(model));
    }
  }

  Asker known_asker(const Model& model) const {
    const Scorer& scorer = for_lists(model).scorer;
    const std::optional<Index> known =
        strict ? known_user(model, *user) : model.catalog->users.find(*user);
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
      tell("user {} is not in the model: these are {}{}", *user,
           what_nobody_in_particular_gets(model), did_you_mean(model.catalog->users, *user));
    } else if (asker.audience.most_chosen && scorer.is_personal()) {
      tell("nothing is known of what user {} likes: these are {}", *user,
           what_nobody_in_particular_gets(model));
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
      if (strict) refuse_unknown(*history_file, "item", read.ratings.unknown);
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
    if (read.not_rated > 0) tell("left out: {} without a rating", counted(read.not_rated, "row"));
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
    tell_left_out(read.unknown, "not found in the model");
    tell_left_out(read.ambiguous, "may be several items of the model");
    if (read.ratings.unknown > 0) {
      tell("left out: {} of items that are not in the model",
           counted(read.ratings.unknown, read.has_values ? "rating" : "row"));
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
      tell(
          "{} rated below {:g}, which is not liked: they are left out of the list and tell nothing "
          "more",
          with_commas(disliked), *weighting->at_least);
    }
    if (most_chosen && for_lists(model).scorer.is_personal())
      tell("no item of the model is liked: these are {}", what_nobody_in_particular_gets(model));
    const Fitted& lists = for_lists(model);
    const std::string fold_in = fold_in_in_words(lists.scorer, lists.provenance.fold_in);
    if (!fold_in.empty() && !most_chosen) tell("fold-in: {}", fold_in);
    const std::optional<RatingRange> scale = rating_scale(model);
    if (!scale) return;
    const auto outside = std::ranges::find_if(
        rated.values, [&](float value) { return value < scale->low || value > scale->high; });
    if (outside != rated.values.end()) {
      tell("warning: {:g} is outside the scale that the model was trained on, {:g} to {:g}",
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
          "nothing to recommend: no item{}, that the user has not rated and that has {} or more, "
          "is "
          "left (--min-support)",
          chosen.given() ? " that --where, --items and --deny allow" : "",
          counted(rules.min_support, "rating"));
    }
    const std::optional<ListFormat> written = list_format();
    if (!written) {
      print(recommendation_table(model, list, ratings));
      return kDone;
    }
    const std::string text = *written == ListFormat::csv
                                 ? list_as_csv(model, list, ratings)
                                 : to_json(model, asker.audience, list, ratings);
    if (has_output_file()) {
      AtomicFile file(output);
      file.write(text);
      if (*written == ListFormat::json) file.write("\n");
      file.commit();
      return tell_output(1);
    }
    *written == ListFormat::csv ? print_csv(text) : print_document(text);
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
  flags.add("--user ID", &recommend->user, "the user's id, as in the data");
  flags.add("--likes \"TITLE[:RATING], ...\"", &recommend->likes,
            "what a new user likes: titles or ids, with ratings or without, as in \"Toy Story:5, "
            "Matrix, The (1999)\"");
  flags.add("--history FILE", &recommend->history_file,
            "a file of what a new user likes, such as another site's export: ids or titles, with "
            "ratings or without");
  flags.add("--value COLUMN", &recommend->history.value_column,
            "the ratings' column of --history: its name, its number from 1, or none [guessed]");
  flags.add(
      "--all-users", &recommend->all_users,
      "the lists of all users of the model: user, rank, item, score, and the predicted rating and "
      "the title where the model has them");
  flags.add(
      "--users FILE", &recommend->users_file,
      "the lists of the users of a file of ids, one a line or a column of a table: a list for "
      "each row");
  flags.add("-o,--output FILE", &recommend->output,
            "a file for the lists, which ends in .csv, .json or .jsonl [standard output]");
  flags.add("--format csv|json|jsonl", &recommend->format,
            "how lists are written; jsonl: a line for each user [as the name of the output ends; "
            "else csv for several users, a table for one]");
  flags.add("-k,--count", &recommend->rules.count, "how many to list", {.low = 1});
  flags.add("--min-support", &recommend->min_support,
            "leave out items with fewer ratings than this [1, or 5 where the model has ratings "
            "alone]");
  flags.add("--strict", &recommend->strict,
            "make users and items that the model does not know an error");
  flags.add("--include-seen", &recommend->include_seen,
            "also recommend items that the user has rated");
  recommend->chosen.add_to(flags, "--users, --history, ");
  FlagSet one_item =
      flags.group("one item: where it stands in the user's list, instead of the list");
  one_item.add("--item ID|COLUMN", &recommend->item.id,
               "the item's id, as in the data; with --history, where --value is given or no item "
               "has this id, the column of its items: ids or titles");
  one_item.add("--title TEXT", &recommend->item.title, kTitleHelp);
  recommend->common.add_to(flags);
  recommend->common.add_threads_to(flags);
  flags.set_examples({"palate recommend model.safetensors --user 1",
                      "palate recommend model.safetensors --likes \"Toy Story:5, Heat\" -k 5",
                      "palate recommend model.safetensors --all-users -k 20 -o lists.csv"});
  return [recommend] { return recommend->run(); };
}

}  // namespace palate::cli
