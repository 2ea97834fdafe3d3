#include "palate/data/fetch.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

#include "base/sha256.h"
#include "data/fetch_fixture.h"
#include "data_sets.h"
#include "palate/base/error.h"
#include "palate/data/read.h"

namespace palate {
namespace {

TEST_F(Fetch, PutsTheKnownFilesInPlace) {
  Members members = kGood;
  members.push_back({"tiny/extra.csv", "not known"});
  std::vector<std::uint64_t> received;
  std::optional<std::uint64_t> last_total;
  const std::string zip = zip_of(members);
  const TlsServer server("IP:127.0.0.1", {{"/tiny.zip", http_ok(zip)}});
  FetchOptions options = options_for(server, "/tiny.zip");
  options.on_progress = [&](std::uint64_t bytes, std::optional<std::uint64_t> total) {
    received.push_back(bytes);
    last_total = total;
  };
  const auto fetched = fetch(tiny(), options);
  ASSERT_TRUE(fetched);
  EXPECT_TRUE(fetched->downloaded);
  EXPECT_EQ(fetched->folder, (to() / "tiny").string());
  EXPECT_EQ(fetched->ratings, (to() / "tiny" / "ratings.csv").string());
  EXPECT_EQ(fetched->release, "May 4, 2020");
  EXPECT_EQ(fetched->notice, "");
  EXPECT_EQ(listing(to()),
            (Strings{"tiny", "tiny/README.txt", "tiny/movies.csv", "tiny/ratings.csv"}));
  EXPECT_EQ(contents_of(to() / "tiny" / "ratings.csv"), kRatings);
  EXPECT_EQ(contents_of(to() / "tiny" / "movies.csv"), kMovies);
  ASSERT_FALSE(received.empty());
  EXPECT_TRUE(std::ranges::is_sorted(received));
  EXPECT_EQ(received.back(), zip.size());
  EXPECT_EQ(last_total, zip.size());
}

TEST_F(Fetch, RemovesWhatAKilledOneHasUnpacked) {
  fs::create_directories(to() / "tiny.part-Ab3xYz" / "tiny");
  std::ofstream(to() / "tiny.part-Ab3xYz" / "tiny" / "ratings.csv") << "userId";
  fs::create_directory(to() / "tiny.part-of-mine");
  ASSERT_TRUE(fetch_zip(kGood));
  EXPECT_EQ(listing(to()), (Strings{"tiny", "tiny.part-of-mine", "tiny/README.txt",
                                    "tiny/movies.csv", "tiny/ratings.csv"}));
}

TEST_F(Fetch, DoesNotDownloadASetThatIsThere) {
  ASSERT_TRUE(fetch_zip(kGood));
  const TlsServer server("IP:127.0.0.1", TlsServer::Answers{});
  const auto again = fetch(tiny(), options_for(server, "/tiny.zip"));
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->downloaded);
  EXPECT_EQ(again->release, "May 4, 2020");
  EXPECT_EQ(server.requests(), 0);
}

TEST_F(Fetch, RefusesAFolderThatIsNotTheSetAndLeavesItAlone) {
  ASSERT_TRUE(fetch_zip(kGood));
  std::ofstream(to() / "tiny" / "ratings.csv") << "mine";
  try {
    fetch_zip(kGood);
    FAIL() << "did not fail";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::bad_data);
    EXPECT_TRUE(
        contains(error.what(), {(to() / "tiny").string(), "ratings.csv", "remove this folder"}));
  }
  EXPECT_EQ(contents_of(to() / "tiny" / "ratings.csv"), "mine");
}

TEST_F(Fetch, FillsAnEmptyFolder) {
  fs::create_directory(to() / "tiny");
  ASSERT_TRUE(fetch_zip(kGood));
  EXPECT_EQ(contents_of(to() / "tiny" / "ratings.csv"), kRatings);
}

TEST_F(Fetch, MakesTheFolderThatItIsAskedToWriteTo) {
  const TlsServer server("IP:127.0.0.1", {{"/tiny.zip", http_ok(zip_of(kGood))}});
  FetchOptions options = options_for(server, "/tiny.zip");
  options.folder = (to() / "a" / "b").string();
  ASSERT_TRUE(fetch(tiny(), options));
  EXPECT_EQ(contents_of(to() / "a" / "b" / "tiny" / "movies.csv"), kMovies);
}

// ---- The network
// -------------------------------------------------------------------------------------------------

TEST_F(Fetch, RefusesATransferThatEndsTooEarly) {
  const std::string zip = zip_of(kGood);
  expect_failure(ErrorCode::io, {"ended after 100 bytes"},
                 [&] { fetch_answer(http_ok(zip.substr(0, 100), zip.size())); });
}

TEST_F(Fetch, RefusesAnArchiveCutAnywhere) {
  const std::string zip = zip_of(kGood);
  for (std::size_t length = 0; length < zip.size(); length += 29) {
    SCOPED_TRACE(length);
    expect_failure(ErrorCode::bad_data, {"zip archive"},
                   [&] { fetch_answer(http_ok(zip.substr(0, length))); });
  }
}

TEST_F(Fetch, RefusesACertificateThatNobodySigned) {
  const TlsServer server("IP:127.0.0.1", {{"/tiny.zip", http_ok(zip_of(kGood))}});
  FetchOptions options = options_for(server, "/tiny.zip");
  options.ca_file.clear();
  expect_failure(ErrorCode::io, {"certificate cannot be trusted"}, [&] { fetch(tiny(), options); });
  EXPECT_EQ(server.requests(), 0);
}

TEST_F(Fetch, RefusesACertificateOfAnotherHost) {
  const TlsServer server("DNS:files.example.org", {{"/tiny.zip", http_ok(zip_of(kGood))}});
  expect_failure(ErrorCode::io, {"certificate cannot be trusted"},
                 [&] { fetch(tiny(), options_for(server, "/tiny.zip")); });
  EXPECT_EQ(server.requests(), 0);
}

TEST_F(Fetch, TrustsTheCertificatesOfTheEnvironment) {
  const TlsServer server("IP:127.0.0.1", {{"/tiny.zip", http_ok(zip_of(kGood))}});
  FetchOptions options = options_for(server, "/tiny.zip");
  const ScopedVariable variable("SSL_CERT_FILE", options.ca_file.c_str());
  options.ca_file.clear();
  EXPECT_TRUE(fetch(tiny(), options));
}

TEST_F(Fetch, SaysThatTheTrustedCertificatesCannotBeRead) {
  const TlsServer server("IP:127.0.0.1", TlsServer::Answers{});
  FetchOptions options = options_for(server, "/tiny.zip");
  options.ca_file = (folder_ / "absent.pem").string();
  expect_failure(ErrorCode::io, {"absent.pem"}, [&] { fetch(tiny(), options); });
}

TEST_F(Fetch, SaysThatTheServerHasNoSuchFile) {
  const TlsServer server("IP:127.0.0.1", TlsServer::Answers{});
  const std::string url = server.url("/tiny.zip");
  expect_failure(ErrorCode::io, {url, "404, not found"},
                 [&] { fetch(tiny(), options_for(server, "/tiny.zip")); });
}

TEST_F(Fetch, FollowsARedirectToHttps) {
  const TlsServer server("IP:127.0.0.1", {{"/tiny.zip", http_redirect("/moved.zip")},
                                          {"/moved.zip", http_ok(zip_of(kGood))}});
  EXPECT_TRUE(fetch(tiny(), options_for(server, "/tiny.zip")));
  EXPECT_EQ(server.requests(), 2);
}

TEST_F(Fetch, RefusesARedirectToPlainHttp) {
  expect_failure(ErrorCode::io, {"it redirects to http://127.0.0.1:1/tiny.zip, which is not https"},
                 [&] { fetch_answer(http_redirect("http://127.0.0.1:1/tiny.zip")); });
}

TEST_F(Fetch, RefusesARedirectToAFile) {
  expect_failure(ErrorCode::io, {"which is not https"},
                 [&] { fetch_answer(http_redirect("file:///etc/hostname")); });
}

TEST_F(Fetch, GivesUpOnRedirectsInACircle) {
  expect_failure(ErrorCode::io, {"redirects"}, [&] { fetch_answer(http_redirect("/tiny.zip")); });
}

TEST_F(Fetch, RefusesAnAddressThatIsNotHttps) {
  for (const std::string url : {"http://127.0.0.1/tiny.zip", "file:///tmp/tiny.zip", "tiny.zip"}) {
    expect_failure(ErrorCode::invalid_argument, {url},
                   [&] { fetch(tiny(), {.folder = to().string(), .url = url}); });
  }
}

TEST_F(Fetch, RefusesMoreBytesThanTheSetMayHave) {
  const std::string large(200'000, 'x');
  expect_failure(ErrorCode::bad_data, {"larger than 100000 bytes"},
                 [&] { fetch_answer(http_ok(large)); });
  const std::string unannounced = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + large;
  expect_failure(ErrorCode::bad_data, {"larger than 100000 bytes"},
                 [&] { fetch_answer(unannounced); });
}

TEST_F(Fetch, AsksForANetworkWhereNobodyAnswers) {
  expect_failure(ErrorCode::io, {"https://127.0.0.1:1/tiny.zip", "is there a network?"},
                 [&] { fetch(tiny(), {.folder = to().string()}); });
}

TEST_F(Fetch, GivesUpOnAServerThatSaysNothing) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{
      .sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
  socklen_t size = sizeof(address);
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(listener, 1), 0);
  ASSERT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const std::string url = fmt::format("https://127.0.0.1:{}/tiny.zip", ntohs(address.sin_port));
  expect_failure(ErrorCode::io, {"no answer in time"}, [&] {
    fetch(tiny(), {.folder = to().string(), .url = url, .connect_timeout = 1});
  });
  close(listener);
}

TEST_F(Fetch, GivesUpOnATransferThatStalls) {
  TlsServer server("IP:127.0.0.1", {{"/tiny.zip", http_ok("half", 8)}});
  server.stall();
  FetchOptions options = options_for(server, "/tiny.zip");
  options.stall_timeout = 1;
  expect_failure(ErrorCode::io, {"no answer in time"}, [&] { fetch(tiny(), options); });
}

TEST_F(Fetch, EndsWhereAStopIsRequested) {
  const TlsServer server("IP:127.0.0.1", {{"/tiny.zip", http_ok(zip_of(kGood))}});
  FetchOptions options = options_for(server, "/tiny.zip");
  options.stop_requested = [] { return true; };
  EXPECT_FALSE(fetch(tiny(), options));
  EXPECT_EQ(listing(to()), Strings{});
}

// Whenever it is asked: while downloading, unpacking and counting. What was downloaded stays, where
// the server can tell later that it is the same still.
TEST_F(Fetch, EndsAtAnyTimeAndGoesOnFromTheDownload) {
  const std::string zip = zip_of(kGood);
  const std::string head =
      fmt::format("ETag: \"1\"\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", zip.size());
  int whole = 0;
  const TlsServer server(
      "IP:127.0.0.1", [&](const std::string& request, const TlsServer::Send& send) {
        if (request.find(fmt::format("Range: bytes={}-", zip.size())) != request.npos) {
          send(
              fmt::format("HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes "
                          "*/{}\r\nConnection: close\r\n\r\n",
                          zip.size()));
        } else {
          send("HTTP/1.1 200 OK\r\n" + head + zip);
          ++whole;
        }
      });
  FetchOptions options = options_for(server, "/tiny.zip");
  std::vector<std::uint64_t> unpacked;
  options.on_unpack = [&](std::uint64_t bytes, std::uint64_t total) {
    unpacked.push_back(bytes);
    EXPECT_EQ(total, sizeof(kRatings) + sizeof(kMovies) + sizeof(kReadme) - 3);
  };
  int stops = 0;
  for (int after = 0;; ++after) {
    ASSERT_LT(after, 1000);
    int asked = 0;
    options.stop_requested = [&] { return asked++ >= after; };
    unpacked.clear();
    if (fetch(tiny(), options)) break;
    ++stops;
    const Strings left = listing(to());
    EXPECT_TRUE(left.empty() || left == (Strings{"tiny.zip.part", "tiny.zip.part.origin"}))
        << fmt::format("{}", after);
  }
  EXPECT_GT(stops, 5);
  EXPECT_EQ(unpacked.back(), sizeof(kRatings) + sizeof(kMovies) + sizeof(kReadme) - 3);
  EXPECT_EQ(listing(to()),
            (Strings{"tiny", "tiny/README.txt", "tiny/movies.csv", "tiny/ratings.csv"}));
  EXPECT_LT(whole, stops);  // the download was not made anew each time
}

TEST_F(Fetch, HandsOnWhatACallbackThrows) {
  const TlsServer server("IP:127.0.0.1", {{"/tiny.zip", http_ok(zip_of(kGood))}});
  FetchOptions options = options_for(server, "/tiny.zip");
  options.on_progress = [](std::uint64_t, std::optional<std::uint64_t>) {
    throw std::domain_error("mine");
  };
  EXPECT_THROW(fetch(tiny(), options), std::domain_error);
  EXPECT_EQ(listing(to()), Strings{});
}

// Before it downloads: nothing answers at the set's own address.
TEST_F(Fetch, SaysThatAFileIsInTheWayOfItsFolder) {
  fs::create_directory(folder_ / "other");
  const std::vector<std::function<void(const fs::path&)>> in_the_way{
      [](const fs::path& path) { std::ofstream file(path); },
      [](const fs::path& path) { fs::create_symlink("nowhere", path); },
      [&](const fs::path& path) { fs::create_symlink(folder_ / "other", path); }};
  for (const auto& make : in_the_way) {
    make(to() / "tiny");
    try {
      fetch(tiny(), {.folder = to().string()});
      ADD_FAILURE() << "did not fail";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::io);
      EXPECT_TRUE(contains(error.what(), {(to() / "tiny").string() + ": it is no folder"}));
    }
    fs::remove(to() / "tiny");
  }
}

TEST_F(Fetch, SaysThatItCannotWrite) {
  std::ofstream(to() / "file") << "in the way";
  FetchOptions options{.folder = (to() / "file" / "below").string()};
  try {
    fetch(tiny(), options);
    FAIL() << "did not fail";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::io);
    EXPECT_TRUE(contains(error.what(), {(to() / "file" / "below").string()}));
  }
}

// ---- The archive
// -------------------------------------------------------------------------------------------------

TEST_F(Fetch, RefusesAnotherDigestOfTheSameRelease) {
  std::string altered = kRatings;
  altered[40] = '5';
  expect_failure(ErrorCode::bad_data,
                 {"ratings.csv is not the one of May 4, 2020", sha256_of(altered)},
                 [&] { fetch_zip(good_but("tiny/ratings.csv", altered)); });
  expect_failure(ErrorCode::bad_data, {"movies.csv is not the one of May 4, 2020"},
                 [&] { fetch_zip(good_but("tiny/movies.csv", std::string(kMovies) + "\n")); });
}

TEST_F(Fetch, RefusesAnotherDigestWithoutADate) {
  Members members = good_but("tiny/ratings.csv", "userId,movieId,rating\n1,1,1\n");
  members.pop_back();
  expect_failure(ErrorCode::bad_data, {"ratings.csv is not the one of"},
                 [&] { fetch_zip(members); });
  for (const std::string readme :
       {"no date at all", "generated on ", "generated on .", "generated on \x1B[2J.",
        "generated on a day that nobody can remember any more."}) {
    members.push_back({"tiny/README.txt", readme});
    expect_failure(ErrorCode::bad_data, {"ratings.csv is not the one of"},
                   [&] { fetch_zip(members); });
    members.pop_back();
  }
}

TEST_F(Fetch, TakesANewerReleaseWithANotice) {
  Members members = good_but("tiny/ratings.csv", "userId,movieId,rating\n1,1,1\n");
  members.back().contents = "This dataset was generated on June 1, 2027.";
  const auto fetched = fetch_zip(members);
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->release, "June 1, 2027");
  EXPECT_EQ(fetched->counts,
            (DataSetCounts{.ratings = 1, .users = 1, .rated_movies = 1, .movies = 1}));
  EXPECT_TRUE(contains(fetched->notice, {"June 1, 2027", "May 4, 2020"}));
  const auto again = fetch_zip(kGood);
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->downloaded);
  EXPECT_EQ(again->notice, fetched->notice);
}

TEST_F(Fetch, TakesThePinnedFilesWhateverTheReadmeSays) {
  const auto fetched =
      fetch_zip(good_but("tiny/README.txt", "This dataset was generated on June 1, 2027."));
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->release, "May 4, 2020");
  EXPECT_EQ(fetched->notice, "");
}

TEST_F(Fetch, RefusesAnArchiveWithoutAPinnedFile) {
  Members members = kGood;
  members.erase(members.begin() + 1);
  expect_failure(ErrorCode::bad_data, {"ratings.csv is missing"}, [&] { fetch_zip(members); });
  members.back().contents = "This dataset was generated on June 1, 2027.";
  expect_failure(ErrorCode::bad_data, {"ratings.csv is missing"}, [&] { fetch_zip(members); });
}

TEST_F(Fetch, LeavesOutWhatIsNotOneOfItsFiles) {
  Members members{{"tiny/extra.csv", "x"},
                  {"TINY/tags.csv", "x"},
                  {"other/ratings.csv", "x"},
                  {"tags.csv", "x"},
                  {"tiny/tags.csv/x", "x"}};
  members.insert(members.end(), kGood.begin(), kGood.end());
  ASSERT_TRUE(fetch_zip(members));
  EXPECT_EQ(listing(folder_), (Strings{"ca.pem", "to", "to/tiny", "to/tiny/README.txt",
                                       "to/tiny/movies.csv", "to/tiny/ratings.csv"}));
  EXPECT_EQ(contents_of(to() / "tiny" / "ratings.csv"), kRatings);
}

TEST_F(Fetch, WritesNothingWhereAMemberWouldLeaveItsFolder) {
  for (const std::string path :
       {"../evil.csv", "tiny/../../evil.csv", "/tmp/evil.csv", "tiny/./tags.csv", "..\\evil.csv"}) {
    Members members = kGood;
    members.push_back({path, "x"});
    expect_failure(ErrorCode::bad_data, {"not a zip archive to be trusted", "its name"},
                   [&] { fetch_zip(members); });
    EXPECT_EQ(listing(folder_), (Strings{"ca.pem", "to"}));
  }
}

TEST_F(Fetch, RefusesAFileThatIsInTheArchiveTwice) {
  Members members = kGood;
  members.push_back({"tiny/ratings.csv", kRatings});
  expect_failure(ErrorCode::bad_data, {"ratings.csv\": it is there twice"},
                 [&] { fetch_zip(members); });
}

TEST_F(Fetch, RefusesALinkInPlaceOfAFile) {
  Members members = kGood;
  members.push_back({"tiny/tags.csv", "/etc/hostname", true});
  expect_failure(ErrorCode::bad_data, {"tags.csv\": it is a symbolic link"},
                 [&] { fetch_zip(members); });
}

TEST_F(Fetch, RefusesFilesThatUnpackToTooMuch) {
  Members members = kGood;
  members.push_back({"tiny/tags.csv", std::string(10'000'000, 'x')});
  ASSERT_LT(zip_of(members).size(), tiny().max_zip_size);
  expect_failure(ErrorCode::bad_data, {"with tags.csv it unpacks to more than 100000 bytes"},
                 [&] { fetch_zip(members); });
  members.back().contents.resize(tiny().max_unpacked_size);  // alone it would do
  expect_failure(ErrorCode::bad_data, {"with tags.csv it unpacks to more than 100000 bytes"},
                 [&] { fetch_zip(members); });
}

TEST_F(Fetch, RefusesAFlippedBitInAFileThatIsNotPinned) {
  ZipFile zip{.entries = {deflated("tiny/ratings.csv", kRatings),
                          deflated("tiny/movies.csv", kMovies),
                          stored("tiny/README.txt", kReadme)}};
  ASSERT_TRUE(fetch_answer(http_ok(zip.bytes())));
  fs::remove_all(to() / "tiny");
  zip.entries.back().packed[10] ^= 1;
  expect_failure(ErrorCode::bad_data, {"README.txt\" is damaged"},
                 [&] { fetch_answer(http_ok(zip.bytes())); });
}

TEST_F(Fetch, RefusesWhatIsNoArchive) {
  for (const std::string body : {"", "<html>Sign in to this network</html>", "PK\x03\x04"}) {
    expect_failure(ErrorCode::bad_data, {"not a zip archive to be trusted"},
                   [&] { fetch_answer(http_ok(body)); });
  }
}

// ---- Counts
// -------------------------------------------------------------------------------------------------

// tiny() without pins.
DataSet counted() {
  DataSet set = tiny();
  for (DataSetFile& file : set.files) file = {file.name};
  return set;
}

TEST_F(Fetch, RefusesOtherCounts) {
  const std::string zip = zip_of(kGood);
  for (std::uint64_t DataSetCounts::* const count :
       {&DataSetCounts::ratings, &DataSetCounts::users, &DataSetCounts::rated_movies,
        &DataSetCounts::movies}) {
    DataSet set = counted();
    ++(set.counts.*count);
    expect_failure(ErrorCode::bad_data,
                   {"it has 2 ratings of 1 movies by 2 users, and 1 titles, but tiny has",
                    "damaged or was altered"},
                   [&] { fetch_answer(http_ok(zip), set); });
  }
  const auto fetched = fetch_answer(http_ok(zip), counted());
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->counts, counted().counts);
}

TEST_F(Fetch, CountsWhatIsThereToo) {
  ASSERT_TRUE(fetch_answer(http_ok(zip_of(kGood)), counted()));
  std::ofstream(to() / "tiny" / "ratings.csv", std::ios::app) << "3,10,1,978300762\n";
  try {
    fetch_answer(http_ok(zip_of(kGood)), counted());
    FAIL() << "did not fail";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::bad_data);
    EXPECT_TRUE(contains(error.what(), {(to() / "tiny").string(),
                                        "3 ratings of 1 movies by 3 users", "remove this folder"}));
  }
}

TEST_F(Fetch, RefusesWhatCannotBeCounted) {
  const auto expect_refusal = [&](const std::string& path, const std::string& contents,
                                  const Strings& message) {
    expect_failure(ErrorCode::bad_data, message,
                   [&] { fetch_answer(http_ok(zip_of(good_but(path, contents))), counted()); });
  };
  const std::string header = "userId,movieId,rating,timestamp\n";
  expect_refusal("tiny/ratings.csv", header + "1,10,4,978300760\n2,x,3,978300761\n",
                 {"tiny.zip: ratings.csv:3", "\"x\" is no id"});
  expect_refusal("tiny/ratings.csv", header + "1,10,4,978300760\n2,10,3\n",
                 {"ratings.csv:3", "3 columns where the first row has 4"});
  expect_refusal("tiny/ratings.csv", header + "1,10,4,978300760\n-2,10,3,978300761\n",
                 {"\"-2\" is no id"});
  expect_refusal("tiny/ratings.csv", header + "1,10,4,978300760\n18446744073709551617,10,3,1\n",
                 {"is no id"});
  expect_refusal("tiny/ratings.csv", header + "1,10,4,978300760\n4000000000,10,3,1\n",
                 {"\"4000000000\" is no id"});
  expect_refusal("tiny/ratings.csv", "", {"ratings.csv"});
  expect_refusal("tiny/movies.csv", "movieId,title,genres\n10,\"Heat (1995),Crime\n",
                 {"tiny.zip: movies.csv:2"});
  expect_refusal("tiny/movies.csv", "movieId,title,genres\nten,Heat (1995),Crime\n",
                 {"movies.csv:2", "\"ten\" is no id"});
}

// Three ratings by two users of the movies 1 and 32 as each of the known sets writes them.
std::map<std::string, std::string> files_as_in(const DataSet& set) {
  if (set.ratings == "u.data") {
    const std::string more =
        "||http://us.imdb.com/M/title-exact?x|0|0|0|1|1|1|0|0|0|0|0|0|0|0|0|0|0|0|0\n";
    return {
        {"u.data", "196\t1\t3\t881250949\n186\t1\t4\t891717742\n186\t32\t5\t891717743\n"},
        {"u.item", "1|Toy Story (1995)|01-Jan-1995" + more + "32|Jalla \xE9 (1996)|01-Jan-1996" +
                       more + "40|\"Never rated\" (1995)|01-Jan-1995" + more}};
  }
  if (set.ratings == "ratings.dat") {
    return {
        {"ratings.dat", "196::1::3::881250949\n186::1::4::891717742\n186::32::4.5::891717743\n"},
        {"movies.dat",
         "1::Toy Story (1995)::Animation|Comedy\n32::Jalla \xE9 (1996)::Drama\n40::\"Never: "
         "rated\" (1995)::Drama\n"}};
  }
  return {{"ratings.csv",
           "userId,movieId,rating,timestamp\r\n196,1,3.0,881250949\r\n186,1,4.0,891717742\r\n186,"
           "32,4.5,891717743\r\n"},
          {"movies.csv",
           "movieId,title,genres\r\n1,Toy Story (1995),Animation|Comedy\r\n32,\"Jalla \xC3\xA9 "
           "(1996)\",Drama\r\n"
           "40,\"\"\"Never, rated\"\" (1995)\",Drama\r\n"}};
}

TEST_F(Fetch, EndsWithFilesThatAreReadAsRatingsAndTitles) {
  Parallel parallel(1);
  for (DataSet set : known_data_sets()) {
    SCOPED_TRACE(set.name);
    set.has_md5 = false;
    for (DataSetFile& file : set.files) file = {file.name};
    set.counts = {.ratings = 3, .users = 2, .rated_movies = 2, .movies = 3};
    Members members{{set.folder_in_zip + "/", ""}};
    for (const auto& [name, contents] : files_as_in(set))
      members.push_back({set.folder_in_zip + "/" + name, contents});
    const auto fetched = fetch_answer(http_ok(zip_of(members)), set);
    ASSERT_TRUE(fetched);
    EXPECT_EQ(fetched->ratings, (to() / set.name / set.ratings).string());
    const RatingsTable table = read_ratings(fetched->ratings, {}, parallel);
    EXPECT_EQ(table.interactions.size(), 3U);
    EXPECT_EQ(table.interactions.num_users(), 2U);
    EXPECT_EQ(table.interactions.num_items(), 2U);
    EXPECT_EQ(table.interactions.times.size(), 3U);
    EXPECT_EQ(table.items_file, (to() / set.name / set.movies).string());
    EXPECT_EQ(table.interactions.catalog->item_titles,
              (Strings{"Toy Story (1995)", "Jalla \xC3\xA9 (1996)"}));
  }
}

// ---- Known sets and where they lie
// -------------------------------------------------------------------------------------------------

TEST(KnownDataSets, AreListedWhereTheNameIsNotOne) {
  Strings names;
  for (const DataSet& set : known_data_sets()) names.push_back(set.name);
  EXPECT_EQ(names, (Strings{"ml-latest-small", "ml-100k", "ml-1m", "ml-10m", "ml-20m", "ml-25m",
                            "ml-32m"}));
  for (const std::string& name : names) EXPECT_EQ(known_data_set(name).name, name);
  try {
    known_data_set("ml-latest-smal");
    FAIL() << "did not fail";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    EXPECT_TRUE(contains(error.what(), {"\"ml-latest-smal\""}));
    EXPECT_TRUE(contains(error.what(), names));
  }
}

TEST(KnownDataSets, SayWhereTheyComeFromAndHowLargeTheyMayBe) {
  std::uint64_t ratings = 0;
  for (const DataSet& set : known_data_sets()) {
    SCOPED_TRACE(set.name);
    EXPECT_EQ(set.url, "https://files.grouplens.org/datasets/movielens/" + set.name + ".zip");
    EXPECT_TRUE(contains(set.licence, {"GroupLens", "no commercial use"}));
    EXPECT_TRUE(contains(set.citation, {"The MovieLens Datasets"}));
    for (const std::string& name : {set.ratings, set.movies}) {
      EXPECT_TRUE(std::ranges::any_of(set.files, [&](const DataSetFile& file) {
        return file.name == name;
      })) << name;
    }
    if (set.name == "ml-latest-small") continue;
    EXPECT_GT(set.counts.ratings + 10'000, ratings);  // from the smallest
    ratings = set.counts.ratings;
    // A row of ratings takes about 20 to 28 bytes, and packs to a fifth of that or more.
    EXPECT_GT(set.max_unpacked_size, set.counts.ratings * 28);
    EXPECT_LT(set.max_unpacked_size, set.counts.ratings * 60);
    EXPECT_GT(set.max_zip_size, set.counts.ratings * 5);
    EXPECT_LE(set.counts.rated_movies, set.counts.movies);
  }
}

TEST(KnownDataSets, ArePinnedToThePublishedFiles) {
  const DataSet& set = known_data_set("ml-latest-small");
  int pinned = 0;
  for (const DataSetFile& file : set.files) {
    if (file.sha256.empty()) continue;
    const auto path = data_set_file(set.name, file.name);
    if (!path) return;
    const std::string contents = contents_of(*path);
    EXPECT_EQ(contents.size(), file.size) << file.name;
    EXPECT_EQ(sha256_of(contents), file.sha256) << file.name;
    ++pinned;
  }
  EXPECT_EQ(pinned, 2);
  const auto readme = data_set_file(set.name, "README.txt");
  if (!readme) return;
  EXPECT_TRUE(contains(contents_of(*readme), {"generated on " + set.release + "."}));
}

TEST(KnownDataSets, AreTakenFromTheFolderWhereTheyAre) {
  const auto ratings = data_set_file("ml-latest-small", "ratings.csv");
  if (!ratings) return;
  const auto found =
      fetch(known_data_set("ml-latest-small"), {.folder = std::getenv("PALATE_DATA")});
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->downloaded);
  EXPECT_EQ(found->ratings, *ratings);
  EXPECT_EQ(found->notice, "");
  EXPECT_EQ(
      found->counts,
      (DataSetCounts{.ratings = 100'836, .users = 610, .rated_movies = 9'724, .movies = 9'742}));
}

TEST_F(Fetch, FindsASetInPalateDataThenInTheCache) {
  const fs::path data = folder_ / "data";
  const fs::path cache = folder_ / "cache";
  const ScopedVariable data_variable("PALATE_DATA", data.c_str());
  const ScopedVariable cache_variable("XDG_CACHE_HOME", cache.c_str());
  EXPECT_EQ(find_data_set("tiny"), std::nullopt);
  const auto put = [](const fs::path& path) {
    fs::create_directories(path.parent_path());
    std::ofstream(path) << "x";
    return path.string();
  };
  const std::string in_cache = put(cache / "palate" / "tiny" / "ratings.csv");
  EXPECT_EQ(find_data_set("tiny"), in_cache);
  for (const char* file : {"ratings.dat", "tiny.inter", "u.data",
                           "ratings.csv"}) {  // from the last choice to the first
    const std::string path = put(data / "tiny" / file);
    EXPECT_EQ(find_data_set("tiny"), path);
  }
}

TEST_F(Fetch, FindsNothingByANameThatIsAPath) {
  fs::create_directories(folder_ / "data");
  std::ofstream(folder_ / "ratings.csv") << "x";
  const ScopedVariable data_variable("PALATE_DATA", (folder_ / "data").c_str());
  for (const std::string name : {"", ".", "..", "../data/..", folder_.c_str()})
    EXPECT_EQ(find_data_set(name), std::nullopt) << name;
}

TEST_F(Fetch, KeepsSetsInTheCacheOfTheUser) {
  {
    const ScopedVariable cache("XDG_CACHE_HOME", "/somewhere/cache");
    EXPECT_EQ(data_sets_folder(), "/somewhere/cache/palate");
  }
  const ScopedVariable home("HOME", "/home/somebody");
  for (const char* ignored : {static_cast<const char*>(nullptr), "", "relative/cache"}) {
    const ScopedVariable cache("XDG_CACHE_HOME", ignored);
    EXPECT_EQ(data_sets_folder(), "/home/somebody/.cache/palate");
  }
  const ScopedVariable no_cache("XDG_CACHE_HOME", nullptr);
  const ScopedVariable no_home("HOME", nullptr);
  EXPECT_THROW(data_sets_folder(), Error);
}

}  // namespace
}  // namespace palate
