// Downloads that are cut and gone on with.
#include "data/download.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <mutex>

#include "base/random.h"
#include "data/fetch_fixture.h"
#include "sanitized.h"

namespace palate {
namespace {

// What a server does with a request for a file.
struct Served {
  std::string body;
  std::string mark = "ETag: \"v1\"\r\n";  // header lines
  // the connection ends after so many bytes of the answer's body
  std::size_t cut = std::string::npos;
  bool knows_ranges = true;
  std::string content_range{};  // in place of the right one
  std::string status{};         // in place of 200 or 206
};

std::string answer_to(const Served& file, const std::string& request) {
  const std::string range = header_of(request, "Range");
  const std::string if_range = header_of(request, "If-Range");
  const bool same =
      !if_range.empty() && file.mark.find(": " + if_range + "\r\n") != std::string::npos;
  const bool partial = file.knows_ranges && same && range.starts_with("bytes=");
  const std::size_t begin = partial ? std::stoul(range.substr(6)) : 0;
  if (begin >= file.body.size() && partial) {
    return fmt::format(
        "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */{}\r\nContent-Length: "
        "0\r\n\r\n",
        file.body.size());
  }
  const std::string rest = file.body.substr(begin);
  std::string headers =
      fmt::format("Content-Length: {}\r\nConnection: close\r\n", rest.size()) + file.mark;
  if (partial) {
    headers += "Content-Range: " +
               (file.content_range.empty()
                    ? fmt::format("bytes {}-{}/{}", begin, file.body.size() - 1, file.body.size())
                    : file.content_range) +
               "\r\n";
  }
  const std::string status = !file.status.empty() ? file.status
                             : partial            ? "206 Partial Content"
                                                  : "200 OK";
  return "HTTP/1.1 " + status + "\r\n" + headers + "\r\n" +
         rest.substr(0, std::min(file.cut, rest.size()));
}

class Download : public Fetch {
 protected:
  explicit Download(Validity validity = {}) : validity_(validity) {}

  // Fetches tiny() from a server with the file, which may be another each time at the same address.
  std::optional<FetchedSet> fetch_served(const Served& file) {
    set_served(file);
    return fetch(set_, options());
  }
  void set_served(const Served& file) {
    const std::scoped_lock lock(mutex_);
    served_ = file;
    requests_.clear();
  }
  // The requests for the file since it was set.
  Strings requests() {
    const std::scoped_lock lock(mutex_);
    return requests_;
  }
  FetchOptions options() {
    FetchOptions options = options_for(server_, "/tiny.zip");
    options.on_progress = on_progress_;
    options.stop_requested = stop_requested_;
    return options;
  }

  // The message of the error of this code that fetching the file ends with.
  std::string failure(ErrorCode code, const Served& file) {
    try {
      fetch_served(file);
      ADD_FAILURE() << "did not fail";
      return "";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      return error.what();
    }
  }
  // Has the first `bytes` of the file, marked v1, downloaded.
  void cut_after(std::size_t bytes) {
    Served file{.body = zip_};
    file.cut = bytes;
    failure(ErrorCode::io, file);
    ASSERT_EQ(listing(to()), kPart);
    ASSERT_EQ(contents_of(part()), zip_.substr(0, bytes));
  }
  void expect_fetched() {
    EXPECT_EQ(listing(to()),
              (Strings{"tiny", "tiny/README.txt", "tiny/movies.csv", "tiny/ratings.csv"}));
    EXPECT_EQ(contents_of(to() / "tiny" / "ratings.csv"), kRatings);
    EXPECT_EQ(contents_of(to() / "tiny" / "README.txt"), kReadme);
  }
  std::string range_asked_for() {
    const Strings all = requests();
    EXPECT_EQ(all.size(), 1U);
    return all.empty() ? "" : header_of(all.front(), "Range");
  }

  fs::path part() const { return to() / "tiny.zip.part"; }
  fs::path origin() const { return to() / "tiny.zip.part.origin"; }
  std::string url() const { return server_.url("/tiny.zip"); }

  const Strings kPart{"tiny.zip.part", "tiny.zip.part.origin"};
  const std::string zip_ = zip_of(kGood);
  DataSet set_ = tiny();
  std::function<void(std::uint64_t, std::optional<std::uint64_t>)> on_progress_;
  std::function<bool()> stop_requested_;

  Validity validity_;
  std::mutex mutex_;
  Served served_;
  Strings requests_;
  std::map<std::string, std::string> others_{};  // answers at other paths
  TlsServer server_{"IP:127.0.0.1",
                    [this](const std::string& request, const TlsServer::Send& send) {
                      const std::scoped_lock lock(mutex_);
                      const auto other = others_.find(path_of(request));
                      if (other != others_.end()) return send(other->second);
                      if (path_of(request) != "/tiny.zip") return send(http_not_found());
                      requests_.push_back(request);
                      send(answer_to(served_, request));
                    },
                    validity_};
};

// ---- Going on
// -------------------------------------------------------------------------------------------------

TEST_F(Download, GoesOnWhereItWasCut) {
  Served cut{.body = zip_};
  cut.cut = 100;
  EXPECT_TRUE(contains(
      failure(ErrorCode::io, cut),
      {url(), "ended after 100 bytes", "the next run goes on from 100 bytes, or give `url`"}));
  EXPECT_EQ(listing(to()), kPart);
  EXPECT_EQ(contents_of(part()), zip_.substr(0, 100));
  EXPECT_EQ(contents_of(origin()), url() + "\n\"v1\"\n");

  std::vector<std::uint64_t> received;
  std::optional<std::uint64_t> total;
  on_progress_ = [&](std::uint64_t bytes, std::optional<std::uint64_t> of) {
    received.push_back(bytes);
    total = of;
  };
  ASSERT_TRUE(fetch_served({.body = zip_}));
  EXPECT_EQ(range_asked_for(), "bytes=100-");
  EXPECT_EQ(header_of(requests().front(), "If-Range"), "\"v1\"");
  expect_fetched();
  ASSERT_FALSE(received.empty());
  EXPECT_GT(received.front(), 100U);
  EXPECT_EQ(received.back(), zip_.size());
  EXPECT_EQ(total, zip_.size());
}

TEST_F(Download, GoesOnAfterEachOfManyCuts) {
  Served file{.body = zip_};
  file.cut = 97;
  std::size_t runs = 0;
  for (std::size_t at = 0; at + 97 < zip_.size(); at += 97, ++runs) {
    failure(ErrorCode::io, file);
    EXPECT_EQ(range_asked_for(), at == 0 ? "" : fmt::format("bytes={}-", at));
    EXPECT_EQ(contents_of(part()), zip_.substr(0, at + 97));
  }
  EXPECT_GT(runs, 3U);
  ASSERT_TRUE(fetch_served(file));
  expect_fetched();
}

TEST_F(Download, GoesOnByTheDateWhereThereIsNoStrongETag) {
  const std::string date = "Wed, 21 Oct 2015 07:28:00 GMT";
  for (const std::string etag : {"", "ETag: W/\"v1\"\r\n"}) {
    Served file{.body = zip_, .mark = etag + "Last-Modified: " + date + "\r\n"};
    file.cut = 100;
    failure(ErrorCode::io, file);
    EXPECT_EQ(contents_of(origin()), url() + "\n" + date + "\n");
    file.cut = std::string::npos;
    ASSERT_TRUE(fetch_served(file));
    EXPECT_EQ(header_of(requests().front(), "If-Range"), date);
    EXPECT_EQ(range_asked_for(), "bytes=100-");
    expect_fetched();
    fs::remove_all(to() / "tiny");
  }
}

TEST_F(Download, GoesOnThroughARedirect) {
  cut_after(100);
  others_["/moved"] = http_redirect("/tiny.zip");
  set_served({.body = zip_});
  FetchOptions moved = options();
  moved.url = server_.url("/moved");
  std::ofstream(origin()) << moved.url << "\n\"v1\"\n";
  ASSERT_TRUE(fetch(set_, moved));
  EXPECT_EQ(range_asked_for(), "bytes=100-");
  expect_fetched();
}

TEST_F(Download, KeepsNothingThatTheServerDoesNotMark) {
  Served file{.body = zip_, .mark = "ETag: W/\"v1\"\r\n"};
  file.cut = 100;
  const std::string message = failure(ErrorCode::io, file);
  EXPECT_FALSE(contains(message, {"the next run"})) << message;
  EXPECT_EQ(listing(to()), Strings{});
}

TEST_F(Download, KeepsWhatThereIsWhereAStopIsRequested) {
  Served file{.body = zip_};
  file.cut = 100;
  server_.stall();
  std::atomic<bool> stop{false};
  on_progress_ = [&](std::uint64_t received, std::optional<std::uint64_t>) {
    stop = received >= 100;
  };
  stop_requested_ = [&] { return stop.load(); };
  EXPECT_FALSE(fetch_served(file));
  EXPECT_EQ(listing(to()), kPart);
  EXPECT_EQ(contents_of(part()), zip_.substr(0, 100));
}

TEST_F(Download, KeepsWhatThereIsWhereTheServerHasTrouble) {
  cut_after(100);
  for (const std::string status : {"503 Service Unavailable", "404 Not Found", "403 Forbidden"}) {
    const std::string message = failure(ErrorCode::io, {.body = zip_, .status = status});
    EXPECT_TRUE(contains(message, {"the server answered " + status.substr(0, 3)}));
    EXPECT_EQ(contents_of(part()), zip_.substr(0, 100));
  }
  FetchOptions distrusting = options();
  distrusting.ca_file.clear();
  EXPECT_THROW(fetch(set_, distrusting), Error);
  EXPECT_EQ(listing(to()), kPart);
  ASSERT_TRUE(fetch_served({.body = zip_}));
  EXPECT_EQ(range_asked_for(), "bytes=100-");
}

TEST_F(Download, KeepsWhatThereIsWhereTheRestIsShorterThanItIsSaidToBe) {
  cut_after(100);
  const std::string whole = zip_ + std::string(50, 'x');
  set_.zip_size = whole.size();
  Served file{.body = zip_};
  file.content_range = fmt::format("bytes 100-{}/{}", whole.size() - 1, whole.size());
  const std::string message = failure(ErrorCode::io, file);
  EXPECT_TRUE(contains(
      message,
      {fmt::format("ended after {} of {} bytes", zip_.size(), whole.size()), "the next run"}));
  EXPECT_EQ(listing(to()), kPart);
}

TEST_F(Download, TakesAPartThatWasWholeAlready) {
  cut_after(100);
  std::ofstream(part(), std::ios::app) << zip_.substr(100);
  ASSERT_TRUE(fetch_served({.body = zip_}));
  EXPECT_EQ(range_asked_for(), fmt::format("bytes={}-", zip_.size()));
  expect_fetched();
}

// ---- Starting anew
// -------------------------------------------------------------------------------------------------

TEST_F(Download, StartsAnewWhereTheFileHasChanged) {
  Served old{.body = std::string(zip_.size(), 'x')};
  old.cut = 500;
  failure(ErrorCode::io, old);
  EXPECT_EQ(listing(to()), kPart);
  Served changed{.body = zip_, .mark = "ETag: \"v2\"\r\n"};
  changed.cut = 100;
  failure(ErrorCode::io, changed);
  EXPECT_EQ(range_asked_for(), "bytes=500-");
  EXPECT_EQ(contents_of(part()), zip_.substr(0, 100));
  EXPECT_EQ(contents_of(origin()), url() + "\n\"v2\"\n");
  changed.cut = std::string::npos;
  ASSERT_TRUE(fetch_served(changed));
  EXPECT_EQ(range_asked_for(), "bytes=100-");
  expect_fetched();
}

TEST_F(Download, StartsAnewWhereTheServerKnowsNoRanges) {
  cut_after(100);
  Served file{.body = zip_};
  file.knows_ranges = false;
  ASSERT_TRUE(fetch_served(file));
  EXPECT_EQ(range_asked_for(), "bytes=100-");
  expect_fetched();
}

TEST_F(Download, StartsAnewWhereNothingIsLeftToAskFor) {
  set_ = replaced();
  cut_after(100);
  std::ofstream(part(), std::ios::app) << std::string(zip_.size(), 'x');
  ASSERT_TRUE(fetch_served({.body = zip_}));
  ASSERT_EQ(requests().size(), 2U);
  EXPECT_EQ(header_of(requests()[1], "Range"), "");
  expect_fetched();
}

TEST_F(Download, StartsAnewWhereThePartIsNotOfThisFile) {
  const std::string other = "https://example.org/tiny.zip\n\"v1\"\n";
  for (const std::string& text : {other, url() + "\n", std::string("\n\"v1\"\n"), std::string()}) {
    std::ofstream(part()) << zip_.substr(0, 100);
    std::ofstream(origin()) << text;
    ASSERT_TRUE(fetch_served({.body = zip_}));
    EXPECT_EQ(range_asked_for(), "");
    expect_fetched();
    fs::remove_all(to() / "tiny");
  }
}

TEST_F(Download, StartsAnewWhereAPartOrItsOriginIsMissing) {
  std::ofstream(part()) << zip_.substr(0, 100);
  ASSERT_TRUE(fetch_served({.body = zip_}));
  EXPECT_EQ(range_asked_for(), "");
  expect_fetched();
  fs::remove_all(to() / "tiny");
  std::ofstream(origin()) << url() << "\n\"v1\"\n";
  ASSERT_TRUE(fetch_served({.body = zip_}));
  EXPECT_EQ(range_asked_for(), "");
  expect_fetched();
}

TEST_F(Download, StartsAnewWhereThePartIsLargerThanTheSetMayBe) {
  cut_after(100);
  std::ofstream(part(), std::ios::app) << std::string(set_.zip_size, 'x');
  ASSERT_TRUE(fetch_served({.body = zip_}));
  EXPECT_EQ(range_asked_for(), "");
  expect_fetched();
}

// ---- What is refused
// -------------------------------------------------------------------------------------------------

TEST_F(Download, RefusesAnotherPartThanWasAskedFor) {
  const std::size_t size = zip_.size();
  for (const std::string& range :
       {fmt::format("bytes 99-{}/{}", size - 1, size),
        fmt::format("bytes 101-{}/{}", size - 1, size),
        fmt::format("bytes 0-{}/{}", size - 1, size),
        fmt::format("bytes 100-{}/{}", size - 2, size), fmt::format("bytes 100-{}/{}", size, size),
        fmt::format("bytes 100-{}/*", size - 1), fmt::format("bytes */{}", size),
        fmt::format("items 100-{}/{}", size - 1, size), std::string("bytes 100-99/100"),
        std::string("bytes 100-18446744073709551615/0"), std::string("bytes 100-/1"),
        std::string("nonsense")}) {
    cut_after(100);
    Served file{.body = zip_};
    file.content_range = range;
    EXPECT_TRUE(contains(failure(ErrorCode::io, file),
                         {"\"" + range + "\"", "the bytes from 100 on were asked for"}));
    EXPECT_EQ(listing(to()), Strings{}) << range;
  }
}

TEST_F(Download, RefusesAPartThatNobodyAskedFor) {
  for (const std::string status :
       {"206 Partial Content", "203 Non-Authoritative Information", "204 No Content"}) {
    const std::string message =
        failure(ErrorCode::io, {.body = status.starts_with("204") ? "" : zip_, .status = status});
    EXPECT_TRUE(contains(message, {"the server answered " + status.substr(0, 3)}));
    EXPECT_EQ(listing(to()), Strings{});
  }
}

TEST_F(Download, RefusesARestThatMakesTheFileTooLarge) {
  cut_after(100);
  const std::string large = zip_ + std::string(set_.zip_size, 'x');
  Served file{.body = zip_};
  file.content_range = fmt::format("bytes 100-{}/{}", large.size() - 1, large.size());
  EXPECT_TRUE(contains(failure(ErrorCode::bad_data, file),
                       {fmt::format("larger than {} bytes", zip_.size())}));
  EXPECT_EQ(listing(to()), Strings{});
  cut_after(100);
  EXPECT_TRUE(contains(failure(ErrorCode::bad_data, {.body = large}),
                       {fmt::format("larger than {} bytes", zip_.size())}));
  EXPECT_EQ(listing(to()), Strings{});
}

TEST_F(Download, RefusesAndDropsAPartThatWasDamaged) {
  cut_after(100);
  std::string damaged = zip_.substr(0, 100);
  damaged[70] = static_cast<char>(damaged[70] ^ 1);
  std::ofstream(part()) << damaged;
  failure(ErrorCode::bad_data, {.body = zip_});
  EXPECT_EQ(listing(to()), Strings{});
  ASSERT_TRUE(fetch_served({.body = zip_}));
  expect_fetched();
}

TEST_F(Download, LeavesAPartAloneThatAnotherProcessHas) {
  cut_after(100);
  const int other = open(part().c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_EQ(flock(other, LOCK_EX | LOCK_NB), 0);
  EXPECT_TRUE(contains(failure(ErrorCode::io, {.body = zip_}),
                       {part().string(), "another process is downloading it"}));
  EXPECT_EQ(requests(), Strings{});
  EXPECT_EQ(contents_of(part()), zip_.substr(0, 100));
  close(other);
  EXPECT_TRUE(fetch_served({.body = zip_}));
}

TEST_F(Download, DoesNotWriteThroughALink) {
  std::ofstream(folder_ / "mine") << "mine";
  fs::create_symlink(folder_ / "mine", part());
  EXPECT_TRUE(
      contains(failure(ErrorCode::io, {.body = zip_}), {part().string(), "cannot be written"}));
  EXPECT_EQ(contents_of(folder_ / "mine"), "mine");
}

TEST_F(Download, DoesNotWriteToWhatIsNoFile) {
  fs::create_directory(part());
  EXPECT_TRUE(
      contains(failure(ErrorCode::io, {.body = zip_}), {part().string(), "cannot be written"}));
  EXPECT_TRUE(fs::is_directory(part()));
}

// ---- Over a certificate that has expired
// -------------------------------------------------------------------------------------------------

class ExpiredDownload : public Download {
 protected:
  ExpiredDownload() : Download(kExpired) {}
};

TEST_F(ExpiredDownload, GoesOnWhereItWasCut) {
  cut_after(100);
  const auto fetched = fetch_served({.body = zip_});
  ASSERT_TRUE(fetched);
  EXPECT_EQ(range_asked_for(), "bytes=100-");
  EXPECT_TRUE(contains(fetched->notice, {"expired on 20"}));
  expect_fetched();
}

// What came before may have come over such a one.
TEST_F(Download, TakesNoNewerReleaseFromAPart) {
  Members newer = good_but("tiny/ratings.csv", "userId,movieId,rating\n1,1,1\n");
  newer.back().contents = "This dataset was generated on June 1, 2027.";
  Served file{.body = zip_of(newer)};
  set_ = replaced();
  set_.url = url();
  set_served(file);
  FetchOptions own = options();
  own.url.clear();
  std::ofstream(part()) << file.body.substr(0, 100);
  std::ofstream(origin()) << url() << "\n\"v1\"\n";
  EXPECT_THROW(fetch(set_, own), Error);
  EXPECT_EQ(range_asked_for(), "bytes=100-");
  EXPECT_EQ(listing(to()), Strings{});
  EXPECT_TRUE(fetch(set_, own));
}

// ---- Memory and disk
// -------------------------------------------------------------------------------------------------

// A line of /proc/self/status, "VmHWM", in bytes.
std::uint64_t memory(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":")) return std::stoull(line.substr(name.size() + 1)) * 1024;
  }
  return 0;
}

// Has VmHWM, the most memory so far, begin anew.
bool reset_peak() {
  std::ofstream file("/proc/self/clear_refs");
  file << "5";
  file.flush();
  return static_cast<bool>(file);
}

// No file gets longer than so many bytes: what a full disk does to a write.
class LongestFile {
 public:
  explicit LongestFile(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~LongestFile() { setrlimit(RLIMIT_FSIZE, &before_); }
  LongestFile(const LongestFile&) = delete;
  LongestFile& operator=(const LongestFile&) = delete;

 private:
  rlimit before_{};
};

TEST_F(Download, LeavesNothingOnAFullDisk) {
  Members members = kGood;
  members.push_back({"tiny/tags.csv", std::string(50'000, 'x')});
  const Served file{.body = zip_of(members)};
  set_ = tiny(file.body);
  ASSERT_LT(file.body.size(), 5'000U);
  std::string message;
  options();  // writes the certificate
  // the archive is too long, then what it unpacks to
  for (const rlim_t bytes : {rlim_t{300}, rlim_t{5'000}}) {
    const LongestFile limit(bytes);
    message = failure(ErrorCode::io, file);
    EXPECT_EQ(listing(to()), Strings{}) << bytes;
  }
  EXPECT_TRUE(contains(message, {"tags.csv: cannot be written: is the disk full?"}));
  ASSERT_TRUE(fetch_served(file));
}

TEST_F(Download, OfALargeSetTakesLittleMemoryAndNoDiskBesideIt) {
  // Under sanitizers a set that is larger than the blocks is enough.
  constexpr std::size_t kSize = kSanitized ? 6'000'000 : 128'000'000;
  const std::size_t unpacked = kSize + sizeof(kMovies) - 1;
  {
    std::string ratings(kSize, '\0');  // that hardly pack
    Rng random(1);
    for (char& byte : ratings) byte = static_cast<char>(random.next());
    const std::string zip =
        zip_of({{"tiny/ratings.csv", std::move(ratings)}, {"tiny/movies.csv", kMovies}});
    ASSERT_GT(zip.size(), kSize);
    set_ = tiny(zip);
    others_["/large.zip"] = http_ok(zip);
  }
  set_.max_unpacked_size = unpacked;
  FetchOptions large = options();
  large.url = server_.url("/large.zip");
  const bool measured = !kSanitized && reset_peak();
  const std::uint64_t before = memory("VmRSS");
  ASSERT_TRUE(fetch(set_, large));
  constexpr std::uint64_t kMostMemory = 64 << 20;
  const std::uint64_t peak = memory("VmHWM");
  EXPECT_LT(measured ? peak : 0, before + kMostMemory)
      << "of which " << before << " were there before";
  EXPECT_EQ(listing(to()), (Strings{"tiny", "tiny/movies.csv", "tiny/ratings.csv"}));
  EXPECT_EQ(
      fs::file_size(to() / "tiny" / "ratings.csv") + fs::file_size(to() / "tiny" / "movies.csv"),
      unpacked);
}

}  // namespace
}  // namespace palate
