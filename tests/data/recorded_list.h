// Comparison of a list of numbers with a recorded one.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "base/sha256.h"
#include "data/recorded_splits.h"

namespace palate {

inline void expect_recorded(std::span<const Index> list, const recorded::List& expected) {
  ASSERT_EQ(list.size(), expected.size);
  std::remove_const_t<decltype(expected.head)> head{};
  std::ranges::copy(list.first(std::min(list.size(), head.size())), head.begin());
  EXPECT_EQ(head, expected.head);
  Sha256 hash;
  hash.update(std::as_bytes(list));  // the machines that Palate runs on are little-endian
  EXPECT_EQ(to_hex(hash.finish()), expected.sha256);
}

}  // namespace palate
