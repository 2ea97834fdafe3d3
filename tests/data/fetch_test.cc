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
#include <map>
#include <set>

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
  const auto fetched = fetch(tiny(zip), options);
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
  for (const DataSet& set : {tiny(), replaced()}) {
    const auto again = fetch(set, options_for(server, "/tiny.zip"));
    ASSERT_TRUE(again);
    EXPECT_FALSE(again->downloaded);
    EXPECT_EQ(again->release, set.files[0].sha256.empty() ? "" : "May 4, 2020");
    EXPECT_EQ(again->notice, "");
  }
  EXPECT_EQ(server.requests(), 0);
}

TEST_F(Fetch, RefusesAFolderThatIsNotTheSetAndLeavesItAlone) {
  ASSERT_TRUE(fetch_zip(kGood));
  std::ofstream(to() / "tiny" / "ratings.csv") << "mine";
  try {
    fetch_zip(kGood, replaced());
    FAIL() << "did not fail";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::bad_data);
    EXPECT_TRUE(
        contains(error.what(), {(to() / "tiny").string(), "ratings.csv", "remove this folder"}));
  }
  EXPECT_EQ(contents_of(to() / "tiny" / "ratings.csv"), "mine");
  fs::remove(to() / "tiny" / "movies.csv");
  EXPECT_THROW(fetch_zip(kGood), Error);
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
    expect_failure(ErrorCode::bad_data, {fmt::format("it has {} bytes with SHA-256", length)},
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
  const std::uint64_t size = tiny().zip_size;
  const std::string large(size + 1, 'x');
  const Strings message{fmt::format("larger than {} bytes", size), "give `url`"};
  expect_failure(ErrorCode::bad_data, message, [&] { fetch_answer(http_ok(large)); });
  const std::string unannounced = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + large;
  expect_failure(ErrorCode::bad_data, message, [&] { fetch_answer(unannounced); });
}

TEST_F(Fetch, NamesAMirrorWhereNobodyAnswersAndTakesTheArchiveFromElsewhere) {
  DataSet set = tiny();
  const auto fetching = [&] { fetch(set, {.folder = to().string()}); };
  expect_failure(
      ErrorCode::io,
      {"https://127.0.0.1:1/tiny.zip", "is there a network?",
       "give `url` the address of the same archive elsewhere; https://mirror.example.org/tiny has"},
      fetching);
  set.mirror.clear();
  expect_failure(ErrorCode::io, {"give `url` the address of the same archive elsewhere"}, fetching);
  const auto fetched = fetch_answer(http_ok(zip_of(kGood)), set);
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->release, "May 4, 2020");
}

TEST_F(Fetch, NamesAMirrorWhereTheFileIsNotToBeHad) {
  for (const std::string& answer :
       {http_not_found(), std::string("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"),
        http_redirect("https://127.0.0.1:1/tiny.zip"), std::string("nonsense"), std::string()}) {
    expect_failure(ErrorCode::io, {"give `url`", "https://mirror.example.org/tiny"},
                   [&] { fetch_answer(answer); });
  }
}

TEST_F(Fetch, AsksTheSecondAddressOfAHostWhereTheFirstIsDead) {
  // where localhost is ::1 as well, nobody listens there
  const TlsServer server("DNS:localhost", {{"/tiny.zip", http_ok(zip_of(kGood))}});
  FetchOptions options = options_for(server, "/tiny.zip");
  options.url.replace(options.url.find("127.0.0.1"), 9, "localhost");
  EXPECT_TRUE(fetch(tiny(), options));
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

// Whenever it is asked: while downloading, comparing and unpacking. What was downloaded stays,
// where the server can tell later that it is the same still.
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

// ---- Certificates that have expired
// -------------------------------------------------------------------------------------------------

TEST_F(Fetch, ExcusesAnExpiredCertificateForAnArchiveThatIsProved) {
  const std::string zip = zip_of(kGood);
  for (const auto issuer : {std::optional<Validity>(), std::optional(Validity())}) {
    const TlsServer server("IP:127.0.0.1", {{"/tiny.zip", http_ok(zip)}}, kExpired, issuer);
    FetchOptions options = options_for(server, "/tiny.zip");
    std::string told;
    options.on_notice = [&](const std::string& notice) { told += notice; };
    options.on_progress = [&](std::uint64_t, std::optional<std::uint64_t>) {
      EXPECT_NE(told, "");  // before the download goes on
    };
    const auto fetched = fetch(tiny(), options);
    ASSERT_TRUE(fetched);
    EXPECT_TRUE(contains(told, {"the certificate of " + server.address() + " expired on 20",
                                "; what comes is taken all the same where its SHA-256"}));
    EXPECT_EQ(fetched->notice, told);
    EXPECT_EQ(fetched->release, "May 4, 2020");
    EXPECT_EQ(contents_of(to() / "tiny" / "ratings.csv"), kRatings);
    fs::remove_all(to() / "tiny");
  }
}

TEST_F(Fetch, RefusesAnotherArchiveBehindAnExpiredCertificate) {
  const std::string other = zip_of(good_but("tiny/README.txt", "Another."));
  const TlsServer server("IP:127.0.0.1", {{"/tiny.zip", http_ok(other)}}, kExpired);
  for (std::uint64_t size : {tiny().zip_size, other.size()}) {
    DataSet set = tiny();
    set.zip_size = size;
    expect_failure(ErrorCode::bad_data, {sha256_of(other), set.sha256},
                   [&] { fetch(set, options_for(server, "/tiny.zip")); });
  }
}

TEST_F(Fetch, RefusesAnExpiredCertificateWithAnotherFault) {
  const TlsServer::Answers answers{{"/tiny.zip", http_ok(zip_of(kGood))}};
  const auto expect_refused = [&](const TlsServer& server, bool is_trusted = true) {
    FetchOptions options = options_for(server, "/tiny.zip");
    if (!is_trusted) options.ca_file.clear();
    options.on_notice = [](const std::string& notice) { ADD_FAILURE() << notice; };
    expect_failure(ErrorCode::io, {"certificate cannot be trusted", "give `url`"},
                   [&] { fetch(tiny(), options); });
    EXPECT_EQ(server.requests(), 0);
  };
  expect_refused({"DNS:files.example.org", answers, kExpired});
  expect_refused({"IP:127.0.0.1", answers, kExpired}, false);
  expect_refused({"IP:127.0.0.1", answers, kExpired, Validity()}, false);
  expect_refused({"IP:127.0.0.1", answers, kExpired, kExpired});
  expect_refused({"IP:127.0.0.1", answers, kExpired, kNotYet});
  // these have not expired at all
  expect_refused({"IP:127.0.0.1", answers, Validity(), kExpired});
  expect_refused({"IP:127.0.0.1", answers, kNotYet});
}

TEST_F(Fetch, RefusesAnExpiredCertificateForAnArchiveThatIsNotProved) {
  const TlsServer server("IP:127.0.0.1", {{"/tiny.zip", http_ok(zip_of(kGood))}}, kExpired);
  DataSet set = tiny();
  set.sha256.clear();
  set.md5 = "d41d8cd98f00b204e9800998ecf8427e";
  expect_failure(ErrorCode::io,
                 {"expired", "no SHA-256 is known that would prove the file without it"},
                 [&] { fetch(set, options_for(server, "/tiny.zip")); });
  EXPECT_EQ(server.requests(), 0);
}

TEST_F(Fetch, ExcusesTheExpiredCertificateOfEachHost) {
  const TlsServer::Answers answers{{"/tiny.zip", http_ok(zip_of(kGood))}};
  for (const Validity first : {Validity(), kExpired}) {
    for (const Validity second : {Validity(), kExpired}) {
      const TlsServer end("IP:127.0.0.1", answers, second);
      const TlsServer begin("IP:127.0.0.1", {{"/tiny.zip", http_redirect(end.url("/tiny.zip"))}},
                            first);
      const FetchOptions options = options_for(begin, "/tiny.zip");
      std::ofstream(options.ca_file, std::ios::app) << end.certificate();
      const auto fetched = fetch(tiny(), options);
      ASSERT_TRUE(fetched);
      const auto names = [&](const TlsServer& server) {
        return fetched->notice.find(server.address() + " expired") != std::string::npos;
      };
      EXPECT_EQ(names(begin), first.end < 0) << fetched->notice;
      EXPECT_EQ(names(end), second.end < 0) << fetched->notice;
      fs::remove_all(to() / "tiny");
    }
  }
  const TlsServer other("DNS:files.example.org", answers);
  const TlsServer begin("IP:127.0.0.1", {{"/tiny.zip", http_redirect(other.url("/tiny.zip"))}},
                        kExpired);
  const FetchOptions options = options_for(begin, "/tiny.zip");
  std::ofstream(options.ca_file, std::ios::app) << other.certificate();
  expect_failure(ErrorCode::io, {"certificate cannot be trusted"}, [&] { fetch(tiny(), options); });
}

// ---- The archive
// -------------------------------------------------------------------------------------------------

TEST_F(Fetch, RefusesAnotherArchive) {
  const DataSet set = tiny();
  std::string altered = zip_of(kGood);
  altered[40] = static_cast<char>(altered[40] ^ 1);
  for (const std::string& body : {altered, zip_of(good_but("tiny/README.txt", "Another.")),
                                  std::string("<html>Sign in to this network</html>")}) {
    expect_failure(
        ErrorCode::bad_data,
        {fmt::format("it has {} bytes with SHA-256 {}, and tiny has {} with {}: ", body.size(),
                     sha256_of(body), set.zip_size, set.sha256),
         "give `url` the address of the same archive elsewhere; https://mirror.example.org/tiny"},
        [&] { fetch_answer(http_ok(body), set); });
  }
}

TEST_F(Fetch, ComparesTheMd5WhereNothingElseIsKnown) {
  const std::string body = "message digest";  // RFC 1321, A.5
  DataSet set = tiny(body);
  set.sha256.clear();
  set.md5 = "f96b697d7cb7938d525a2f31aaf161d0";
  expect_failure(ErrorCode::bad_data, {"it cannot be unpacked"},
                 [&] { fetch_answer(http_ok(body), set); });
  expect_failure(ErrorCode::bad_data, {"it has 14 bytes with MD5 ", set.md5},
                 [&] { fetch_answer(http_ok("message Digest"), set); });
  set.zip_size = 15;
  expect_failure(ErrorCode::bad_data, {"it has 14 bytes with MD5 ", "and tiny has 15"},
                 [&] { fetch_answer(http_ok(body), set); });
}

TEST_F(Fetch, TakesItsOwnFilesAlone) {
  Members members{{"tiny/extra.csv", "x"},      {"TINY/tags.csv", "x"},
                  {"other/ratings.csv", "x"},   {"tags.csv", "x"},
                  {"tiny/tags.csv/x", "x"},     {"tiny/tags.csv", "/etc/hostname", true},
                  {"tiny/\xFF.csv", "x"},       {"../evil.csv", "x"},
                  {"tiny/../../evil.csv", "x"}, {"/tmp/palate-evil.csv", "x"},
                  {"..\\evil.csv", "x"}};
  members.insert(members.end(), kGood.begin(), kGood.end());
  members.push_back({"tiny/ratings.csv", "the second of that name"});
  ASSERT_TRUE(fetch_zip(members, tiny(zip_of(members))));
  EXPECT_EQ(listing(folder_), (Strings{"ca.pem", "to", "to/tiny", "to/tiny/README.txt",
                                       "to/tiny/movies.csv", "to/tiny/ratings.csv"}));
  EXPECT_EQ(contents_of(to() / "tiny" / "ratings.csv"), kRatings);
}

TEST_F(Fetch, RefusesFilesThatUnpackToTooMuch) {
  Members members = kGood;
  for (const std::size_t size : {std::size_t{10'000'000}, tiny().max_unpacked_size}) {
    members.push_back({"tiny/tags.csv", std::string(size, 'x')});
    expect_failure(ErrorCode::bad_data, {"with tags.csv it unpacks to more than 100000 bytes"},
                   [&] { fetch_zip(members, tiny(zip_of(members))); });
    members.pop_back();
  }
}

TEST_F(Fetch, RefusesAnArchiveWithoutATable) {
  Members members = kGood;
  members.erase(members.begin() + 1);
  for (DataSet set : {tiny(zip_of(members)), replaced()}) {
    expect_failure(ErrorCode::bad_data, {"ratings.csv is missing"},
                   [&] { fetch_zip(members, set); });
  }
}

// ---- Sets that are replaced from time to time
// -------------------------------------------------------------------------------------------------

// As GroupLens may publish it one day.
Members newer() {
  Members members = good_but("tiny/ratings.csv", "userId,movieId,rating\n1,1,1\n");
  members.back().contents = "This dataset was generated on June 1, 2027.";
  return members;
}

class Replaced : public Fetch {
 protected:
  // Fetches what the set's own address answers with.
  std::optional<FetchedSet> fetch_from_its_own(const std::string& answer,
                                               Validity validity = {}) const {
    const TlsServer server("IP:127.0.0.1", {{"/tiny.zip", answer}}, validity);
    DataSet set = replaced();
    FetchOptions options = options_for(server, "/tiny.zip");
    std::swap(set.url, options.url);
    options.url.clear();
    return fetch(set, options);
  }
};

TEST_F(Replaced, IsTakenWithThePinnedFilesWhateverIsBesideThem) {
  const std::string repacked =
      zip_of(good_but("tiny/README.txt", "This dataset was generated on June 1, 2027."));
  const auto fetched = fetch_from_its_own(http_ok(repacked));
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->release, "May 4, 2020");
  EXPECT_EQ(fetched->notice, "");
  EXPECT_EQ(listing(to()),
            (Strings{"tiny", "tiny/README.txt", "tiny/movies.csv", "tiny/ratings.csv"}));
  fs::remove_all(to() / "tiny");

  // where the address or the certificate proves nothing, these files alone
  const Strings proved{"tiny", "tiny/movies.csv", "tiny/ratings.csv"};
  ASSERT_TRUE(fetch_answer(http_ok(repacked), replaced()));
  EXPECT_EQ(listing(to()), proved);
  fs::remove_all(to() / "tiny");
  ASSERT_TRUE(fetch_from_its_own(http_ok(repacked), kExpired));
  EXPECT_EQ(listing(to()), proved);
}

TEST_F(Replaced, IsTakenAsANewerReleaseWithANotice) {
  const auto fetched = fetch_from_its_own(http_ok(zip_of(newer())));
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->release, "June 1, 2027");
  EXPECT_TRUE(contains(fetched->notice, {"June 1, 2027", "May 4, 2020"}));
  const auto again = fetch_zip(kGood, replaced());
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->downloaded);
  EXPECT_EQ(again->notice, fetched->notice);
}

TEST_F(Replaced, IsRefusedAsANewerReleaseFromElsewhereOrOverAnExpiredCertificate) {
  const std::string answer = http_ok(zip_of(newer()));
  const Strings message{"ratings.csv is not the one of May 4, 2020",
                        "another release is taken from", "over a certificate in force; give `url`"};
  expect_failure(ErrorCode::bad_data, message, [&] { fetch_answer(answer, replaced()); });
  expect_failure(ErrorCode::bad_data, message, [&] { fetch_from_its_own(answer, kExpired); });
}

TEST_F(Replaced, IsRefusedWithAnotherFileOfTheSameRelease) {
  std::string altered = kRatings;
  altered[40] = '5';
  expect_failure(
      ErrorCode::bad_data, {"ratings.csv is not the one of May 4, 2020", sha256_of(altered)},
      [&] { fetch_from_its_own(http_ok(zip_of(good_but("tiny/ratings.csv", altered)))); });
  expect_failure(ErrorCode::bad_data, {"movies.csv is not the one of May 4, 2020"}, [&] {
    fetch_from_its_own(http_ok(zip_of(good_but("tiny/movies.csv", std::string(kMovies) + "\n"))));
  });
}

TEST_F(Replaced, IsRefusedWithAnotherFileWithoutADate) {
  Members members = good_but("tiny/ratings.csv", "userId,movieId,rating\n1,1,1\n");
  members.pop_back();
  const auto expect_refused = [&] {
    expect_failure(ErrorCode::bad_data, {"ratings.csv is not the one of"},
                   [&] { fetch_from_its_own(http_ok(zip_of(members))); });
  };
  expect_refused();
  for (const std::string readme :
       {"no date at all", "generated on ", "generated on .", "generated on \x1B[2J.",
        "generated on a day that nobody can remember any more."}) {
    members.push_back({"tiny/README.txt", readme});
    expect_refused();
    members.pop_back();
  }
}

TEST_F(Replaced, IsRefusedWhereItsArchiveIsDamaged) {
  const std::string zip = zip_of(newer());
  expect_failure(ErrorCode::bad_data, {"it cannot be unpacked"},
                 [&] { fetch_from_its_own(http_ok("<html>Sign in to this network</html>")); });
  expect_failure(ErrorCode::bad_data, {},
                 [&] { fetch_from_its_own(http_ok(zip.substr(0, zip.size() / 2))); });
  std::string flipped = zip;
  const std::string name = "tiny/ratings.csv";  // followed by an extra field and the contents
  const std::size_t at = flipped.find(name);
  const std::size_t contents = at + name.size() + static_cast<unsigned char>(flipped[at - 2]) + 2;
  flipped[contents] = static_cast<char>(flipped[contents] ^ 1);
  expect_failure(ErrorCode::bad_data, {"it cannot be unpacked"},
                 [&] { fetch_from_its_own(http_ok(flipped)); });
}

TEST_F(Replaced, IsRefusedWhereItHasGrownTooMuch) {
  const std::uint64_t most = 4 * replaced().zip_size;
  expect_failure(ErrorCode::bad_data, {fmt::format("larger than {} bytes", most)},
                 [&] { fetch_from_its_own(http_ok(std::string(most + 1, 'x'))); });
}

// ---- Files as the known sets have them
// -------------------------------------------------------------------------------------------------

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
    Members members{{set.folder_in_zip + "/", ""}};
    for (const auto& [name, contents] : files_as_in(set))
      members.push_back({set.folder_in_zip + "/" + name, contents});
    set.zip_size = zip_of(members).size();
    set.sha256 = sha256_of(zip_of(members));
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

TEST(KnownDataSets, SayWhereTheyComeFromAndWhatProvesThem) {
  std::set<std::uint64_t> sizes;
  std::set<std::string> digests;
  Strings mirrored;
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
    const bool by_md5 = set.name == "ml-32m";
    EXPECT_EQ(set.sha256.size(), by_md5 ? 0U : 64U);
    EXPECT_EQ(set.md5.size(), by_md5 ? 32U : 0U);
    const std::string digest = set.sha256 + set.md5;
    EXPECT_EQ(digest.find_first_not_of("0123456789abcdef"), digest.npos);
    sizes.insert(set.zip_size);
    digests.insert(digest);
    // Ratings pack to a fifth or more.
    EXPECT_GT(set.zip_size, 900'000U);
    EXPECT_LT(set.zip_size, set.max_unpacked_size * 3 / 2);
    if (!set.mirror.empty()) mirrored.push_back(set.name);
  }
  EXPECT_EQ(sizes.size(), known_data_sets().size());
  EXPECT_EQ(digests.size(), known_data_sets().size());
  EXPECT_EQ(mirrored, (Strings{"ml-100k", "ml-1m", "ml-10m", "ml-20m"}));
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
  EXPECT_EQ(found->release, "September 26, 2018");
  EXPECT_EQ(found->notice, "");
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
