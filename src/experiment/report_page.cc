// Puts a comparison into the page that web/ builds.
#include "palate/evaluate/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/assert.h"
#include "base/fail.h"
#include "base/json_text.h"
#include "experiment/embedded.h"
#include "experiment/json_schema.h"
#include "palate/algorithms/task.h"
#include "palate/base/atomic_file.h"

namespace palate {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kPlace = R"(<script type="application/json" id="palate-data">)";

// JSON for a script element: the same document without a "<", which alone could end the element or
// begin a comment in it, and without the two characters that are line ends to JavaScript but not to
// JSON. All three occur within strings only.
std::string escaped(const std::string& json) {
  std::string out;
  out.reserve(json.size());
  for (std::size_t i = 0; i < json.size(); ++i) {
    const std::string_view rest = std::string_view(json).substr(i, 3);
    if (rest.front() == '<') {
      out += "\\u003c";
    } else if (rest == "\u2028" || rest == "\u2029") {
      out += rest == "\u2028" ? "\\u2028" : "\\u2029";
      i += 2;
    } else {
      out += json[i];
    }
  }
  return out;
}

// Far deeper than any comparison: copying and writing JSON recurse, so that the stack would end at
// some depth.
constexpr int kDeepest = 32;
// Far more than any of its objects has: each name is looked for among those before it.
constexpr std::size_t kMostNames = 1000;

Json parse(std::string_view text) {
  std::array<std::size_t, kDeepest + 2> names{};  // of the object that is open at each depth
  const auto shallow = [&names](int depth, Json::parse_event_t event, Json&) {
    if (depth > kDeepest)
      fail(ErrorCode::bad_data, "not a comparison: it is nested more than {} levels deep",
           kDeepest);
    const auto at = static_cast<std::size_t>(depth);
    if (event == Json::parse_event_t::object_start) names[at + 1] = 0;
    if (event == Json::parse_event_t::key && ++names[at] > kMostNames)
      fail(ErrorCode::bad_data, "not a comparison: an object has more than {} names", kMostNames);
    return true;
  };
  // nlohmann-json takes a zero byte for the end of the text.
  if (text.find('\0') != std::string_view::npos)
    fail(ErrorCode::bad_data, "not a comparison: it has a zero byte");
  try {
    return Json::parse(text, shallow);
  } catch (const Json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: ..."
    const std::string_view message = error.what();
    const std::size_t bracket = message.find("] ");
    fail(ErrorCode::bad_data, "not a comparison: {}",
         message.substr(bracket == message.npos ? 0 : bracket + 2));
  }
}

// What a schema cannot say: that the metrics which are named are there, unless lists could not be
// measured.
std::optional<std::string> missing_metric(const Json& document) {
  for (const Task task : {Task::ratings, Task::lists}) {
    const std::string name(task_name(task));
    if (!document.contains(name)) continue;
    const Json& comparison = document[name];
    const Json& metrics = comparison["metrics"];
    const Json& primary = comparison["primary"];
    if (std::ranges::none_of(metrics, [&](const Json& m) { return m["name"] == primary; })) {
      return fmt::format("{}.primary: is {}, should be the name of a metric", name,
                         json_text(primary));
    }
    if (task == Task::lists && comparison["split"].value("tested_users", Json()) == 0) continue;
    for (std::size_t m = 0; m < comparison["models"].size(); ++m) {
      for (const Json& metric : metrics) {
        if (!comparison["models"][m]["metrics"].contains(metric["name"].get<std::string>())) {
          return fmt::format("{}.models[{}].metrics: lacks {}", name, m, json_text(metric["name"]));
        }
      }
    }
  }
  return {};
}

}  // namespace

std::string report_page(std::string_view comparison_json) {
  const Json comparison = parse(comparison_json);
  auto violation = schema_violation(comparison, Json::parse(embedded_comparison_schema()));
  if (!violation) violation = missing_metric(comparison);
  if (violation) fail(ErrorCode::bad_data, "not a comparison: {}", *violation);
  const std::string_view page = embedded_report_template();
  const std::size_t place = page.find(kPlace);
  PALATE_ASSERT(place != page.npos);
  const std::size_t after = place + kPlace.size();
  return std::string(page.substr(0, after)) + escaped(json_text(comparison)) +
         std::string(page.substr(after));
}

void save_report(std::string_view comparison_json, const std::string& path) {
  write_atomically(path, report_page(comparison_json));
}

}  // namespace palate
