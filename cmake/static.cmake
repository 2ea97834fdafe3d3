# palate_add_static(NAME PROGRAM) adds the target NAME: the objects of PROGRAM and the library, with
# all that they need linked in but libc and the compiler's own libraries. `scripts/package` builds
# it; there is none where the distribution lacks one of the archives.
function(palate_add_static name program)
  set(archives)
  foreach(library archive z bz2 lzma zstd crypto)
    find_library(PALATE_STATIC_${library} lib${library}.a)
    mark_as_advanced(PALATE_STATIC_${library})
    if(NOT PALATE_STATIC_${library})
      return()
    endif()
    list(APPEND archives ${PALATE_STATIC_${library}})
  endforeach()
  add_executable(${name} EXCLUDE_FROM_ALL cmake/without_nettle.cc $<TARGET_OBJECTS:${program}>)
  add_dependencies(${name} palate_library)
  target_link_libraries(${name} PRIVATE
    palate_warnings $<TARGET_FILE:palate_library> ${archives} Threads::Threads ${CMAKE_DL_LIBS})
  # What libarchive can do beside reading zip, xz, zstd and bzip2 is left out.
  target_link_options(${name} PRIVATE LINKER:--gc-sections)
endfunction()
