#include "palate/data/pairs.h"

#include <gtest/gtest.h>

#include <fstream>

#include "palate/base/error.h"
#include "palate/json.h"
#include "temporary_folder.h"

namespace palate {
namespace {

class Pairs : public testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& text) {
    const std::string path = folder_.path(name);
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  // As a CSV file with the prediction 0.5 behind each row.
  static std::string answered_files(const std::vector<std::string>& paths,
                                    const ReadOptions& options = {}) {
    std::string csv;
    for_each_pair(paths, options, [&](const TableFormat& format, const PairRow& row) {
      if (csv.empty()) csv = predictions_csv_header(format);
      csv += predictions_csv_row(row, 0.5F);
    });
    return csv;
  }
  std::string answered(const std::string& text, const ReadOptions& options = {}) {
    return answered_files({file("pairs.csv", text)}, options);
  }
  std::string refusal(const std::vector<std::string>& paths) {
    try {
      answered_files(paths);
    } catch (const Error& error) {
      std::string message = error.what();
      for (std::size_t at; (at = message.find(folder_.path(""))) != std::string::npos;)
        message.erase(at, folder_.path("").size());
      return message;
    }
    return "none";
  }
  TemporaryFolder folder_;
};

TEST_F(Pairs, EveryRowIsAnsweredInItsPlaceWithItsOtherColumns) {
  EXPECT_EQ(answered("id,user,item,note\n7,2,4,\"a, b\"\n8,1,7,\n9,2,4, \"x\n"),
            "id,user,item,note,prediction\n7,2,4,\"a, b\",0.5000\n8,1,7,,0.5000\n"
            "9,2,4,\" \"\"x\",0.5000\n");
  EXPECT_EQ(answered("movieId;when;userId\r\n07;;u\r\n07;;u"),
            "movieId,when,userId,prediction\n07,,u,0.5000\n07,,u,0.5000\n");
  EXPECT_EQ(answered("user\titem\trating\nu\ti\t\nu\tj\tbad\n"),
            "user,item,rating,prediction\nu,i,,0.5000\nu,j,bad,0.5000\n")
      << "what stands in a column of ratings does not matter";
  EXPECT_EQ(
      answered("{\"item\": 3, \"user\": \"u\", \"at\": 1.50}\n{\"user\": \"v\", \"item\": 3}\n"),
      "item,user,at,prediction\n3,u,1.50,0.5000\n3,v,,0.5000\n");
}

TEST_F(Pairs, ColumnsWithoutNamesAreUserAndItemAndNumbered) {
  EXPECT_EQ(answered("5,6\n5,6\n"), "user,item,prediction\n5,6,0.5000\n5,6,0.5000\n");
  EXPECT_EQ(answered("5::6::x::881250949\n"),
            "user,item,column 3,column 4,prediction\n5,6,x,881250949,0.5000\n");
  EXPECT_EQ(answered("a,b\n", {.user_column = "2", .item_column = "1", .header = false}),
            "item,user,prediction\na,b,0.5000\n");
}

TEST_F(Pairs, TheNameOfThePredictionIsFree) {
  EXPECT_EQ(answered("user,item,prediction,prediction_2\n1,2,3,4\n"),
            "user,item,prediction,prediction_2,prediction_3\n1,2,3,4,0.5000\n");
}

TEST_F(Pairs, ObjectsWithTooManyNamesAreRefused) {
  std::string object = R"({"user":1,"item":2)";
  for (int k = 2; k < 1000; ++k) object += ",\"k" + std::to_string(k) + "\":1";
  EXPECT_NE(answered(object + "}\n").find(",k999,prediction\n1,2,1,"), std::string::npos);
  EXPECT_EQ(refusal({file("a.json", object + ",\"more\":1}\n")}),
            "a.json: its first objects have 1001 different names, more than the 1000 that can be "
            "columns of predictions: leave all but users and items out");
}

TEST_F(Pairs, InJsonColumnsOfOneNameAreNumbered) {
  const std::string path = file("pairs.csv", "x,user,x,item,x,x_2\na,1,\"b\"\"\",2,c\xFF,d\n");
  for_each_pair({path}, {}, [](const TableFormat& format, const PairRow& row) {
    EXPECT_EQ(to_json({"1", "2", true, false, 0.5F}, format, row, names_of_cells(format)),
              "{\n    \"user\": \"1\",\n    \"item\": \"2\",\n    \"known_user\": true,\n"
              "    \"known_item\": false,\n    \"prediction\": 0.5,\n    \"columns\": {\n"
              "      \"x\": \"a\",\n      \"x_2\": \"b\\\"\",\n      \"x_3\": \"c\xEF\xBF\xBD\",\n"
              "      \"x_2_2\": \"d\"\n    }\n  }");
  });
}

TEST_F(Pairs, FilesAreOneTable) {
  const std::string a = file("a.csv", "user,item\n1,2\n");
  EXPECT_EQ(answered_files({a, file("b.csv", "user,item\n1,2\n3,4\n"), file("c.csv", "5,6\n")}),
            "user,item,prediction\n1,2,0.5000\n1,2,0.5000\n3,4,0.5000\n5,6,0.5000\n");
  EXPECT_EQ(answered_files({file("f.csv", "\n"), file("g.csv", "user,item\n"), a}),
            "user,item,prediction\n1,2,0.5000\n")
      << "parts may be empty";
  EXPECT_EQ(refusal({a, file("d.csv", "user,item,at\n1,2,3\n")}),
            "d.csv does not have the columns of a.csv");
  EXPECT_EQ(refusal({a, file("e.csv", "item,user\n1,2\n")}),
            "e.csv does not have the columns of a.csv");
}

TEST_F(Pairs, ARowThatCannotBeUsedIsNamed) {
  EXPECT_EQ(refusal({file("a.csv", "id,user,item\n1,2,3\n1,,3\n")}),
            "a.csv:3: column 2 'user': \"\" is an empty id");
  EXPECT_EQ(refusal({file("a.csv", "user,item\n1,2\n1\n")}),
            "a.csv:3: 1 columns where the header has 2");
  EXPECT_EQ(refusal({file("a.csv", "user,item\n")}), "a.csv has no pairs");
  EXPECT_EQ(refusal({file("a.mtx",
                          "%%MatrixMarket matrix coordinate pattern general\n% by hand\n"
                          "2 2 2\n1 1\n1\n")}),
            "a.mtx:5: 1 columns where the first row has 2");
}

}  // namespace
}  // namespace palate
