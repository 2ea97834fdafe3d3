#include "chosen_items.h"

#include <utility>

#include "palate/data/item_files.h"
#include "palate/recommend/where.h"
#include "read_flags.h"
#include "terminal.h"
#include "twins.h"

namespace palate::cli {
namespace {

std::vector<Index> items_of(const Model& model, const std::string& expression) try {
  return items_where(*model.catalog, expression);
} catch (const ExpressionError& error) {
  tell_place(expression, error.place());
  throw;
}

}  // namespace

void ChosenItemFlags::add_to(FlagSet& flags, const std::string& more_files) {
  FlagSet chosen = flags.group("which items");
  chosen.add("--where EXPRESSION", &where,
             "list only items for which an expression over their columns is true, as in \"year >= "
             "1990 and genres has Comedy\"");
  chosen.add("--items FILE", &items_file,
             "a file of ids, one a line or a column of a table: list only these items");
  chosen.add("--deny FILE", &deny_file, "a file of ids: never list these items");
  chosen.add("--trim-ids", &trim_ids,
             "leave out the spaces around the ids of " + more_files + "--items and --deny");
  chosen.add("--max-expansion", &max_expansion, kMaxExpansionHelp);
}

void ChosenItemFlags::add_files_to(VerbFiles& used) const {
  used.reads_table("--items", items_file);
  used.reads_table("--deny", deny_file);
}

ItemMask ChosenItemFlags::allowed(const Model& model, bool quiet, bool strict) const {
  const Index num_items = model.catalog->items.size();
  ItemMask mask;
  if (where) mask.keep_only(items_of(model, *where), num_items);
  if (!items_file.empty()) mask.keep_only(listed(model, items_file, quiet, strict), num_items);
  if (!deny_file.empty()) mask.leave_out(listed(model, deny_file, quiet, strict), num_items);
  return mask;
}

std::vector<Index> ChosenItemFlags::listed(const Model& model, const std::string& file, bool quiet,
                                           bool strict) const {
  ItemList list = read_item_list(file, *model.catalog, trim_ids, max_expansion);
  if (strict) refuse_unknown(file, "item", list.unknown);
  if (!quiet) {
    tell("{}: {} items of the model by {}{}", file, with_commas(list.items.size()), list.column,
         list.unknown > 0
             ? fmt::format("; {} ids are not of items of the model", with_commas(list.unknown))
             : "");
    tell_twins(file, "items", list.looked_up, model.catalog->items);
  }
  return std::move(list.items);
}

}  // namespace palate::cli
