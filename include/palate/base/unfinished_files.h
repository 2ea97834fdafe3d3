// Files on the way to being written, for a program that a signal ends. Layer: base.
#pragma once

namespace palate {

// Removes the temporary files of all that this process is writing; what is to be replaced stays.
// For a handler that ends the process: what is written can only fail afterwards.
//
// Guarantees:  async-signal-safe.
void remove_unfinished_files() noexcept;

}  // namespace palate
