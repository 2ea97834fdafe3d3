# `cmake --install` puts the library, its headers, the binary and a package that
# find_package(palate) finds; `--component development`, all of it but the binary.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS palate_library EXPORT palate_targets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
if(TARGET palate)
  install(TARGETS palate RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(DIRECTORY include/palate DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)
install(EXPORT palate_targets NAMESPACE palate::
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/palate COMPONENT development)
configure_package_config_file(cmake/palate-config.cmake.in ${PROJECT_BINARY_DIR}/palate-config.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/palate)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/palate-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/palate-config.cmake ${PROJECT_BINARY_DIR}/palate-config-version.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/palate COMPONENT development)
