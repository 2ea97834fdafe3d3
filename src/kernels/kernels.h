// The inner loops that have one version for each kind of processor: a table of functions, chosen at
// run time.
//
// A call does a whole row or block, so that the choice costs nothing. Each kernel is a plain loop
// in NAME_scalar.h, which is its definition, and is written once more for all SIMD targets in
// NAME-inl.h. To add one: its pointer here, the two files, and a line each in scalar.cc and
// simd.cc; its test runs over all_kernels().
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "palate/base/index.h"
#include "palate/base/views.h"

namespace palate {

// The ratings of a row, and the rows of Y that they point to.
struct RowRatings {
  SparseRow row;  // row.columns are rows of y, row.values the targets
  MatrixView y;
  const float* weights = nullptr;  // row.size() of them, each >= 0; null: all are 1
};

// What a row's ratings say of its factors x and bias b: the normal equations of
//
//   min  sum_t w_t (target_t - b - x . y_t)^2 + regularization |x|^2 + bias_regularization b^2
//
//   | G + regularization I   s                       | |x|   | c          |
//   | s^T                    n + bias_regularization | |b| = | target_sum |
//
//   G = sum_t w_t y_t y_t^T      s = sum_t w_t y_t           n = sum_t w_t
//                                c = sum_t w_t target_t y_t  target_sum = sum_t w_t target_t
//
// where y_t is the row of Y that rating t points to and w_t its weight. The five sums may all start
// from a base instead of zero, whose matrix is positive semidefinite: what all items say together,
// or a Gaussian prior. A row may be without ratings.
struct RowEquations {
  // Kernels::equations_size(f) floats in rows of equations_stride(f): s, then c, then the upper
  // triangle of G (what lies below the diagonal, and beyond f, is not defined).
  float* matrix = nullptr;
  float count = 0;  // n
  float target_sum = 0;
  // Both > 0. They are raised to 1e-5 of the largest diagonal element of G and of n, beside which
  // they would drown in rounding.
  float regularization = 0;
  // Infinity: the bias is 0, and the factors are those of equations without a bias.
  float bias_regularization = 0;
};

// Where the solution goes.
struct RowSolution {
  float* factors = nullptr;  // f of them
  float* bias = nullptr;
};

// Four ratings of four different users and four different items: a step for one does not touch the
// others.
struct RatingQuad {
  Index users[4];
  Index items[4];
  float values[4];
};

// What stochastic gradient descent knows of a user or an item beside its factors.
struct SgdRow {
  float bias = 0;
  float squares = 0;  // G: the sum of its squared errors and what that began with; > 0
  float regularization = 0;
  float bias_regularization = 0;
};

// Row r has its factors in factors[r width] .. factors[r width + width - 1].
struct SgdSide {
  float* factors = nullptr;
  SgdRow* rows = nullptr;
};

struct SgdModel {
  SgdSide users;
  SgdSide items;
  std::size_t width = 0;  // a multiple of lanes; factors begin at a multiple of 64 bytes
  float learning_rate = 0;
};

// Bounds of scores: x . y of vectors of bytes. The items of a block stand side by side.
inline constexpr Index kBoundItems = 64;
inline constexpr Index kBoundUsers = 6;
inline constexpr Index kBoundFactors = 8;  // vectors are filled up with zeros to a multiple of it
struct alignas(64) BoundQuads {
  std::uint8_t values[kBoundItems][4];  // four elements of each item, from 0 to 2 most_byte + 1
};
struct BoundItems {
  const BoundQuads* quads = nullptr;
  const float* biases = nullptr;
};
struct BoundUsers {
  const std::int8_t* values[kBoundUsers] = {};  // from -most_byte to most_byte
  float scales[kBoundUsers] = {};
  float floors[kBoundUsers] = {};
};
struct ScoreBound {
  Index place;  // of the item in its block
  float bound;
};

// A product of small matrices: C = A B, or C + A B. C is rows x columns, A rows x depth and B
// depth x columns. C overlaps neither A nor B. No pointer has to be aligned.
struct Product {
  const float* a = nullptr;  // A(m, k) = a[m a_row + k a_column], so that A may stand transposed
  std::size_t a_row = 0;
  std::size_t a_column = 1;
  const float* b = nullptr;  // B(k, n) = b[k b_stride + n]
  std::size_t b_stride = 0;
  float* c = nullptr;  // C(m, n) = c[m c_stride + n]
  std::size_t c_stride = 0;
  Index rows = 0;
  Index columns = 0;
  Index depth = 0;
  bool add = false;  // to what C holds
};

// The scores of what some users have chosen, and of what was sampled for each: a column for each
// choice, a row for each sampled item. Negatives that do not count have a score of kNoScore.
inline constexpr float kNoScore = -1e30F;
struct SampledScores {
  float* sampled = nullptr;  // s(j, t) = sampled[j stride + t]
  std::size_t stride = 0;
  Index rows = 0;
  Index columns = 0;
  float* chosen = nullptr;         // a score for each column, as the others
  const float* weights = nullptr;  // w_t
};

// Some rows of X, each beside some rows of Y: with r = rows[n], x_r stands beside y_s for the s in
// others[starts[n]] .. others[starts[n + 1] - 1].
struct RowGroups {
  std::span<const Index> rows;    // different ones
  const Index* starts = nullptr;  // one more than there are rows
  const Index* others = nullptr;
};

// A step of AdaGrad with one rate for a whole row.
inline constexpr Index kMostDescended = 4096;  // factors
struct RowDescent {
  const float* multiples = nullptr;  // as others
  const float* weights = nullptr;    // as rows
  float learning_rate = 0;
  float regularization = 0;
  bool unit = false;  // each x has length 1 and keeps it
};

struct Kernels {
  std::string_view target;  // "scalar", "avx2", "avx512", "avx512vnni", "neon"
  Index lanes;              // floats in a vector: so many small systems are solved side by side
  // The most that a byte is in score_bounds: 127, or 63 where four products have to stay in 16
  // bits.
  int most_byte;

  // Fills `matrix` of a row's equations. The sums start from `base`, another matrix that
  // row_equations has filled, or one of the same layout with zeros beyond f; null: from zero.
  void (*row_equations)(const RowRatings& ratings, const float* base, float* matrix);

  // Solves `count` <= batch(factors) systems of `factors` unknowns and a bias each. A solution does
  // not depend on the systems beside it. The matrices are used up; `scratch` has
  // solve_scratch(factors) floats. Both are aligned to 64 bytes.
  void (*solve_rows)(const RowEquations* equations, Index count, Index factors,
                     const RowSolution* solutions, float* scratch);

  // sum_t w_t (target_t - bias - x . y_t)^2. x is as long as a row of y.
  double (*squared_error)(const RowRatings& ratings, const float* x, float bias);

  // Bit i % 64 of marks[i / 64] says whether text[i] is `byte`; bits behind the text are 0.
  void (*mark_bytes)(std::string_view text, char byte, std::uint64_t* marks);

  // The integers that `count` cells are, cells[0], cells[stride], ..: canonical ones of 1 to 16
  // digits, and sixteen bytes behind each can be read. False, and nothing said of the numbers,
  // where a cell is something else.
  bool (*parse_integers)(const std::string_view* cells, std::size_t stride, std::size_t count,
                         std::int64_t* numbers);

  // Takes the ratings one after the other, and for each with value r, user u and item i a step
  // against the error e = r - b_u - b_i - x_u . y_i:
  //
  //   h_u = learning_rate / sqrt(G_u)
  //   x_u <- max(0, 1 - h_u regularization_u) x_u + h_u e y_i
  //   b_u <- max(0, 1 - h_u bias_regularization_u) b_u + h_u e
  //   G_u <- G_u + e^2
  //
  // and the same of the item, whose y_i moves by x_u as it was.
  // Returns the sum of e^2.
  double (*sgd_steps)(std::span<const RatingQuad> quads, const SgdModel& model);

  // For each of the users u, writes the items i of a block whose
  //
  //   bound = biases_i + scales_u (x_u . y_i)
  //
  // is at least the user's floor, in order of place, to bounds[u], which has room for all;
  // counts[u] is how many they are. Vectors have `factors` bytes. x . y is a sum of integers that
  // stays in 32 bits. A bound is rounded two or three times.
  void (*score_bounds)(const BoundItems& items, const BoundUsers& users, Index factors,
                       ScoreBound* const bounds[kBoundUsers], Index counts[kBoundUsers]);

  // errors[t] = target_t - x . y_t. They may take the place of the targets.
  void (*row_errors)(const RowRatings& ratings, const float* x, float* errors);

  // sum = sum_t w_t (target_t - x . y_t) y_t; x is zero where it is null. `sum` is as long as a row
  // of y.
  void (*sum_errors)(const RowRatings& ratings, const float* x, float* sum);

  // Computes a product. Each element of C is summed in the order of k, so that its bits do not
  // depend on the rows and columns beside it.
  void (*multiply)(const Product& product);

  // The gradients of softmax losses -log(e^chosen_t / (e^chosen_t + sum_j e^s(j, t))): with p for
  // the shares of that sum, s(j, t) becomes w_t p_j and chosen_t becomes w_t times the sum of the
  // p_j. Returns the sum of the losses, each times its weight.
  double (*softmax_gradients)(const SampledScores& scores);

  // products[p] = x_r . y_s for the s in others[p] that stands beside x_r.
  void (*products)(const RowGroups& groups, MatrixView x, MatrixView y, float* products);

  // Moves each x_r against its gradient g = regularization weights[n] x_r + sum_p multiples[p] y_s,
  // with p and s as above:
  //
  //   g <- g - (g . x_r) x_r, where x_r is a unit vector
  //   squares_r <- squares_r + |g|^2
  //   x_r <- x_r - learning_rate / sqrt(squares_r) g, and x_r / |x_r| where it is a unit vector
  //
  // Rows have at most kMostDescended factors. X does not overlap Y.
  void (*descend)(const RowGroups& groups, const RowDescent& step, MatrixView y,
                  MutableMatrixView x, float* squares);

  // How many systems one call of solve_rows takes: the lanes, or 1 where they are large.
  Index batch(Index factors) const;
  std::size_t equations_stride(Index factors) const;  // factors rounded up to lanes
  std::size_t equations_size(Index factors) const;
  std::size_t solve_scratch(Index factors) const;
};

// The fastest kernels that this machine can run, or those that the environment variable PALATE_SIMD
// names. Throws Error(invalid_argument) that lists what this machine has when it names something
// else.
const Kernels& kernels();

// Every version that this machine can run, `scalar` first and the fastest last.
std::vector<const Kernels*> all_kernels();

}  // namespace palate
