// A product of small matrices, in plain loops. kernels.h has the formula.
#pragma once

#include <algorithm>

#include "kernels/kernels.h"

namespace palate::scalar {

inline void multiply(const Product& product) {
  for (Index m = 0; m < product.rows; ++m) {
    float* const c = product.c + m * product.c_stride;
    if (!product.add) std::fill_n(c, product.columns, 0.0F);
    for (Index k = 0; k < product.depth; ++k) {
      const float a = product.a[m * product.a_row + k * product.a_column];
      const float* const b = product.b + k * product.b_stride;
      for (Index n = 0; n < product.columns; ++n) c[n] += a * b[n];
    }
  }
}

}  // namespace palate::scalar
