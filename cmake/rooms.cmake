# The rooms of src/, top to bottom: a room includes and links only rooms above it. This is the only list of them:
# CMakeLists.txt builds the rooms in this order, and scripts/check-arrows.py holds every include against it.
set(NACRE_ROOMS
  base graph onnx data task target benchmark forecast quantize store cost config search space train engine report
  pipeline)
