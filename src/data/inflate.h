// Bytes that deflate packed, without a header of their own. Layer: data.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string_view>

namespace palate {

// Hands on what the packed bytes unpack to, a block at a time. `next` gives the packed bytes, piece
// by piece, and nothing at their end. What is wrong with them, if anything: they have to be
// deflated, and all of them.
std::optional<std::string_view> inflate(const std::function<std::span<char>()>& next,
                                        const std::function<void(std::string_view)>& take);

}  // namespace palate
