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
    const std::string other =
        tensor == "ratings.user_bias" ? "ratings.item_bias" : "ratings.user_bias";
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
  lie("not JSON", with_header("\"ratings.user_bias\":", "\"ratings.user_bias\";"),
      "the header is not valid JSON at its byte");
  lie("zero byte in the header",
      with_header("\"ratings.user_bias\"", std::string("\0\"ratings.user_bias\"", 20)),
      "zero byte");
  lie("invalid UTF-8 in the header", with_header("\"ratings.user_bias\"", "\"ratings.user_\xFF\""),
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
  lie("metadata is not text", with_header("\"format_version\":\"2\"", "\"format_version\":1"),
      "a number in an unexpected place");
  lie("metadata is nested", with_header("\"format_version\":\"2\"", "\"format_version\":{}"),
      "an object in an unexpected place");
  lie("unknown field", with_header("\"dtype\":\"F32\"", "\"color\":\"red\",\"dtype\":\"F32\""),
      "unknown field \"color\"");
  lie("dtype twice", with_header("\"dtype\":\"F32\"", "\"dtype\":\"F32\",\"dtype\":\"F32\""),
      "has its dtype twice");
  lie("no dtype", with_header("\"dtype\":\"F32\",", ""), "lacks its dtype");
  lie("tensor twice", with_header("\"ratings.item_bias\":", "\"ratings.user_bias\":"),
      "tensor \"ratings.user_bias\" stands twice");
  lie("text twice", with_header("\"palate_version\":", "\"format_version\":"),
      "metadata \"format_version\" stands twice");
  lie("metadata twice",
      with_header("\"ratings.global_mean\":", "\"__metadata__\":{},\"ratings.global_mean\":"),
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
  lie("end before begin",
      forged([](Forgery& f) { f.header["ratings.user_bias"]["data_offsets"][1] = 0; }),
      "\"ratings.user_bias\" ends at byte 0");
  lie("end after the file", forged([](Forgery& f) {
        f.header["ratings.global_mean"]["data_offsets"][1] = std::uint64_t{1} << 62;
      }),
      "\"ratings.global_mean\" ends at byte 4611686018427387904");
  lie("shape of 2^62",
      forged([](Forgery& f) { f.header["ratings.user_bias"]["shape"] = {std::uint64_t{1} << 62}; }),
      "\"ratings.user_bias\" has 12 bytes");
  lie("shape whose product overflows to the size", forged([](Forgery& f) {
        f.header["ratings.user_factors"]["shape"] = {std::uint64_t{1} << 63, 2};
      }),
      "\"ratings.user_factors\" has 24 bytes");
  lie("shape and bytes disagree",
      forged([](Forgery& f) { f.header["ratings.user_bias"]["shape"] = {2}; }),
      "\"ratings.user_bias\" has 12 bytes");
  lie("three dimensions",
      forged([](Forgery& f) { f.header["ratings.user_bias"]["shape"] = {3, 1, 1}; }),
      "more than two dimensions");
  lie("overlap",
      forged([](Forgery& f) { f.header["ratings.item_bias"]["data_offsets"] = {64, 80}; }),
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
       {"ratings.global_mean", "ratings.user_bias", "ratings.item_bias", "ratings.user_factors",
        "ratings.item_factors", "user_ids.bytes", "user_ids.offsets", "item_titles.offsets",
        "item_metadata.0.bytes", "ratings.item_support", "seen.indices", "seen.values"}) {
    lie(std::string("no ") + tensor, without(tensor),
        std::string("tensor \"") + tensor + "\" is missing");
  }
  lie("no item_ids", without("item_ids"), "tensor \"item_ids.bytes\" is missing");
  lie("no seen.indptr", without("seen.indptr"), "tensor \"seen.indices\" is unknown");
  lie("no item_titles.bytes", without("item_titles.bytes"),
      "tensor \"item_titles.offsets\" is unknown");
  for (const char* text :
       {"format_version", "palate_version", "ratings.algorithm", "ratings.options", "ratings.curve",
        "lists.algorithm", "lists.options", "lists.curve", "data_digest"}) {
    lie(std::string("no ") + text, without_text(text),
        std::string("metadata \"") + text + "\" is missing");
  }
  lie("no name of the ratings", without_text("ratings.name"),
      "tensor \"ratings.global_mean\" is unknown");
  lie("no name of the lists", without_text("lists.name"),
      "tensor \"lists.global_mean\" is unknown");
  lie("no task", forged([](Forgery& f) {
        f.header["__metadata__"].erase("ratings.name");
        f.header["__metadata__"].erase("lists.name");
      }),
      "neither \"ratings.name\" nor \"lists.name\"");
  lie("no tensors of the lists but a name", forged([](Forgery& f) {
        for (const char* tensor : {"global_mean", "user_bias", "item_bias", "user_factors",
                                   "item_factors", "item_support"})
          f.remove(std::string("lists.") + tensor);
      }),
      "tensor \"lists.user_bias\" is missing");
  for (const char* tensor : {"lists.global_mean", "lists.user_bias", "lists.item_bias",
                             "lists.user_factors", "lists.item_factors", "lists.item_support"}) {
    lie(std::string("no ") + tensor, without(tensor),
        std::string("tensor \"") + tensor + "\" is missing");
  }
  lie("no name of a column", without_text("item_metadata.0.name"),
      "tensor \"item_metadata.0.bytes\" is unknown");
  lie("unknown tensor", replaced("surprise", "F32", {1}, Floats{1}),
      "tensor \"surprise\" is unknown");
  lie("unknown text", forged([](Forgery& f) { f.header["__metadata__"]["path"] = "x"; }),
      "metadata \"path\" is unknown");
  lie("a name with a line break", replaced("a\nb", "F32", {1}, Floats{1}), "a\\x0ab");

  // Shapes.
  lie("another dtype", replaced("ratings.user_bias", "U32", {3}, Indices{0, 0, 0}),
      "\"ratings.user_bias\" is U32 where F32 is expected");
  lie("a vector that is a matrix", replaced("ratings.user_bias", "F32", {3, 1}, Floats{0, 0, 0}),
      "\"ratings.user_bias\" has 2 dimensions");
  lie("a matrix that is a vector", replaced("ratings.user_factors", "F32", {6}, Floats(6)),
      "\"ratings.user_factors\" has 1 dimensions");
  lie("two global means", replaced("ratings.global_mean", "F32", {2}, Floats{0, 0}),
      "\"ratings.global_mean\" has 2 entries");
  lie("a user more in user_bias", replaced("ratings.user_bias", "F32", {4}, Floats(4)),
      "\"ratings.user_factors\" has 3 rows where 4");
  lie("a user less in user_factors", replaced("ratings.user_factors", "F32", {2, 2}, Floats(4)),
      "\"ratings.user_factors\" has 2 rows where 3");
  lie("an item more in item_factors", replaced("ratings.item_factors", "F32", {5, 2}, Floats(10)),
      "\"ratings.item_factors\" has 5 rows where 4");
  lie("an item less in item_bias", replaced("ratings.item_bias", "F32", {3}, Floats(3)),
      "\"ratings.item_factors\" has 4 rows where 3");
  lie("factors of different length", replaced("ratings.item_factors", "F32", {4, 3}, Floats(12)),
      "\"ratings.user_factors\" has 2 columns, but \"ratings.item_factors\" 3");
  lie("other factors than the options say", forged([](Forgery& f) {
        f.replace("ratings.item_factors", "F32", {4, 3}, Floats(12));
        f.replace("ratings.user_factors", "F32", {3, 3}, Floats(9));
      }),
      "metadata \"ratings.options\" says 2 factors");
  lie("other factors of the lists than their options say", forged([](Forgery& f) {
        f.replace("lists.item_factors", "F32", {4, 2}, Floats(8));
        f.replace("lists.user_factors", "F32", {3, 2}, Floats(6));
      }),
      "metadata \"lists.options\" says 1 factors");
  lie("lists of a user more than the ratings have", forged([](Forgery& f) {
        f.replace("lists.user_bias", "F32", {4}, Floats(4));
        f.replace("lists.user_factors", "F32", {4, 1}, Floats(4));
      }),
      "\"user_ids\" has 3 entries for 4 users");
  lie("lists of an item less than the ratings have", forged([](Forgery& f) {
        f.replace("lists.item_bias", "F32", {3}, Floats(3));
        f.replace("lists.item_factors", "F32", {3, 1}, Floats(3));
        f.replace("lists.item_support", "U32", {3}, Indices{1, 1, 0});
      }),
      "\"item_ids\" has 4 entries for 3 items");
  lie("2^32 rows of nothing",
      replaced("ratings.user_factors", "F32", {std::size_t{1} << 32, 0}, Floats{}),
      "which is too long");
  lie("2^32 - 1 columns of nothing",
      replaced("ratings.user_factors", "F32", {0, 0xFFFFFFFF}, Floats{}),
      "\"ratings.user_factors\" has 0 rows");
  lie("2^32 - 1 rows of nothing",
      replaced("ratings.user_factors", "F32", {0xFFFFFFFF, 0}, Floats{}),
      "\"ratings.user_factors\" has 4294967295 rows");

  // Numbers.
  for (const float value : {kNan, kInfinity, -kInfinity}) {
    const std::string what = std::to_string(value);
    lie("global mean " + what, with_entry("ratings.global_mean", 0, value),
        "\"ratings.global_mean\" is not a finite number");
    lie("user bias " + what, with_entry("ratings.user_bias", 2, value),
        "\"ratings.user_bias\": entry 2 is not a finite number");
    lie("item bias " + what, with_entry("ratings.item_bias", 0, value),
        "\"ratings.item_bias\": entry 0 is not a finite number");
    lie("user factor " + what, with_entry("ratings.user_factors", 5, value),
        "\"ratings.user_factors\": row 2, column 1 is not a finite number");
    lie("item factor " + what, with_entry("ratings.item_factors", 0, value),
        "\"ratings.item_factors\": row 0, column 0 is not a finite number");
    lie("mean of the lists " + what, with_entry("lists.global_mean", 0, value),
        "\"lists.global_mean\" is not a finite number");
    lie("item factor of the lists " + what, with_entry("lists.item_factors", 2, value),
        "\"lists.item_factors\": row 2, column 0 is not a finite number");
    lie("seen value " + what, with_entry("seen.values", 1, value),
        "\"seen.values\": user 0 has no finite number");
  }
  // Each of these is a finite number, and a score made of it is none.
  for (const float value : {3e38F, -3e38F, 2e19F}) {
    for (const char* tensor :
         {"ratings.user_factors", "ratings.item_factors", "lists.item_factors"})
      lie(tensor + (" of " + std::to_string(value)), with_entry(tensor, 0, value),
          "so large that a score is not a finite number");
  }
  for (const char* tensor : {"ratings.global_mean", "ratings.user_bias", "ratings.item_bias"})
    lie(tensor + std::string(" of 3e38"), with_entry(tensor, 0, 3e38F),
        "so large that a score is not a finite number");

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

  // Who has seen what, and support.
  lie("seen begins at 1", with_entry("seen.indptr", 0, std::int64_t{1}),
      "\"seen.indptr\" does not ascend");
  lie("seen descends", with_entry("seen.indptr", 1, std::int64_t{3}),
      "\"seen.indptr\" does not ascend");
  lie("seen of -1", with_entry("seen.indptr", 1, std::int64_t{-1}),
      "\"seen.indptr\" does not ascend");
  lie("seen ends early", with_entry("seen.indptr", 3, std::int64_t{2}),
      "\"seen.indptr\" does not ascend");
  lie("seen of a user less", replaced("seen.indptr", "I64", {3}, Integers{0, 2, 3}),
      "\"seen.indptr\" has 3 entries where 4");
  lie("seen of nobody", replaced("seen.indptr", "I64", {1}, Integers{0}),
      "\"seen.indptr\" has 1 entries where 4");
  lie("no indptr", replaced("seen.indptr", "I64", {0}, Integers{}),
      "\"seen.indptr\" has 0 entries where 4");
  lie("values less than indices", replaced("seen.values", "F32", {2}, Floats{1, 1}),
      "\"seen.values\" has 2 entries for 3");
  lie("an item that is not there", with_entry("seen.indices", 1, std::uint32_t{4}),
      "\"seen.indices\": user 0 has item 4 of 4");
  lie("an item 2^32 - 1", with_entry("seen.indices", 2, ~std::uint32_t{0}),
      "\"seen.indices\": user 2 has item 4294967295");
  lie("an item twice", with_entry("seen.indices", 1, std::uint32_t{0}),
      "\"seen.indices\": the items of user 0 do not ascend");
  lie("items descend", forged([](Forgery& f) {
        f.set("seen.indices", 0, std::uint32_t{3});
        f.set("seen.indices", 1, std::uint32_t{0});
      }),
      "do not ascend");
  lie("a rating above the range", with_entry("seen.values", 2, 5.2F),
      "\"seen.values\": entry 2 is 5.2, outside of \"ratings.rating_range\"");
  lie("a rating below the range", with_entry("seen.values", 0, 0.4F),
      "\"seen.values\": entry 0 is 0.4, outside of \"ratings.rating_range\"");
  lie("support that is not what was seen", with_entry("ratings.item_support", 2, std::uint32_t{1}),
      "\"ratings.item_support\": item 2 has 1 ratings, but 0");
  lie("support of the lists that is not what was seen",
      with_entry("lists.item_support", 0, std::uint32_t{2}),
      "\"lists.item_support\": item 0 has 2 ratings, but 1");
  lie("support of an item less", replaced("ratings.item_support", "U32", {3}, Indices{1, 1, 0}),
      "\"ratings.item_support\" has 3 entries where 4");

  // Strings.
  lie("a later format", with_text("format_version", "3"), "format version \"3\" is not the 2");
  lie("an earlier format", with_text("format_version", "1"),
      "format version \"1\" is not the 2 that this Palate reads: train the model again");
  lie("an unknown name", with_text("ratings.name", "magic"), "there is no algorithm \"magic\"");
  lie("an unknown algorithm", with_text("ratings.algorithm", "magic"),
      "there is no algorithm \"magic\"");
  lie("a preset as algorithm", with_text("ratings.algorithm", "notebook-adam"),
      "metadata \"ratings.algorithm\" \"notebook-adam\" is a preset's name");
  lie("a name with a line break", with_text("ratings.name", "als\nbias"), "there is no algorithm");
  lie("a name of another algorithm", with_text("ratings.name", "als"),
      "\"als\" is not run by gradient");
  lie("options that are not JSON", with_text("ratings.options", "{"),
      "metadata \"ratings.options\"");
  lie("options that are a list", with_text("ratings.options", "[]"),
      "metadata \"ratings.options\"");
  lie("an unknown option", with_text("ratings.options", R"({"magic": 1})"),
      "metadata \"ratings.options\": gradient has no option magic");
  lie("an option out of range",
      with_text("ratings.options", R"({"factors": 2, "learning_rate": 0})"), "learning_rate");
  lie("an option that is not finite",
      with_text("ratings.options", R"({"factors": 2, "learning_rate": 1e999})"),
      "metadata \"ratings.options\"");
  lie("an option that is a list", with_text("ratings.options", R"({"factors": [2]})"),
      "metadata \"ratings.options\"");
  lie("an option twice", with_text("ratings.options", R"({"factors": 2, "factors": 2})"),
      "has \"factors\" twice");
  lie("a number as a string", with_text("ratings.options", R"({"factors": "2"})"),
      "gradient factors: \"2\" is a string in JSON");
  lie("options behind a zero byte",
      with_text("ratings.options", std::string("{\"factors\": 2}\0{}", 17)), "is not valid JSON");
  lie("options without end", with_text("ratings.options", std::string((1 << 18) + 1, '[')),
      "metadata \"ratings.options\" is too long");
  lie("lists without options", with_text("lists.options", "{"), "metadata \"lists.options\"");
  lie("lists by another algorithm", with_text("lists.name", "als"),
      "metadata \"lists.options\": \"als\" is not run by gradient");
  lie("a range upside down", with_text("ratings.rating_range", "[6,5]"),
      "\"ratings.rating_range\" is not two finite numbers in order");
  lie("a range of one", with_text("ratings.rating_range", "[5]"),
      "\"ratings.rating_range\" is not a list of two numbers");
  lie("a range of words", with_text("ratings.rating_range", R"(["a","b"])"),
      "\"ratings.rating_range\" is not a list of two numbers");
  lie("a range beyond float", with_text("ratings.rating_range", "[0,1e300]"),
      "\"ratings.rating_range\" is not a list of two numbers");
  lie("a range beyond double", with_text("ratings.rating_range", "[0,1e999]"),
      "\"ratings.rating_range\" is not valid JSON");
  lie("a short digest of the data", with_text("data_digest", "abc"),
      "\"data_digest\" is not 64 hexadecimal digits");
  lie("a digest in capitals", with_text("data_digest", std::string(64, 'A')),
      "\"data_digest\" is not 64 hexadecimal digits");
  const auto measured = [](const std::string& metrics, const std::string& rest) {
    return with_text("ratings.measured", R"({"metrics":)" + metrics +
                                             R"(,"test_ratings":3,"split":"x","refitted":true)" +
                                             rest + "}");
  };
  const auto is_not = [](const std::string& problem) { return "\"ratings.measured\" " + problem; };
  lie("an error of 1e999", measured(R"([["rmse",1e999]])", ""), is_not("is not valid JSON"));
  for (const char* metrics : {R"([["rmse",null]])", R"([["rmse","1"]])", R"([["rmse"]])", "[[]]",
                              R"([["rmse",1,2]])", R"([[1,"rmse"]])", "[1]", R"([{"rmse":1}])"}) {
    lie(std::string("metrics ") + metrics, measured(metrics, ""),
        is_not("has a metric that is not a name and a number"));
  }
  lie("metrics that are no list", measured(R"({"rmse":1})", ""), is_not("does not have exactly"));
  lie("a metric's name without end", measured("[[\"" + std::string(1001, 'x') + "\",1]]", ""),
      is_not("has a metric"));
  lie("a measurement too many", measured("[]", R"(,"ndcg":1)"), is_not("does not have exactly"));
  for (const char* seen : {"-1", "1.5", R"("3")", "true", "[]"}) {
    lie(std::string("seen ") + seen, measured("[]", std::string(R"(,"seen":)") + seen),
        is_not("has a seen that is neither a count nor null"));
  }
  lie("more seen than tested", measured("[]", R"(,"seen":4)"),
      is_not("has 4 test ratings that were seen before, of 3"));
  lie("metrics twice", measured("[]", R"(,"metrics":[])"), is_not("has \"metrics\" twice"));
  lie("measured nothing", with_text("ratings.measured", "null"), is_not("does not have exactly"));
  lie("measured a list", with_text("ratings.measured", "[1,2,3,4]"),
      is_not("does not have exactly"));
  for (const char* member : {"metrics", "test_ratings", "split", "refitted"}) {
    Json json = Json::parse(R"({"metrics":[],"test_ratings":3,"split":"x","refitted":true})");
    json.erase(member);
    lie(std::string("measured without ") + member, with_text("ratings.measured", json.dump()),
        is_not("does not have exactly"));
    json[member] = nullptr;
    lie(std::string("measured with a null for ") + member,
        with_text("ratings.measured", json.dump()), is_not("does not have exactly"));
  }
  lie("a split without end",
      with_text("ratings.measured", R"({"metrics":[],"test_ratings":3,"refitted":true,"split":")" +
                                        std::string(1001, 'x') + "\"}"),
      is_not("has a split"));
  lie("a measurement without end", with_text("ratings.measured", std::string((1 << 18) + 1, ' ')),
      is_not("is too long"));
  for (const char* curve : {"",
                            "{}",
                            "null",
                            "1",
                            "[1]",
                            "[]",
                            R"({"names":[]})",
                            R"({"epochs":[]})",
                            R"({"names":[],"epochs":[],"more":[]})",
                            R"({"names":[],"names":[],"epochs":[]})",
                            R"({"names":[],"epochs":[],"epochs":[]})",
                            R"({"names":{},"epochs":[]})",
                            R"({"names":"a","epochs":[]})",
                            R"({"names":[1],"epochs":[]})",
                            R"({"names":[null],"epochs":[]})",
                            R"({"names":["a"],"epochs":{}})",
                            R"({"names":["a"],"epochs":[0,1]})",
                            R"({"names":["a"],"epochs":[[]]})",
                            R"({"names":["a"],"epochs":[{}]})",
                            R"({"names":["a"],"epochs":[[0]]})",
                            R"({"names":["a"],"epochs":[[0,1,1]]})",
                            R"({"names":[],"epochs":[[0,1]]})",
                            R"({"names":["a"],"epochs":[[-1,1]]})",
                            R"({"names":["a"],"epochs":[[0.5,1]]})",
                            R"({"names":["a"],"epochs":[["0",1]]})",
                            R"({"names":["a"],"epochs":[[4294967296,1]]})",
                            R"({"names":["a"],"epochs":[[0,1e999]]})",
                            R"({"names":["a"],"epochs":[[0,null]]})",
                            R"({"names":["a"],"epochs":[[0,"1"]]})",
                            R"({"names":["a"],"epochs":[[0,[1]]]})",
                            R"({"names":["a"],"epochs":[[0,{"a":1}]]})",
                            R"({"names":["a"],"epochs":[[1,1],[1,1]]})",
                            R"({"names":["a"],"epochs":[[1,1],[0,1]]})",
                            R"({"names":["a"],"epochs":[[0,1]]},[])",
                            R"({"names":["a"],"epochs":[[0,1]]} x)"}) {
    lie(std::string("curve ") + curve, with_text("ratings.curve", curve),
        "metadata \"ratings.curve\"");
  }
  lie("a curve of the lists", with_text("lists.curve", "[]"), "metadata \"lists.curve\"");
  lie("a curve whose name has no end",
      with_text("ratings.curve", R"({"epochs":[],"names":[")" + std::string(1001, 'x') + "\"]}"),
      "\"ratings.curve\" has a name");
  lie("a curve without end", with_text("ratings.curve", std::string((1 << 18) + 1, '[')),
      "\"ratings.curve\" is too long");

  // The row objective.
  const Json objective =
      Json::parse(R"({"factors":0.5,"exponent":0.5,"bias":2,"bias_exponent":0,"offset":0,)"
                  R"("has_bias":true,"unobserved":0})");
  const auto with_objective = [&](const char* member, const Json& value) {
    Json json = objective;
    json[member] = value;
    return with_text("ratings.row_objective", json.dump());
  };
  const std::string row = "\"ratings.row_objective\" ";
  for (const char* member :
       {"factors", "exponent", "bias", "bias_exponent", "offset", "has_bias", "unobserved"}) {
    Json json = objective;
    json.erase(member);
    lie(std::string("an objective without ") + member,
        with_text("ratings.row_objective", json.dump()), row + "does not have exactly");
    for (const Json& value : {Json(nullptr), Json("1"), Json::array({1}), Json::object()}) {
      lie(std::string("an objective with another kind of ") + member, with_objective(member, value),
          row);
    }
  }
  for (const char* member : {"factors", "bias", "offset", "unobserved"}) {
    lie(std::string("a negative penalty: ") + member, with_objective(member, -0.001),
        row + "has a penalty below 0");
    lie(std::string("a penalty beyond float: ") + member, with_objective(member, 1e39),
        row + "lacks a number " + member);
  }
  for (const char* member : {"exponent", "bias_exponent"}) {
    lie(std::string("a negative exponent: ") + member, with_objective(member, -0.001),
        row + "has a penalty below 0 or an exponent outside of 0 to 1");
    lie(std::string("an exponent above 1: ") + member, with_objective(member, 1.001),
        row + "has a penalty below 0 or an exponent outside of 0 to 1");
  }
  lie("a bias beside what is unobserved", with_objective("unobserved", 0.5),
      row + "has a bias beside");
  lie("a target beside ratings", with_objective("target", 2),
      row + "is approximate, or has a target, without unobserved weights");
  lie("approximate beside ratings", with_objective("approximate", true),
      row + "is approximate, or has a target, without unobserved weights");
  for (const Json& value : {Json(0), Json(-1)})
    lie("a target of " + value.dump(), with_objective("target", value), row + "has no target");
  for (const Json& value : {Json(nullptr), Json("1"), Json(1e39)}) {
    lie("a target of " + value.dump(), with_objective("target", value),
        row + "lacks a number target");
  }
  for (const Json& value : {Json(nullptr), Json(1), Json("true")}) {
    lie("approximate: " + value.dump(), with_objective("approximate", value),
        row + "does not have exactly");
  }
  lie("a truth value as penalty", with_objective("bias", true), row + "lacks a number bias");
  lie("a number as truth value", with_objective("has_bias", 1), row + "does not have exactly");
  lie("an objective too many", with_objective("more", 1), row + "does not have exactly");
  for (const char* text :
       {"", "null", "{}", "[0.5,0.5,2,0,true]", "NaN",
        R"({"factors":NaN,"exponent":0,"bias":0,"bias_exponent":0,"has_bias":true})",
        R"({"factors":1e999,"exponent":0,"bias":0,"bias_exponent":0,"has_bias":true})",
        R"({"factors":1,"factors":1,"exponent":0,"bias":0,"bias_exponent":0,"has_bias":true})"}) {
    lie(std::string("objective ") + text, with_text("ratings.row_objective", text), row);
  }
  const auto with_fold_in = [](const std::string& text) {
    Model model = sample_model();
    model.lists = sample_approximate();
    Forgery forgery(encoded(model));
    forgery.text("lists.fold_in") = text;
    return forgery.file();
  };
  const std::string fold_in = "\"lists.fold_in\" ";
  for (const char* text : {"", "null", "[]", R"({"users":1,"trained":0.5})",
                           R"({"users":-1,"trained":0.5,"folded_in":0.5})",
                           R"({"users":4294967296,"trained":0.5,"folded_in":0.5})",
                           R"({"users":1,"trained":"0.5","folded_in":0.5})",
                           R"({"users":1,"trained":0.5,"folded_in":null})",
                           R"({"users":1,"trained":0.5,"folded_in":0.5,"more":1})"}) {
    lie(std::string("fold_in ") + text, with_fold_in(text), fold_in);
  }
  for (const char* text : {R"({"users":0,"trained":0.5,"folded_in":0.5})",
                           R"({"users":1,"trained":1.5,"folded_in":0.5})",
                           R"({"users":1,"trained":0.5,"folded_in":-0.5})"}) {
    lie(std::string("fold_in ") + text, with_fold_in(text),
        fold_in + "has no users, or a mean outside of 0 to 1");
  }
  lie("fold_in of a row that is exact", forged([](Forgery& f) {
        f.header["__metadata__"]["ratings.fold_in"] =
            R"({"users":1,"trained":0.5,"folded_in":0.5})";
      }),
      "metadata \"ratings.fold_in\" stands in a model whose");
  const std::string weighting = "\"lists.weighting\" ";
  const auto with_weighting = [](const char* text) {
    return forged([&](Forgery& f) { f.header["__metadata__"]["lists.weighting"] = text; });
  };
  for (const char* text :
       {"", "null", "{}", R"({"at_least":4,"exponent":0})",
        R"({"at_least":"4","exponent":0,"lower":0})", R"({"at_least":4,"exponent":null,"lower":0})",
        R"({"at_least":4,"exponent":0,"lower":0,"more":0})"}) {
    lie(std::string("weighting ") + text, with_weighting(text), weighting);
  }
  for (const char* text : {R"({"at_least":4,"exponent":3.001,"lower":0})",
                           R"({"at_least":null,"exponent":1.001,"lower":0})",
                           R"({"at_least":4,"exponent":-0.001,"lower":0})",
                           R"({"at_least":4,"exponent":0,"lower":-0.001})",
                           R"({"at_least":4,"exponent":0,"lower":1.001})"}) {
    lie(std::string("weighting ") + text, with_weighting(text), weighting + "has no finite bound");
  }
  for (const char* text : {R"({"at_least":0,"exponent":0.5,"lower":0})",
                           R"({"at_least":-1,"exponent":3,"lower":0})"}) {
    lie(std::string("weighting ") + text, with_weighting(text),
        weighting + "has an exponent of ratings that are not above 0");
  }
  lie("weights of ratings", forged([](Forgery& f) {
        f.header["__metadata__"]["ratings.weighting"] = R"({"at_least":4,"exponent":0,"lower":0})";
      }),
      "\"ratings.weighting\" stands in a model of ratings");
  for (const char* const epochs :
       {"", "0", "-1", "1.5", "4294967296", "1e3", "[8]", "\"8\"", "8 8"}) {
    lie(std::string("epochs ") + epochs, with_text("ratings.epochs", epochs),
        "metadata \"ratings.epochs\"");
  }

  // What the optimizer remembers.
  const std::string first = "ratings.optimizer.first_moment.";
  const std::string second = "ratings.optimizer.second_moment.";
  for (const std::string& tensor : {first + "user_bias", first + "item_factors",
                                    second + "item_bias", second + "user_factors"}) {
    lie("no " + tensor, without(tensor), "tensor \"" + tensor + "\" is missing");
  }
  lie("an optimizer without steps", without("ratings.optimizer.steps"),
      "\"ratings.optimizer.first_moment.item_bias\" is unknown");
  lie("two numbers of steps", replaced("ratings.optimizer.steps", "I64", {2}, Integers{1, 1}),
      "\"ratings.optimizer.steps\" has 2 entries");
  for (const std::int64_t steps :
       {std::int64_t{0}, std::int64_t{-1}, std::numeric_limits<std::int64_t>::min(),
        (std::int64_t{1} << 53) + 1}) {
    lie("steps " + std::to_string(steps), with_entry("ratings.optimizer.steps", 0, steps),
        "\"ratings.optimizer.steps\" is not between 1 and");
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
  lie("moments of a model without adam", forged([](Forgery& f) {
        f.text("ratings.options") = R"({"factors": 2, "optimizer": "sgd"})";
      }),
      "not trained by adam");
  lie("moments of lists without adam", forged([](Forgery& f) {
        f.replace("lists.optimizer.steps", "I64", {1}, Integers{1});
        for (const std::string moment : {"first_moment.", "second_moment."}) {
          const std::string prefix = "lists.optimizer." + moment;
          f.replace(prefix + "user_bias", "F32", {3}, Floats(3));
          f.replace(prefix + "item_bias", "F32", {4}, Floats(4));
          f.replace(prefix + "user_factors", "F32", {3, 1}, Floats(3));
          f.replace(prefix + "item_factors", "F32", {4, 1}, Floats(4));
        }
      }),
      "\"lists.optimizer.steps\" stands in a model that was not trained by adam");
  lie("a curve with a zero byte",
      with_text("ratings.curve", std::string("{\"names\":[],\"epochs\":[]}\0x", 26)),
      "metadata \"ratings.curve\"");
  return lies;
}

std::vector<Lie> item_weights_lies() {
  std::vector<Lie> lies;
  const std::string honest_file = encoded(sample_model_of_item_weights());
  const auto lie = [&](std::string name, const std::function<void(Forgery&)>& how,
                       std::string message) {
    Forgery forgery(honest_file);
    how(forgery);
    lies.push_back({"item weights: " + name, forgery.file(), std::move(message)});
  };
  const std::string starts = "lists.item_weights.indptr";
  const std::string indices = "lists.item_weights.indices";
  const std::string values = "lists.item_weights.values";
  for (const std::string& tensor : {indices, values})
    lie("no " + tensor, [&](Forgery& f) { f.remove(tensor); }, "\"" + tensor + "\" is missing");
  lie("no indptr", [&](Forgery& f) { f.remove(starts); }, "\"" + indices + "\" is unknown");
  lie(
      "none",
      [&](Forgery& f) {
        for (const std::string& tensor : {starts, indices, values}) f.remove(tensor);
      },
      "\"" + starts + "\" is missing in a model of item-knn");
  for (const auto& [place, start] : std::vector<std::pair<std::size_t, std::int64_t>>{
           {0, 1}, {1, -1}, {1, 4}, {4, 3}, {4, 5}, {2, std::int64_t{1} << 62}}) {
    lie(
        "start " + std::to_string(start), [&](Forgery& f) { f.set(starts, place, start); },
        "\"" + starts + "\" does not ascend");
  }
  lie(
      "of an item less",
      [&](Forgery& f) { f.replace(starts, "I64", {4}, std::vector<std::int64_t>{0, 2, 3, 4}); },
      "\"" + starts + "\" has 4 entries where 5");
  lie(
      "of an item more",
      [&](Forgery& f) {
        f.replace(starts, "I64", {6}, std::vector<std::int64_t>{0, 2, 3, 3, 4, 4});
      },
      "\"" + starts + "\" has 6 entries where 5");
  lie(
      "values less than indices",
      [&](Forgery& f) { f.replace(values, "F32", {3}, std::vector<float>{1, 1, 1}); },
      "\"" + values + "\" has 3 entries for 4 indices");
  lie(
      "an item that is not there", [&](Forgery& f) { f.set(indices, 1, std::uint32_t{4}); },
      "\"" + indices + "\": item 0 has item 4 of 4");
  lie(
      "an item 2^32 - 1", [&](Forgery& f) { f.set(indices, 3, ~std::uint32_t{0}); },
      "\"" + indices + "\": item 3 has item 4294967295 of 4");
  lie(
      "an item twice", [&](Forgery& f) { f.set(indices, 1, std::uint32_t{1}); },
      "\"" + indices + "\": the items of item 0 do not ascend");
  for (const float value : {kNan, kInfinity, -kInfinity}) {
    lie(
        "of " + std::to_string(value), [&](Forgery& f) { f.set(values, 2, value); },
        "\"" + values + "\": item 1 has no finite number");
  }
  lie(
      "more than there are neighbours",
      [&](Forgery& f) { f.text("lists.options") = R"({"neighbours": 1})"; },
      "\"" + indices + "\": item 0 has 2 neighbours, but metadata \"lists.options\" says 1");
  lie(
      "without a weighting", [](Forgery& f) { f.header["__metadata__"].erase("lists.weighting"); },
      "metadata \"lists.weighting\" is missing");
  lie(
      "beside a row objective",
      [](Forgery& f) {
        f.header["__metadata__"]["lists.row_objective"] = f.text("ratings.row_objective");
      },
      "metadata \"lists.row_objective\" stands in a model of item weights");
  lie(
      "beside a range",
      [](Forgery& f) { f.header["__metadata__"]["lists.rating_range"] = "[0,9]"; },
      "metadata \"lists.rating_range\" stands in a model of item weights");
  for (const char* tensor : {"lists.global_mean", "lists.user_bias", "lists.item_bias"}) {
    lie(
        std::string("beside a ") + tensor, [&](Forgery& f) { f.set(tensor, 0, 1.0F); },
        "stand beside a \"lists.global_mean\", biases or factors");
  }
  lie(
      "beside factors",
      [](Forgery& f) {
        f.replace("lists.item_factors", "F32", {4, 1}, std::vector<float>(4));
        f.replace("lists.user_factors", "F32", {3, 1}, std::vector<float>(3));
      },
      "stand beside a \"lists.global_mean\", biases or factors");
  lie(
      "of popular",
      [](Forgery& f) {
        f.text("lists.name") = f.text("lists.algorithm") = "popular";
        f.text("lists.options") = "{}";
      },
      "\"" + starts + "\" stands in a model of popular");
  lie(
      "of ratings",
      [&](Forgery& f) {
        f.replace("ratings.item_weights.indptr", "I64", {5}, f.bytes(starts));
        f.replace("ratings.item_weights.indices", "U32", {4}, f.bytes(indices));
        f.replace("ratings.item_weights.values", "F32", {4}, f.bytes(values));
      },
      "metadata \"ratings.weighting\" is missing");
  return lies;
}

std::vector<Lie> all_lies() {
  std::vector<Lie> lies = layout_lies();
  std::ranges::move(model_lies(), std::back_inserter(lies));
  std::ranges::move(item_weights_lies(), std::back_inserter(lies));
  return lies;
}

TEST(ModelLies, TheForgersToolsChangeNothingByThemselves) {
  EXPECT_EQ(encoded(decoded(Forgery(honest()).file())), honest());
  EXPECT_EQ(encoded(decoded(forged([](Forgery& f) {
              f.replace("ratings.global_mean", "F32", {1}, f.bytes("ratings.global_mean"));
            }))),
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
  for (const std::string& file : {honest(), encoded(sample_model_of_item_weights())}) {
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
