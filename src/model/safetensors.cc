#include "model/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "base/assert.h"
#include "base/fail.h"
#include "base/json_text.h"
#include "base/parse.h"
#include "base/sha256.h"
#include "model/strict_json.h"

namespace palate {
namespace {

static_assert(std::endian::native == std::endian::little,
              "tensors are read and written as they lie in memory");

constexpr std::size_t kAlignment = 64;
constexpr std::uint64_t kLongestHeader = 100'000'000;  // as in the safetensors library
constexpr std::string_view kPad = "palate.pad.";
constexpr std::string_view kDigest = "palate.sha256";
constexpr std::size_t kDigestSize = std::tuple_size_v<Sha256Digest>;

struct DtypeInfo {
  std::string_view name;
  std::size_t size;
};
constexpr std::array<DtypeInfo, 4> kDtypes{
    {{"U8", 1}, {"U32", 4}, {"I64", 8}, {"F32", 4}}};  // in the order of Dtype
constexpr const DtypeInfo& info(Dtype dtype) { return kDtypes[static_cast<std::size_t>(dtype)]; }

constexpr std::size_t padding(std::size_t position) {
  return (kAlignment - position % kAlignment) % kAlignment;
}

}  // namespace

// -------------------------------------------------------------------------------------------------
// Writing

TensorSource matrix_source(std::string name, MatrixView matrix) {
  return {std::move(name),
          Dtype::f32,
          {matrix.rows, matrix.cols},
          std::as_bytes(std::span(matrix.data, 1)).data(),
          matrix.rows,
          matrix.cols * sizeof(float),
          matrix.stride * sizeof(float)};
}

void write_safetensors(const Metadata& metadata, const std::vector<TensorSource>& tensors,
                       const ByteSink& sink) {
  std::string header = "{\"__metadata__\":{";
  for (const auto& [name, value] : metadata) {
    header += fmt::format("{}{}:{}", header.back() == '{' ? "" : ",", json_string(name),
                          json_string(value));
  }
  header += '}';
  // in the part after the header, which begins at a multiple of the alignment
  std::size_t position = 0;
  const auto add = [&](std::string_view name, Dtype dtype, const std::vector<std::uint64_t>& shape,
                       std::size_t bytes) {
    header += fmt::format(R"(,{}:{{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}})",
                          json_string(name), info(dtype).name, fmt::join(shape, ","), position,
                          position + bytes);
    position += bytes;
  };
  std::size_t pads = 0;
  const auto add_pad = [&] {
    if (const std::size_t gap = padding(position))
      add(fmt::format("{}{}", kPad, pads++), Dtype::u8, {gap}, gap);
  };
  for (const TensorSource& tensor : tensors) {
    add(tensor.name, tensor.dtype, tensor.shape, tensor.bytes());
    add_pad();
  }
  add(kDigest, Dtype::u8, {kDigestSize}, kDigestSize);
  header += '}';
  header.append(padding(sizeof(std::uint64_t) + header.size()), ' ');
  PALATE_ASSERT(header.size() <= kLongestHeader);

  Sha256 hash;
  const ByteSink hashed = [&](std::span<const std::byte> bytes) {
    hash.update(bytes);
    sink(bytes);
  };
  const std::uint64_t header_size = header.size();
  hashed(std::as_bytes(std::span(&header_size, 1)));
  hashed(std::as_bytes(std::span(header)));
  const std::array<std::byte, kAlignment> zeros{};
  for (const TensorSource& tensor : tensors) {
    for (std::size_t row = 0; row < tensor.rows; ++row)
      hashed({tensor.data + row * tensor.row_distance, tensor.row_bytes});
    hashed(std::span(zeros).first(padding(tensor.bytes())));
  }
  const Sha256Digest digest = hash.finish();
  sink(std::as_bytes(std::span(digest)));
}

// -------------------------------------------------------------------------------------------------
// Reading

// Takes the header apart. Where it stands in the document is `place_`; the names below are those of
// the format.
class HeaderParser final : public StrictJson {
 public:
  explicit HeaderParser(SafetensorsReader& reader) : StrictJson("the header"), reader_(reader) {}

  bool start_object(std::size_t) override {
    switch (place_) {
      case Place::start:
        place_ = Place::top;
        return true;
      case Place::top:
        place_ = name_ == "__metadata__" ? Place::metadata : Place::tensor;
        return true;
      default:
        refuse("an object");
    }
  }

  bool key(string_t& name) override {
    if (place_ == Place::tensor) {
      if (name == "dtype") {
        expect_first(has_dtype_, name);
        place_ = Place::dtype;
      } else if (name == "shape") {
        expect_first(has_shape_, name);
        place_ = Place::before_shape;
      } else if (name == "data_offsets") {
        expect_first(has_offsets_, name);
        place_ = Place::before_offsets;
      } else {
        fail(ErrorCode::bad_model, "tensor {} has an unknown field {}", excerpt(name_),
             excerpt(name));
      }
    } else if (place_ == Place::metadata) {
      metadata_name_ = std::move(name);
      if (reader_.metadata_.contains(metadata_name_)) {
        fail(ErrorCode::bad_model, "metadata {} stands twice in the header",
             excerpt(metadata_name_));
      }
    } else {
      name_ = std::move(name);
      const bool repeated =
          name_ == "__metadata__" ? has_metadata_ : reader_.tensors_.contains(name_);
      if (repeated)
        fail(ErrorCode::bad_model, "tensor {} stands twice in the header", excerpt(name_));
    }
    return true;
  }

  bool string(string_t& value) override {
    if (place_ == Place::dtype) {
      tensor_.dtype = std::move(value);
      place_ = Place::tensor;
    } else if (place_ == Place::metadata) {
      reader_.metadata_.emplace(std::move(metadata_name_), std::move(value));
    } else {
      refuse("a string");
    }
    return true;
  }

  bool start_array(std::size_t) override {
    if (place_ != Place::before_shape && place_ != Place::before_offsets) refuse("a list");
    place_ = place_ == Place::before_shape ? Place::shape : Place::offsets;
    return true;
  }

  bool number_unsigned(number_unsigned_t value) override {
    if (place_ == Place::shape) {
      if (tensor_.shape.size() == 2)
        fail(ErrorCode::bad_model, "tensor {} has more than two dimensions", excerpt(name_));
      tensor_.shape.push_back(value);
    } else if (place_ == Place::offsets && num_offsets_ < 2) {
      tensor_.offsets[num_offsets_++] = value;
    } else {
      refuse("a number");
    }
    return true;
  }

  bool end_array() override {
    place_ = Place::tensor;
    return true;
  }

  bool end_object() override {
    if (place_ == Place::tensor) {
      if (!has_dtype_ || !has_shape_ || num_offsets_ != 2) {
        fail(ErrorCode::bad_model, "tensor {} lacks its dtype, its shape or its two offsets",
             excerpt(name_));
      }
      reader_.tensors_.emplace(std::move(name_), std::move(tensor_));
      tensor_ = {};
      has_dtype_ = has_shape_ = has_offsets_ = false;
      num_offsets_ = 0;
    } else if (place_ == Place::metadata) {
      has_metadata_ = true;
    }
    place_ = Place::top;
    return true;
  }

 private:
  enum class Place {
    start,
    top,
    metadata,
    tensor,
    dtype,
    before_shape,
    shape,
    before_offsets,
    offsets
  };

  void expect_first(bool& seen, std::string_view field) const {
    if (seen) fail(ErrorCode::bad_model, "tensor {} has its {} twice", excerpt(name_), field);
    seen = true;
  }

  SafetensorsReader& reader_;
  Place place_ = Place::start;
  std::string name_;
  std::string metadata_name_;
  SafetensorsReader::Tensor tensor_;
  bool has_dtype_ = false;
  bool has_shape_ = false;
  bool has_offsets_ = false;
  bool has_metadata_ = false;
  std::size_t num_offsets_ = 0;
};

namespace {

// The bytes that a tensor of this shape has, if that is a number.
std::optional<std::uint64_t> size_of(std::string_view name, std::string_view dtype,
                                     std::span<const std::uint64_t> shape) {
  const auto known = std::ranges::find(kDtypes, dtype, &DtypeInfo::name);
  if (known == kDtypes.end())
    fail(ErrorCode::bad_model, "tensor {} has the unknown dtype {}", excerpt(name), excerpt(dtype));
  std::uint64_t size = known->size;
  for (const std::uint64_t length : shape) {
    if (__builtin_mul_overflow(size, length, &size)) return std::nullopt;
  }
  return size;
}

}  // namespace

SafetensorsReader::SafetensorsReader(const std::span<const std::byte> file) {
  PALATE_ASSERT(reinterpret_cast<std::uintptr_t>(file.data()) % alignof(std::int64_t) == 0);
  std::uint64_t header_size = 0;
  if (file.size() < sizeof header_size)
    fail(ErrorCode::bad_model, "{} bytes are too few for a model file", file.size());
  std::memcpy(&header_size, file.data(), sizeof header_size);
  const std::span<const std::byte> rest = file.subspan(sizeof header_size);
  if (header_size == 0 || header_size > kLongestHeader ||
      (!rest.empty() && rest[0] != std::byte{'{'})) {
    fail(ErrorCode::bad_model, "it does not begin like a model file");
  }
  if (header_size > rest.size()) {
    fail(ErrorCode::bad_model,
         "the header should have {} bytes, but the file ends after {} of them", header_size,
         rest.size());
  }
  if (padding(sizeof header_size + header_size) != 0) {
    fail(ErrorCode::bad_model, "the header's {} bytes do not end at a multiple of {}", header_size,
         kAlignment);
  }
  HeaderParser(*this).parse({reinterpret_cast<const char*>(rest.data()), header_size});
  const std::span<const std::byte> data = rest.subspan(header_size);

  // In order of offset the tensors follow each other from the first byte to the last.
  std::vector<decltype(tensors_)::iterator> order;
  order.reserve(tensors_.size());
  for (auto tensor = tensors_.begin(); tensor != tensors_.end(); ++tensor) order.push_back(tensor);
  std::ranges::sort(order, {}, [](const auto& tensor) { return tensor->second.offsets; });
  std::uint64_t position = 0;
  for (const auto& entry : order) {
    const std::string& name = entry->first;
    Tensor& tensor = entry->second;
    const auto [begin, end] = tensor.offsets;
    const std::optional<std::uint64_t> size = size_of(name, tensor.dtype, tensor.shape);
    if (begin != position) {
      fail(ErrorCode::bad_model, "tensor {} begins at byte {} of the tensors, where {} is expected",
           excerpt(name), begin, position);
    }
    if (end < begin || end > data.size()) {
      fail(ErrorCode::bad_model,
           "tensor {} ends at byte {} of the tensors, which have {} bytes from {} on",
           excerpt(name), end, data.size() - position, position);
    }
    if (size != end - begin) {
      fail(ErrorCode::bad_model, "tensor {} has {} bytes, which is not what {} of shape [{}] has",
           excerpt(name), end - begin, tensor.dtype, fmt::join(tensor.shape, ", "));
    }
    tensor.bytes = data.subspan(begin, end - begin);
    if (name.starts_with(kPad)) {
      const bool zeros =
          std::ranges::all_of(tensor.bytes, [](std::byte byte) { return byte == std::byte{0}; });
      if (tensor.dtype != "U8" || end - begin >= kAlignment || padding(end) != 0 || !zeros) {
        fail(ErrorCode::bad_model, "tensor {} is not padding: zeros up to the next multiple of {}",
             excerpt(name), kAlignment);
      }
    } else if (padding(begin) != 0) {
      fail(ErrorCode::bad_model, "tensor {} begins at byte {}, not at a multiple of {}",
           excerpt(name), begin, kAlignment);
    }
    position = end;
  }
  if (position != data.size()) {
    fail(ErrorCode::bad_model, "there are {} bytes behind the last tensor", data.size() - position);
  }
  std::erase_if(tensors_, [](const auto& tensor) { return tensor.first.starts_with(kPad); });

  if (!has_tensor(kDigest))
    fail(ErrorCode::bad_model, "tensor \"{}\" is missing: it is not a model of Palate's", kDigest);
  const std::span<const std::uint8_t> carried = vector<std::uint8_t>(kDigest);
  if (carried.size() != kDigestSize ||
      std::as_bytes(carried).data() + kDigestSize != data.data() + data.size()) {
    fail(ErrorCode::bad_model, "tensor \"{}\" is not the file's last {} bytes", kDigest,
         kDigestSize);
  }
  Sha256 hash;
  hash.update(file.first(file.size() - kDigestSize));
  if (!std::ranges::equal(hash.finish(), carried)) {
    fail(ErrorCode::bad_model,
         "it is damaged: its bytes do not have the digest that tensor \"{}\" says", kDigest);
  }
}

SafetensorsReader::Tensor SafetensorsReader::take(std::string_view name, Dtype dtype,
                                                  std::size_t dimensions) {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) fail(ErrorCode::bad_model, "tensor {} is missing", excerpt(name));
  Tensor tensor = std::move(found->second);
  tensors_.erase(found);
  if (tensor.dtype != info(dtype).name) {
    fail(ErrorCode::bad_model, "tensor {} is {} where {} is expected", excerpt(name), tensor.dtype,
         info(dtype).name);
  }
  if (tensor.shape.size() != dimensions) {
    fail(ErrorCode::bad_model, "tensor {} has {} dimensions where {} are expected", excerpt(name),
         tensor.shape.size(), dimensions);
  }
  return tensor;
}

MatrixView SafetensorsReader::matrix(std::string_view name) {
  const Tensor tensor = take(name, Dtype::f32, 2);
  for (const std::uint64_t length : tensor.shape) {
    if (length > std::numeric_limits<Index>::max()) {
      fail(ErrorCode::bad_model, "tensor {} has the length {} in its shape, which is too long",
           excerpt(name), length);
    }
  }
  const Index rows = static_cast<Index>(tensor.shape[0]);
  const Index cols = static_cast<Index>(tensor.shape[1]);
  return {reinterpret_cast<const float*>(tensor.bytes.data()), rows, cols, cols};
}

std::string SafetensorsReader::text(std::string_view name) {
  const auto found = metadata_.find(name);
  if (found == metadata_.end()) fail(ErrorCode::bad_model, "metadata {} is missing", excerpt(name));
  std::string value = std::move(found->second);
  metadata_.erase(found);
  return value;
}

void SafetensorsReader::finish() const {
  if (!tensors_.empty())
    fail(ErrorCode::bad_model, "tensor {} is unknown", excerpt(tensors_.begin()->first));
  if (!metadata_.empty())
    fail(ErrorCode::bad_model, "metadata {} is unknown", excerpt(metadata_.begin()->first));
}

}  // namespace palate
