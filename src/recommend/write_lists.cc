// Everybody's list as text.
#include <fmt/format.h>

#include <cmath>

#include "base/atomic_file.h"
#include "base/csv_cell.h"
#include "base/json_text.h"
#include "palate/base/visible.h"
#include "palate/recommend/recommend.h"

namespace palate {
namespace {

// The ids as they stand in the text: made once, written often.
std::vector<std::string> written(const Ids& ids, ListFormat format) {
  std::vector<std::string> result;
  result.reserve(ids.size());
  for (Index i = 0; i < ids.size(); ++i) {
    const std::string id = ids[i];
    result.push_back(format == ListFormat::csv ? csv_cell(id) : visible_json(json_string(id)));
  }
  return result;
}

}  // namespace

void write_lists(const Model& model, const ListRules& rules, bool include_seen, ListFormat format,
                 Parallel& parallel, const std::function<void(std::string_view text)>& write) {
  const std::vector<std::string> items = written(model.catalog->items, format);
  const std::vector<std::string> users = written(model.catalog->users, format);
  fmt::memory_buffer text;
  const auto add = [&](std::string_view more) { text.append(more); };
  const auto add_number = [&](float value) {
    if (std::isfinite(value) || format == ListFormat::csv) {
      fmt::format_to(fmt::appender(text), "{}", value);
    } else {
      add("null");  // JSON has no such number
    }
  };
  const bool has_ratings = model.lists && model.ratings;
  if (format == ListFormat::csv)
    add(has_ratings ? "user,rank,item,score,rating\n" : "user,rank,item,score\n");
  if (format == ListFormat::json) add("[");
  recommend_all(
      model, rules, include_seen, parallel, [&](Index user, std::span<const Recommendation> list) {
        std::vector<float> ratings;
        if (has_ratings) {
          const Scorer& scorer = model.ratings->scorer;
          ratings = ratings_of(scorer, query_of_user(scorer, user), list);
        }
        if (format == ListFormat::csv) {
          for (std::size_t n = 0; n < list.size(); ++n) {
            fmt::format_to(fmt::appender(text), "{},{},{},", users[user], n + 1,
                           items[list[n].item]);
            add_number(list[n].score);
            if (has_ratings) {
              add(",");
              add_number(ratings[n]);
            }
            add("\n");
          }
        } else {
          if (format == ListFormat::json) add(user == 0 ? "\n" : ",\n");
          fmt::format_to(fmt::appender(text), "{{\"user\":{},\"items\":[", users[user]);
          for (std::size_t n = 0; n < list.size(); ++n) {
            fmt::format_to(fmt::appender(text), "{}{{\"item\":{},\"score\":", n == 0 ? "" : ",",
                           items[list[n].item]);
            add_number(list[n].score);
            if (has_ratings) {
              add(",\"rating\":");
              add_number(ratings[n]);
            }
            add("}");
          }
          add(format == ListFormat::json ? "]}" : "]}\n");
        }
        constexpr std::size_t kPiece = std::size_t{1} << 16;
        if (text.size() < kPiece) return;
        write({text.data(), text.size()});
        text.clear();
      });
  if (format == ListFormat::json) add("\n]\n");
  write({text.data(), text.size()});
}

void save_lists(const Model& model, const ListRules& rules, bool include_seen, ListFormat format,
                Parallel& parallel, const std::string& path) {
  AtomicFile file(path);
  write_lists(model, rules, include_seen, format, parallel,
              [&](std::string_view text) { file.write(text); });
  file.commit();
}

}  // namespace palate
