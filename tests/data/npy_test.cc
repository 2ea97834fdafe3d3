#include "data/npy.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "palate/base/error.h"
#include "temporary_folder.h"

namespace palate {
namespace {

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

// A file of this version with this header. Its length is that of the header unless it is told.
std::string npy(const std::string& header, const std::string& values, char version = 1,
                std::optional<std::uint32_t> length = {}) {
  std::string file = "\x93NUMPY";
  file += {version, '\0'};
  const std::uint32_t size = length.value_or(static_cast<std::uint32_t>(header.size()));
  file.append(reinterpret_cast<const char*>(&size), version == 1 ? 2 : 4);
  return file + header + values;
}

std::string header(const std::string& dtype, const std::string& shape,
                   const std::string& fortran = "False") {
  return "{'descr': '" + dtype + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }\n";
}

class Npy : public ::testing::Test {
 protected:
  OpenFile open(const std::string& content) {
    return open_file(folder.write("a.npy", content), expansion);
  }
  std::string refused(const std::string& content, auto&& read) {
    try {
      read(open(content));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::bad_data);
      return folder.without_path(error.what());
    }
    return "it is read";
  }
  std::string refused_matrix(const std::string& content) {
    return refused(content, read_npy_matrix);
  }

  TemporaryFolder folder;
  Expansion expansion;
};

Matrix two_by_three() {
  Matrix matrix(2, 3);
  for (Index n = 0; n < 6; ++n) matrix.row(n / 3)[n % 3] = static_cast<float>(n) + 0.5F;
  return matrix;
}

TEST_F(Npy, AMatrixIsReadOfEitherWidthAndOrderAndEveryVersion) {
  const std::string floats = bytes_of<float>({0.5, 1.5, 2.5, 3.5, 4.5, 5.5});
  const std::string doubles = bytes_of<double>({0.5, 1.5, 2.5, 3.5, 4.5, 5.5});
  const std::string by_column = bytes_of<double>({0.5, 3.5, 1.5, 4.5, 2.5, 5.5});
  EXPECT_EQ(read_npy_matrix(open(npy(header("<f4", "(2, 3)"), floats))), two_by_three());
  EXPECT_EQ(read_npy_matrix(open(npy(header("<f4", "(2, 3)"), floats, 2))), two_by_three());
  EXPECT_EQ(read_npy_matrix(open(npy(header("<f8", "(2, 3)"), doubles, 3))), two_by_three());
  EXPECT_EQ(read_npy_matrix(open(npy(header("<f8", "(2, 3)", "True"), by_column))), two_by_three());
  const std::string other = R"({"shape":(2,3),"fortran_order":False,"descr":"<f4"})";
  EXPECT_EQ(read_npy_matrix(open(npy(other, floats))), two_by_three());
}

TEST_F(Npy, AListMayStandAcrossOrDown) {
  const std::string values = bytes_of<float>({1, 2, 3});
  for (const char* shape : {"(3,)", "(3, 1)", "(1, 3)", "(1, 3, 1)"}) {
    EXPECT_EQ(read_npy_list(open(npy(header("<f4", shape), values))), (std::vector<float>{1, 2, 3}))
        << shape;
  }
  EXPECT_EQ(refused(npy(header("<f4", "(2, 2)"), bytes_of<float>({1, 2, 3, 4})), read_npy_list),
            "a.npy: it has 2 x 2 entries where one list is expected");
}

TEST_F(Npy, ANumberIsAFloatOrAnInteger) {
  EXPECT_EQ(read_npy_number(open(npy(header("<f8", "()"), bytes_of<double>({0.25})))), 0.25);
  EXPECT_EQ(read_npy_number(open(npy(header("<i8", "()"), bytes_of<std::int64_t>({40})))), 40);
  EXPECT_EQ(read_npy_number(open(npy(header("<f4", "(1,)"), bytes_of<float>({3})))), 3);
  EXPECT_EQ(refused(npy(header("<f4", "(2,)"), bytes_of<float>({1, 2})), read_npy_number),
            "a.npy: it is 2, where one number is expected");
  EXPECT_EQ(refused(npy(header("|b1", "()"), "\1"), read_npy_number),
            "a.npy: its numbers are \"|b1\", and not floats of 32 or 64 bits: numpy.save what "
            ".astype(\"<f4\") makes of it");
}

TEST_F(Npy, TextsAreOfEveryPlaneAndIntegersAreWrittenOut) {
  std::u32string points = U"abc\u00e9\u20ac\U0001F600";
  EXPECT_EQ(read_npy_texts(open(
                npy(header("<U3", "(2,)"), std::string(reinterpret_cast<const char*>(points.data()),
                                                       points.size() * sizeof(char32_t))))),
            (std::vector<std::string>{"abc", "\u00e9\u20ac\U0001F600"}));
  EXPECT_EQ(read_npy_texts(open(npy(header("|S3", "(2,)"), std::string("a\0\0bcd", 6)))),
            (std::vector<std::string>{"a", "bcd"}));
  EXPECT_EQ(read_npy_texts(open(npy(header("<i8", "(2,)"), bytes_of<std::int64_t>({-7, 1 << 20})))),
            (std::vector<std::string>{"-7", "1048576"}));
  EXPECT_EQ(read_npy_texts(open(npy(header("<u4", "(1,)"), bytes_of<std::uint32_t>({~0U})))),
            (std::vector<std::string>{"4294967295"}));
}

TEST_F(Npy, APackedFileIsReadTheSameAndItsEndIsNoticed) {
  const std::string file =
      npy(header("<f4", "(2, 3)"), bytes_of<float>({.5, 1.5, 2.5, 3.5, 4.5, 5.5}));
  const auto packed = [&](const std::string& content) {
    const std::string path = folder.path("a.npy.gz");
    gzFile gz = gzopen(path.c_str(), "wb");
    gzwrite(gz, content.data(), static_cast<unsigned>(content.size()));
    gzclose(gz);
    return open_file(path, expansion);
  };
  EXPECT_EQ(read_npy_matrix(packed(file)), two_by_three());
  for (const std::string& other : {file + "1234", file.substr(0, file.size() - 4)})
    EXPECT_THROW(read_npy_matrix(packed(other)), Error);
}

TEST_F(Npy, WhatCannotBeFactorsIsRefusedInWords) {
  const std::string six = bytes_of<float>({1, 2, 3, 4, 5, 6});
  EXPECT_EQ(refused_matrix(npy(header("<f4", "(6,)"), six)),
            "a.npy: it is 6, where a row for each and a column for each factor are expected");
  EXPECT_EQ(refused_matrix(npy(header("<f4", "()"), bytes_of<float>({1}))),
            "a.npy: it is one number, where a row for each and a column for each factor are "
            "expected");
  EXPECT_EQ(refused_matrix(npy(header("<i8", "(1, 3)"), six)),
            "a.npy: its numbers are \"<i8\", and not floats of 32 or 64 bits: numpy.save what "
            ".astype(\"<f4\") makes of it");
  EXPECT_EQ(refused_matrix(npy(header(">f4", "(2, 3)"), six)),
            "a.npy: its bytes are in the other order");
  EXPECT_EQ(refused_matrix(npy(header("|O", "(2, 3)"), six)),
            "a.npy: \"|O\" is no type of NumPy's that can be read here");
  EXPECT_EQ(refused_matrix(npy(header("|O8", "(1, 3)"), six)),
            "a.npy: its entries are objects of Python: save them as texts or numbers");
  EXPECT_EQ(
      refused_matrix(npy("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (6,)}", six)),
      "a.npy: each of its entries has several fields: save one");
  EXPECT_EQ(refused_matrix(npy(header("<f4", "(1, 4097)"), bytes_of(std::vector<float>(4097)))),
            "a.npy: it has 4097 columns, more than the 4096 factors that there may be: is it to be "
            "transposed?");
  EXPECT_EQ(refused_matrix(npy(header("<f4", "(4294967295, 0)"), "")),
            "a.npy: it is 4294967295 x 0, of which no model can be made");
  EXPECT_EQ(refused_matrix("user,item\n1,2\n"),
            "a.npy: it is no .npy file, as numpy.save writes them");
}

TEST_F(Npy, ANumberThatIsNotFiniteIsNamedByItsPlace) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(refused_matrix(npy(header("<f4", "(2, 2)"), bytes_of<float>({1, 2, kNan, 4}))),
            "a.npy: row 1, column 0 is nan, which is no finite 32-bit number");
  EXPECT_EQ(
      refused_matrix(npy(header("<f8", "(2, 2)", "True"), bytes_of<double>({1, 2, 3, 1e300}))),
      "a.npy: row 1, column 1 is 1e+300, which is no finite 32-bit number");
  EXPECT_EQ(refused(npy(header("<f4", "(2,)"), bytes_of<float>({1, -INFINITY})), read_npy_list),
            "a.npy: entry 1 is -inf, which is no finite 32-bit number");
}

TEST_F(Npy, AHeaderThatLiesOfItsSizeAsksForNoMemory) {
  EXPECT_EQ(refused_matrix(npy(header("<f4", "(4000000000, 4096)"), "1234")),
            "a.npy: its header says 4000000000 x 4096 of 4 bytes, and 4 bytes follow");
  EXPECT_EQ(refused_matrix(npy(header("<f4", "(1000000000000, 1000000000000)"), "1234")),
            "a.npy: its header says 1000000000000 x 1000000000000");
  EXPECT_EQ(refused_matrix(npy(header("<f4", "(2, 2)"), bytes_of<float>({1, 2, 3}))),
            "a.npy: its header says 2 x 2 of 4 bytes, and 12 bytes follow");
  EXPECT_EQ(refused_matrix(npy(header("<f4", "(2, 1)"), bytes_of<float>({1, 2, 3}))),
            "a.npy: its header says 2 x 1 of 4 bytes, and 12 bytes follow");
  EXPECT_TRUE(read_npy_texts(open(npy(header("<U99999999999999999", "(0,)"), ""))).empty());
  EXPECT_EQ(refused(npy(header("<U0", "(5,)"), ""), read_npy_texts), "a.npy: its ids are empty");
  EXPECT_EQ(
      refused(npy(header("<U1", "(1,)"), bytes_of<std::uint32_t>({0x110000})), read_npy_texts),
      "a.npy: a character of its texts is none");
}

TEST_F(Npy, ADamagedHeaderIsRefused) {
  const std::string four = bytes_of<float>({1, 2, 3, 4});
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("{}"), std::string("{'descr'"),
        std::string("{'descr': '<f4'}"), header("<f4", "(2, 2)", "Maybe"), header("<f4", "(2, -2)"),
        header("<f4", "(2 2)"), header("<f4", "(2, 2"), header("<f4", "2"),
        header("<f4", "(99999999999999999999,)"), header("<f4", "(2, 2)") + "}",
        std::string("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 2)}"),
        std::string("{'type': '<f4', 'fortran_order': False, 'shape': (2, 2)}")}) {
    EXPECT_EQ(refused_matrix(npy(text, four)), "a.npy: its header is none of NumPy's") << text;
  }
  EXPECT_EQ(refused_matrix(npy(header("<f4", "(2, 2)"), four, 4)),
            "a.npy: its version of the format is none of 1, 2 and 3");
  EXPECT_EQ(refused_matrix(npy(header("<f4", "(2, 2)"), four, 2, 0xFFFFFFFFU)),
            "a.npy: its header of 4294967295 bytes is too long");
  const std::string whole = npy(header("<f4", "(2, 2)"), four);
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_NE(refused_matrix(whole.substr(0, size)), "it is read") << size;
}

}  // namespace
}  // namespace palate
