// Steps of stochastic gradient descent, for SIMD: kernels.h has the formulas, sgd_scalar.h the
// plain loops.
//
// A single step is a chain: dot product, sum over lanes, error, rates, update. The four ratings of
// a quad go through it side by side, so that the processor works on one while another waits; what
// is one number for each rating is one vector for the four.
#if defined(PALATE_KERNELS_SGD_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef PALATE_KERNELS_SGD_INL_H_
#undef PALATE_KERNELS_SGD_INL_H_
#else
#define PALATE_KERNELS_SGD_INL_H_
#endif

#include <hwy/highway.h>

#include <cstddef>
#include <span>

#include "kernels/kernels.h"
#include "kernels/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace palate::HWY_NAMESPACE {

using FourFloats = hn::FixedTag<float, 4>;
using Four = hn::Vec<FourFloats>;  // one float for each rating of a quad

// The lower or upper halves of a and b, one after the other.
HWY_INLINE Four lower_halves(Four a, Four b) {
  return hn::Combine(FourFloats(), hn::LowerHalf(b), hn::LowerHalf(a));
}
HWY_INLINE Four upper_halves(Four a, Four b) {
  const FourFloats d;
  return hn::Combine(d, hn::UpperHalf(hn::Half<FourFloats>(), b),
                     hn::UpperHalf(hn::Half<FourFloats>(), a));
}

HWY_INLINE void transpose(Four& a, Four& b, Four& c, Four& e) {
  const FourFloats d;
  const Four ab_low = hn::InterleaveLower(d, a, b);  // a0 b0 a1 b1
  const Four ab_high = hn::InterleaveUpper(d, a, b);
  const Four ce_low = hn::InterleaveLower(d, c, e);
  const Four ce_high = hn::InterleaveUpper(d, c, e);
  a = lower_halves(ab_low, ce_low);
  b = upper_halves(ab_low, ce_low);
  c = lower_halves(ab_high, ce_high);
  e = upper_halves(ab_high, ce_high);
}

// The sum of the vector's lanes 0, 4, 8, ..., that of lanes 1, 5, 9, ..., and so on.
template <class D>
HWY_INLINE Four fold(D, hn::Vec<D> v) {
  if constexpr (hn::MaxLanes(D()) == 4) {
    return v;
  } else {
    const hn::Half<D> half;
    return fold(half, hn::Add(hn::LowerHalf(half, v), hn::UpperHalf(half, v)));
  }
}

// The sums over all lanes of four vectors.
HWY_INLINE Four sums_of_lanes(Vector a, Vector b, Vector c, Vector e) {
  const Floats d;
  const FourFloats four;
  const Four fa = fold(d, a);
  const Four fb = fold(d, b);
  const Four fc = fold(d, c);
  const Four fe = fold(d, e);
  // a02 b02 a13 b13
  const Four ab = hn::Add(hn::InterleaveLower(four, fa, fb), hn::InterleaveUpper(four, fa, fb));
  const Four ce = hn::Add(hn::InterleaveLower(four, fc, fe), hn::InterleaveUpper(four, fc, fe));
  return hn::Add(lower_halves(ab, ce), upper_halves(ab, ce));
}

// The states of a quad's users, or of its items.
struct Rows {
  Four bias;
  Four squares;
  Four regularization;
  Four bias_regularization;
};

static_assert(sizeof(SgdRow) == 4 * sizeof(float));

HWY_INLINE Rows load_rows(const SgdRow* rows, const Index* which) {
  const FourFloats d;
  Four v[4];
  for (std::size_t j = 0; j < 4; ++j) v[j] = hn::LoadU(d, &rows[which[j]].bias);
  transpose(v[0], v[1], v[2], v[3]);
  return {v[0], v[1], v[2], v[3]};
}

HWY_INLINE void store_rows(Rows from, SgdRow* rows, const Index* which) {
  const FourFloats d;
  transpose(from.bias, from.squares, from.regularization, from.bias_regularization);
  hn::StoreU(from.bias, d, &rows[which[0]].bias);
  hn::StoreU(from.squares, d, &rows[which[1]].bias);
  hn::StoreU(from.regularization, d, &rows[which[2]].bias);
  hn::StoreU(from.bias_regularization, d, &rows[which[3]].bias);
}

// What four ratings do to the factors of their users, or of their items: x <- shrink x + step y.
struct FactorSteps {
  float shrink[4];
  float step[4];
};

// Moves the states on, and returns how the factors are to follow.
HWY_INLINE FactorSteps step_rows(Rows& rows, Four error, float learning_rate) {
  const FourFloats d;
  const Four one = hn::Set(d, 1.0F);
  const Four rate = hn::Div(hn::Set(d, learning_rate), hn::Sqrt(rows.squares));
  const Four step = hn::Mul(rate, error);
  const auto shrink = [&](Four regularization) {
    return hn::Max(hn::Zero(d), hn::NegMulAdd(rate, regularization, one));
  };
  rows.squares = hn::MulAdd(error, error, rows.squares);
  rows.bias = hn::MulAdd(rows.bias, shrink(rows.bias_regularization), step);
  FactorSteps steps;
  hn::StoreU(shrink(rows.regularization), d, steps.shrink);
  hn::StoreU(step, d, steps.step);
  return steps;
}

// For rows of kVectors vectors, or of any number where kVectors is 0.
template <std::size_t kVectors>
double sgd_steps_of_width(std::span<const RatingQuad> quads, const SgdModel& model) {
  const Floats d;
  const FourFloats four;
  const hn::FixedTag<double, 2> doubles;
  const std::size_t width = kVectors > 0 ? kVectors * kLanes : model.width;
  auto low_loss = hn::Zero(doubles);
  auto high_loss = hn::Zero(doubles);
  for (const RatingQuad& quad : quads) {
    float* x[4];
    float* y[4];
    for (std::size_t j = 0; j < 4; ++j) {
      x[j] = model.users.factors + quad.users[j] * width;
      y[j] = model.items.factors + quad.items[j] * width;
    }
    Vector dot[4] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
    for (std::size_t f = 0; f < width; f += kLanes) {
      for (std::size_t j = 0; j < 4; ++j)
        dot[j] = hn::MulAdd(hn::Load(d, x[j] + f), hn::Load(d, y[j] + f), dot[j]);
    }

    Rows users = load_rows(model.users.rows, quad.users);
    Rows items = load_rows(model.items.rows, quad.items);
    const Four score =
        hn::Add(hn::Add(users.bias, items.bias), sums_of_lanes(dot[0], dot[1], dot[2], dot[3]));
    const Four error = hn::Sub(hn::LoadU(four, quad.values), score);
    const auto low_error = hn::PromoteTo(doubles, hn::LowerHalf(error));
    const auto high_error = hn::PromoteTo(doubles, hn::UpperHalf(hn::Half<FourFloats>(), error));
    low_loss = hn::MulAdd(low_error, low_error, low_loss);
    high_loss = hn::MulAdd(high_error, high_error, high_loss);

    const FactorSteps user_steps = step_rows(users, error, model.learning_rate);
    const FactorSteps item_steps = step_rows(items, error, model.learning_rate);
    store_rows(users, model.users.rows, quad.users);
    store_rows(items, model.items.rows, quad.items);
    for (std::size_t j = 0; j < 4; ++j) {
      const Vector user_shrink = hn::Set(d, user_steps.shrink[j]);
      const Vector user_step = hn::Set(d, user_steps.step[j]);
      const Vector item_shrink = hn::Set(d, item_steps.shrink[j]);
      const Vector item_step = hn::Set(d, item_steps.step[j]);
      for (std::size_t f = 0; f < width; f += kLanes) {
        const Vector xf = hn::Load(d, x[j] + f);
        const Vector yf = hn::Load(d, y[j] + f);
        hn::Store(hn::MulAdd(yf, user_step, hn::Mul(xf, user_shrink)), d, x[j] + f);
        hn::Store(hn::MulAdd(xf, item_step, hn::Mul(yf, item_shrink)), d, y[j] + f);
      }
    }
  }
  return hn::GetLane(hn::SumOfLanes(doubles, hn::Add(low_loss, high_loss)));
}

inline double sgd_steps(std::span<const RatingQuad> quads, const SgdModel& model) {
  switch (model.width / kLanes) {
    case 2:
      return sgd_steps_of_width<2>(quads, model);
    case 4:
      return sgd_steps_of_width<4>(quads, model);
    case 8:
      return sgd_steps_of_width<8>(quads, model);
    case 16:
      return sgd_steps_of_width<16>(quads, model);
    default:
      return sgd_steps_of_width<0>(quads, model);
  }
}

}  // namespace palate::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
