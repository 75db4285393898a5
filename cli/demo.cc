#include <fmt/format.h>

#include <filesystem>

#include "cli/command.h"
#include "examples/demo/demo.h"

namespace nacre {

void AddDemo(CLI::App& app, CommandLine& line) {
  CLI::App* command = app.add_subcommand(
      "demo", "render an image set, train a ResNet on it, and write a run file for optimize");
  auto options = std::make_shared<DemoOptions>();
  auto folder = std::make_shared<std::string>("demo");
  command->add_option("FOLDER", *folder, "folder for the images, the network and the run file")
      ->capture_default_str();
  command->add_option("--epochs", options->epochs, "epochs of training the ResNet")
      ->capture_default_str();
  command
      ->add_option("--blocks", options->blocks_per_stage,
                   "residual blocks in each of the ResNet's three stages")
      ->capture_default_str();
  command->add_option("--images", options->train_per_class, "training images in each class")
      ->capture_default_str();
  command->add_option("--budget", options->budget, "time budget in the run file")
      ->capture_default_str();
  command->callback([&line, options, folder] {
    line.chosen = [options, folder] { return MakeDemo(*folder, *options); };
  });
}

}  // namespace nacre
