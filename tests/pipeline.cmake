nacre_test(pipeline_int8_test LABEL integration SOURCES pipeline_int8_test.cc
           LINK nacre_pipeline nacre_train nacre_target)
nacre_test(pipeline_beginning_test LABEL integration SOURCES pipeline_beginning_test.cc
           LINK nacre_pipeline nacre_train nacre_onnx)
nacre_test(pipeline_final_test LABEL integration SOURCES pipeline_final_test.cc
           LINK nacre_pipeline nacre_train nacre_onnx nacre_target)
nacre_test(pipeline_budget_test LABEL integration SOURCES pipeline_budget_test.cc
           LINK nacre_pipeline nacre_train nacre_onnx nacre_target)
