# `cmake --install` puts the library, its headers, the binary and a package that
# find_package(palate) finds.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS palate_library EXPORT palate_targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS palate_warnings EXPORT palate_targets)
if(TARGET palate)
  install(TARGETS palate RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(DIRECTORY include/palate DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT palate_targets NAMESPACE palate:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/palate)
configure_package_config_file(cmake/palate-config.cmake.in ${PROJECT_BINARY_DIR}/palate-config.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/palate)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/palate-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/palate-config.cmake ${PROJECT_BINARY_DIR}/palate-config-version.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/palate)
