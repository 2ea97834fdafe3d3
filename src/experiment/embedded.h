// Files that are compiled into the library (cmake/embed.cmake).
#pragma once

#include <string_view>

namespace palate {

std::string_view embedded_report_template();    // web/template/report.html
std::string_view embedded_comparison_schema();  // docs/comparison.schema.json

}  // namespace palate
