#include "data/inflate.h"

#include <zlib.h>

#include <new>
#include <string>

namespace palate {
namespace {

class Stream {
 public:
  Stream() {
    if (inflateInit2(&stream_, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
  ~Stream() { inflateEnd(&stream_); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  z_stream* operator->() { return &stream_; }
  z_stream* get() { return &stream_; }

 private:
  z_stream stream_{};
};

}  // namespace

std::optional<std::string_view> inflate(const std::function<std::span<char>()>& next,
                                        const std::function<void(std::string_view)>& take) {
  constexpr std::size_t kBlock = std::size_t{1} << 18;
  std::string unpacked(kBlock, '\0');
  Stream stream;
  for (int result = Z_OK; result != Z_STREAM_END;) {
    const bool starved = stream->avail_in == 0;
    if (starved) {
      const std::span<char> packed = next();
      stream->next_in = reinterpret_cast<Bytef*>(packed.data());
      stream->avail_in = static_cast<uInt>(packed.size());
    }
    const bool at_end = starved && stream->avail_in == 0;
    stream->next_out = reinterpret_cast<Bytef*>(unpacked.data());
    stream->avail_out = static_cast<uInt>(unpacked.size());
    result = ::inflate(stream.get(), Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
      return "it is not what deflate writes";
    const std::string_view bytes =
        std::string_view(unpacked).substr(0, unpacked.size() - stream->avail_out);
    if (at_end && bytes.empty() && result != Z_STREAM_END) return "it ends too early";
    take(bytes);
  }
  if (stream->avail_in > 0 || !next().empty()) return "it goes on behind its end";
  return std::nullopt;
}

}  // namespace palate
