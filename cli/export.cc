// palate export MODEL
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "flags.h"
#include "palate/base/error.h"
#include "palate/base/writable.h"
#include "palate/model/model.h"
#include "terminal.h"
#include "verb_files.h"
#include "verbs.h"

namespace palate::cli {
namespace {

struct Export {
  CommonFlags common;
  std::string model_file;
  std::string format = "npy";
  std::string folder;

  int run() const {
    if (format != "npy" && format != "csv") {
      throw Error(ErrorCode::invalid_argument,
                  fmt::format("--format \"{}\" is none of: npy, csv", format));
    }
    const ExportFormat chosen = format == "npy" ? ExportFormat::npy : ExportFormat::csv;
    const std::string suffix = ".safetensors";
    const std::string stem = model_file.ends_with(suffix)
                                 ? model_file.substr(0, model_file.size() - suffix.size())
                                 : model_file;
    const std::string target = folder.empty() ? stem + "-" + format : folder;
    check_files(target, chosen);
    export_model(load_model(model_file), target, chosen);
    if (common.json) {
      print_json(nlohmann::ordered_json{{"folder", target}, {"format", format}});
    } else {
      print_path(target);
    }
    return kDone;
  }

  void check_files(const std::filesystem::path& target, ExportFormat chosen) const {
    VerbFiles used;
    used.reads_model("MODEL", model_file);
    VerbFiles folder_itself = used;
    folder_itself.writes("--output", target.string());
    folder_itself.refuse_overwriting();
    std::error_code error;
    for (const std::string& name : exported_files(chosen)) {
      const std::filesystem::path file = target / name;
      // what lies in a folder that is to be made in one that is there: that one is asked
      const bool waits = std::filesystem::exists(target, error) &&
                         !std::filesystem::exists(file.parent_path(), error);
      if (!waits) used.writes("--output", file.string());
    }
    if (std::filesystem::exists(target, error)) return used.check();
    used.refuse_overwriting();
    // The first folder that is to be made.
    std::filesystem::path first = target;
    while (first.has_parent_path() && !std::filesystem::exists(first.parent_path(), error))
      first = first.parent_path();
    check_writable(first.string());
  }
};

}  // namespace

Run add_export(FlagSet& flags) {
  const auto exporting = std::make_shared<Export>();
  flags.add_required("MODEL", &exporting->model_file, "a model's file");
  flags.add("--format npy|csv", &exporting->format, "the files' format");
  flags.add("-o,--output FOLDER", &exporting->folder,
            "a folder [the model's name with -npy or -csv]");
  exporting->common.add_to(flags);
  flags.set_examples({"palate export model.safetensors",
                      "palate export model.safetensors --format csv",
                      "palate export model.safetensors -o factors"});
  return [exporting] { return exporting->run(); };
}

}  // namespace palate::cli
