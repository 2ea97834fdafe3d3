// The page that shows a comparison. Layer: experiment.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "palate/base/index.h"

namespace palate {

// At which lists are measured for the page, which draws metrics against them.
inline constexpr std::array<Index, 5> kReportCutoffs{10, 20, 5, 50, 100};

// One self-contained HTML page that shows what `comparison_json`, the text of a Comparison
// (palate/json.h), says: it opens from a file and loads nothing from the network. What the text
// says is data to the page, never markup: no title in it can run.
//
// Errors:  bad_data  text that is not JSON of docs/comparison.schema.json; the message names the
//                    place: `not a comparison: models[2].seconds: is string, should be number`
std::string report_page(std::string_view comparison_json);

// The same, written to a file whole or not at all.
//
// Errors:  bad_data  as report_page()
//          io        the file cannot be written
void save_report(std::string_view comparison_json, const std::string& path);

}  // namespace palate
