// How well the sub-networks of a super-network learn:
// supernet_recipe NETWORK.onnx TRAIN VAL EPOCHS one|stages|ranked [largest_every] [random]. Images
// of 32x32 as CIFAR's; NETWORK is its own teacher. one: all sub-networks from the beginning;
// stages: those of a run (pipeline/train_supernet.cc); ranked: channels ranked anew in each stage
// as well. Prints the accuracy on VAL of the smallest, the largest, and twenty random sub-networks.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "base/random.h"
#include "bench/images.h"
#include "bench/must.h"
#include "forecast/priors.h"
#include "onnx/onnx.h"
#include "pipeline/supernet_stages.h"
#include "task/accuracy.h"
#include "train/predict.h"
#include "train/statistics.h"
#include "train/super_network.h"
#include "train/teacher.h"
#include "train/trainable.h"

namespace nacre {
namespace {

struct Recipe {
  double epochs = 1;
  std::string kind;
  int largest_every = 4, random = 1;
};

// Those of a run, or one.
std::vector<SupernetStage> StagesFor(const Elasticity& elasticity, const std::string& kind) {
  if (kind == "one") return {{elasticity.Smallest(), 1}};
  return StagesOf(elasticity);
}

class RecipeTrial {
 public:
  RecipeTrial(const Network& network, ImageSet train, ImageSet held)
      : network_(Must(MakeTrainable(network, train))),
        train_(std::move(train)),
        held_(std::move(held)) {}

  void Run(const Recipe& recipe) {
    TeacherOptions asking{.variants = 2, .seed = 1};
    asking.augmentation.shift = 4;
    asking.augmentation.cutout = 12;
    asking.augmentation.mirrored = true;
    const TeacherOutputs answers = Must(PrecomputeTeacher(network_, train_, asking));
    Elasticity elasticity = Find(network_);
    Network network = network_;
    TrainResult result;
    for (const SupernetStage& stage : StagesFor(elasticity, recipe.kind)) {
      if (recipe.kind == "ranked") elasticity = Find(network);
      SuperNetworkOptions options;
      options.random = recipe.random;
      options.largest_every = recipe.largest_every;
      options.most = stage.most;
      options.until = stage.until;
      options.train.epochs = recipe.epochs;
      options.train.resume_state = result.state;
      options.train.optimizer.relative_rate *= priors::kFinalRate;
      options.train.optimizer.learning_rate *= priors::kFinalRate;
      result = Must(TrainSuperNetwork(network, elasticity, train_, &answers, options));
      network = result.network;
    }
    Print(recipe, network, elasticity, result);
  }

 private:
  static Elasticity Find(const Network& network) {
    return Must(FindElasticity(
        network, {.multiple = static_cast<int64_t>(priors::kChannelMultiple.Count())}));
  }

  double AccuracyOf(const Network& network, const Elasticity& elasticity,
                    const std::vector<int>& genes) const {
    const Network subnet = Must(ExtractSubnet(network, elasticity, genes));
    const Network calibrated = Must(RecalibrateBatchNorm(subnet, Sample(train_, 2048, 0)));
    return 100 * TopOne(Must(Predict(calibrated, held_)), held_.labels).value;
  }

  void Print(const Recipe& recipe, const Network& network, const Elasticity& elasticity,
             const TrainResult& result) const {
    Random random(3);
    std::vector<double> drawn;
    for (int k = 0; k < 20; ++k) {
      std::vector<int> genes;
      for (const ElasticDimension& each : elasticity.dimensions)
        genes.push_back(static_cast<int>(random.Below(each.values.size())));
      drawn.push_back(AccuracyOf(network, elasticity, genes));
    }
    double mean = 0;
    for (const double each : drawn) mean += each / static_cast<double>(drawn.size());
    const std::vector<int> smallest = elasticity.Smallest();
    fmt::print(
        "{} {} epochs, largest every {}, {} random: smallest {:.2f} %, random {:.2f} % "
        "({:.2f}-{:.2f}), largest {:.2f} %; {:.0f} images/s\n",
        recipe.kind, recipe.epochs, recipe.largest_every, recipe.random,
        AccuracyOf(network, elasticity, smallest), mean, std::ranges::min(drawn),
        std::ranges::max(drawn),
        AccuracyOf(network, elasticity, std::vector<int>(smallest.size(), 0)),
        result.images_per_second);
  }

  const Network network_;
  const ImageSet train_, held_;
};

}  // namespace
}  // namespace nacre

int main(int argc, char** argv) {
  using namespace nacre;
  if (argc < 6) {
    fmt::print(stderr,
               "usage: {} NETWORK.onnx TRAIN VAL EPOCHS one|stages|ranked "
               "[largest_every] [random]\n",
               argv[0]);
    return 2;
  }
  Recipe recipe{.epochs = std::stod(argv[4]), .kind = argv[5]};
  if (argc > 6) recipe.largest_every = std::stoi(argv[6]);
  if (argc > 7) recipe.random = std::stoi(argv[7]);
  constexpr int64_t kImages = 20000;  // of TRAIN: what is asked is which recipe is better
  const ImageSet train = Sample(LoadForBench(argv[2], 32), kImages, 0);
  RecipeTrial(Must(ReadOnnx(argv[1])), train, LoadForBench(argv[3], 32)).Run(recipe);
  return 0;
}
