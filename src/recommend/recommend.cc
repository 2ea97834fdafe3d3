#include "palate/recommend/recommend.h"

#include <algorithm>

#include "base/fail.h"
#include "linalg/top_list.h"
#include "recommend/listed.h"

namespace palate {

void ItemMask::keep_only(std::span<const Index> items, Index num_items) {
  ItemMask kept(num_items);
  kept.bits_.assign(num_items, false);
  for (const Index item : items) kept.bits_[item] = allows(item);
  *this = std::move(kept);
}

void ItemMask::leave_out(std::span<const Index> items, Index num_items) {
  if (bits_.empty()) *this = ItemMask(num_items);
  for (const Index item : items) bits_[item] = false;
}

bool knows_support(const Scorer& scorer) {
  return std::ranges::any_of(scorer.item_support, [](Index ratings) { return ratings > 1; });
}

ListRules default_rules(const Scorer& scorer) {
  ListRules rules;
  if (scorer.weighting || !knows_support(scorer)) rules.min_support = 1;
  return rules;
}

namespace {

// Calls visit(item, score) for every item that may be listed, in order of index.
void for_each_candidate(const Scorer& scorer, const QueryView& query, const ListRules& rules,
                        auto&& visit) {
  const ListScore score(scorer, query);
  for (Index item = 0; item < scorer.factors.num_items(); ++item) {
    if (!may_be_listed(scorer, rules, item)) continue;
    if (std::ranges::binary_search(query.seen.columns, item)) continue;
    visit(score(item));
  }
}

}  // namespace

std::vector<Recommendation> recommend(const Scorer& scorer, const QueryView& query,
                                      const ListRules& rules) {
  TopList best(rules.count);
  for_each_candidate(scorer, query, rules, [&](const Scored& candidate) { best.add(candidate); });
  std::vector<Recommendation> list;
  for (const Scored& one : best.take()) list.push_back({one.index, one.score});
  return list;
}

Standing standing(const Scorer& scorer, const QueryView& query, Index item,
                  const ListRules& rules) {
  const Scored own = ListScore(scorer, query)(item);
  Standing standing{1, own.score};
  for_each_candidate(scorer, query, rules, [&](const Scored& candidate) {
    standing.rank += ranks_before(candidate, own) ? 1 : 0;
  });
  return standing;
}

std::vector<float> ratings_of(const Scorer& ratings, const QueryView& query,
                              std::span<const Recommendation> list) {
  std::vector<float> predicted;
  for (const Recommendation& listed : list)
    predicted.push_back(predict(ratings, query, listed.item));
  return predicted;
}

bool makes_lists_of_users(const Model& model) {
  return model.seen || !for_lists(model).scorer.item_weights;
}

void require_history(const Model& model) {
  if (makes_lists_of_users(model)) return;
  fail(ErrorCode::invalid_argument,
       "the model does not keep who rated what, of which the scores of its users are made: train "
       "without `no_history`");
}

QueryView list_query(const Model& model, Index user) {
  require_history(model);
  return query_of_user(for_lists(model).scorer, user, model.seen_by(user));
}

Index count_unknown_users(const Model& model) {
  const Scorer& scorer = for_lists(model).scorer;
  Index count = 0;
  for (Index user = 0; user < scorer.factors.num_users(); ++user)
    count += knows_nothing(scorer, list_query(model, user)) ? 1 : 0;
  return count;
}

void recommend_all(const Model& model, const ListRules& rules, const ListUsers& users,
                   Parallel& parallel, const ListVisitor& visit) {
  const Scorer& scorer = for_lists(model).scorer;
  const QueryView of_nobody = query_of_unknown_user(scorer);
  const auto query = [&](Index n) {
    const std::optional<Index> user = users.rows ? users.rows->users[n] : n;
    if (!user) return of_nobody;
    QueryView of_user = list_query(model, *user);
    if (users.include_seen) of_user.seen = {};
    return of_user;
  };
  const Index count =
      users.rows ? static_cast<Index>(users.rows->users.size()) : scorer.factors.num_users();
  rank(scorer, count, query, rules, parallel, visit);
}

}  // namespace palate
