// A block of ResNet-50 (arXiv 1512.03385).
#pragma once

#include <string>

#include "graph/builder.h"

namespace nacre {

// 1x1 to `inner` channels, 3x3, 1x1 to `out`, with a shortcut, projected where shapes differ.
inline std::string Bottleneck(NetworkBuilder& builder, const std::string& x, int64_t inner,
                              int64_t out, int64_t stride) {
  std::string y = builder.ConvBn(x, {.out = inner, .kernel = 1});
  y = builder.ConvBn(y, {.out = inner, .kernel = 3, .stride = stride});
  y = builder.ConvBn(y, {.out = out, .kernel = 1}, "");
  const bool same = stride == 1 && builder.Channels(x) == out;
  const std::string shortcut =
      same ? x : builder.ConvBn(x, {.out = out, .kernel = 1, .stride = stride}, "");
  return builder.Activation(builder.Add(y, shortcut), "Relu");
}

}  // namespace nacre
