// Nothing: CMake wants a file for the target that the precompiled headers belong to.
