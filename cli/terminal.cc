#include "terminal.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <ctime>
#include <nlohmann/json.hpp>

#include "palate/base/error.h"
#include "signals.h"
#include "verbs.h"

namespace palate::cli {
namespace {

// Why not all could be written, by descriptor: the first errno; 0 where all could.
std::array<std::atomic<int>, 3> failures{};

void write_to(int stream, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(stream, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      int none = 0;
      failures[static_cast<std::size_t>(stream)].compare_exchange_strong(none,
                                                                         count < 0 ? errno : EIO);
      return;
    }
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

// In quotes for a shell; $'..' where escapes stand for what is not visible.
std::string in_quotes(std::string_view word) {
  const bool has_escapes = visible(word) != word;
  std::string quoted;
  for (const char c : word) {
    if (c == '\'')
      quoted += has_escapes ? "\\'" : "'\\''";
    else if (c == '\\' && has_escapes)
      quoted += "\\\\";
    else
      quoted += c;
  }
  return (has_escapes ? "$'" : "'") + visible(quoted) + '\'';
}

// Whether whoever started the program wants to hear of a reader that has gone.
bool told_of_broken_pipes = false;

// Whether the cursor is at the end of a line of progress.
bool in_progress_line = false;

void print_as_it_is(std::string_view text) {
  if (can_print()) write_to(STDOUT_FILENO, text);
}

}  // namespace

bool terminal_on_stderr() {
  static const bool terminal = isatty(STDERR_FILENO) != 0;
  return terminal;
}

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string shortened(const std::string& text, std::size_t most) {
  if (width(text) <= most) return text;
  std::size_t end = 0;
  for (std::size_t characters = 0; end < text.size(); ++end) {
    const bool begins = (static_cast<unsigned char>(text[end]) & 0xC0) != 0x80;
    if (begins && ++characters == most) break;
  }
  return text.substr(0, end) + "…";
}

namespace {

std::optional<std::size_t> width_of_stream(int stream) {
  constexpr std::size_t kLeast = 40;
  if (isatty(stream) == 0) return std::nullopt;
  const char* const told = std::getenv("COLUMNS");
  std::size_t columns = told == nullptr ? 0 : std::strtoul(told, nullptr, 10);
  winsize size{};
  if (columns == 0 && ::ioctl(stream, TIOCGWINSZ, &size) == 0) columns = size.ws_col;
  if (columns == 0) return std::nullopt;
  return std::max(columns, kLeast);
}

// Replaces the line that the cursor is on.
void overwrite_line(const std::string& line) {
  const std::size_t columns = width_of_stream(STDERR_FILENO).value_or(width(line) + 1);
  write_to(STDERR_FILENO, "\r\033[K" + shortened(visible(line), columns - 1));
  in_progress_line = !line.empty();
}

bool has_colors(int stream) {
  const auto is_set = [](const char* name) {
    const char* const value = std::getenv(name);
    return value != nullptr && *value != '\0';
  };
  const char* const terminal = std::getenv("TERM");
  const bool is_dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  return isatty(stream) != 0 && !is_set("NO_COLOR") && !is_dumb;
}

// The text, which has no escapes of its own, in a style where the stream has colors.
std::string in_style(Style style, std::string_view text, int stream) {
  constexpr std::array<std::string_view, 5> kCodes{"", "1", "1;32", "33", "31"};
  if (style == Style::plain || !has_colors(stream)) return std::string(text);
  const std::string_view line = text.substr(0, text.find_last_not_of('\n') + 1);
  if (line.empty()) return std::string(text);
  return fmt::format("\033[{}m{}\033[0m{}", kCodes[static_cast<std::size_t>(style)], line,
                     text.substr(line.size()));
}

// A line as it stands on a terminal, in one line or several.
std::string fitted(const std::string& line, std::size_t columns) {
  if (line.starts_with(' ') || width(line) <= columns) return line;
  return fmt::format("{}", fmt::join(wrapped(line, columns), "\n"));
}

Style style_of_note(std::string_view line) {
  if (line.starts_with("palate: ")) return Style::bad;
  return line.starts_with("warning: ") ? Style::doubtful : Style::plain;
}

}  // namespace

std::optional<std::size_t> terminal_width() { return width_of_stream(STDOUT_FILENO); }

std::vector<std::string> wrapped(std::string_view text, std::size_t width_of_line) {
  std::vector<std::string> lines{""};
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string word(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!lines.back().empty() && width(lines.back()) + 1 + width(word) > width_of_line)
      lines.emplace_back();
    lines.back() += (lines.back().empty() ? "" : " ") + word;
  }
  return lines;
}

void open_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) >= 0) continue;
    // The wrong way round, so that reading and writing fail still.
    ::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
  told_of_broken_pipes = std::signal(SIGPIPE, SIG_IGN) == SIG_IGN;
}

void print_styled(std::string_view lines, Style (*style_of)(std::string_view line)) {
  const std::string shown = visible_lines(lines);
  const std::optional<std::size_t> columns = terminal_width();
  if (!columns) return print_as_it_is(shown);
  std::string text;
  for (std::string_view rest = shown; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string line(rest.substr(0, end));
    text += in_style(style_of(line), fitted(line, *columns), STDOUT_FILENO);
    if (end < rest.size()) text += '\n';
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  print_as_it_is(text);
}

void print(std::string_view lines) { print_styled(lines, style_of_note); }

void print_command(const std::vector<std::string>& words) {
  constexpr std::size_t kForBackslash = 2;
  const std::optional<std::size_t> columns = terminal_width();
  std::string text;
  std::string line = " ";
  for (const std::string& word : words) {
    const std::string next = quoted_for_shell({word});
    if (columns && width(line) + 1 + width(next) + kForBackslash > *columns) {
      text += line + " \\\n";
      line = "     ";
    }
    line += ' ' + next;
  }
  print(text + line + '\n');
}

void print_path(std::string_view path) {
  print_styled(visible(path) + '\n', [](std::string_view) { return Style::strong; });
}

void print_csv(std::string_view rows) {
  static const bool terminal = isatty(STDOUT_FILENO) != 0;
  print_as_it_is(terminal ? visible_lines(rows) : std::string(rows));
}

void print_json(const nlohmann::ordered_json& document) {
  print_document(document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
}

void print_document(const std::string& json) { print_part(json + "\n"); }

void print_part(std::string_view json) { print_as_it_is(visible_json(json)); }

bool can_print() { return failures[STDOUT_FILENO] == 0; }

void tell(std::string_view line) {
  constexpr std::size_t kLongest = 10'000;  // of what quotes texts of others
  end_progress_line();
  const std::string shown =
      visible(line.substr(0, kLongest)) + (line.size() > kLongest ? " ..." : "");
  const std::optional<std::size_t> columns = width_of_stream(STDERR_FILENO);
  const std::string text = columns ? fitted(shown, *columns) : shown;
  write_to(STDERR_FILENO, in_style(style_of_note(line), text, STDERR_FILENO) + '\n');
}

void tell_place(std::string_view text, std::size_t place) {
  constexpr std::size_t kMost = 70;   // characters that are shown, where there are so many
  constexpr std::size_t kAround = 8;  // columns for what stands around them
  const std::size_t columns = width_of_stream(STDERR_FILENO).value_or(kMost + kAround);
  const std::size_t shown = std::min(kMost, columns - kAround);
  std::vector<std::size_t> starts;  // of the characters
  for (std::size_t byte = 0; byte < text.size(); ++byte) {
    if ((static_cast<unsigned char>(text[byte]) & 0xC0) != 0x80) starts.push_back(byte);
  }
  starts.push_back(text.size());
  const auto at = static_cast<std::size_t>(
      std::ranges::lower_bound(starts, std::min(place, text.size())) - starts.begin());
  const std::size_t first = at > shown / 2 ? at - shown / 2 : 0;
  const std::size_t last = std::min(first + shown, starts.size() - 1);
  const auto part = [&](std::size_t from, std::size_t to) {
    return visible(text.substr(starts[from], starts[to] - starts[from]));
  };
  const std::string before = (first > 0 ? "..." : "") + part(first, at);
  tell("  {}{}{}", before, part(at, last), last + 1 < starts.size() ? "..." : "");
  tell("  {}^", std::string(width(before), ' '));
}

void close_standard_error() {
  const int nothing = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  ::dup2(nothing, STDERR_FILENO);
  ::close(nothing);
}

int final_status(int status) {
  if (!can_print() && (failures[STDOUT_FILENO] != EPIPE || told_of_broken_pipes))
    tell("palate: standard output: {}", std::strerror(failures[STDOUT_FILENO]));
  const bool all_told = can_print() && failures[STDERR_FILENO] == 0;
  return status == kDone && !all_told ? kCannotTell : status;
}

std::string with_commas(std::uint64_t count) {
  std::string digits = std::to_string(count);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

std::string counted(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", with_commas(count), noun, count == 1 ? "" : "s");
}

std::string date(double seconds) {
  constexpr double kYear0 = -62'167'219'200;
  constexpr double kYear10000 = 253'402'300'800;
  if (seconds < kYear0 || seconds >= kYear10000) return fmt::format("{:.0f}", seconds);
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  gmtime_r(&time, &parts);
  return fmt::format("{:04}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
}

std::string with_interval(const Interval& interval) {
  return fmt::format("{:.4f} [{:.4f}, {:.4f}]", interval.value, interval.low, interval.high);
}

std::string duration_text(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::max(seconds, 0.0));
  return whole < 60 ? fmt::format("{}s", whole) : fmt::format("{}m{:02}s", whole / 60, whole % 60);
}

std::string with_margin(const Interval& interval) {
  const double margin = std::max(interval.high - interval.value, interval.value - interval.low);
  return fmt::format("{:.4f} ± {:.4f}", interval.value, margin);
}

std::string quoted_for_shell(const std::vector<std::string>& words) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%";
  std::string command;
  for (const std::string& word : words) {
    if (!command.empty()) command += ' ';
    if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) {
      command += word;
      continue;
    }
    command += in_quotes(word);
  }
  return command;
}

void show_line(std::string_view line) {
  if (terminal_on_stderr()) {
    overwrite_line(std::string(line));
  } else {
    tell(line);
  }
}

void end_progress_line() {
  if (in_progress_line) overwrite_line("");
}

}  // namespace palate::cli
