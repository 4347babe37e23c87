# A layer is a CMake target. Its headers are included as "layer/file.h" and are found only by targets that
# link the layer: src/ itself is never on an include path. Each layer has a view, a folder of the build tree with
# one symbolic link named as the layer, and that view is what the layer's users search. A wrong include is
# therefore "No such file or directory" from the compiler and not a review remark.

# layer(NAME [USES layer...] SOURCES file...) makes the static library NAME from the current folder.
function(layer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "USES;SOURCES;LIBRARIES")
  set(view ${CMAKE_BINARY_DIR}/views/${name})
  file(MAKE_DIRECTORY ${view})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${view}/${name} SYMBOLIC)
  add_library(${name} STATIC ${arg_SOURCES})
  target_include_directories(${name} PUBLIC ${view})
  target_link_libraries(${name} PUBLIC ${arg_USES} PRIVATE ${arg_LIBRARIES})
endfunction()

# project_test(NAME SOURCES file... USES layer... [LABELS label...] [TIMEOUT seconds]) makes one cmocka program
# and registers it with CTest; it runs in the source folder of its CMakeLists.txt.
function(project_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "USES;SOURCES;LABELS")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_USES} PkgConfig::cmocka)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests/support)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests/bin)
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}")
endfunction()

# fuzz_target(NAME SOURCES file... USES layer...): NAME.c has LLVMFuzzerTestOneInput. In the `fuzz` preset (clang) it is a libFuzzer
# program; in every other one it runs each file of fuzz/corpus/NAME/ once and is a test.
option(FUZZ "build libFuzzer programs (clang)" OFF)
if(FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link) # the layers too tell the fuzzer which way they went
  # What is built without any sanitizer has no use for the list, which is an error outside these brackets.
  add_compile_options(--start-no-unused-arguments -fsanitize-coverage-ignorelist=${PROJECT_SOURCE_DIR}/fuzz/uncounted.txt
                      --end-no-unused-arguments)
endif()
function(fuzz_target name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "USES;SOURCES")
  set(corpus ${PROJECT_SOURCE_DIR}/fuzz/corpus/${name})
  if(FUZZ)
    add_executable(${name} ${arg_SOURCES})
    target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  else()
    add_executable(${name} ${arg_SOURCES} ${PROJECT_SOURCE_DIR}/fuzz/run_corpus.c)
    add_test(NAME ${name} COMMAND ${name} ${corpus})
  endif()
  target_link_libraries(${name} PRIVATE ${arg_USES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz/bin)
endfunction()
