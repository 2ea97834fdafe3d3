// What an algorithm answers. Layer: base.
#pragma once

#include <string_view>

namespace palate {

// What would this user give, and what should this user be shown?
enum class Task { ratings, lists };

// "ratings", "lists"
constexpr std::string_view task_name(Task task) {
  return task == Task::ratings ? "ratings" : "lists";
}

}  // namespace palate
