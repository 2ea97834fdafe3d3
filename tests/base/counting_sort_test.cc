#include "base/counting_sort.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "base/random.h"

namespace palate {
namespace {

TEST(CountingSort, IsTheStableSortForAnyNumberOfThreads) {
  for (const Index count : {0U, 1U, 100U, 65'537U, 140'001U}) {
    for (const Index num_keys : {1U, 1000U, 40'000U, 100'000U}) {
      Rng rng(count + num_keys);
      std::vector<Index> keys(count);
      for (Index& key : keys) key = rng.below(num_keys);
      for (const unsigned threads : {1U, 3U}) {
        Parallel parallel(threads);
        std::vector<Index> sorted(count);
        std::string last_digits(count, ' ');
        const std::vector<std::size_t> starts = counting_sort(
            count, num_keys, parallel, [&](Index t) { return keys[t]; },
            [](IndexRange batch, Index* t, char* last_digit) {
              std::iota(t, t + (batch.last - batch.first), batch.first);
              for (const Index entry : batch) *last_digit++ = static_cast<char>('0' + entry % 10);
            },
            sorted.data(), last_digits.data());
        // By key and, among equal keys, by index: each index comes once, since none equals the one
        // before it.
        ASSERT_TRUE(std::ranges::all_of(sorted, [&](Index entry) { return entry < count; }));
        bool ascending = true;
        for (Index place = 1; place < count; ++place) {
          const Index key = keys[sorted[place]];
          const Index key_before = keys[sorted[place - 1]];
          ascending &= key_before < key || (key_before == key && sorted[place - 1] < sorted[place]);
        }
        ASSERT_TRUE(ascending) << count << " elements, " << num_keys << " keys";
        EXPECT_TRUE(std::ranges::equal(last_digits, sorted, [](char digit, Index entry) {
          return digit == static_cast<char>('0' + entry % 10);
        }));
        ASSERT_EQ(starts.size(), num_keys + std::size_t{1});
        EXPECT_EQ(starts.back(), count);
        bool grouped = true;
        for (Index key = 0; key < num_keys; ++key) {
          for (std::size_t place = starts[key]; place < starts[key + 1]; ++place)
            grouped &= keys[sorted[place]] == key;
        }
        EXPECT_TRUE(grouped);
      }
    }
  }
}

TEST(StartsOfAscending, CountTheKeysBefore) {
  for (const Index count : {0U, 1U, 100U, 140'001U}) {
    for (const Index num_keys : {1U, 5U, 1000U, 40'000U}) {
      Rng rng(count + num_keys);
      std::vector<Index> counts(num_keys);
      for (Index t = 0; t < count; ++t) ++counts[rng.below(num_keys)];
      std::vector<Index> keys;
      std::vector<std::size_t> expected;
      for (Index key = 0; key < num_keys; ++key) {
        expected.push_back(keys.size());
        keys.insert(keys.end(), counts[key], key);
      }
      expected.push_back(count);
      for (const unsigned threads : {1U, 3U}) {
        Parallel parallel(threads);
        EXPECT_TRUE(is_ascending(keys, parallel));
        EXPECT_EQ(starts_of_ascending(keys, num_keys, parallel), expected)
            << count << " elements, " << num_keys << " keys";
        // One that is out of order is seen, at the ends of blocks too.
        for (const Index at : {1U, 65'535U, 65'536U, count - 1}) {
          if (count < 2 || at >= count || keys[at - 1] == 0) continue;
          std::vector<Index> unsorted = keys;
          unsorted[at] = unsorted[at - 1] - 1;
          EXPECT_FALSE(is_ascending(unsorted, parallel)) << at;
        }
      }
    }
  }
}

}  // namespace
}  // namespace palate
