#include "data/json_rows.h"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>

namespace palate {
namespace {

using Json = nlohmann::json;

// Calls visit(key, value) for the texts and numbers of an object, values as they are written. Every
// event says whether to go on.
template <class Visitor>
class ObjectReader final : public Json::json_sax_t {
 public:
  explicit ObjectReader(Visitor visit) : visit_(visit) {}

  bool null() override { return inside(); }
  bool boolean(bool) override { return inside(); }
  bool number_integer(Json::number_integer_t number) override {
    return value(std::to_string(number));
  }
  bool number_unsigned(Json::number_unsigned_t number) override {
    return value(std::to_string(number));
  }
  bool number_float(Json::number_float_t, const std::string& number) override {
    return value(number);
  }
  bool string(std::string& text) override { return value(text); }
  bool binary(Json::binary_t&) override { return false; }
  bool start_object(std::size_t) override { return ++depth_ > 0; }
  bool end_object() override { return --depth_ >= 0; }
  bool start_array(std::size_t) override { return inside() && ++depth_ > 0; }
  bool end_array() override { return --depth_ >= 0; }
  bool key(std::string& key) override {
    if (depth_ == 1) key_ = key;
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const Json::exception&) override {
    return false;
  }

 private:
  bool inside() const { return depth_ > 0; }
  bool value(const std::string& text) {
    if (depth_ == 1) visit_(key_, text);
    return inside();
  }

  Visitor visit_;
  int depth_ = 0;
  std::string key_;
};

// False where the line is not one object.
template <class Visitor>
bool read_object(std::string_view line, Visitor&& visit) {
  ObjectReader<Visitor&> reader(visit);
  return Json::sax_parse(line.begin(), line.end(), &reader);
}

// The next line with its end, after `passed` empty ones; empty where no whole line is left.
std::string_view next_line(std::string_view text, bool file_ends, std::size_t& consumed,
                           std::uint64_t& passed) {
  for (;; ++passed) {
    const std::string_view rest = text.substr(consumed);
    const std::size_t line_end = rest.find('\n');
    if (line_end == std::string_view::npos && !file_ends) return {};
    const std::string_view line =
        rest.substr(0, line_end == std::string_view::npos ? rest.size() : line_end + 1);
    if (line.empty() || line.find_first_not_of(" \t\r\n") != std::string_view::npos) return line;
    consumed += line.size();
  }
}

}  // namespace

JsonRows::JsonRows(std::string_view text, const Dialect& dialect, bool file_ends)
    : text_(text), file_ends_(file_ends), dialect_(dialect), by_name_(dialect.keys.size()) {
  std::iota(by_name_.begin(), by_name_.end(), std::size_t{0});
  std::ranges::sort(by_name_, {},
                    [&](std::size_t place) -> const std::string& { return dialect_.keys[place]; });
}

std::optional<std::size_t> JsonRows::place_of(const std::string& key) const {
  const auto name = [&](std::size_t place) -> const std::string& { return dialect_.keys[place]; };
  const auto found = std::ranges::lower_bound(by_name_, key, {}, name);
  return found != by_name_.end() && name(*found) == key ? std::optional(*found) : std::nullopt;
}

bool JsonRows::append_next(std::vector<std::string_view>& cells) {
  const std::string_view line = next_line(text_, file_ends_, consumed_, next_line_);
  line_ = next_line_;
  if (line.empty()) return false;
  const std::size_t first = cells.size();
  cells.resize(first + dialect_.keys.size());
  bool is_told_twice = false;
  const bool is_object = read_object(line, [&](const std::string& key, const std::string& text) {
    const auto column = place_of(key);
    if (!column) return;
    is_told_twice |= cells[first + *column].data() != nullptr;
    if (is_told_twice) return;
    const std::string& kept =
        texts_.emplace_back(text + "0123456789abcdef");  // bytes that may be read behind the cell
    cells[first + *column] = std::string_view(kept).substr(0, text.size());
  });
  if (!is_object || is_told_twice) {
    cells.resize(first);
    error_ = RowError{line_, is_told_twice ? "it has a name twice" : "not a JSON object", {}, {}};
    return false;
  }
  row_ = line;
  consumed_ += line.size();
  ++next_line_;
  return true;
}

void JsonRows::skip_line() {
  row_ = next_line(text_, file_ends_, consumed_, next_line_);
  consumed_ += row_.size();
  ++next_line_;
  error_.reset();
}

std::vector<std::string> keys_of_json_lines(std::string_view text, bool file_ends,
                                            std::size_t most_lines) {
  std::vector<std::string> keys;
  std::set<std::string, std::less<>> known;
  std::size_t consumed = 0;
  std::uint64_t passed = 0;
  for (std::size_t n = 0; n < most_lines; ++n) {
    const std::string_view line = next_line(text, file_ends, consumed, passed);
    if (line.empty()) break;
    const bool is_object = read_object(line, [&](const std::string& key, const std::string&) {
      if (known.insert(key).second) keys.push_back(key);
    });
    if (!is_object) break;  // reading will say so
    consumed += line.size();
  }
  return keys;
}

}  // namespace palate
