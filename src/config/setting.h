// What the tables of settings are made of. Private to config/.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "config/config.h"

namespace nacre::config_internal {

using Text = std::string;

// "data.hash = 'md5': give one of list, content".
tl::unexpected<Error> Bad(const Text& key, const Text& text, const Text& allowed);

// Comma-separated numbers from `low` to `high`.
Expected<std::vector<double>> Numbers(const Text& key, const Text& text, double low, double high);

Setting PathSetting(Text key, Text flag, Text help, std::filesystem::path RunConfig::*field);
Setting WordSetting(Text key, Text flag, Text help, std::vector<Text> words,
                    std::function<Text&(RunConfig&)> field);

// A number stored by `put` and read by `take`; whole numbers only when `whole`.
struct NumberRange {
  double low, high;
  bool whole;
};
Setting NumberSetting(Text key, Text flag, Text help, NumberRange range,
                      std::function<void(RunConfig&, double)> put,
                      std::function<Text(const RunConfig&)> take);

// `of` is where in a configuration the number of bytes is; 0 means unset.
Setting BytesSetting(Text key, Text flag, Text help, std::function<double&(RunConfig&)> of);

// The settings of model and images, and of what is done to images.
std::vector<Setting> DataSettings();
std::vector<Setting> DetectionSettingsList();
std::vector<Setting> PreprocessSettings();

}  // namespace nacre::config_internal
