# SANITIZE names what to build with: "address,undefined" or "thread"; empty for none.
set(SANITIZE "" CACHE STRING "sanitizers to build with, as for -fsanitize=")
if(SANITIZE)
  add_compile_options(-fsanitize=${SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SANITIZE})
endif()
# Debian 12's valgrind, which the leak test runs, gives up on the DWARF 5 of clang 14.
add_compile_options($<$<OR:$<C_COMPILER_ID:Clang>,$<CXX_COMPILER_ID:Clang>>:-fdebug-default-version=4>)
