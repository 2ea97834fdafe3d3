// Arrays as NumPy writes them: .npy files and the members of an .npz. Layer: data.
#pragma once

#include <string>
#include <vector>

#include "data/byte_source.h"
#include "palate/base/matrix.h"

namespace palate {

// Format versions 1 to 3. Numbers are little-endian floats of 32 or 64 bits, row by row or, in
// Fortran order, column by column; ids are integers or texts.
//
// Errors:      bad_data  another type or shape, a number that is no finite 32-bit number, or a
//                        damaged file; the message names the file
//              io        it cannot be read
// Guarantees:  what the header says is held against the bytes that follow before memory is asked
//              for.

// rows x columns, of which there are at most 4096: more are no factors.
Matrix read_npy_matrix(const OpenFile& file);

// One dimension; all but one of several may be 1.
std::vector<float> read_npy_list(const OpenFile& file);

// A single number, which may be an integer.
double read_npy_number(const OpenFile& file);

// The texts of one dimension. Integers are written as such.
std::vector<std::string> read_npy_texts(const OpenFile& file);

}  // namespace palate
