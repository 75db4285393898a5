nacre_test(quantize_int8_test LABEL integration SOURCES quantize_int8_test.cc TIMEOUT 600
           LINK nacre_target nacre_quantize nacre_target nacre_onnx nacre_data)
