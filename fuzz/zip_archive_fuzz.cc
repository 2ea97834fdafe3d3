// The reader of zip archives, given any bytes: it throws Error(bad_data), or gives members that lie
// one behind the other, have plain relative names, each once, and unpack to the size that they
// claim.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "data/zip_archive.h"
#include "memory_file.h"
#include "palate/base/error.h"

namespace {

// What `action` throws, if anything, is Error(bad_data) of one line.
bool succeeds(const std::function<void()>& action) {
  try {
    action();
    return true;
  } catch (const palate::Error& error) {
    require(error.code() == palate::ErrorCode::bad_data);
    require(std::string_view(error.what()).find('\n') == std::string_view::npos);
    return false;
  }
}

void check_name(const std::string& name) {
  require(!name.empty() && name.front() != '/' && name.find('\\') == name.npos &&
          name.find('\0') == name.npos);
  const std::string path = "/" + name + (name.ends_with('/') ? "" : "/");
  for (const char* part : {"//", "/./", "/../"}) require(path.find(part) == path.npos);
}

void check(const palate::ZipArchive& archive, std::size_t size) {
  std::set<std::string> names;
  std::uint64_t end = 0;
  for (const palate::ZipMember& member : archive.members()) {
    check_name(member.name);
    require(names.insert(member.name).second);
    require(archive.find(member.name) == &member);
    require(member.begin > end);
    end = member.begin + member.packed_size;
    require(end >= member.begin && end <= size);
    std::uint64_t unpacked = 0;
    const bool whole = succeeds([&] {
      archive.unpack(member, [&](std::string_view bytes) {
        unpacked += bytes.size();
        require(unpacked <= member.size);
      });
    });
    require(!whole || unpacked == member.size);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const MemoryFile file(data, size);
  succeeds([&] { check(palate::ZipArchive(file.path(), "fuzz.zip"), size); });
  return 0;
}
