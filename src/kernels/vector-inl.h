// The vector of floats that all kernels use.
#if defined(PALATE_KERNELS_VECTOR_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef PALATE_KERNELS_VECTOR_INL_H_
#undef PALATE_KERNELS_VECTOR_INL_H_
#else
#define PALATE_KERNELS_VECTOR_INL_H_
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace palate::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;  // as many as fit a register
using Vector = hn::Vec<Floats>;
constexpr unsigned kLanes = HWY_MAX_BYTES / sizeof(float);

}  // namespace palate::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
