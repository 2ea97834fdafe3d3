// How Palate says that something went wrong outside of it. Layer: base.
#pragma once

#include <stdexcept>
#include <string_view>

#include "palate/base/visible.h"

namespace palate {

// Each front end maps these five in one table (exit status, HTTP status, Python exception).
enum class ErrorCode {
  invalid_argument,  // an option's value or a combination of options
  bad_data,          // what a file or a request says cannot be used
  diverged,          // training left the finite numbers
  io,                // a file or the network cannot be read or written
  bad_model,         // a model file is damaged or not one
};

// The message is one visible line, whatever it quotes, that names the thing, the place and the
// value: `ratings.csv:1042: column 3 'rating': "4,5" is not a number`.
//
// Where it advises an option, that stands in backquotes by its name in the library, with its value
// where one is meant: `duplicates=last`. A front end turns it into its own way of saying so.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, std::string_view message)
      : std::runtime_error(one_line(message)), code_(code) {}
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

}  // namespace palate
