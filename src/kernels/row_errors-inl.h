// The errors of a row's ratings, for SIMD: kernels.h has the formulas, row_errors_scalar.h the
// plain loops.
//
// Four rows of Y go side by side: their products do not wait for each other, and a vector of the
// sum is loaded and stored once for the four.
#if defined(PALATE_KERNELS_ROW_ERRORS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef PALATE_KERNELS_ROW_ERRORS_INL_H_
#undef PALATE_KERNELS_ROW_ERRORS_INL_H_
#else
#define PALATE_KERNELS_ROW_ERRORS_INL_H_
#endif

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <algorithm>

#include "kernels/kernels.h"
#include "kernels/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace palate::HWY_NAMESPACE {

// Four ratings of a row from one on; beyond the last the last is repeated.
class FourRatings {
 public:
  FourRatings(const RowRatings& ratings, Index first)
      : ratings_(ratings), first_(first), count_(std::min(4U, ratings.row.size() - first)) {
    constexpr Index kAhead = 8;  // ratings between asking for a row of Y and reading it
    for (Index r = 0; r < 4; ++r) {
      y_[r] = ratings.y.row(ratings.row.columns[first + std::min(r, count_ - 1)]).data();
      if (first + kAhead + r >= ratings.row.size()) continue;
      const float* const next = ratings.y.row(ratings.row.columns[first + kAhead + r]).data();
      for (Index i = 0; i < ratings.y.cols; i += 16) hwy::Prefetch(next + i);
    }
  }
  Index count() const { return count_; }

  // target_t - x . y_t
  HWY_INLINE void errors(const float* x, float* errors) const {
    for (Index r = 0; r < count_; ++r) errors[r] = ratings_.row.values[first_ + r];
    if (x == nullptr) return;
    const Floats d;
    const Index f = ratings_.y.cols;
    const Index whole = f / kLanes * kLanes;
    Vector dots[4] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
    for (Index i = 0; i < whole; i += kLanes) {
      const Vector part = hn::LoadU(d, x + i);
      for (int r = 0; r < 4; ++r) dots[r] = hn::MulAdd(part, hn::LoadU(d, y_[r] + i), dots[r]);
    }
    for (Index r = 0; r < count_; ++r) {
      errors[r] -= hn::GetLane(hn::SumOfLanes(d, dots[r]));
      for (Index i = whole; i < f; ++i) errors[r] -= x[i] * y_[r][i];
    }
  }

  // sum_i += factors_r y_ri
  HWY_INLINE void add(const float* factors, float* HWY_RESTRICT sum) const {
    const Floats d;
    const Index f = ratings_.y.cols;
    const Index whole = f / kLanes * kLanes;
    Vector scales[4];
    for (Index r = 0; r < 4; ++r) scales[r] = hn::Set(d, r < count_ ? factors[r] : 0.0F);
    for (Index i = 0; i < whole; i += kLanes) {
      Vector all = hn::LoadU(d, sum + i);
      for (int r = 0; r < 4; ++r) all = hn::MulAdd(scales[r], hn::LoadU(d, y_[r] + i), all);
      hn::StoreU(all, d, sum + i);
    }
    for (Index i = whole; i < f; ++i) {
      for (Index r = 0; r < count_; ++r) sum[i] += factors[r] * y_[r][i];
    }
  }

 private:
  const RowRatings& ratings_;
  Index first_;
  Index count_;
  const float* y_[4];
};

inline void row_errors(const RowRatings& ratings, const float* x, float* errors) {
  for (Index t = 0; t < ratings.row.size(); t += 4) FourRatings(ratings, t).errors(x, errors + t);
}

inline void sum_errors(const RowRatings& ratings, const float* x, float* sum) {
  std::fill_n(sum, ratings.y.cols, 0.0F);
  for (Index t = 0; t < ratings.row.size(); t += 4) {
    const FourRatings four(ratings, t);
    float errors[4];
    four.errors(x, errors);
    for (Index r = 0; ratings.weights != nullptr && r < four.count(); ++r)
      errors[r] *= ratings.weights[t + r];
    four.add(errors, sum);
  }
}

}  // namespace palate::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
