# SANITIZE names what to build with: "address,undefined" or "thread"; empty for none.
set(SANITIZE "" CACHE STRING "sanitizers to build with, as for -fsanitize=")
if(SANITIZE)
  add_compile_options(-fsanitize=${SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SANITIZE})
endif()
