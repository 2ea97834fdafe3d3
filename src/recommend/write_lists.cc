// Lists of many as text.
#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/csv_cell.h"
#include "base/json_text.h"
#include "palate/base/visible.h"
#include "palate/recommend/recommend.h"

namespace palate {
namespace {

std::string written(std::string_view text, ListFormat format) {
  return format == ListFormat::csv ? csv_cell(text) : visible_json(json_string(text));
}

// The texts as they stand in the lists: made once, written often.
std::vector<std::string> all_written(const auto& texts, ListFormat format) {
  std::vector<std::string> result;
  result.reserve(texts.size());
  for (Index i = 0; i < texts.size(); ++i) result.push_back(written(texts[i], format));
  return result;
}

// Writes one list after the other to a buffer.
class ListText {
 public:
  ListText(const Model& model, const ListUsers& users, ListFormat format)
      : model_(model),
        users_(users),
        format_(format),
        has_ratings_(model.lists && model.ratings),
        items_(all_written(model.catalog->items, format)),
        titles_(all_written(model.catalog->item_titles, format)) {
    if (format == ListFormat::json) add("[");
    if (format != ListFormat::csv) return;
    add("user,rank,item,score");
    if (has_ratings_) add(",rating");
    if (!titles_.empty()) add(",title");
    add("\n");
  }

  void add_list(Index n, std::span<const Recommendation> list) {
    const std::optional<Index> known = users_.rows ? users_.rows->users[n] : n;
    const std::string user =
        written(users_.rows ? users_.rows->ids[n] : model_.catalog->users[n], format_);
    std::vector<float> ratings;
    if (has_ratings_) {
      const Scorer& scorer = model_.ratings->scorer;
      ratings = ratings_of(
          scorer, known ? query_of_user(scorer, *known) : query_of_unknown_user(scorer), list);
    }
    if (format_ == ListFormat::csv) {
      add_rows(user, list, ratings);
    } else {
      if (format_ == ListFormat::json) add(n == 0 ? "\n" : ",\n");
      add_object(user, list, ratings);
      if (format_ == ListFormat::json_lines) add("\n");
    }
  }

  void end() {
    if (format_ == ListFormat::json) add("\n]\n");
  }

  fmt::memory_buffer& buffer() { return text_; }

 private:
  void add_rows(std::string_view user, std::span<const Recommendation> list,
                std::span<const float> ratings) {
    for (std::size_t n = 0; n < list.size(); ++n) {
      fmt::format_to(fmt::appender(text_), "{},{},{},", user, n + 1, items_[list[n].item]);
      add_number(list[n].score);
      if (has_ratings_) {
        add(",");
        add_number(ratings[n]);
      }
      if (!titles_.empty()) {
        add(",");
        add(titles_[list[n].item]);
      }
      add("\n");
    }
  }

  void add_object(std::string_view user, std::span<const Recommendation> list,
                  std::span<const float> ratings) {
    fmt::format_to(fmt::appender(text_), "{{\"user\":{},\"items\":[", user);
    for (std::size_t n = 0; n < list.size(); ++n) {
      fmt::format_to(fmt::appender(text_), "{}{{\"item\":{},\"score\":", n == 0 ? "" : ",",
                     items_[list[n].item]);
      add_number(list[n].score);
      if (has_ratings_) {
        add(",\"rating\":");
        add_number(ratings[n]);
      }
      if (!titles_.empty()) {
        add(",\"title\":");
        add(titles_[list[n].item]);
      }
      add("}");
    }
    add("]}");
  }

  void add(std::string_view more) { text_.append(more); }
  void add_number(float value) {
    if (std::isfinite(value) || format_ == ListFormat::csv) {
      fmt::format_to(fmt::appender(text_), "{}", value);
    } else {
      add("null");  // JSON has no such number
    }
  }

  const Model& model_;
  const ListUsers& users_;
  ListFormat format_;
  bool has_ratings_;
  std::vector<std::string> items_;
  std::vector<std::string> titles_;  // none where the model has none
  fmt::memory_buffer text_;
};

}  // namespace

void write_lists(const Model& model, const ListRules& rules, const ListUsers& users,
                 ListFormat format, Parallel& parallel,
                 const std::function<void(std::string_view text)>& write,
                 const std::function<void(Index num_lists)>& on_list) {
  constexpr std::size_t kPiece = std::size_t{1} << 16;
  ListText text(model, users, format);
  const auto write_out = [&] {
    write({text.buffer().data(), text.buffer().size()});
    text.buffer().clear();
  };
  recommend_all(model, rules, users, parallel, [&](Index n, std::span<const Recommendation> list) {
    text.add_list(n, list);
    if (text.buffer().size() >= kPiece) write_out();
    if (on_list) on_list(n + 1);
  });
  text.end();
  write_out();
}

std::string list_as_csv(const Model& model, std::span<const Recommendation> list,
                        std::span<const float> ratings) {
  const std::vector<std::string>& titles = model.catalog->item_titles;
  std::string text = "rank,item,score";
  if (!ratings.empty()) text += ",rating";
  if (!titles.empty()) text += ",title";
  text += '\n';
  for (std::size_t n = 0; n < list.size(); ++n) {
    const auto& [item, score] = list[n];
    text += fmt::format("{},{},{}", n + 1, csv_cell(model.catalog->items[item]), score);
    if (!ratings.empty()) text += fmt::format(",{}", ratings[n]);
    if (!titles.empty()) text += ',' + csv_cell(titles[item]);
    text += '\n';
  }
  return text;
}

}  // namespace palate
