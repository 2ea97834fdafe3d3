#include "palate/data/item_columns.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <utility>

#include "base/fold_text.h"
#include "base/keyed_hash.h"
#include "base/parse.h"
#include "data/titles.h"

namespace palate {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

constexpr std::array<std::string_view, 2> kYearNames{"year", "release_year"};
constexpr std::array<std::string_view, 5> kGenreNames{"genres", "genre", "categories", "category",
                                                      "class"};

// Tags, put together item by item.
class TagsBuilder {
 public:
  void add(std::string_view tag) {
    const auto [place, is_new] =
        places_.try_emplace(std::string(tag), static_cast<Index>(tags_.names.size()));
    if (is_new) tags_.names.emplace_back(tag);
    tags_.tags.push_back(place->second);
  }
  void end_item() { tags_.starts.push_back(tags_.tags.size()); }
  ItemTags take() { return std::move(tags_); }

 private:
  ItemTags tags_;
  std::unordered_map<std::string, Index, KeyedHash> places_;
};

// Adds what stands between any of the separators, spaces around it aside.
void add_tags(std::string_view cell, std::string_view separators, TagsBuilder& tags) {
  while (!cell.empty()) {
    const std::size_t end = std::min(cell.find_first_of(separators), cell.size());
    if (const std::string_view tag = trim_spaces(cell.substr(0, end)); !tag.empty()) tags.add(tag);
    cell.remove_prefix(std::min(end + 1, cell.size()));
  }
}

std::optional<ItemNumbers> numbers_in(const std::vector<std::string>& cells) {
  ItemNumbers numbers(cells.size(), kUnknown);
  for (std::size_t item = 0; item < cells.size(); ++item) {
    if (cells[item].empty()) continue;
    const ParsedNumber number = parse_number(cells[item]);
    if (number.error != NumberError::none) return std::nullopt;
    numbers[item] = number.value;
  }
  if (std::ranges::all_of(numbers, [](double number) { return std::isnan(number); }))
    return std::nullopt;
  return numbers;
}

ItemTags tags_in(const std::vector<std::string>& cells) {
  TagsBuilder tags;
  for (const std::string& cell : cells) {
    add_tags(cell, "|", tags);
    tags.end_item();
  }
  return tags.take();
}

ItemColumn typed(const MetadataColumn& column) {
  if (auto numbers = numbers_in(column.cells)) return {column.name, *std::move(numbers)};
  const auto has_several = [](const std::string& cell) { return cell.find('|') != cell.npos; };
  if (std::ranges::any_of(column.cells, has_several)) return {column.name, tags_in(column.cells)};
  return {column.name, column.cells};
}

// The first column with one of the names.
const MetadataColumn* find_named(const Catalog& catalog, std::span<const std::string_view> names) {
  const auto is_named = [&](const MetadataColumn& column) {
    return std::ranges::find(names, column.name) != names.end();
  };
  const auto found = std::ranges::find_if(catalog.item_metadata, is_named);
  return found == catalog.item_metadata.end() ? nullptr : &*found;
}

// Cells of 0 and 1, or empty, and a 1 among them.
bool is_flag(const MetadataColumn& column) {
  const auto fits = [](const std::string& cell) {
    return cell == "0" || cell == "1" || cell.empty();
  };
  return std::ranges::all_of(column.cells, fits) &&
         std::ranges::find(column.cells, "1") != column.cells.end();
}

// Of "1995", and of "1995.0", as tables with empty cells are often written.
std::optional<int> year_in_cell(std::string_view cell) {
  const ParsedNumber number = parse_number(cell);
  const bool is_year = number.error == NumberError::none && number.value >= 1000 &&
                       number.value <= 9999 && std::trunc(number.value) == number.value;
  return is_year ? std::optional(static_cast<int>(number.value)) : std::nullopt;
}

// Of "1995", and of a series: "2006-2007", "1998–".
std::optional<int> year_in_brackets(std::string_view text) {
  const std::string digits = fold_text(text);
  const auto year = parse_canonical_integer(std::string_view(digits).substr(0, 4));
  const bool only_years = digits.find_first_not_of("0123456789 ") == std::string::npos;
  if (!year || *year < 1000 || !only_years || (digits.size() != 4 && digits.size() != 9))
    return std::nullopt;
  return static_cast<int>(*year);
}

}  // namespace

std::vector<ItemColumn> item_columns(const Catalog& catalog) {
  std::vector<ItemColumn> columns;
  if (auto years = years_of(catalog)) columns.push_back({"year", *std::move(years)});
  if (auto genres = genres_of(catalog)) columns.push_back({"genres", *std::move(genres)});
  const std::size_t num_derived = columns.size();
  for (const MetadataColumn& column : catalog.item_metadata) {
    const auto derived = std::span(columns).first(num_derived);
    if (std::ranges::find(derived, column.name, &ItemColumn::name) == derived.end())
      columns.push_back(typed(column));
  }
  return columns;
}

bool is_used_item_column(std::string_view name) {
  return std::ranges::find(kYearNames, name) != kYearNames.end() ||
         std::ranges::find(kGenreNames, name) != kGenreNames.end();
}

std::optional<ItemNumbers> years_of(const Catalog& catalog) {
  const MetadataColumn* column = find_named(catalog, kYearNames);
  ItemNumbers years(catalog.items.size(), kUnknown);
  bool any = false;
  for (Index item = 0; item < catalog.items.size(); ++item) {
    std::optional<int> year;
    if (column) year = year_in_cell(column->cells[item]);
    if (!year && !catalog.item_titles.empty()) year = year_of_title(catalog.item_titles[item]);
    if (!year) continue;
    years[item] = *year;
    any = true;
  }
  return any ? std::optional(std::move(years)) : std::nullopt;
}

std::optional<ItemTags> genres_of(const Catalog& catalog) {
  TagsBuilder genres;
  if (const MetadataColumn* named = find_named(catalog, kGenreNames)) {
    for (const std::string& cell : named->cells) {
      if (!cell.starts_with('('))  // "(no genres listed)"
        add_tags(cell, named->name == "class" ? "|, " : "|,", genres);
      genres.end_item();
    }
    return genres.take();
  }
  std::vector<const MetadataColumn*> flags;
  for (const MetadataColumn& column : catalog.item_metadata) {
    if (is_flag(column)) flags.push_back(&column);
  }
  if (flags.size() < 2) return std::nullopt;
  for (Index item = 0; item < catalog.items.size(); ++item) {
    for (const MetadataColumn* flag : flags) {
      if (flag->cells[item] == "1" && flag->name != "unknown") genres.add(flag->name);
    }
    genres.end_item();
  }
  return genres.take();
}

std::optional<int> year_of_title(std::string_view title) {
  const auto last = take_brackets(title);
  return last ? year_in_brackets(*last) : std::nullopt;
}

}  // namespace palate
