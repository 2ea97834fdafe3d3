# palate_embed(TARGET FUNCTION FILE) compiles FILE into TARGET: `std::string_view FUNCTION()` gives
# its bytes (src/experiment/embedded.h). The same file, run by the build as a script, writes the
# source. It needs CMake alone.
if(CMAKE_SCRIPT_MODE_FILE)
  file(READ ${INPUT} bytes HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  string(REPEAT "." 80 line)
  string(REGEX REPLACE "(${line})" "\\1\n" bytes "${bytes}")
  file(WRITE ${OUTPUT} "#include \"experiment/embedded.h\"

namespace palate {
std::string_view ${FUNCTION}() {
  static const unsigned char kBytes[] = {\n${bytes}};
  return {reinterpret_cast<const char*>(kBytes), sizeof kBytes};
}
}  // namespace palate
")
  return()
endif()

set(PALATE_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

function(palate_embed target function file)
  set(input ${PROJECT_SOURCE_DIR}/${file})
  set(output ${PROJECT_BINARY_DIR}/embedded/${function}.cc)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -D INPUT=${input} -D OUTPUT=${output} -D FUNCTION=${function}
      -P ${PALATE_EMBED_SCRIPT}
    DEPENDS ${input} ${PALATE_EMBED_SCRIPT}
    COMMENT "Embedding ${file}" VERBATIM)
  # So that it alone is compiled when FILE changes.
  set_source_files_properties(${output} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  target_sources(${target} PRIVATE ${output})
endfunction()
