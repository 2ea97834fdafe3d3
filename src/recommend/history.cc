#include "palate/recommend/history.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <span>
#include <string_view>

#include "base/fail.h"
#include "base/parse.h"
#include "data/column_names.h"
#include "data/id_twins.h"
#include "data/rated_rows.h"
#include "data/titles.h"
#include "palate/data/item_columns.h"
#include "palate/recommend/find_title.h"

namespace palate {
namespace {

bool says_a_number(std::string_view cell) { return parse_number(cell).error == NumberError::none; }

class HistoryReader {
 public:
  HistoryReader(RatedRows table, std::shared_ptr<const Catalog> catalog,
                const HistoryOptions& options)
      : table_(std::move(table)),
        chosen_(table_.chosen),
        rated_(table_.rows),
        has_values_(chosen_.value.has_value()),
        catalog_(std::move(catalog)),
        options_(options) {
    if (catalog_->item_titles.empty()) return;
    titles_.emplace(catalog_);
    years_ = years_of(*catalog_);
  }

  History read(std::optional<RatingRange> scale) {
    history_.has_values = has_values_;
    if (has_values_) {
      leave_out_what_is_not_rated(scale);
    } else {
      for (RatedRow& row : rated_) row.value = options_.liked;
      if (rated_.empty()) fail(ErrorCode::bad_data, "{} has no rows", table_.file);
    }
    require_one_user();
    choose_id_column();
    for (const RatedRow& row : rated_) {
      const std::string_view id = id_in(row);
      if (const auto item = by_ids_ ? catalog_->items.find(id) : std::nullopt) {
        exact_.emplace_back(*item, *row.value);
      } else if (by_ids_ && (chosen_.title || says_a_number(id))) {
        history_.unknown.emplace_back(id);
      } else {
        add_by_title(row);
      }
    }
    if (exact_.empty() && likened_.empty()) refuse();
    history_.columns = columns_in_words();
    // of two titles that are taken for one item, that which it really has counts
    std::ranges::copy(exact_, std::back_inserter(likened_));
    history_.ratings = rated_items(std::move(likened_));
    history_.ratings.unknown = history_.unknown.size() + history_.ambiguous.size();
    return std::move(history_);
  }

 private:
  void leave_out_what_is_not_rated(std::optional<RatingRange> scale) {
    const bool zero_is_none =
        (scale && scale->low > 0) || (table_.header && is_one_of(value_name(), " myrating "));
    history_.not_rated = std::erase_if(rated_, [&](const RatedRow& row) {
      return !row.value || (zero_is_none && *row.value == 0);
    });
    if (!rated_.empty()) return;
    fail(ErrorCode::bad_data,
         "{}: none of its {} rows has a rating: {} was taken for it (`value_column` tells another)",
         table_.file, history_.not_rated, in_words(*chosen_.value));
  }

  void require_one_user() const {
    if (!chosen_.user) return;
    const auto user_of = [&](const RatedRow& row) -> const std::string& {
      return table_.cell(row, *chosen_.user);
    };
    const std::string& first = user_of(rated_.front());
    const auto other =
        std::ranges::find_if(rated_, [&](const RatedRow& row) { return user_of(row) != first; });
    if (other == rated_.end()) return;
    fail(ErrorCode::bad_data, "{}: a history is of one user, and {} has several: {} and {}",
         table_.file, in_words(*chosen_.user), excerpt(first), excerpt(user_of(*other)));
  }

  // The column with most ids of the catalog; titles that are items' ids are such a column, too.
  void choose_id_column() {
    std::vector<std::size_t> columns = chosen_.items;
    if (chosen_.title && !catalog_->items.are_integers()) columns.push_back(*chosen_.title);
    if (columns.empty()) columns.push_back(*chosen_.title);
    std::ptrdiff_t most = 0;
    id_column_ = columns.front();
    for (const std::size_t column : columns) {
      if (column == chosen_.title && catalog_->items.are_integers()) continue;
      const auto hits = std::ranges::count_if(rated_, [&](const RatedRow& row) {
        return catalog_->items.find(id_in(row, column)).has_value();
      });
      if (hits <= most) continue;
      most = hits;
      id_column_ = column;
    }
    ids_are_of_others_ = most > 0 && titles_say_otherwise();
    by_ids_ = most > 0 && !ids_are_of_others_;
    if (by_ids_ || chosen_.title) return;
    const auto has_text = [&](std::size_t column) {
      return !std::ranges::all_of(
          rated_, [&](const RatedRow& row) { return says_a_number(table_.cell(row, column)); });
    };
    const auto text = std::ranges::find_if(columns, has_text);
    if (text != columns.end()) id_column_ = *text;
  }

  // Another site's numbers may be ids here by chance: then the titles beside them are not those of
  // the items.
  bool titles_say_otherwise() const {
    constexpr std::size_t kEnough = 100;
    if (options_.item_column || !chosen_.title || !titles_ || !catalog_->items.are_integers())
      return false;
    std::size_t same = 0;
    std::size_t other = 0;
    for (const RatedRow& row : rated_) {
      const auto item = catalog_->items.find(id_in(row));
      if (!item || catalog_->item_titles[*item].empty() || same + other == kEnough) continue;
      const auto found = closest(table_.cell(row, *chosen_.title), {});
      const bool is_same = std::ranges::find(found, *item, &FoundTitle::item) != found.end();
      ++(is_same ? same : other);
    }
    return other > same;
  }

  void add_by_title(const RatedRow& row) {
    const std::string& title = table_.cell(row, title_column());
    const bool may_be_title = titles_ && (chosen_.title || !says_a_number(title));
    const auto found = may_be_title ? closest(title, year_of(row)) : std::vector<FoundTitle>{};
    if (found.size() != 1) {
      (found.empty() ? history_.unknown : history_.ambiguous).push_back(utf8_or_latin1(title));
      return;
    }
    const Index item = found.front().item;
    if (found.front().match <= TitleMatch::almost_same) {
      exact_.emplace_back(item, *row.value);
    } else {
      likened_.emplace_back(item, *row.value);
      history_.likened.emplace_back(utf8_or_latin1(title), item);
    }
  }

  // The items with the closest titles, of that year where both are known.
  std::vector<FoundTitle> closest(std::string_view title, std::optional<int> year) const {
    const auto told = year_of_title(title);
    if (told) year = told;
    const auto of_other_year = [&](const FoundTitle& f) {
      return year && years_ && !std::isnan((*years_)[f.item]) && (*years_)[f.item] != *year;
    };
    const auto find = [&](std::string_view name) {
      const std::string wanted =
          year && !told ? fmt::format("{} ({})", name, *year) : std::string(name);
      std::vector<FoundTitle> found = titles_->find_same(wanted);
      std::erase_if(found, of_other_year);
      if (found.empty()) {
        found = titles_->find(wanted);
        std::erase_if(found, of_other_year);
      }
      const auto is_farther = [&](const FoundTitle& f) {
        return f.match != found.front().match || f.mistakes != found.front().mistakes;
      };
      found.erase(std::ranges::find_if(found, is_farther), found.end());
      return found;
    };
    std::vector<FoundTitle> found = find(title);
    // "The Hunger Games (The Hunger Games, #1)"
    if (found.empty() && !told && take_brackets(title)) found = find(title);
    return found;
  }

  std::optional<int> year_of(const RatedRow& row) const {
    if (!chosen_.year) return {};
    const ParsedNumber year = parse_number(table_.cell(row, *chosen_.year));
    const bool is_year = year.error == NumberError::none && year.value >= 1000 &&
                         year.value <= 9999 && std::trunc(year.value) == year.value;
    return is_year ? std::optional(static_cast<int>(year.value)) : std::nullopt;
  }

  std::size_t title_column() const { return chosen_.title.value_or(id_column_); }
  const std::string& value_name() const { return table_.columns[*chosen_.value]; }
  std::string_view id_in(const RatedRow& row, std::size_t column) const {
    const std::string_view cell = table_.cell(row, column);
    return options_.trim_ids ? trimmed_id(cell) : cell;
  }
  std::string_view id_in(const RatedRow& row) const { return id_in(row, id_column_); }

  std::string in_words(std::size_t column) const {
    return table_.header ? fmt::format("column {} '{}'", column + 1, table_.columns[column])
                         : fmt::format("column {}", column + 1);
  }

  std::string columns_in_words() const {
    std::string items = fmt::format("items by {}, ", by_ids_ ? "id" : "title");
    items += in_words(by_ids_ ? id_column_ : title_column());
    if (!by_ids_ && chosen_.year) items += fmt::format(", and year, {}", in_words(*chosen_.year));
    if (ids_are_of_others_)
      items += fmt::format(" (the ids of {} are of other titles here)", in_words(id_column_));
    return has_values_ ? fmt::format("{}; ratings, {}", items, in_words(*chosen_.value))
                       : items + "; no ratings: each is liked";
  }

  [[noreturn]] void refuse() const {
    const std::size_t column = titles_ ? title_column() : id_column_;
    LookedUpIds ids;
    for (const RatedRow& row : rated_)
      ids.add(id_in(row), catalog_->items.find(id_in(row)).has_value());
    std::string why;
    const auto twins = chosen_.title == id_column_ ? std::nullopt : ids.twins_in(catalog_->items);
    if (twins) {
      why = fmt::format("; {} may be {}: they differ by {}", excerpt(twins->wanted),
                        excerpt(twins->known), twins->difference);
      if (!twins->option.empty()) why += fmt::format(" ({})", twins->option);
    } else if (ids_are_of_others_) {
      why = fmt::format("; the ids of {} are of other titles here (`item_column={}` takes them)",
                        in_words(id_column_), id_column_ + 1);
    } else if (!titles_) {
      why = "; there are no titles here to find items by";
    } else if (!history_.ambiguous.empty()) {
      why = "; several items may have such a title";
    }
    const std::string item = fmt::format("{} was taken for the item, as in {}", in_words(column),
                                         excerpt(table_.cell(rated_.front(), column)));
    if (!has_values_) {
      fail(ErrorCode::bad_data,
           "{}: not one of its {} rows is of a known item: {} (`item_column` tells another){}",
           table_.file, rated_.size(), item, why);
    }
    fail(ErrorCode::bad_data,
         "{}: not one of its {} ratings is of a known item: {}, and {} for the rating "
         "(`item_column` and `value_column` tell others){}",
         table_.file, rated_.size(), item, in_words(*chosen_.value), why);
  }

  RatedRows table_;
  const RatedItemColumns& chosen_;
  std::vector<RatedRow>& rated_;  // the table's rows, without those that are not rated
  bool has_values_;
  std::shared_ptr<const Catalog> catalog_;
  const HistoryOptions& options_;
  std::optional<TitleIndex> titles_;
  std::optional<ItemNumbers> years_;
  std::size_t id_column_ = 0;
  bool by_ids_ = false;
  bool ids_are_of_others_ = false;
  std::vector<std::pair<Index, float>> exact_;
  std::vector<std::pair<Index, float>> likened_;
  History history_;
};

}  // namespace

std::optional<RatingRange> rating_scale(const Model& model) {
  const std::optional<Weighting>& weighting = for_lists(model).scorer.weighting;
  if (weighting && !weighting->at_least) return {};
  if (model.ratings && model.ratings->scorer.range) return model.ratings->scorer.range;
  if (!weighting || !model.seen || model.seen->size() == 0) return {};
  const auto [low, high] = std::ranges::minmax(model.seen->values);
  return RatingRange{low, high};
}

std::optional<float> liked_value(const Model& model) {
  if (!model.lists) return {};
  const std::optional<Weighting>& weighting = model.lists->scorer.weighting;
  if (!weighting || !weighting->at_least) return 1;
  const std::optional<RatingRange> scale = rating_scale(model);
  return scale ? std::max(scale->high, *weighting->at_least) : *weighting->at_least;
}

Query query_of_newcomer(const Scorer& scorer, RatedItems values) {
  if (!scorer.weighting) return fold_in(scorer, std::move(values));
  RatedItems relevant;
  for (Index t = 0; t < values.row().size(); ++t) {
    if (!scorer.weighting->is_relevant(values.values[t])) continue;
    relevant.items.push_back(values.items[t]);
    relevant.values.push_back(values.values[t]);
  }
  Query query = fold_in(scorer, std::move(relevant));
  query.seen = std::move(values);
  return query;
}

History read_history(const std::string& path, std::shared_ptr<const Catalog> catalog,
                     std::optional<RatingRange> scale, const HistoryOptions& options) {
  RatedRows table = read_rated_rows(path, options.item_column, options.value_column,
                                    options.liked.has_value(), options.max_expansion);
  return HistoryReader(std::move(table), std::move(catalog), options).read(scale);
}

}  // namespace palate
