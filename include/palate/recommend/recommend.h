// From a scorer to ranked lists. Layer: recommend.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "palate/base/parallel.h"
#include "palate/data/item_files.h"
#include "palate/model/model.h"
#include "palate/model/query.h"

namespace palate {

struct Recommendation {
  Index item = 0;
  float score = 0;  // by which it is ranked; not clipped
};

// A bit for each item: whether it may be listed. Without bits all may.
class ItemMask {
 public:
  ItemMask() = default;
  explicit ItemMask(Index num_items) : bits_(num_items, true) {}

  // Both take the number of items that there are, and items of these.
  void keep_only(std::span<const Index> items, Index num_items);
  void leave_out(std::span<const Index> items, Index num_items);
  bool allows(Index item) const { return bits_.empty() || bits_[item]; }

 private:
  std::vector<bool> bits_;
};

struct ListRules {
  Index count = 10;
  // Items with fewer train ratings are left out: two people's liking is not to be trusted.
  Index min_support = 5;
  ItemMask allowed{};
};

// Whether the scorer knows which items have more ratings than others: of a model that was imported
// without them each item has one.
bool knows_support(const Scorer& scorer);

// The rules that a list of this scorer keeps unless told otherwise: predicted ratings are not to be
// trusted where few have rated, as far as that is known, and lists of an algorithm of lists know
// that by themselves.
ListRules default_rules(const Scorer& scorer);

// The best items for the query, best first; of equal scores the better supported item comes first,
// then the lower index. What the query has seen is left out. Somebody of whom the scorer knows
// nothing (knows_nothing()) gets the items with the most support, which is then the score.
std::vector<Recommendation> recommend(const Scorer& scorer, const QueryView& query,
                                      const ListRules& rules);

// Where an item would stand in that list, were the list long enough. An item that the list leaves
// out has the place that it would have.
struct Standing {
  Index rank = 0;   // from 1
  float score = 0;  // not clipped
};
Standing standing(const Scorer& scorer, const QueryView& query, Index item, const ListRules& rules);

// The lists of many: the same that recommend() gives for query(n), n = 0 .. count - 1. Calls
// visit(n, list) for one after another, in order. query() is called from several threads, and what
// it gives lives until rank() ends.
//
// Guarantees:  the same lists for any number of threads; memory that does not grow with count.
using ListVisitor = std::function<void(Index, std::span<const Recommendation> list)>;
void rank(const Scorer& scorer, Index count, const std::function<QueryView(Index)>& query,
          const ListRules& rules, Parallel& parallel, const ListVisitor& visit);

// The predicted ratings of what a list by another scorer holds, clipped; `query` is one to
// `ratings`, the scorer that predicts them.
std::vector<float> ratings_of(const Scorer& ratings, const QueryView& query,
                              std::span<const Recommendation> list);

// Whether the model can make the lists of its own users: item weights make them of who rated what,
// which a model need not keep. It makes those of newcomers all the same.
bool makes_lists_of_users(const Model& model);

// What a user is to the lists of the model: what it keeps of who rated what is what a list leaves
// out, and what scores of item weights are made of.
//
// Errors:  invalid_argument  a model that makes no lists of its users
QueryView list_query(const Model& model, Index user);

// Of how many users the lists of the model know nothing: they get the items with the most support.
//
// Errors:  those of list_query()
Index count_unknown_users(const Model& model);

// Whose lists are made, and in which order: all users of the model; or those of a file's rows
// (palate/data/item_files.h), where who is not in the model gets the items with the most support.
struct ListUsers {
  const UserList* rows = nullptr;  // null: all users of the model
  bool include_seen = false;       // what a user has seen is not left out
};

// Their lists: calls visit(n, list) for the nth of them, as rank() does. What a user has seen is
// left out as far as the model keeps it.
//
// Errors:  those of list_query()
void recommend_all(const Model& model, const ListRules& rules, const ListUsers& users,
                   Parallel& parallel, const ListVisitor& visit);

// How lists are written: as CSV with the columns user, rank, item, score; as JSON lines,
// {"user":"1","items":[{"item":"50","score":4.5}]}; or as one JSON array of such objects. A model
// that answers both tasks has the predicted rating beside, `rating`, and one with titles the
// `title`: columns, and members.
enum class ListFormat { csv, json_lines, json };

// recommend_all(), as text that goes to `write` in pieces. `on_list`, where there is one, is told
// how many lists have been made.
void write_lists(const Model& model, const ListRules& rules, const ListUsers& users,
                 ListFormat format, Parallel& parallel,
                 const std::function<void(std::string_view text)>& write,
                 const std::function<void(Index num_lists)>& on_list = {});

// One list, or what is left of it, as CSV with the columns rank, item, score, and `rating` and
// `title` as above. `ratings` are the predicted ratings of what is listed, or none.
std::string list_as_csv(const Model& model, std::span<const Recommendation> list,
                        std::span<const float> ratings = {});

}  // namespace palate
