// Every kernel's vector code, compiled once for each target.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd.cc"
// HWY_AVX3_DL takes in instructions that few processors have; what it adds for us is VNNI, which
// score_bounds asks for itself.
#define HWY_DISABLED_TARGETS \
  (HWY_AVX3_DL | HWY_SSSE3 | HWY_SSE4 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>

#include "kernels/targets.h"

// What is left for a processor without vectors that we use is slower than the plain loops.
#if HWY_TARGET != HWY_EMU128 && HWY_TARGET != HWY_SCALAR
#include "kernels/mark_bytes-inl.h"
#include "kernels/multiply-inl.h"
#include "kernels/parse_integers-inl.h"
#include "kernels/ranking-inl.h"
#include "kernels/row_equations-inl.h"
#include "kernels/row_errors-inl.h"
#include "kernels/score_bounds-inl.h"
#include "kernels/sgd-inl.h"
#include "kernels/solve_rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace palate::HWY_NAMESPACE {

inline constexpr Kernels kTable{
    .target = HWY_TARGET == HWY_AVX2   ? "avx2"
              : HWY_TARGET == HWY_NEON ? "neon"
                                       : "avx512",
    .lanes = kLanes,
    .most_byte = ByteProducts::kMostByte,
    .row_equations = row_equations,
    .solve_rows = solve_rows,
    .squared_error = squared_error,
    .mark_bytes = mark_bytes,
    .parse_integers = parse_integers,
    .sgd_steps = sgd_steps,
    .score_bounds = score_bounds<ByteProducts>,
    .row_errors = row_errors,
    .sum_errors = sum_errors,
    .multiply = multiply,
    .softmax_gradients = softmax_gradients,
    .products = products,
    .descend = descend,
};

const Kernels& table() { return kTable; }

#if HWY_TARGET == HWY_AVX3
const Kernels& vnni_table() {
  static constexpr Kernels kVnniTable = [] {
    Kernels table = kTable;
    table.target = "avx512vnni";
    table.most_byte = VnniProducts::kMostByte;
    table.score_bounds = score_bounds<VnniProducts>;
    return table;
  }();
  return kVnniTable;
}
#endif

}  // namespace palate::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#if HWY_ONCE
namespace palate {

std::vector<const Kernels*> simd_kernels() {
  std::vector<const Kernels*> tables;
#if HWY_TARGETS & HWY_NEON
  tables.push_back(&N_NEON::table());
#endif
#if HWY_TARGETS & (HWY_AVX2 | HWY_AVX3)
  // What the kernels need of that which Highway compiles these targets for. The builtin also asks
  // whether the operating system keeps the registers.
#define PALATE_HAS(instructions) (__builtin_cpu_supports(instructions) != 0)
  [[maybe_unused]] const bool avx2 =
      PALATE_HAS("avx2") && PALATE_HAS("fma") && PALATE_HAS("bmi") && PALATE_HAS("bmi2");
  [[maybe_unused]] const bool avx3 = avx2 && PALATE_HAS("avx512f") && PALATE_HAS("avx512vl") &&
                                     PALATE_HAS("avx512dq") && PALATE_HAS("avx512bw");
#endif
#if HWY_TARGETS & HWY_AVX2
  if (avx2) tables.push_back(&N_AVX2::table());
#endif
#if HWY_TARGETS & HWY_AVX3
  if (avx3) tables.push_back(&N_AVX3::table());
  if (avx3 && PALATE_HAS("avx512vnni")) tables.push_back(&N_AVX3::vnni_table());
#endif
  return tables;
}

}  // namespace palate
#endif
