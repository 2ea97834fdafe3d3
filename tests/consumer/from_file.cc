// Reads ratings, measures two ways to make lists on the same held-out ratings, keeps a model of the
// better one, and prints what it recommends to a user.
#include <palate/base/error.h>
#include <palate/data/read.h>
#include <palate/evaluate/compare.h>
#include <palate/evaluate/final_model.h>
#include <palate/recommend/recommend.h>

#include <cstdio>

namespace {

void recommend_from(const std::string& file, const std::string& user_id) {
  palate::Parallel parallel;  // one thread for each processor

  // The titles of a movies.csv next to the ratings are read, too.
  const palate::Interactions ratings =
      palate::read_ratings(file, palate::ReadOptions{}, parallel).interactions;
  std::printf("%u users, %u items, %u ratings\n", ratings.num_users(), ratings.num_items(),
              ratings.size());

  // A random fifth of the ratings is held out, unless `options.split` says otherwise.
  palate::CompareOptions options;
  options.algorithms = {palate::algorithm_named("ials:factors=16"),
                        palate::algorithm_named("popular")};
  const std::vector<palate::Comparison> comparisons = palate::compare(ratings, options, parallel);
  const palate::Comparison& lists = comparisons.front();  // one for each task; both make lists
  const palate::ModelResult* best = &lists.models.front();
  for (const palate::ModelResult& model : lists.models) {
    const palate::Metric& metric = lists.metrics[lists.primary];
    const palate::Interval& measured = model.metrics[lists.primary].interval;
    std::printf("%s: %s %.3f, 95 %% interval %.3f to %.3f\n", model.algorithm.name.c_str(),
                metric.name.c_str(), measured.value, measured.low, measured.high);
    if (is_better(metric, measured.value, best->metrics[lists.primary].interval.value))
      best = &model;
  }

  // Trained once more, on all ratings. `palate recommend` and load_model() read the file.
  const palate::Model model = palate::refitted_model(ratings, {{lists, *best}}, parallel);
  palate::save_model(model, "model.safetensors");

  const std::optional<palate::Index> user = model.catalog->users.find(user_id);
  if (!user) {
    std::printf("nobody here is called %s\n", user_id.c_str());
    return;
  }
  const palate::Scorer& scorer = palate::for_lists(model).scorer;
  palate::ListRules rules = palate::default_rules(scorer);
  rules.count = 5;
  for (const palate::Recommendation& recommended :
       palate::recommend(scorer, palate::list_query(model, *user), rules))
    std::printf("%s\n", model.catalog->item_name(recommended.item).c_str());
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    std::fprintf(stderr, "usage: from_file RATINGS USER\n");
    return 64;
  }
  try {
    recommend_from(arguments[1], arguments[2]);
  } catch (const palate::Error& error) {  // of five codes: palate/base/error.h
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
