// Files whose digest is right and whose contents are not: the validator does not lean on the
// digest.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <fstream>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/sha256.h"
#include "floats.h"
#include "model/sample_model.h"
#include "palate/base/error.h"
#include "temporary_folder.h"

namespace palate {
namespace {

using Json = nlohmann::ordered_json;

// A model file taken apart, to be put together again with something changed.
class Forgery {
 public:
  explicit Forgery(const std::string& file) {
    std::uint64_t header_size = 0;
    std::memcpy(&header_size, file.data(), 8);
    header = Json::parse(file.substr(8, header_size));
    data = file.substr(8 + header_size);
  }

  // With the header as it is now, and the right digest.
  std::string file() const { return file_with_header(header.dump()); }

  std::string file_with_header(std::string text) const {
    text.append((64 - (8 + text.size()) % 64) % 64, ' ');
    const std::uint64_t size = text.size();
    return sealed(std::string(reinterpret_cast<const char*>(&size), 8) + text + data);
  }

  static std::string sealed(std::string file) {
    Sha256 hash;
    hash.update(std::string_view(file).substr(0, file.size() - 32));
    const Sha256Digest digest = hash.finish();
    std::memcpy(file.data() + file.size() - 32, digest.data(), digest.size());
    return file;
  }

  std::string& text(const std::string& name) {
    return header["__metadata__"][name].get_ref<std::string&>();
  }

  std::string bytes(const std::string& tensor) const {
    const auto& offsets = header.at(tensor)["data_offsets"];
    return data.substr(offsets[0], offsets[1].get<std::size_t>() - offsets[0].get<std::size_t>());
  }

  // Entry `index` of a tensor becomes `value`.
  template <class T>
  void set(const std::string& tensor, std::size_t index, T value) {
    const std::size_t begin = header.at(tensor)["data_offsets"][0];
    std::memcpy(data.data() + begin + index * sizeof value, &value, sizeof value);
  }

  // Gives the tensor other bytes and another shape, and lays all tensors out anew, without fault.
  void replace(const std::string& tensor, const std::string& dtype,
               const std::vector<std::size_t>& shape, const std::string& bytes) {
    std::vector<std::pair<std::string, std::string>> tensors;
    for (const auto& [name, entry] : header.items()) {
      if (name == "__metadata__" || name.starts_with("palate.")) continue;
      tensors.emplace_back(name, name == tensor ? bytes : this->bytes(name));
    }
    if (!header.contains(tensor)) tensors.emplace_back(tensor, bytes);
    Json laid_out{{"__metadata__", header["__metadata__"]}};
    std::string all;
    int pads = 0;
    for (const auto& [name, content] : tensors) {
      laid_out[name] = {
          {"dtype", name == tensor ? dtype : header[name]["dtype"].get<std::string>()},
          {"shape", name == tensor ? Json(shape) : header[name]["shape"]},
          {"data_offsets", {all.size(), all.size() + content.size()}}};
      all += content;
      if (const std::size_t gap = (64 - all.size() % 64) % 64; gap > 0) {
        laid_out["palate.pad." + std::to_string(pads++)] = {
            {"dtype", "U8"}, {"shape", {gap}}, {"data_offsets", {all.size(), all.size() + gap}}};
        all.append(gap, '\0');
      }
    }
    laid_out["palate.sha256"] = {
        {"dtype", "U8"}, {"shape", {32}}, {"data_offsets", {all.size(), all.size() + 32}}};
    header = laid_out;
    data = all + std::string(32, '\0');
  }
  template <class T>
  void replace(const std::string& tensor, const std::string& dtype,
               const std::vector<std::size_t>& shape, const std::vector<T>& values) {
    replace(tensor, dtype, shape,
            std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)));
  }
  void remove(const std::string& tensor) {
    const std::string other = tensor == "user_bias" ? "item_bias" : "user_bias";
    const std::string content = bytes(other);
    const auto dtype = header[other]["dtype"].get<std::string>();
    const auto shape = header[other]["shape"].get<std::vector<std::size_t>>();
    header.erase(tensor);
    replace(other, dtype, shape, content);
  }

  Json header;
  std::string data;
};

std::string honest() { return encoded(sample_model()); }

// `how` of the sample's file.
std::string forged(const std::function<void(Forgery&)>& how) {
  Forgery forgery(honest());
  how(forgery);
  return forgery.file();
}

std::string with_text(const std::string& name, const std::string& value) {
  return forged([&](Forgery& f) { f.text(name) = value; });
}

template <class T>
std::string with_entry(const std::string& tensor, std::size_t index, T value) {
  return forged([&](Forgery& f) { f.set(tensor, index, value); });
}

// The file with `from` in the text of its header become `to`.
std::string with_header(const std::string& from, const std::string& to) {
  const Forgery forgery(honest());
  std::string text = forgery.header.dump();
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return forgery.file_with_header(text.replace(at, from.size(), to));
}

struct Lie {
  std::string name;
  std::string file;
  std::string message;  // a part of it
};

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::vector<Lie> layout_lies() {
  std::vector<Lie> lies;
  const auto lie = [&](std::string name, std::string file, std::string message) {
    lies.push_back({std::move(name), std::move(file), std::move(message)});
  };
  const auto header_length = [](std::uint64_t length) {
    std::string file = honest();
    std::memcpy(file.data(), &length, 8);
    return Forgery::sealed(file);
  };
  lie("header length 0", header_length(0), "does not begin like a model file");
  lie("header length 64 short", header_length(64), "header");
  lie("header length 1 off",
      header_length(std::bit_cast<std::uint64_t>(
                        *reinterpret_cast<const std::array<char, 8>*>(honest().data())) -
                    1),
      "do not end at a multiple of 64");
  lie("header longer than the file", header_length(99'999'992), "but the file ends after");
  lie("header length 2^64 - 1", header_length(~std::uint64_t{0}),
      "does not begin like a model file");
  lie("not JSON", with_header("\"user_bias\":", "\"user_bias\";"),
      "the header is not valid JSON at its byte");
  lie("zero byte in the header", with_header("\"user_bias\"", std::string("\0\"user_bias\"", 12)),
      "zero byte");
  lie("invalid UTF-8 in the header", with_header("\"user_bias\"", "\"user_\xFF\""),
      "not valid JSON");
  lie("a list as header",
      Forgery(honest()).file_with_header("[" + Forgery(honest()).header.dump() + "]"),
      "does not begin like");
  lie("two documents", Forgery(honest()).file_with_header(Forgery(honest()).header.dump() + "{}"),
      "not valid JSON");
  lie("deep nesting", Forgery(honest()).file_with_header("{\"a\":" + std::string(100'000, '[')),
      "unexpected place");
  lie("a number as tensor", with_header("{\"__metadata__\"", "{\"a\":1,\"__metadata__\""),
      "a number in an unexpected place");
  lie("metadata is not text", with_header("\"format_version\":\"1\"", "\"format_version\":1"),
      "a number in an unexpected place");
  lie("metadata is nested", with_header("\"format_version\":\"1\"", "\"format_version\":{}"),
      "an object in an unexpected place");
  lie("unknown field", with_header("\"dtype\":\"F32\"", "\"color\":\"red\",\"dtype\":\"F32\""),
      "unknown field \"color\"");
  lie("dtype twice", with_header("\"dtype\":\"F32\"", "\"dtype\":\"F32\",\"dtype\":\"F32\""),
      "has its dtype twice");
  lie("no dtype", with_header("\"dtype\":\"F32\",", ""), "lacks its dtype");
  lie("tensor twice", with_header("\"item_bias\":", "\"user_bias\":"),
      "tensor \"user_bias\" stands twice");
  lie("text twice", with_header("\"palate_version\":", "\"format_version\":"),
      "metadata \"format_version\" stands twice");
  lie("metadata twice", with_header("\"global_mean\":", "\"__metadata__\":{},\"global_mean\":"),
      "\"__metadata__\" stands twice");
  lie("unknown dtype", with_header("\"dtype\":\"F32\"", "\"dtype\":\"F31\""),
      "unknown dtype \"F31\"");
  lie("known dtype, wrong size", with_header("\"dtype\":\"F32\"", "\"dtype\":\"I64\""),
      "is not what I64");
  lie("negative offset", with_header("\"data_offsets\":[0,", "\"data_offsets\":[-1,"),
      "negative number");
  lie("offset is a fraction", with_header("\"data_offsets\":[0,4", "\"data_offsets\":[0,4.5"),
      "a fraction");
  lie("offset beyond 64 bits",
      with_header("\"data_offsets\":[0,4", "\"data_offsets\":[0,44444444444444444444"),
      "a fraction");
  lie("three offsets", with_header("\"data_offsets\":[0,4]", "\"data_offsets\":[0,4,4]"),
      "a number in an unexpected place");
  lie("one offset", with_header("\"data_offsets\":[0,4]", "\"data_offsets\":[4]"),
      "its two offsets");
  lie("end before begin", forged([](Forgery& f) { f.header["user_bias"]["data_offsets"][1] = 0; }),
      "\"user_bias\" ends at byte 0");
  lie("end after the file", forged([](Forgery& f) {
        f.header["global_mean"]["data_offsets"][1] = std::uint64_t{1} << 62;
      }),
      "\"global_mean\" ends at byte 4611686018427387904");
  lie("shape of 2^62",
      forged([](Forgery& f) { f.header["user_bias"]["shape"] = {std::uint64_t{1} << 62}; }),
      "\"user_bias\" has 12 bytes");
  lie("shape whose product overflows to the size",
      forged([](Forgery& f) { f.header["user_factors"]["shape"] = {std::uint64_t{1} << 63, 2}; }),
      "\"user_factors\" has 24 bytes");
  lie("shape and bytes disagree", forged([](Forgery& f) { f.header["user_bias"]["shape"] = {2}; }),
      "\"user_bias\" has 12 bytes");
  lie("three dimensions", forged([](Forgery& f) { f.header["user_bias"]["shape"] = {3, 1, 1}; }),
      "more than two dimensions");
  lie("overlap", forged([](Forgery& f) { f.header["item_bias"]["data_offsets"] = {64, 80}; }),
      "begins at byte 64");
  lie("hole", forged([](Forgery& f) { f.header.erase("palate.pad.0"); }),
      "begins at byte 64 of the tensors, where 4 is expected");
  lie("bytes behind the last tensor", forged([](Forgery& f) { f.data += std::string(64, '\0'); }),
      "there are 64 bytes behind the last tensor");
  lie("padding is not zero", forged([](Forgery& f) { f.set("palate.pad.0", 0, '\1'); }),
      "\"palate.pad.0\" is not padding");
  lie("padding of another type", forged([](Forgery& f) {
        f.header["palate.pad.0"]["dtype"] = "F32";
        f.header["palate.pad.0"]["shape"] = {15};
      }),
      "\"palate.pad.0\" is not padding");
  lie("padding that hides 64 bytes", forged([](Forgery& f) {
        Json kept = Json::object();
        for (const auto& [name, entry] : f.header.items()) {
          if (name == "palate.sha256") {
            const std::size_t at = entry["data_offsets"][0];
            kept["palate.pad.99"] = {
                {"dtype", "U8"}, {"shape", {64}}, {"data_offsets", {at, at + 64}}};
            kept[name] = {{"dtype", "U8"}, {"shape", {32}}, {"data_offsets", {at + 64, at + 96}}};
          } else {
            kept[name] = entry;
          }
        }
        f.header = kept;
        f.data.insert(f.data.size() - 32, 64, '\0');
      }),
      "\"palate.pad.99\" is not padding");
  lie("no padding", forged([](Forgery& f) {
        Json kept = Json::object();
        for (const auto& [name, entry] : f.header.items())
          kept[name == "palate.pad.0" ? "extra" : name] = entry;
        f.header = kept;
      }),
      "\"extra\" begins at byte 4, not at a multiple of 64");
  lie("no digest", with_header("\"palate.sha256\"", "\"palate.sha257\""),
      "\"palate.sha256\" is missing");
  lie("digest is not last", forged([](Forgery& f) {
        const std::size_t at = f.header["palate.sha256"]["data_offsets"][0];
        f.header["palate.pad.90"] = {
            {"dtype", "U8"}, {"shape", {32}}, {"data_offsets", {at + 32, at + 64}}};
        f.header["extra"] = {
            {"dtype", "U8"}, {"shape", {32}}, {"data_offsets", {at + 64, at + 96}}};
        f.data += std::string(64, '\0');
      }),
      "not the file's last 32 bytes");
  lie("digest of 33 bytes", forged([](Forgery& f) {
        const std::size_t at = f.header["palate.sha256"]["data_offsets"][0];
        f.header["palate.sha256"] = {
            {"dtype", "U8"}, {"shape", {33}}, {"data_offsets", {at, at + 33}}};
        f.data += '\0';
      }),
      "not the file's last 32 bytes");
  return lies;
}

std::vector<Lie> model_lies() {
  std::vector<Lie> lies;
  const auto lie = [&](std::string name, std::string file, std::string message) {
    lies.push_back({std::move(name), std::move(file), std::move(message)});
  };
  const auto without = [](const std::string& tensor) {
    return forged([&](Forgery& f) { f.remove(tensor); });
  };
  const auto without_text = [](const std::string& text) {
    return forged([&](Forgery& f) { f.header["__metadata__"].erase(text); });
  };
  const auto replaced = [](const std::string& tensor, const std::string& dtype,
                           const std::vector<std::size_t>& shape, const auto& values) {
    return forged([&](Forgery& f) { f.replace(tensor, dtype, shape, values); });
  };
  using Floats = std::vector<float>;
  using Integers = std::vector<std::int64_t>;
  using Indices = std::vector<std::uint32_t>;

  for (const char* tensor :
       {"global_mean", "user_bias", "item_bias", "user_factors", "item_factors", "user_ids.bytes",
        "user_ids.offsets", "item_titles.offsets", "item_metadata.0.bytes", "item_support",
        "history.indices", "history.values"}) {
    lie(std::string("no ") + tensor, without(tensor),
        std::string("tensor \"") + tensor + "\" is missing");
  }
  lie("no item_ids", without("item_ids"), "tensor \"item_ids.bytes\" is missing");
  lie("no history.indptr", without("history.indptr"), "tensor \"history.indices\" is unknown");
  lie("no item_titles.bytes", without("item_titles.bytes"),
      "tensor \"item_titles.offsets\" is unknown");
  for (const char* text : {"format_version", "palate_version", "name", "algorithm", "options",
                           "rating_range", "data_digest", "curve"}) {
    lie(std::string("no ") + text, without_text(text),
        std::string("metadata \"") + text + "\" is missing");
  }
  lie("no name of a column", without_text("item_metadata.0.name"),
      "tensor \"item_metadata.0.bytes\" is unknown");
  lie("unknown tensor", replaced("surprise", "F32", {1}, Floats{1}),
      "tensor \"surprise\" is unknown");
  lie("unknown text", forged([](Forgery& f) { f.header["__metadata__"]["path"] = "x"; }),
      "metadata \"path\" is unknown");
  lie("a name with a line break", replaced("a\nb", "F32", {1}, Floats{1}), "a\\x0ab");

  // Shapes.
  lie("another dtype", replaced("user_bias", "U32", {3}, Indices{0, 0, 0}),
      "\"user_bias\" is U32 where F32 is expected");
  lie("a vector that is a matrix", replaced("user_bias", "F32", {3, 1}, Floats{0, 0, 0}),
      "\"user_bias\" has 2 dimensions");
  lie("a matrix that is a vector", replaced("user_factors", "F32", {6}, Floats(6)),
      "\"user_factors\" has 1 dimensions");
  lie("two global means", replaced("global_mean", "F32", {2}, Floats{0, 0}),
      "\"global_mean\" has 2 entries");
  lie("a user more in user_bias", replaced("user_bias", "F32", {4}, Floats(4)),
      "\"user_factors\" has 3 rows where 4");
  lie("a user less in user_factors", replaced("user_factors", "F32", {2, 2}, Floats(4)),
      "\"user_factors\" has 2 rows where 3");
  lie("an item more in item_factors", replaced("item_factors", "F32", {5, 2}, Floats(10)),
      "\"item_factors\" has 5 rows where 4");
  lie("an item less in item_bias", replaced("item_bias", "F32", {3}, Floats(3)),
      "\"item_factors\" has 4 rows where 3");
  lie("factors of different length", replaced("item_factors", "F32", {4, 3}, Floats(12)),
      "\"user_factors\" has 2 columns, but \"item_factors\" 3");
  lie("other factors than the options say", forged([](Forgery& f) {
        f.replace("item_factors", "F32", {4, 3}, Floats(12));
        f.replace("user_factors", "F32", {3, 3}, Floats(9));
      }),
      "metadata \"options\" says 2 factors");
  lie("2^32 rows of nothing", replaced("user_factors", "F32", {std::size_t{1} << 32, 0}, Floats{}),
      "which is too long");
  lie("2^32 - 1 columns of nothing", replaced("user_factors", "F32", {0, 0xFFFFFFFF}, Floats{}),
      "\"user_factors\" has 0 rows");
  lie("2^32 - 1 rows of nothing", replaced("user_factors", "F32", {0xFFFFFFFF, 0}, Floats{}),
      "\"user_factors\" has 4294967295 rows");

  // Numbers.
  for (const float value : {kNan, kInfinity, -kInfinity}) {
    const std::string what = std::to_string(value);
    lie("global mean " + what, with_entry("global_mean", 0, value),
        "\"global_mean\" is not a finite number");
    lie("user bias " + what, with_entry("user_bias", 2, value),
        "\"user_bias\": entry 2 is not a finite number");
    lie("item bias " + what, with_entry("item_bias", 0, value),
        "\"item_bias\": entry 0 is not a finite number");
    lie("user factor " + what, with_entry("user_factors", 5, value),
        "\"user_factors\": row 2, column 1 is not a finite number");
    lie("item factor " + what, with_entry("item_factors", 0, value),
        "\"item_factors\": row 0, column 0 is not a finite number");
    lie("history value " + what, with_entry("history.values", 1, value),
        "\"history.values\": user 0 has");
  }

  // Ids and texts.
  lie("an integer id twice", with_entry("item_ids", 1, std::int64_t{5}), "\"item_ids\"");
  lie("an id less", replaced("item_ids", "I64", {3}, Integers{1, 2, 3}),
      "\"item_ids\" has 3 entries where 4");
  lie("a text id twice", forged([](Forgery& f) {
        f.replace("user_ids.bytes", "U8", {9}, std::string("annannbob"));
        f.replace("user_ids.offsets", "I64", {4}, Integers{0, 3, 6, 9});
      }),
      "\"user_ids\"");
  lie("an empty id", with_entry("user_ids.offsets", 1, std::int64_t{0}), "\"user_ids\"");
  lie("an id that is not UTF-8", with_entry("user_ids.bytes", 0, '\xFF'),
      "\"user_ids.bytes\": entry 0 is not valid UTF-8");
  lie("an id that ends within a character", with_entry("user_ids.offsets", 1, std::int64_t{4}),
      "\"user_ids.bytes\": entry 0 is not valid UTF-8");
  lie("offsets do not begin at 0", with_entry("user_ids.offsets", 0, std::int64_t{1}),
      "\"user_ids.offsets\" does not ascend");
  lie("a negative offset", with_entry("user_ids.offsets", 0, std::int64_t{-1}),
      "\"user_ids.offsets\" does not ascend");
  lie("offsets descend", with_entry("user_ids.offsets", 1, std::int64_t{12}),
      "\"user_ids.offsets\" does not ascend");
  lie("offsets end too early", with_entry("user_ids.offsets", 3, std::int64_t{13}),
      "\"user_ids.offsets\" does not ascend");
  lie("offsets end too late", with_entry("user_ids.offsets", 3, std::int64_t{15}),
      "\"user_ids.offsets\" does not ascend");
  lie("an offset of 2^62", with_entry("item_titles.offsets", 2, std::int64_t{1} << 62),
      "\"item_titles.offsets\" does not ascend");
  lie("an offset less", replaced("user_ids.offsets", "I64", {3}, Integers{0, 3, 14}),
      "\"user_ids.offsets\" has 3 entries where 4");
  lie("no offsets", replaced("user_ids.offsets", "I64", {0}, Integers{}),
      "\"user_ids.offsets\" has 0 entries where 4");
  lie("a title that is not UTF-8", with_entry("item_titles.bytes", 1, '\x80'),
      "\"item_titles.bytes\": entry 0 is not valid UTF-8");
  lie("a cell that is not UTF-8", with_entry("item_metadata.0.bytes", 0, '\xC0'),
      "\"item_metadata.0.bytes\": entry 0");
  lie("ids of both kinds", replaced("user_ids", "I64", {3}, Integers{1, 2, 3}),
      "\"user_ids.bytes\" is unknown");

  // History and support.
  lie("history begins at 1", with_entry("history.indptr", 0, std::int64_t{1}),
      "\"history.indptr\" does not ascend");
  lie("history descends", with_entry("history.indptr", 1, std::int64_t{3}),
      "\"history.indptr\" does not ascend");
  lie("history of -1", with_entry("history.indptr", 1, std::int64_t{-1}),
      "\"history.indptr\" does not ascend");
  lie("history ends early", with_entry("history.indptr", 3, std::int64_t{2}),
      "\"history.indptr\" does not ascend");
  lie("history of a user less", replaced("history.indptr", "I64", {3}, Integers{0, 2, 3}),
      "\"history.indptr\" has 3 entries where 4");
  lie("history of nobody", replaced("history.indptr", "I64", {1}, Integers{0}),
      "\"history.indptr\" has 1 entries where 4");
  lie("no indptr", replaced("history.indptr", "I64", {0}, Integers{}),
      "\"history.indptr\" has 0 entries where 4");
  lie("values less than indices", replaced("history.values", "F32", {2}, Floats{1, 1}),
      "\"history.values\" has 2 entries for 3");
  lie("an item that is not there", with_entry("history.indices", 1, std::uint32_t{4}),
      "\"history.indices\": user 0 has item 4 of 4");
  lie("an item 2^32 - 1", with_entry("history.indices", 2, ~std::uint32_t{0}),
      "\"history.indices\": user 2 has item 4294967295");
  lie("an item twice", with_entry("history.indices", 1, std::uint32_t{0}),
      "\"history.indices\": the items of user 0 do not ascend");
  lie("items descend", forged([](Forgery& f) {
        f.set("history.indices", 0, std::uint32_t{3});
        f.set("history.indices", 1, std::uint32_t{0});
      }),
      "do not ascend");
  lie("a rating above the range", with_entry("history.values", 2, 5.2F),
      "\"history.values\": user 2 has 5.2");
  lie("a rating below the range", with_entry("history.values", 0, 0.4F),
      "\"history.values\": user 0 has 0.4");
  lie("support that is not the history's", with_entry("item_support", 2, std::uint32_t{1}),
      "\"item_support\": item 2 has 1 ratings, but 0");
  lie("support of an item less", replaced("item_support", "U32", {3}, Indices{1, 1, 0}),
      "\"item_support\" has 3 entries where 4");

  // Strings.
  lie("a later format", with_text("format_version", "2"), "format version \"2\" is not the 1");
  lie("an unknown name", with_text("name", "magic"), "there is no algorithm \"magic\"");
  lie("an unknown algorithm", with_text("algorithm", "magic"), "there is no algorithm \"magic\"");
  lie("a preset as algorithm", with_text("algorithm", "notebook-adam"), "\"algorithm\"");
  lie("a name with a line break", with_text("name", "als\nbias"), "there is no algorithm");
  lie("a name of another algorithm", with_text("name", "als"), "\"als\" is not run by gradient");
  lie("options that are not JSON", with_text("options", "{"), "metadata \"options\"");
  lie("options that are a list", with_text("options", "[]"), "metadata \"options\"");
  lie("an unknown option", with_text("options", R"({"magic": 1})"),
      "metadata \"options\": gradient has no option magic");
  lie("an option out of range", with_text("options", R"({"factors": 2, "learning_rate": 0})"),
      "learning_rate");
  lie("an option that is not finite",
      with_text("options", R"({"factors": 2, "learning_rate": 1e999})"), "metadata \"options\"");
  lie("an option that is a list", with_text("options", R"({"factors": [2]})"),
      "metadata \"options\"");
  lie("options without end", with_text("options", std::string(20'000, '[')),
      "metadata \"options\" is too long");
  lie("a range upside down", with_text("rating_range", "[6,5]"),
      "\"rating_range\" is not two finite numbers in order");
  lie("a range of one", with_text("rating_range", "[5]"),
      "\"rating_range\" is not a list of two numbers");
  lie("a range of words", with_text("rating_range", R"(["a","b"])"),
      "\"rating_range\" is not a list of two numbers");
  lie("a range beyond float", with_text("rating_range", "[0,1e300]"),
      "\"rating_range\" is not a list of two numbers");
  lie("a range beyond double", with_text("rating_range", "[0,1e999]"),
      "\"rating_range\" is not valid JSON");
  lie("a short digest of the data", with_text("data_digest", "abc"),
      "\"data_digest\" is not 64 hexadecimal digits");
  lie("a digest in capitals", with_text("data_digest", std::string(64, 'A')),
      "\"data_digest\" is not 64 hexadecimal digits");
  const auto measured = [](const std::string& rmse, const std::string& rest) {
    return with_text("measured", R"({"rmse":)" + rmse +
                                     R"(,"mae":1,"test_ratings":3,"split":"x","refitted":true)" +
                                     rest + "}");
  };
  lie("a negative error", measured("-1", ""), "\"measured\" has an error");
  lie("an error of 1e999", measured("1e999", ""), "\"measured\" is not valid JSON");
  lie("an error that is null", measured("null", ""), "\"measured\" does not have exactly");
  lie("a measurement too many", measured("1", R"(,"ndcg":1)"),
      "\"measured\" does not have exactly");
  lie("measured nothing", with_text("measured", "null"), "\"measured\" does not have exactly");
  lie("measured a list", with_text("measured", "[1,2,3,4,5]"),
      "\"measured\" does not have exactly");
  lie("a split without end",
      with_text("measured", R"({"rmse":1,"mae":1,"test_ratings":3,"refitted":true,"split":")" +
                                std::string(1001, 'x') + "\"}"),
      "\"measured\" has a split");
  for (const char* curve : {"",
                            "{}",
                            "null",
                            "1",
                            "[1]",
                            "[[]]",
                            "[{}]",
                            R"([{"epoch":0}])",
                            R"([{"train_loss":1}])",
                            R"([{"epoch":0,"epoch":1,"train_loss":1}])",
                            R"([{"epoch":0,"train_loss":1,"train_loss":1}])",
                            R"([{"epoch":-1,"train_loss":1}])",
                            R"([{"epoch":0.5,"train_loss":1}])",
                            R"([{"epoch":4294967296,"train_loss":1}])",
                            R"([{"epoch":0,"train_loss":-1}])",
                            R"([{"epoch":0,"train_loss":-1.5}])",
                            R"([{"epoch":0,"train_loss":1e999}])",
                            R"([{"epoch":0,"train_loss":null}])",
                            R"([{"epoch":0,"train_loss":1,"loss":1}])",
                            R"([{"epoch":0,"train_loss":1,"test_loss":-2.5}])",
                            R"([{"epoch":0,"train_loss":{"epoch":1}}])",
                            R"([{"epoch":1,"train_loss":1},{"epoch":1,"train_loss":1}])",
                            R"([{"epoch":0,"train_loss":1}],[])",
                            R"([{"epoch":0,"train_loss":1}] x)"}) {
    lie(std::string("curve ") + curve, with_text("curve", curve), "metadata \"curve\"");
  }
  for (const char* const epochs :
       {"", "0", "-1", "1.5", "4294967296", "1e3", "[8]", "\"8\"", "8 8"}) {
    lie(std::string("epochs ") + epochs, with_text("epochs", epochs), "metadata \"epochs\"");
  }

  // What the optimizer remembers.
  const std::string first = "optimizer.first_moment.";
  const std::string second = "optimizer.second_moment.";
  for (const std::string& tensor : {first + "user_bias", first + "item_factors",
                                    second + "item_bias", second + "user_factors"}) {
    lie("no " + tensor, without(tensor), "tensor \"" + tensor + "\" is missing");
  }
  lie("an optimizer without steps", without("optimizer.steps"),
      "\"optimizer.first_moment.item_bias\" is unknown");
  lie("two numbers of steps", replaced("optimizer.steps", "I64", {2}, Integers{1, 1}),
      "\"optimizer.steps\" has 2 entries");
  for (const std::int64_t steps :
       {std::int64_t{0}, std::int64_t{-1}, std::numeric_limits<std::int64_t>::min(),
        (std::int64_t{1} << 53) + 1}) {
    lie("steps " + std::to_string(steps), with_entry("optimizer.steps", 0, steps),
        "\"optimizer.steps\" is not between 1 and");
  }
  lie("a moment that is not a number", with_entry(first + "user_bias", 1, kNan),
      first + "user_bias\": entry 1 is not a finite");
  lie("an infinite moment", with_entry(second + "item_factors", 3, kInfinity),
      second + "item_factors\": row 1, column 1 is not");
  lie("a mean of squares below 0", with_entry(second + "item_bias", 2, -0.5F),
      second + "item_bias\" has a mean of squares below 0");
  lie("a factor's mean of squares below 0", with_entry(second + "user_factors", 0, -1.0F),
      second + "user_factors\" has a mean");
  lie("moments of a user more", forged([&](Forgery& f) {
        f.replace(first + "user_bias", "F32", {4}, Floats(4));
        f.replace(first + "user_factors", "F32", {4, 2}, Floats(8));
      }),
      first + "user_bias\" has 4 entries for 3 users");
  lie("moments of a user that has no bias", replaced(first + "user_bias", "F32", {4}, Floats(4)),
      first + "user_factors\" has 3 rows");
  lie("moments of an item less", forged([&](Forgery& f) {
        f.replace(second + "item_bias", "F32", {3}, Floats(3));
        f.replace(second + "item_factors", "F32", {3, 2}, Floats(6));
      }),
      second + "item_bias\" has 3 entries for 4 items");
  lie("moments of other factors", forged([&](Forgery& f) {
        f.replace(first + "user_factors", "F32", {3, 1}, Floats(3));
        f.replace(first + "item_factors", "F32", {4, 1}, Floats(4));
      }),
      first + "user_factors\" has 1 columns for 2 factors");
  lie("moments of a model without adam",
      forged([](Forgery& f) { f.text("options") = R"({"factors": 2, "optimizer": "sgd"})"; }),
      "not trained by adam");
  lie("a curve with a zero byte", with_text("curve", std::string("[]\0x", 4)),
      "metadata \"curve\"");
  return lies;
}

std::vector<Lie> all_lies() {
  std::vector<Lie> lies = layout_lies();
  std::ranges::move(model_lies(), std::back_inserter(lies));
  return lies;
}

TEST(ModelLies, TheForgersToolsChangeNothingByThemselves) {
  EXPECT_EQ(encoded(decoded(Forgery(honest()).file())), honest());
  EXPECT_EQ(encoded(decoded(forged(
                [](Forgery& f) { f.replace("global_mean", "F32", {1}, f.bytes("global_mean")); }))),
            honest());
}

TEST(ModelLies, EveryLieIsRefusedInOneLineThatNamesIt) {
  const TemporaryFolder folder;
  const std::string path = folder.path("m.safetensors");
  for (const Lie& lie : all_lies()) {
    SCOPED_TRACE(lie.name);
    std::ofstream(path, std::ios::binary) << lie.file;
    try {
      load_model(path);
      ADD_FAILURE() << "is believed";
    } catch (const Error& error) {
      const std::string message = error.what();
      EXPECT_EQ(error.code(), ErrorCode::bad_model);
      EXPECT_TRUE(message.starts_with(path + ": ")) << message;
      EXPECT_NE(message.find(lie.message), std::string::npos) << message;
      EXPECT_EQ(message.find_first_of("\n\r"), std::string::npos) << message;
    }
  }
}

// Whatever bit is changed: the file is refused, or it is another model without contradictions.
TEST(ModelLies, AFlippedBitWithTheDigestRecomputedIsRefusedOrConsistent) {
  const std::string file = honest();
  int refused = 0;
  // all bytes, and all bits of a byte in turn
  for (std::size_t bit = 0; bit < 8 * (file.size() - 32); bit += 5) {
    std::string forged_file = file;
    forged_file[bit / 8] = static_cast<char>(forged_file[bit / 8] ^ (1 << bit % 8));
    forged_file = Forgery::sealed(std::move(forged_file));
    try {
      const Model model = decoded(forged_file);
      EXPECT_EQ(encoded(decoded(encoded(model))), encoded(model)) << "bit " << bit;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::bad_model) << "bit " << bit << ": " << error.what();
      ++refused;
    }
  }
  EXPECT_GT(refused, 1000);
}

// With 64 MB to spare, a file of a few kilobytes never runs out of memory, whatever sizes it
// claims.
TEST(ModelLies, NoLieMakesTheLoaderAskForMemory) {
  const std::vector<Lie> lies = all_lies();
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    std::size_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    const rlim_t limit = pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + (rlim_t{64} << 20);
    const rlimit memory{limit, limit};
    if (::setrlimit(RLIMIT_AS, &memory) != 0) ::_exit(2);
    for (const Lie& lie : lies) {
      try {
        decoded(lie.file);
      } catch (const Error&) {
      } catch (...) {
        ::_exit(1);
      }
    }
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace palate
