// The binding of the Python package: buffers in, arrays out. What is Python's own way of saying
// things, tables above all, is in python/palate/.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/variant.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "palate/base/error.h"
#include "palate/base/version.h"
#include "palate/data/build.h"
#include "palate/data/read.h"
#include "palate/evaluate/compare.h"
#include "palate/evaluate/final_model.h"
#include "palate/model/model.h"
#include "palate/recommend/find_title.h"
#include "palate/recommend/history.h"
#include "palate/recommend/recommend.h"

namespace nb = nanobind;

namespace palate::python {
namespace {

// The class of palate/errors.py, or of Python itself, by which an error is raised.
void raise(const Error& error) {
  const auto own = [](const char* name) {
    return nb::module_::import_("palate.errors").attr(name);
  };
  nb::object type;
  switch (error.code()) {
    case ErrorCode::invalid_argument:
    case ErrorCode::bad_data:
      type = nb::borrow(PyExc_ValueError);
      break;
    case ErrorCode::io:
      type = nb::borrow(PyExc_OSError);
      break;
    case ErrorCode::diverged:
      type = own("Diverged");
      break;
    case ErrorCode::bad_model:
      type = own("ModelFileError");
      break;
  }
  PyErr_SetString(type.ptr(), error.what());
}

// Memory of Python's.
template <class T>
using Column = nb::ndarray<const T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using TextColumn =
    std::tuple<std::variant<Column<std::int32_t>, Column<std::int64_t>>, Column<std::uint8_t>>;
using CodedColumn =
    std::tuple<Column<std::int32_t>, std::variant<Column<std::int64_t>, TextColumn>>;
using AnyIds = std::variant<Column<std::int64_t>, TextColumn, CodedColumn>;

template <class T>
std::span<const T> span_of(const Column<T>& column) {
  return {column.data(), column.size()};
}

template <class T>
std::span<const T> span_of(const std::optional<Column<T>>& column) {
  return column ? span_of(*column) : std::span<const T>();
}

IntegerIds ids_of(const Column<std::int64_t>& column) { return span_of(column); }

TextIds ids_of(const TextColumn& column) {
  const auto& [offsets, bytes] = column;
  TextIds ids{.offsets = {}, .bytes = {reinterpret_cast<const char*>(bytes.data()), bytes.size()}};
  std::visit([&](const auto& each) { ids.offsets = span_of(each); }, offsets);
  return ids;
}

CodedIds ids_of(const CodedColumn& column) {
  CodedIds ids{.codes = span_of(std::get<0>(column)), .dictionary = {}};
  std::visit([&](const auto& dictionary) { ids.dictionary = ids_of(dictionary); },
             std::get<1>(column));
  return ids;
}

IdColumn ids_of(const AnyIds& column) {
  return std::visit([](const auto& one) { return IdColumn(ids_of(one)); }, column);
}

void add(InteractionsBuilder& builder, const AnyIds& users, const AnyIds& items,
         const std::optional<Column<float>>& values,
         const std::optional<Column<std::int64_t>>& times) {
  const RatingBatch batch{.users = ids_of(users),
                          .items = ids_of(items),
                          .values = span_of(values),
                          .times = span_of(times)};
  const nb::gil_scoped_release released;
  builder.add(batch);
}

// As on the command line, ratings keep the last of several and weights are added up.
Interactions finish(InteractionsBuilder& builder, bool weights, bool has_values) {
  const nb::gil_scoped_release released;
  Parallel parallel;
  Interactions made = builder
                          .finish(weights ? Duplicates::sum : Duplicates::last, parallel,
                                  weights ? Feedback::weights : Feedback::ratings)
                          .interactions;
  made.has_values = has_values;
  return made;
}

std::optional<Feedback> feedback_of(const std::optional<std::string>& name) {
  if (!name) return std::nullopt;
  if (*name == "ratings") return Feedback::ratings;
  if (*name == "weights") return Feedback::weights;
  throw Error(ErrorCode::invalid_argument,
              "`feedback` \"" + *name + "\" is none of: ratings, weights");
}

// The interactions, and what a person should know of how they were read.
std::tuple<Interactions, std::vector<std::string>> read(
    const std::vector<std::string>& paths, const std::map<std::string, std::string>& columns,
    const std::optional<std::string>& items_file, const std::optional<std::string>& feedback) {
  const auto column = [&](const char* name) {
    const auto told = columns.find(name);
    return told == columns.end() ? std::nullopt : std::optional(told->second);
  };
  const ReadOptions options{.user_column = column("user"),
                            .item_column = column("item"),
                            .value_column = column("value"),
                            .time_column = column("time"),
                            .feedback = feedback_of(feedback),
                            .items_file = items_file};
  const nb::gil_scoped_release released;
  Parallel parallel;
  RatingsTable table = read_ratings(paths, options, parallel);
  std::vector<std::string> told;
  for (const std::vector<DataWarning>& warnings : {table.format.doubts, table.items_warnings})
    for (const DataWarning& warning : warnings) told.push_back(warning.message);
  return {std::move(table.interactions), std::move(told)};
}

std::vector<NamedAlgorithm> algorithms_for(const Interactions& data,
                                           const std::vector<std::string>& names,
                                           const std::map<std::string, std::string>& fields,
                                           const std::optional<std::uint32_t>& seed) {
  std::vector<NamedAlgorithm> chosen;
  for (const std::string& name : names) chosen.push_back(algorithm_named(name));
  if (names.empty()) {
    for (const Task task : {Task::ratings, Task::lists}) {
      if (task == Task::ratings && data.feedback == Feedback::weights) continue;
      const auto first = std::ranges::find(algorithms(), task,
                                           [](const AlgorithmInfo& row) { return row.about.task; });
      chosen.push_back(algorithm_named(first->about.name));
    }
  }
  if (!fields.empty() && chosen.size() != 1)
    throw Error(ErrorCode::invalid_argument,
                "the option `" + fields.begin()->first +
                    "` needs one algorithm that it is of: name it by `algorithm`");
  for (NamedAlgorithm& algorithm : chosen) {
    if (seed && option_text(algorithm.options, "seed"))
      set_option(algorithm.options, "seed", std::to_string(*seed));
    for (const auto& [field, value] : fields) set_option(algorithm.options, field, value);
  }
  for (std::size_t n = 1; n < chosen.size(); ++n) {
    if (traits_of(chosen[n].options).task == traits_of(chosen[0].options).task || n > 1)
      throw Error(ErrorCode::invalid_argument,
                  "a model keeps one algorithm for ratings and one for lists");
  }
  return chosen;
}

// What `palate train` does: measured on a part of the rows, then trained again on all.
Model train(const Interactions& data, const std::vector<std::string>& names,
            const std::map<std::string, std::string>& fields,
            const std::optional<std::uint32_t>& seed, unsigned threads) {
  constexpr double kValidationShare = 0.1;
  bool interrupted = false;
  const Watch watch{.stop_requested = [&] {
    const nb::gil_scoped_acquire held;
    interrupted = interrupted || PyErr_CheckSignals() != 0;
    return interrupted;
  }};
  std::optional<Model> model;
  {
    const nb::gil_scoped_release released;
    CompareOptions options{.algorithms = algorithms_for(data, names, fields, seed),
                           .validation_share = kValidationShare};
    options.split.seed = seed.value_or(1);
    check_factor_memory(options.algorithms, data.num_users(), data.num_items(), true);
    Parallel parallel(threads);
    const std::vector<Comparison> comparisons = compare(data, options, parallel, watch);
    std::vector<Chosen> chosen;
    for (const Comparison& comparison : comparisons) {
      if (interrupted || comparison.models.empty()) continue;
      const ModelResult& result = comparison.models.front();
      if (result.ending == Ending::diverged)
        throw Error(ErrorCode::diverged, result.algorithm.name + " " + result.advice);
      chosen.push_back({comparison, result});
    }
    if (!interrupted) model = refitted_model(data, chosen, parallel, watch);
  }
  if (interrupted) throw nb::python_error();  // KeyboardInterrupt, which the signal has set
  return std::move(*model);
}

template <class T>
nb::ndarray<nb::numpy, T, nb::ndim<1>> array_of(std::vector<T> values) {
  auto* const kept = new std::vector<T>(std::move(values));
  const nb::capsule owner(
      kept, [](void* vector) noexcept { delete static_cast<std::vector<T>*>(vector); });
  return nb::ndarray<nb::numpy, T, nb::ndim<1>>(kept->data(), {kept->size()}, owner);
}

// Lists as columns.
struct Lists {
  std::vector<Index> list;  // the number of the list
  std::vector<Index> rank;  // from 1
  std::vector<Index> items;
  std::vector<float> scores;
  std::vector<float> ratings;  // predicted; none of a model that answers one task

  void add(Index number, std::span<const Recommendation> recommended,
           const std::vector<float>& predicted) {
    Index place = 0;
    for (const Recommendation& one : recommended) {
      list.push_back(number);
      rank.push_back(++place);
      items.push_back(one.item);
      scores.push_back(one.score);
    }
    ratings.insert(ratings.end(), predicted.begin(), predicted.end());
  }

  nb::tuple arrays() && {
    return nb::make_tuple(array_of(std::move(list)), array_of(std::move(rank)),
                          array_of(std::move(items)), array_of(std::move(scores)),
                          array_of(std::move(ratings)));
  }
};

ListRules rules_of(const Model& model, Index k) {
  ListRules rules = default_rules(for_lists(model).scorer);
  rules.count = k;
  return rules;
}

// Lists of users by their numbers; of all where none are given.
nb::tuple recommend(const Model& model, const std::optional<std::vector<Index>>& users, Index k) {
  Lists lists;
  {
    const nb::gil_scoped_release released;
    Parallel parallel;
    UserList rows;
    if (users) {
      for (const Index user : *users) rows.ids.push_back(model.catalog->users[user]);
      rows.users.assign(users->begin(), users->end());
    }
    recommend_all(model, rules_of(model, k), {.rows = users ? &rows : nullptr}, parallel,
                  [&](Index n, std::span<const Recommendation> list) {
                    std::vector<float> predicted;
                    if (model.lists && model.ratings) {
                      const Scorer& scorer = model.ratings->scorer;
                      const Index user = users ? (*users)[n] : n;
                      predicted = ratings_of(scorer, query_of_user(scorer, user), list);
                    }
                    lists.add(n, list, predicted);
                  });
  }
  return std::move(lists).arrays();
}

// The list of somebody new.
nb::tuple recommend_to_newcomer(const Model& model, const std::vector<Index>& items,
                                const std::vector<float>& values, Index k) {
  Lists lists;
  {
    const nb::gil_scoped_release released;
    std::vector<std::pair<Index, float>> rated;
    for (std::size_t n = 0; n < items.size(); ++n) rated.emplace_back(items[n], values.at(n));
    const RatedItems history = rated_items(std::move(rated));
    const Scorer& scorer = for_lists(model).scorer;
    const std::vector<Recommendation> list =
        palate::recommend(scorer, query_of_newcomer(scorer, history), rules_of(model, k));
    std::vector<float> predicted;
    if (model.lists && model.ratings) {
      const Scorer& rates = model.ratings->scorer;
      predicted = ratings_of(rates, fold_in(rates, history), list);
    }
    lists.add(0, list, predicted);
  }
  return std::move(lists).arrays();
}

// Who or what the model does not know has a number behind those of the model.
nb::ndarray<nb::numpy, float, nb::ndim<1>> predict(const Model& model,
                                                   const std::vector<Index>& users,
                                                   const std::vector<Index>& items) {
  if (!model.ratings)
    throw Error(ErrorCode::invalid_argument,
                "the model does not predict ratings: it was trained for lists alone");
  std::vector<float> predicted;
  {
    const nb::gil_scoped_release released;
    predicted = predict_pairs(model.ratings->scorer, users, items, true, model.seen.get());
  }
  return array_of(std::move(predicted));
}

// The numbers of these ids, as they are written; an unknown one has the number of ids there are.
std::vector<Index> find(const Ids& ids, const std::vector<std::string>& wanted) {
  std::vector<Index> found;
  for (const std::string& id : wanted) found.push_back(ids.find(id).value_or(ids.size()));
  return found;
}

// All ids in order: integers, or bytes and offsets.
nb::object all_ids(const Ids& ids) {
  if (ids.are_integers()) {
    const std::span<const std::int64_t> integers = ids.integer_ids();
    return nb::cast(array_of(std::vector<std::int64_t>(integers.begin(), integers.end())));
  }
  std::vector<std::int64_t> offsets;
  for (const std::uint64_t offset : ids.text_offsets())
    offsets.push_back(static_cast<std::int64_t>(offset));
  const std::string_view bytes = ids.text_bytes();
  return nb::make_tuple(array_of(std::move(offsets)), nb::bytes(bytes.data(), bytes.size()));
}

}  // namespace

NB_MODULE(_core, module) {
  nb::register_exception_translator([](const std::exception_ptr& thrown, void*) {
    try {
      std::rethrow_exception(thrown);
    } catch (const Error& error) {
      raise(error);
    }
  });
  module.attr("version") = std::string(kVersion);

  nb::class_<Interactions>(module, "Interactions");
  nb::class_<InteractionsBuilder>(module, "InteractionsBuilder")
      .def(nb::init<>())
      .def("add", &add, nb::arg("users").noconvert(), nb::arg("items").noconvert(),
           nb::arg("values").noconvert().none(), nb::arg("times").noconvert().none())
      .def("finish", &finish);
  module.def("read", &read, nb::arg(), nb::arg(), nb::arg().none(), nb::arg().none());
  module.def("train", &train, nb::arg(), nb::arg(), nb::arg(), nb::arg().none(), nb::arg());
  module.def("load", &load_model, nb::call_guard<nb::gil_scoped_release>());

  nb::class_<Model>(module, "Model")
      .def(
          "save", [](const Model& model, const std::string& path) { save_model(model, path); },
          nb::call_guard<nb::gil_scoped_release>())
      .def("recommend", &recommend, nb::arg().none(), nb::arg())
      .def("recommend_to_newcomer", &recommend_to_newcomer)
      .def("predict", &predict)
      .def("find_users",
           [](const Model& model, const std::vector<std::string>& ids) {
             return find(model.catalog->users, ids);
           })
      .def("find_items",
           [](const Model& model, const std::vector<std::string>& ids) {
             return find(model.catalog->items, ids);
           })
      .def("find_title",
           [](const Model& model, const std::string& title) {
             return TitleIndex(model.catalog).only_item(title);
           })
      .def("user_ids", [](const Model& model) { return all_ids(model.catalog->users); })
      .def("item_ids", [](const Model& model) { return all_ids(model.catalog->items); })
      .def("item_titles", [](const Model& model) { return model.catalog->item_titles; })
      .def("num_users", [](const Model& model) { return model.catalog->users.size(); })
      .def("num_items", [](const Model& model) { return model.catalog->items.size(); });
}

}  // namespace palate::python
