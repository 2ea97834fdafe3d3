// What the verbs show and ask of the terminal: results on standard output, everything else on
// standard error.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "palate/base/visible.h"
#include "palate/evaluate/compare.h"

namespace palate::cli {

// Seconds of a clock that only goes forward.
double now();

// Opens standard input, output and error on /dev/null where they are closed, so that no other file
// gets their place, and has a reader that has gone (`| head`) be an error of writing instead of the
// program's end. Called before anything is opened.
void open_standard_streams();

// Writes lines to standard output, visible (palate/base/visible.h). Where that is not possible (a
// full disk, say) the work goes on, what is printed later is dropped, and final_status() tells of
// it.
// On a terminal, lines that are longer than it is wide go on in the next one between words, but for
// those that begin with a space, and warnings have a color.
void print(std::string_view lines);
// With a style of each line, where the terminal has colors and NO_COLOR is not set.
enum class Style { plain, strong, good, doubtful, bad };
void print_styled(std::string_view lines, Style (*style_of)(std::string_view line));
// A command as it can be pasted, behind two spaces. On a terminal, one that is wider goes on in the
// next line behind a backslash.
void print_command(const std::vector<std::string>& words);
// The path of what was written, by itself.
void print_path(std::string_view path);
// Each text that is formatted is one line.
template <class... Args>
void print(fmt::format_string<Args...> format, const Args&... args) {
  const auto shown = []<class Arg>(const Arg& arg) -> decltype(auto) {
    if constexpr (std::is_convertible_v<const Arg&, std::string_view>) {
      return visible(arg);
    } else {
      return arg;
    }
  };
  print(fmt::format(fmt::runtime(format), shown(args)...));
}

// Writes rows of CSV to standard output, for other programs: as they are, but visible on a
// terminal.
void print_csv(std::string_view rows);

// Writes a document of JSON, visible. A path in it may hold what is not UTF-8: U+FFFD stands for
// it.
void print_json(const nlohmann::ordered_json& document);
// Writes one that is text already.
void print_document(const std::string& json);
// Writes the next part of one.
void print_part(std::string_view json);

// Thrown by whoever prints without end and finds that nothing can be printed any more.
struct CannotPrint {};
bool can_print();

// Writes a text of one line to standard error, as much of it as fits around the byte at `place`,
// and below it a mark under that byte.
void tell_place(std::string_view text, std::size_t place);

// Writes a line to standard error, visible. It never fails; final_status() knows where it was not
// possible.
void tell(std::string_view line);
template <class... Args>
void tell(fmt::format_string<Args...> format, Args&&... args) {
  tell(fmt::format(format, std::forward<Args>(args)...));
}

// The characters of UTF-8 text: about the columns that it takes on a terminal.
std::size_t width(std::string_view text);
// Its first characters, where it has more than `most`, and an ellipsis.
std::string shortened(const std::string& text, std::size_t most);
// The columns of the terminal that standard output is, as $COLUMNS or the terminal says; nothing
// where it is none.
std::optional<std::size_t> terminal_width();
// The words of a text in lines of at most `width` characters, but for words that are longer.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);

std::string with_commas(std::uint64_t count);                     // 100,836
std::string counted(std::uint64_t count, std::string_view noun);  // "1 user", "1,200 users"
// 1996-03-29, of seconds since 1970; a number where it is in no year of four digits
std::string date(double seconds);
std::string with_interval(const Interval& interval);  // "0.8734 [0.8621, 0.8850]"
std::string with_margin(const Interval& interval);    // "0.8734 ± 0.0116", the longer side
std::string duration_text(double seconds);            // "12s", "3m05s"
// a command as it can be pasted
std::string quoted_for_shell(const std::vector<std::string>& words);

bool terminal_on_stderr();

// Nothing that is told from here on is written.
void close_standard_error();

// The exit status where the work ended with `status`: kCannotTell instead of 0 where something
// could not be printed or told. It says why nothing could be printed; of a reader that has gone
// only where the program was started with SIGPIPE ignored.
int final_status(int status);

// Any line of progress: written over on a terminal, a line by itself in a pipe.
void show_line(std::string_view line);
void end_progress_line();

}  // namespace palate::cli
