// Runs a target without libFuzzer, which comes with clang alone: random mutations of the files of a
// folder, always the same for the same seed. It sees no coverage, so it finds less than libFuzzer.
//
//   fuzz_X FOLDER [SECONDS [SEED]]   mutates for so long (10)
//   fuzz_X FILE                      runs one input
//
// An input that ends the program, or that takes longer than 10 seconds, is left in ./crash.
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "fuzz/fuzz.h"

extern "C" void __sanitizer_set_death_callback(void (*)()) __attribute__((weak));

namespace {

constexpr unsigned kLongestSeconds = 10;
constexpr size_t kLargest = 1 << 16;  // bytes of an input
std::string current;

void LeaveInput() {
  if (std::FILE* file = std::fopen("crash", "wb")) {
    std::fwrite(current.data(), 1, current.size(), file);
    std::fclose(file);
  }
}

void OnSignal(int number) {
  LeaveInput();
  std::fprintf(stderr, "signal %d; the input is in ./crash\n", number);
  std::_Exit(1);
}

// Sanitizers handle the signals of crashes themselves, and say more about them.
void HandleSignals() {
  static char stack[1 << 16];  // where the program's own is full, there is this one
  const stack_t other = {.ss_sp = stack, .ss_flags = 0, .ss_size = sizeof stack};
  sigaltstack(&other, nullptr);
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  action.sa_flags = SA_ONSTACK;
  std::vector<int> numbers = {SIGABRT, SIGALRM};
  if (__sanitizer_set_death_callback)
    __sanitizer_set_death_callback(LeaveInput);
  else
    numbers.insert(numbers.end(), {SIGSEGV, SIGBUS, SIGFPE, SIGILL});
  for (const int number : numbers) sigaction(number, &action, nullptr);
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void RunCurrent() {
  alarm(kLongestSeconds);
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(current.data()), current.size());
  alarm(0);
}

class Mutator {
 public:
  Mutator(std::vector<std::string> seeds, unsigned seed)
      : seeds_(std::move(seeds)), chance_(seed) {}

  std::string Next() {
    std::string bytes = seeds_[Below(seeds_.size())];
    for (size_t i = 1 + Below(8); i > 0; --i) Mutate(bytes);
    if (bytes.size() > kLargest) bytes.resize(kLargest);
    return bytes;
  }

 private:
  size_t Below(size_t count) { return count == 0 ? 0 : chance_() % count; }

  void Mutate(std::string& bytes) {
    const size_t at = Below(bytes.size() + 1), length = Below(17);
    const std::string& other = seeds_[Below(seeds_.size())];
    switch (Below(6)) {
      case 0:
        return void(bytes.erase(at, length));
      case 1:
        return void(bytes.insert(at, other.substr(Below(other.size() + 1), length)));
      case 2:
        return void(bytes.insert(at, length, static_cast<char>(chance_())));
      case 3:
        return void(bytes.insert(at, bytes.substr(Below(bytes.size() + 1), length)));
      default:
        if (at < bytes.size()) bytes[at] = static_cast<char>(chance_());
    }
  }

  const std::vector<std::string> seeds_;
  std::mt19937 chance_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "give a folder of inputs, or one input\n"), 2;
  HandleSignals();
  const std::filesystem::path given = argv[1];
  if (std::filesystem::is_regular_file(given)) {
    current = ReadFile(given);
    RunCurrent();
    return 0;
  }
  std::vector<std::string> seeds = {""};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(given)) files.push_back(entry);
  std::sort(files.begin(), files.end());
  for (const auto& file : files) seeds.push_back(ReadFile(file));
  const auto seconds = std::chrono::seconds(argc > 2 ? std::atoi(argv[2]) : 10);
  Mutator mutator(seeds, argc > 3 ? static_cast<unsigned>(std::atoi(argv[3])) : 1);
  for (const std::string& seed : seeds) {
    current = seed;
    RunCurrent();
  }
  long runs = 0;
  for (const auto end = std::chrono::steady_clock::now() + seconds;
       std::chrono::steady_clock::now() < end; ++runs) {
    current = mutator.Next();
    RunCurrent();
  }
  std::printf("%ld inputs, nothing found\n", runs);
  return 0;
}
