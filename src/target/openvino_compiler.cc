#include <memory>

#include "onnx/onnx.h"
#include "target/openvino.h"

namespace nacre {

using namespace target_internal;

namespace {

std::vector<std::string> NamesOf(const std::vector<Value>& values) {
  std::vector<std::string> names;
  for (const Value& value : values) names.push_back(value.name);
  return names;
}

class OpenVinoCompiler : public Compiler {
 public:
  Expected<std::unique_ptr<CompiledNetwork>> Compile(const Network& network,
                                                     const CompileOptions& options) override {
    return CompileOnnx(SerializeOnnx(network), options, NamesOf(network.inputs),
                       NamesOf(network.outputs));
  }

  Expected<void> Export(const Network& network, const std::string& stem) override {
    return ExportOnnx(SerializeOnnx(network), stem);
  }
};

}  // namespace

std::unique_ptr<Compiler> MakeOpenVinoCompiler() { return std::make_unique<OpenVinoCompiler>(); }

}  // namespace nacre
